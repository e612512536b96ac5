//! From samples to field elements.

use super::{Image, Pixels, place};
use crate::{Extent, FixedPoint, InputSpec, ModelError, Normalisation};
use core::mem;
use muse_field::{Fp, MODULUS};
use zeroize::Zeroizing;

/// See [`Architecture::encode`](crate::Architecture::encode).
pub(crate) fn image(fixed: FixedPoint, input: &InputSpec, image: &Image) -> Result<Vec<Fp>, ModelError> {
    let (expected, found) = (Extent::of_input(input), image.extent());
    if expected != found {
        return Err(ModelError::ImageShape { expected: expected.to_string(), found: found.to_string() });
    }
    match &image.pixels {
        Pixels::U8(pixels) => bytes(fixed, input, pixels),
        Pixels::U16(pixels) => {
            levels(fixed, input, pixels, FixedPoint::pixel_u16, |pixel| f64::from(pixel) / 65535.0)
        }
        Pixels::F32(values) => {
            let plane = input.height * input.width;
            // A value that is refused leaves those before it behind.
            let mut elements = Zeroizing::new(Vec::with_capacity(values.len()));
            for (at, &value) in values.iter().enumerate() {
                let value = match &input.normalisation {
                    Normalisation::InNetwork { stats, .. } => stats[at / plane].apply(value.into()),
                    Normalisation::UnitInterval | Normalisation::MeanStd(_) => value.into(),
                };
                elements.push(exact(fixed, value).ok_or_else(|| {
                    let (channel, row, column) = place(at, input.height, input.width);
                    ModelError::ImageValue { channel, row, column }
                })?);
            }
            if values.iter().any(|&value| value != 0.0) && elements.iter().all(|&element| element == Fp::ZERO)
            {
                return Err(ModelError::Vanishes);
            }
            Ok(mem::take(&mut *elements))
        }
    }
}

/// An image of bytes whose number has been checked.
pub(crate) fn bytes(fixed: FixedPoint, input: &InputSpec, pixels: &[u8]) -> Result<Vec<Fp>, ModelError> {
    levels(fixed, input, pixels, FixedPoint::pixel, |pixel| f64::from(pixel) / 255.0)
}

/// Pixels with their exact rule in the unit interval, and their level, which is normalised and rounded otherwise.
fn levels<T: Copy>(
    fixed: FixedPoint,
    input: &InputSpec,
    pixels: &[T],
    unit: impl Fn(FixedPoint, T) -> Fp,
    level: impl Fn(T) -> f64,
) -> Result<Vec<Fp>, ModelError> {
    let (stats, scale) = match &input.normalisation {
        Normalisation::UnitInterval => return Ok(pixels.iter().map(|&pixel| unit(fixed, pixel)).collect()),
        Normalisation::MeanStd(stats) => (stats, 1.0),
        Normalisation::InNetwork { stats, units } => (stats, units.scale().ok_or(ModelError::NoPixels)?),
    };
    let mut elements = Vec::with_capacity(pixels.len());
    for (plane, stats) in pixels.chunks_exact(input.height * input.width).zip(stats) {
        let element = |&pixel: &T| Fp::from_i64(fixed.normalised(*stats, level(pixel) * scale));
        elements.extend(plane.iter().map(element));
    }
    Ok(elements)
}

/// A value of the network's own scale, if it is within the signed range.
fn exact(fixed: FixedPoint, value: f64) -> Option<Fp> {
    let half = (MODULUS / 2).cast_signed();
    let rounded = FixedPoint::round(value, fixed.frac_bits())?;
    (-half - 1..half).contains(&rounded).then(|| Fp::from_i64(rounded))
}
