//! A picture as PNG.

use super::canvas::{Anchor, Canvas, Direction, HEIGHT, Image, Shape, Text, WIDTH};
use super::font::{outline, text_width};
use super::palette::Colour;
use crate::RecordError;
use tiny_skia::{ColorU8, FillRule, FilterQuality, LineCap, LineJoin, Paint, PathBuilder, Pixmap, PixmapPaint, Rect, Stroke, Transform};

pub(crate) fn render(canvas: &Canvas) -> Result<Vec<u8>, RecordError> {
    let pixels = picture(&canvas.shapes, WIDTH as u32, HEIGHT as u32)?;
    pixels.encode_png().map_err(|error| RecordError::Drawing { problem: error.to_string() })
}

/// Shapes as the pixels of a picture of a size.
pub(crate) fn picture(shapes: &[Shape], width: u32, height: u32) -> Result<Pixmap, RecordError> {
    let no_memory = || RecordError::Drawing { problem: "no memory for its pixels".to_owned() };
    let mut pixels = Pixmap::new(width, height).ok_or_else(no_memory)?;
    for shape in shapes {
        match shape {
            Shape::Rectangle { x, y, width, height, colour } => {
                if let Some(area) = Rect::from_xywh(*x as f32, *y as f32, *width as f32, *height as f32) {
                    pixels.fill_rect(area, &paint(*colour), Transform::identity(), None);
                }
            }
            Shape::Strokes { lines, pen, colour, .. } => stroke(&mut pixels, lines, *pen, *colour, Transform::identity()),
            Shape::Polygon { points, colour, opacity, .. } => polygon(&mut pixels, points, *colour, *opacity),
            Shape::Image(image) => paste(&mut pixels, image),
            Shape::Text(text) => write(&mut pixels, text),
        }
    }
    Ok(pixels)
}

fn paint(colour: Colour) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color_rgba8(colour.0, colour.1, colour.2, 255);
    paint.anti_alias = true;
    paint
}

fn stroke(pixels: &mut Pixmap, lines: &[Vec<(f64, f64)>], pen: f64, colour: Colour, place: Transform) {
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
        pixels.stroke_path(&path, &paint(colour), &style, place, None);
    }
    if let Some(path) = dots.finish() {
        pixels.fill_path(&path, &paint(colour), FillRule::Winding, place, None);
    }
}

fn polygon(pixels: &mut Pixmap, points: &[(f64, f64)], colour: Colour, opacity: f64) {
    let mut path = PathBuilder::new();
    for (place, (x, y)) in points.iter().enumerate() {
        if place == 0 {
            path.move_to(*x as f32, *y as f32);
        } else {
            path.line_to(*x as f32, *y as f32);
        }
    }
    path.close();
    if let Some(path) = path.finish() {
        let mut paint = paint(colour);
        paint.set_color_rgba8(colour.0, colour.1, colour.2, (opacity.clamp(0.0, 1.0) * 255.0).round() as u8);
        pixels.fill_path(&path, &paint, FillRule::Winding, Transform::identity(), None);
    }
}

fn paste(pixels: &mut Pixmap, image: &Image) {
    let Some(picture) = pixmap(image) else { return };
    let (across, down) = (image.width / f64::from(image.columns), image.height / f64::from(image.rows));
    let place = Transform::from_row(across as f32, 0.0, 0.0, down as f32, image.x as f32, image.y as f32);
    // Enlarged pixels keep their edges, reduced ones are averaged.
    let quality = if across < 1.0 { FilterQuality::Bilinear } else { FilterQuality::Nearest };
    let paint = PixmapPaint { quality, ..PixmapPaint::default() };
    pixels.draw_pixmap(0, 0, picture.as_ref(), &paint, place, None);
}

fn pixmap(image: &Image) -> Option<Pixmap> {
    let mut picture = Pixmap::new(image.columns, image.rows)?;
    for (pixel, bytes) in picture.pixels_mut().iter_mut().zip(image.pixels.chunks_exact(4)) {
        if let [red, green, blue, opacity] = *bytes {
            *pixel = ColorU8::from_rgba(red, green, blue, opacity).premultiply();
        }
    }
    Some(picture)
}

/// An image as the bytes of a PNG file.
pub(crate) fn encoded(image: &Image) -> Option<Vec<u8>> {
    pixmap(image)?.encode_png().ok()
}

/// Strokes as an image of twice the picture's resolution.
pub(crate) fn painted(lines: &[Vec<(f64, f64)>], pen: f64, colour: Colour, series: Option<String>) -> Option<Image> {
    const SCALE: f64 = 2.0;
    let inside = |value: f64, most: f64| value.clamp(0.0, most);
    let points = || lines.iter().flatten();
    let (left, right) = points().fold((WIDTH, 0.0), |(low, high), point| (point.0.min(low), point.0.max(high)));
    let (top, bottom) = points().fold((HEIGHT, 0.0), |(low, high), point| (point.1.min(low), point.1.max(high)));
    let (x, y) = (inside(left - pen, WIDTH).floor(), inside(top - pen, HEIGHT).floor());
    let (width, height) = (inside(right + pen, WIDTH).ceil() - x, inside(bottom + pen, HEIGHT).ceil() - y);
    let (columns, rows) = ((width * SCALE) as u32, (height * SCALE) as u32);
    let mut picture = Pixmap::new(columns, rows)?;
    let place = Transform::from_scale(SCALE as f32, SCALE as f32).pre_translate(-x as f32, -y as f32);
    // In parts: the painter sorts the edges of all that it is handed at once.
    for part in lines.chunks(4_000) {
        stroke(&mut picture, part, pen, colour, place);
    }
    let pixels = picture.pixels().iter().flat_map(|pixel| {
        let pixel = pixel.demultiply();
        [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
    });
    Some(Image { x, y, width, height, columns, rows, pixels: pixels.collect(), series })
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
