//! Pixels.

use super::{Anchor, INK};
use crate::failure::Failure;
use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

/// An image in the making, white at first.
pub struct Canvas {
    scale: f32,
    width: usize,
    height: usize,
    /// Red, green, blue, row by row.
    pixels: Vec<u8>,
}

impl Canvas {
    /// An image of this width and height in units, with `scale` pixels a unit.
    pub fn new(width: f32, height: f32, scale: f32) -> Self {
        let [width, height] = [width, height].map(|length| (length * scale).ceil() as usize);
        Self { scale, width, height, pixels: vec![255; 3 * width * height] }
    }

    /// Fills a rectangle of `x, y, width, height`; at its edges pixels are covered in part.
    pub fn fill(&mut self, rectangle: [f32; 4], colour: [u8; 3]) {
        let [x, y, width, height] = rectangle.map(|length| length * self.scale);
        let cover =
            |pixel: usize, from: f32, to: f32| ((pixel + 1) as f32).min(to) - (pixel as f32).max(from);
        for row in y.max(0.0) as usize..((y + height).ceil() as usize).min(self.height) {
            for column in x.max(0.0) as usize..((x + width).ceil() as usize).min(self.width) {
                let part = cover(column, x, x + width) * cover(row, y, y + height);
                self.blend(column, row, part, colour);
            }
        }
    }

    /// Writes a line of text.
    pub fn write(&mut self, at: [f32; 2], size: f32, anchor: Anchor, content: &str) -> Result<(), Failure> {
        let font = FontRef::try_from_slice(FONT)
            .map_err(|e| Failure::general(format!("the font inside this program: {e}")))?;
        // A size in SVG is that of the em square, here that of a line.
        let em = font.units_per_em().unwrap_or(1.0);
        let font = font.as_scaled(PxScale::from(size * self.scale * font.height_unscaled() / em));
        let glyphs: Vec<_> = content.chars().map(|character| font.scaled_glyph(character)).collect();
        let width: f32 = glyphs.iter().map(|glyph| font.h_advance(glyph.id)).sum();
        let [mut x, y] = at.map(|length| length * self.scale);
        x -= match anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        for mut glyph in glyphs {
            glyph.position = point(x, y);
            x += font.h_advance(glyph.id);
            let Some(outline) = font.outline_glyph(glyph) else { continue };
            let corner = outline.px_bounds().min;
            outline.draw(|column, row, part| {
                let (column, row) = (corner.x + column as f32, corner.y + row as f32);
                if column >= 0.0 && row >= 0.0 {
                    self.blend(column as usize, row as usize, part, colour(INK));
                }
            });
        }
        Ok(())
    }

    /// The image as a PNG file.
    pub fn png(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&self.pixels));
        written.map_err(|e| Failure::general(format!("cannot make a PNG file: {e}")))?;
        Ok(bytes)
    }

    fn blend(&mut self, column: usize, row: usize, part: f32, colour: [u8; 3]) {
        if column >= self.width || row >= self.height {
            return;
        }
        let part = part.clamp(0.0, 1.0);
        let pixel = &mut self.pixels[3 * (self.width * row + column)..][..3];
        for (value, target) in pixel.iter_mut().zip(colour) {
            *value = (f32::from(*value) * (1.0 - part) + f32::from(target) * part).round() as u8;
        }
    }
}

/// Of `#RRGGBB`; anything else is black.
pub fn colour(text: &str) -> [u8; 3] {
    let part = |i: usize| {
        text.get(1 + 2 * i..3 + 2 * i).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0)
    };
    [part(0), part(1), part(2)]
}

/// DejaVu Sans, reduced to ASCII: see `fonts/LICENSE`.
const FONT: &[u8] = include_bytes!("../../fonts/DejaVuSans-ascii.ttf");
