//! What may make an answer differ from that of the network with real numbers. It is refused, or stated with the answer.

use crate::{failure::Failure, image::Fitted};
use muse::{
    Error,
    model::{Architecture, Normalisation, Outlook, Pixels, bounds},
};
use zeroize::Zeroizing;

/// Adds what has to be said about an image. No value of it is shown: it would be one of the client's secrets.
///
/// # Errors
/// The network does not take it, or may not be exact for it and `allow_wrapping` is not set.
pub fn check(architecture: &Architecture, fitted: &mut Fitted, allow_wrapping: bool) -> Result<(), Failure> {
    let Fitted { name, image, remarks, .. } = fitted;
    let failed = |reason: String| Failure::general(format!("{name}: {reason}"));
    let elements = architecture.encode(image).map_err(|error| failed(error.to_string()))?;
    let elements: Zeroizing<Vec<i64>> = {
        let elements = Zeroizing::new(elements);
        let outlook = architecture.outlook(&elements);
        if outlook == Outlook::InputMayWrap && !allow_wrapping {
            let limit = architecture.reach().limit(architecture.frac_bits());
            return Err(failed(format!(
                "{}; --allow-wrapping takes it nevertheless",
                Error::InputRange { limit }
            )));
        }
        if outlook != Outlook::InRange {
            remarks.push(WRAPS.into());
        }
        Zeroizing::new(elements.iter().map(|element| element.to_signed()).collect())
    };
    if architecture.is_lossy() {
        remarks.push(LOSSY.into());
    }
    remarks.extend(dark(image.pixels()).map(str::to_owned));
    let input = architecture.input();
    let normalisation = &input.normalisation;
    let Pixels::F32(values) = image.pixels() else {
        if normalisation.is_blue_first() {
            remarks.push(BLUE_FIRST.into());
        }
        return Ok(());
    };
    let plane = input.height * input.width;
    if normalisation.takes_pixels() && !input.is_vector() {
        let mut ranges = elements.chunks(plane).zip(bounds::input_range(architecture));
        // One unit in the last place of slack, for whoever normalises with other roundings.
        let inside = ranges.all(|(plane, range)| {
            plane.iter().all(|&value| (range.low - 1..=range.high + 1).contains(&i128::from(value)))
        });
        let levels = || values.iter().all(|value| (0.0..=1.0).contains(value));
        let own = matches!(normalisation, Normalisation::InNetwork { .. });
        if !inside {
            remarks.push(if own { OUTSIDE_OWN } else { OUTSIDE }.into());
        } else if !own && *normalisation != Normalisation::UnitInterval && levels() {
            remarks.push("floats are taken as normalised already (uint8 would not be)".into());
        } else if own && normalisation.of_one() == Some(255.0) && levels() {
            remarks.push("floats are taken as pixels from 0 to 255, and are none above 1".into());
        }
    }
    let scale = f64::from(architecture.frac_bits()).exp2();
    let real = |(at, &value): (usize, &f32)| match normalisation {
        Normalisation::InNetwork { stats, .. } => stats[at / plane].apply(value.into()) * scale,
        Normalisation::UnitInterval | Normalisation::MeanStd(_) => f64::from(value) * scale,
    };
    let (mut all, mut lost) = (0.0, 0.0);
    for (real, &rounded) in values.iter().enumerate().map(real).zip(elements.iter()) {
        all += real.abs();
        lost += (real - rounded as f64).abs();
    }
    if lost > LOST * all {
        remarks.push(format!(
            "values so small that a good part of them is lost in {} fractional bits",
            architecture.frac_bits()
        ));
    }
    Ok(())
}

/// That pixels use so small a part of their range that they may be of another one.
fn dark(pixels: &Pixels) -> Option<&'static str> {
    if let Pixels::U8(values) = pixels {
        return (values.iter().max() == Some(&1)).then_some(MASK);
    }
    let Pixels::U16(values) = pixels else { return None };
    values.iter().max().is_some_and(|most| (1..1 << 12).contains(most)).then_some(TWELVE_BITS)
}

const MASK: &str = "pixels are all 0 or 1, of 255: if 1 is white, save array * 255";
const TWELVE_BITS: &str = "pixels of 16 bits are all below 4096, a sixteenth of white: if they have fewer bits, scale them to 65535";
const LOSSY: &str = "a good part of some layer's weights became zero when they were rounded: the answer may differ from that of the trained network";
const WRAPS: &str = "this network is not known to be exact for such inputs: if a value on the way left the range of its numbers, the answer is meaningless";
const BLUE_FIRST: &str =
    "the network's means are those of blue, green, red; pixels were given as red, green, blue";
const OUTSIDE: &str =
    "values outside of what pixels give in this network; floats must be normalised, bytes (uint8) need not";
const OUTSIDE_OWN: &str =
    "values outside of what pixels give in this network, which normalises its input itself";

/// Part of the sum of all magnitudes.
const LOST: f64 = 0.1;
