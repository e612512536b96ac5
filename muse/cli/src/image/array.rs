//! Arrays of numbers, and the images in them.

use super::MAX_IMAGES;
use core::ops::Deref;
use muse::{
    Image,
    model::{Pixels, limits, load::half},
};
use zeroize::Zeroizing;

/// An array in a file: row-major, little-endian.
pub struct Array<'a> {
    pub element: Element,
    pub shape: Vec<usize>,
    pub data: Bytes<'a>,
}

/// The elements, as they are in the file or brought into that order; then wiped on drop.
pub enum Bytes<'a> {
    Borrowed(&'a [u8]),
    Owned(Zeroizing<Vec<u8>>),
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Owned(bytes) => bytes,
        }
    }
}

/// What an array consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Pixels from 0 to 255.
    U8,
    /// Pixels from 0 to 65,535.
    U16,
    /// The network's own values, in 16 bits: each of them is one of 32 bits, too.
    F16,
    /// The same with the exponents of 32 bits.
    Bf16,
    /// The network's own values.
    F32,
    /// The network's own values, rounded to 32 bits.
    F64,
}

impl Element {
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 | Self::F16 | Self::Bf16 => 2,
            Self::F32 => 4,
            Self::F64 => 8,
        }
    }
}

impl Array<'_> {
    /// The images: one of (values,), (height, width) or (channels, height, width), several of (images, channels, height, width). What is a
    /// matrix to others may be several vectors to a network: see `vector`.
    ///
    /// # Errors
    /// What is wrong, to be put behind the file's name.
    pub fn images(&self) -> Result<Vec<Image>, String> {
        let (count, channels, height, width) = match *self.shape.as_slice() {
            [values] if values <= limits::SIDE => (1, 1, 1, values),
            [values] => (1, values, 1, 1),
            [height, width] => (1, 1, height, width),
            [channels, height, width] => (1, channels, height, width),
            [count, channels, height, width] => (count, channels, height, width),
            _ => {
                let shape = shape(&self.shape);
                return Err(format!(
                    "has an array of shape {shape}; it must be (values), (height, width), (channels, height, width) or (images, channels, height, width)"
                ));
            }
        };
        if !(1..=MAX_IMAGES).contains(&count) {
            return Err(format!("has {count} images; 1 to {MAX_IMAGES} are possible"));
        }
        let sides = [count, channels, height, width, self.element.bytes()];
        let length = sides.into_iter().try_fold(1usize, usize::checked_mul);
        if length != Some(self.data.len()) {
            let shape = shape(&self.shape);
            return Err(format!(
                "has {} bytes of data, which are not those of shape {shape}",
                self.data.len()
            ));
        }
        // Of the length of the data, which is there.
        let each = (self.data.len() / count).max(1);
        let mut images = Vec::with_capacity(count.min(self.data.len()));
        for (item, data) in self.data.chunks_exact(each).enumerate() {
            let image = Image::new(channels, height, width, self.pixels(data));
            images.push(image.map_err(|e| {
                if count == 1 {
                    format!("cannot be used: {e}")
                } else {
                    format!("cannot be used: image {item}: {e}")
                }
            })?);
        }
        if images.is_empty() { Err("has no pixels".to_owned()) } else { Ok(images) }
    }

    fn pixels(&self, data: &[u8]) -> Pixels {
        match self.element {
            Element::U8 => data.to_vec().into(),
            Element::U16 => collected(data, u16::from_le_bytes).into(),
            Element::F16 => collected(data, |word| half(u16::from_le_bytes(word))).into(),
            Element::Bf16 => {
                collected(data, |word| f32::from_bits(u32::from(u16::from_le_bytes(word)) << 16)).into()
            }
            Element::F32 => collected(data, f32::from_le_bytes).into(),
            Element::F64 => collected(data, |word| f64::from_le_bytes(word) as f32).into(),
        }
    }
}

fn collected<const N: usize, T>(data: &[u8], sample: impl Fn([u8; N]) -> T) -> Vec<T> {
    data.as_chunks().0.iter().copied().map(sample).collect()
}

/// What is said about an array of a type that stands for nothing.
pub fn wrong_type(name: &str) -> String {
    let name: String = name.chars().take(16).collect();
    if matches!(name.trim_start_matches(['|', '<', '>', '=']), "b1" | "?" | "bool" | "BOOL") {
        return "has truth values; save pixels: (array * 255).astype(numpy.uint8)".to_owned();
    }
    format!(
        "has elements of type {name}; save pixels as uint8 or uint16, or the network's own (normalised) values as float32: array.astype(numpy.uint8)"
    )
}

/// A shape as NumPy writes it.
fn shape(sides: &[usize]) -> String {
    let shown: Vec<String> = sides.iter().take(8).map(ToString::to_string).collect();
    format!("({}{})", shown.join(", "), if sides.len() > 8 { ", ..." } else { "" })
}
