//! Errors with their source line and carets.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::{
    error::ExperimentError,
    source::{Place, is_invisible},
};

/// Characters that are shown on either side of a place in a very long line; shorter lines are left to the renderer.
const SHOWN_AROUND: usize = 200;
/// Characters of the place itself that are shown.
const SHOWN_WITHIN: usize = 400;

impl ExperimentError {
    /// The message, the source line and carets under the place, without colour.
    ///
    /// ```text
    /// error: unknown population `excitatroy`
    ///   --> brunel.ron:11:31
    ///    |
    /// 11 |         "excitation": (from: "excitatroy", …
    ///    |                               ^^^^^^^^^^ did you mean `excitatory`?
    /// ```
    pub fn render(&self) -> String {
        self.render_with(&Renderer::plain())
    }

    /// The same in colours for a terminal.
    pub fn render_coloured(&self) -> String {
        self.render_with(&Renderer::styled())
    }

    fn render_with(&self, renderer: &Renderer) -> String {
        let (finding, way_out) = self.message();
        let Some(place) = self.place() else {
            let file = self.location().map_or(String::new(), |location| format!("{location}: "));
            let title = format!("{file}{finding}");
            let mut group = Group::with_title(Level::ERROR.primary_title(title));
            if let Some(way_out) = way_out {
                group = group.element(Level::HELP.message(way_out));
            }
            return renderer.render(&[group]).to_string();
        };
        let location = place.location();
        let excerpt = Excerpt::of(place);
        let mut annotation = AnnotationKind::Primary.span(excerpt.start..excerpt.end);
        if let Some(way_out) = way_out {
            annotation = annotation.label(way_out);
        }
        let snippet = Snippet::source(excerpt.text).line_start(location.line.max(1)).annotation(annotation);
        let group = Group::with_title(Level::ERROR.primary_title(finding));
        if location.line == 0 {
            // A flag is one line, and that line is its own place.
            return renderer.render(&[group.element(snippet)]).to_string();
        }
        if !excerpt.is_cut {
            return renderer.render(&[group.element(snippet.path(location.file))]).to_string();
        }
        // The columns of an excerpt are not those of the file, so the place is stated apart from it.
        let origin = Origin::path(location.file).line(location.line).char_column(location.column);
        renderer.render(&[group.element(origin).element(snippet)]).to_string()
    }
}

/// The line of a place, cut where it is long, with control characters made visible.
struct Excerpt {
    text: String,
    start: usize,
    end: usize,
    is_cut: bool,
}

impl Excerpt {
    fn of(place: &Place) -> Self {
        let text = place.source().text();
        let floor = |mut offset: usize| {
            offset = offset.min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            offset
        };
        let span = place.span();
        let (start, end) = (floor(span.start), floor(span.end.max(span.start)));
        let line_start = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let line_end = text.get(start..).and_then(|after| after.find('\n')).map_or(text.len(), |newline| start + newline);
        let end = end.clamp(start, line_end);
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();

        let (before, within, after) = (part(line_start, start), part(start, end), part(end, line_end).trim_end_matches('\r'));
        let cut = before.chars().count().saturating_sub(SHOWN_AROUND);
        let mut shown = if cut > 0 { String::from("…") } else { String::new() };
        shown.extend(before.chars().skip(cut).map(visible));
        let shown_start = shown.len();
        shown.extend(within.chars().take(SHOWN_WITHIN).map(visible));
        let shown_end = shown.len();
        shown.extend(after.chars().take(SHOWN_AROUND).map(visible));
        Self { text: shown, start: shown_start, end: shown_end, is_cut: cut > 0 }
    }
}

/// One column for one character, whatever it is: the carets stand under what they mean.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if is_invisible(character) => '\u{FFFD}',
        _ => character,
    }
}
