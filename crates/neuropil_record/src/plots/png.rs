//! A picture as PNG.

use super::canvas::{Anchor, Canvas, Direction, HEIGHT, Shape, Text, WIDTH};
use super::font::{outline, text_width};
use super::palette::Colour;
use crate::RecordError;
use tiny_skia::{FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Rect, Stroke, Transform};

pub(crate) fn render(canvas: &Canvas) -> Result<Vec<u8>, RecordError> {
    let drawing = |problem: String| RecordError::Drawing { problem };
    let mut pixels = Pixmap::new(WIDTH as u32, HEIGHT as u32).ok_or_else(|| drawing("no memory for its pixels".to_owned()))?;
    for shape in &canvas.shapes {
        match shape {
            Shape::Rectangle { x, y, width, height, colour } => {
                if let Some(area) = Rect::from_xywh(*x as f32, *y as f32, *width as f32, *height as f32) {
                    pixels.fill_rect(area, &paint(*colour), Transform::identity(), None);
                }
            }
            Shape::Strokes { lines, pen, colour, .. } => stroke(&mut pixels, lines, *pen, *colour),
            Shape::Text(text) => write(&mut pixels, text),
        }
    }
    pixels.encode_png().map_err(|error| drawing(error.to_string()))
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour.0, colour.1, colour.2, 255);
    paint.anti_alias = true;
    paint
}

fn stroke(pixels: &mut Pixmap, lines: &[Vec<(f64, f64)>], pen: f64, colour: Colour) {
    let (mut strokes, mut dots) = (PathBuilder::new(), PathBuilder::new());
    for line in lines {
        match line.as_slice() {
            [] => {}
            [(x, y)] => dots.push_circle(*x as f32, *y as f32, pen as f32 / 2.0),
            [(x, y), rest @ ..] => {
                strokes.move_to(*x as f32, *y as f32);
                for (x, y) in rest {
                    strokes.line_to(*x as f32, *y as f32);
                }
            }
        }
    }
    if let Some(path) = strokes.finish() {
        let style = Stroke { width: pen as f32, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        pixels.stroke_path(&path, &paint(colour), &style, Transform::identity(), None);
    }
    if let Some(path) = dots.finish() {
        pixels.fill_path(&path, &paint(colour), FillRule::Winding, Transform::identity(), None);
    }
}

fn write(pixels: &mut Pixmap, text: &Text) {
    let Some(path) = outline(&text.text, text.size, text.weight) else { return };
    let shift = match text.anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => -0.5,
        Anchor::End => -1.0,
    } * text_width(&text.text, text.size, text.weight);
    let turn = match text.direction {
        Direction::Right => 0.0,
        Direction::Up => -90.0,
    };
    let place = Transform::from_translate(text.x as f32, text.y as f32).pre_rotate(turn).pre_translate(shift as f32, 0.0);
    pixels.fill_path(&path, &paint(text.colour), FillRule::Winding, place, None);
}
