//! An image as text.

use crate::{
    drawn::{Drawn, Style, gallery},
    image::resize,
};
use muse::{Image, model::Pixels};
use zeroize::Zeroizing;

/// The image as the network gets it, scaled down to `columns` characters if it is wider.
pub fn draw(image: &Image, columns: usize, style: Style) -> String {
    let (width, height) = (image.width(), image.height());
    let mut pixels = bytes(image.pixels());
    let columns = columns.clamp(1, MOST);
    let shown = if width > columns { (columns, (height * columns / width).max(1)) } else { (width, height) };
    if shown != (width, height) {
        let planes: Vec<_> = pixels.chunks_exact(width * height).collect();
        let scaled = planes.into_iter().flat_map(|plane| {
            let plane: Zeroizing<Vec<u16>> = Zeroizing::new(plane.iter().copied().map(u16::from).collect());
            resize(&plane, (width, height), shown).iter().map(|&v| v as u8).collect::<Vec<_>>()
        });
        pixels = Zeroizing::new(scaled.collect());
    }
    let picture = Drawn::draw(&pixels, shown.0, shown.1, style, String::new());
    gallery(&[picture], columns).trim_end_matches('\n').to_owned()
}

/// The samples as bytes: of 16 bits the upper ones; floats from their least, black, to their greatest, white.
fn bytes(pixels: &Pixels) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(match pixels {
        Pixels::U8(values) => values.clone(),
        Pixels::U16(values) => values.iter().map(|value| (value >> 8) as u8).collect(),
        Pixels::F32(values) => {
            let low = values.iter().copied().fold(f32::INFINITY, f32::min);
            let high = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let scale = if high > low { 255.0 / (f64::from(high) - f64::from(low)) } else { 0.0 };
            values.iter().map(|&value| ((f64::from(value) - f64::from(low)) * scale) as u8).collect()
        }
        // The list of kinds may grow.
        _ => vec![0; pixels.len()],
    })
}

/// Columns used at most.
const MOST: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_samples() {
        assert_eq!(*bytes(&vec![0u8, 7, 255].into()), [0, 7, 255]);
        assert_eq!(*bytes(&vec![0u16, 0x07ff, 0xffff].into()), [0, 7, 255]);
        assert_eq!(*bytes(&vec![-1.0f32, 0.0, 1.0].into()), [0, 127, 255]);
        assert_eq!(*bytes(&vec![f32::MAX, -f32::MAX].into()), [255, 0]);
        assert_eq!(*bytes(&vec![3.0f32; 2].into()), [0, 0]);
    }

    #[test]
    fn wide_images_are_scaled() {
        let image = Image::new(3, 20, 400, vec![255u8; 24_000]).expect("of its size");
        let text = draw(&image, 100, Style::Ascii);
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.lines().all(|line| line.len() == 100));
    }
}
