//! A picture as SVG.

use super::canvas::{Anchor, Canvas, Direction, HEIGHT, Shape, Text, WIDTH, Weight};
use super::png::encoded;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::fmt::Write;

/// DejaVu Sans, and fonts of about its widths.
const FONTS: &str = "'DejaVu Sans', Verdana, 'Bitstream Vera Sans', Geneva, sans-serif";

pub(crate) fn render(canvas: &Canvas) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         font-family=\"{FONTS}\">\n<title>{}</title>\n",
        escaped(&canvas.title)
    );
    for shape in &canvas.shapes {
        // Writing to a string cannot fail.
        let _ = match shape {
            Shape::Rectangle { x, y, width, height, colour } => writeln!(
                svg,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{}\"/>",
                tenths(*x),
                tenths(*y),
                tenths(*width),
                tenths(*height),
                colour.hex()
            ),
            Shape::Strokes { lines, pen, colour, series } => writeln!(
                svg,
                "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" stroke-linecap=\"round\" stroke-linejoin=\"round\" d=\"{}\">{}</path>",
                colour.hex(),
                tenths(*pen),
                path(lines),
                title(series.as_deref())
            ),
            Shape::Polygon { points, colour, opacity, series } => writeln!(
                svg,
                "<path fill=\"{}\" fill-opacity=\"{opacity}\" d=\"{}Z\">{}</path>",
                colour.hex(),
                path(std::slice::from_ref(points)),
                title(series.as_deref())
            ),
            Shape::Image(image) => writeln!(
                svg,
                "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" image-rendering=\"{}\" href=\"data:image/png;base64,{}\">{}</image>",
                tenths(image.x),
                tenths(image.y),
                tenths(image.width),
                tenths(image.height),
                if f64::from(image.columns) > image.width { "auto" } else { "pixelated" },
                BASE64.encode(encoded(image).unwrap_or_default()),
                title(image.series.as_deref())
            ),
            Shape::Text(text) => writeln!(svg, "{}", label(text)),
        };
    }
    svg + "</svg>\n"
}

/// What a shape shows, if it is named.
fn title(series: Option<&str>) -> String {
    series.map_or_else(String::new, |series| format!("<title>{}</title>", escaped(series)))
}

fn label(text: &Text) -> String {
    let anchor = match text.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let weight = match text.weight {
        Weight::Regular => "",
        Weight::Bold => " font-weight=\"bold\"",
    };
    let (x, y) = (tenths(text.x), tenths(text.y));
    let turn = match text.direction {
        Direction::Right => String::new(),
        Direction::Up => format!(" transform=\"rotate(-90 {x} {y})\""),
    };
    format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" text-anchor=\"{anchor}\"{weight}{turn} fill=\"{}\">{}</text>",
        text.size,
        text.colour.hex(),
        escaped(&text.text)
    )
}

/// Path data: absolute positions, a dot as a line of no length with round ends.
fn path(lines: &[Vec<(f64, f64)>]) -> String {
    let mut data = String::new();
    for line in lines {
        let mut points = line.iter();
        if let Some((x, y)) = points.next() {
            let _ = write!(data, "M{} {}", tenths(*x), tenths(*y));
        }
        match points.as_slice() {
            [] => data.push_str("h0"),
            rest => {
                for (x, y) in rest {
                    let _ = write!(data, "L{} {}", tenths(*x), tenths(*y));
                }
            }
        }
    }
    data
}

/// A position to a tenth of a pixel.
fn tenths(value: f64) -> String {
    ((value * 10.0).round() / 10.0).to_string()
}

/// Text as XML content; characters that XML cannot have become the replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' | '\r' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
