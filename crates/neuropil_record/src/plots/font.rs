//! Text as outlines: DejaVu Sans (Bitstream Vera licence), compiled in.

use super::canvas::Weight;
use std::sync::OnceLock;
use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// The font, if it can be parsed: it is compiled in, and a test sees that it can.
fn face(weight: Weight) -> Option<&'static Face<'static>> {
    static REGULAR: OnceLock<Option<Face>> = OnceLock::new();
    static BOLD: OnceLock<Option<Face>> = OnceLock::new();
    let (cell, bytes) = match weight {
        Weight::Regular => (&REGULAR, dejavu::sans::regular as fn() -> &'static [u8]),
        Weight::Bold => (&BOLD, dejavu::sans::bold as fn() -> &'static [u8]),
    };
    cell.get_or_init(|| Face::parse(bytes(), 0).ok()).as_ref()
}

/// Glyphs of a text and how far each moves the pen, in the font's units.
fn glyphs<'a>(face: &'a Face, text: &'a str) -> impl Iterator<Item = (GlyphId, f64)> + 'a {
    text.chars().map(|letter| {
        let glyph = face.glyph_index(letter).unwrap_or_default();
        (glyph, f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)))
    })
}

/// Width of a text, pixels.
pub(crate) fn text_width(text: &str, size: f64, weight: Weight) -> f64 {
    face(weight).map_or(0.0, |face| {
        let units: f64 = glyphs(face, text).map(|(_, advance)| advance).sum();
        units * size / f64::from(face.units_per_em())
    })
}

/// The outline of a text whose baseline begins at the origin, y downwards, pixels; `None` if it is blank.
pub(crate) fn outline(text: &str, size: f64, weight: Weight) -> Option<Path> {
    let face = face(weight)?;
    let mut pen = Pen { builder: PathBuilder::new(), x: 0.0 };
    for (glyph, advance) in glyphs(face, text) {
        face.outline_glyph(glyph, &mut pen);
        pen.x += advance as f32;
    }
    let scale = (size / f64::from(face.units_per_em())) as f32;
    pen.builder.finish()?.transform(Transform::from_scale(scale, -scale))
}

struct Pen {
    builder: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.builder.move_to(self.x + x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.builder.line_to(self.x + x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.builder.quad_to(self.x + x1, y1, self.x + x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.builder.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }

    fn close(&mut self) {
        self.builder.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_are_there_with_the_signs_of_science() {
        for weight in [Weight::Regular, Weight::Bold] {
            let face = face(weight).unwrap();
            assert!("Aµσ−…·²×é".chars().all(|letter| face.glyph_index(letter).is_some()));
        }
    }

    #[test]
    fn outlines_are_as_wide_as_said() {
        let bounds = outline("HHHH", 100.0, Weight::Regular).unwrap().bounds();
        let width = text_width("HHHH", 100.0, Weight::Regular);
        assert!(f64::from(bounds.right()) <= width && f64::from(bounds.right()) > 0.9 * width);
        assert!(bounds.top() < -60.0 && bounds.bottom() <= 0.5);
        assert!(outline("   ", 10.0, Weight::Bold).is_none());
    }
}
