//! How images become the input of a network that takes a vector.
//!
//! Its values have no neighbours: nothing is scaled. As many values as it takes, in whatever shape, are taken row by row, channel after channel,
//! as NumPy's and PyTorch's `flatten` do, and that is said with the result; a matrix whose rows are as long as the vector is one vector a row.

use super::{Content, Fitted, Input, Origin, raster::Fitting};
use crate::failure::Failure;
use muse::{
    Image,
    model::{InputSpec, Normalisation, Pixels},
};

/// See [`Input::fit`].
pub fn fit(input: Input, spec: &InputSpec, fitting: Fitting) -> Result<Vec<Fitted>, Failure> {
    let Input { name, origin, content } = input;
    let count = spec.elements();
    let failed = |reason: String| Failure::general(format!("{name} {reason}"));
    let mut remarks = Vec::new();
    let picture = matches!(content, Content::Picture(_));
    let image = match content {
        Content::Array(image) => image,
        Content::Picture(_) if fitting.resize => {
            return Err(Failure::general(format!(
                "{name}: --resize scales pictures, but the network takes a vector of {count} values: leave it out"
            )));
        }
        Content::Picture(raster) => {
            let (width, height) = raster.size();
            if width * height != count {
                return Err(failed(format!(
                    "has {width} x {height} pixels but the network takes a vector of {count} values; give an array (.npy or .safetensors) of shape ({count},)"
                )));
            }
            remarks.extend(raster.remarks(width, height));
            let grey = InputSpec { channels: 1, height, width, normalisation: Normalisation::UnitInterval };
            raster.fit(&grey, fitting).map_err(failed)?
        }
    };
    let (channels, height, width) = (image.channels(), image.height(), image.width());
    let vectors = match (channels, height, width) {
        (1, rows, length) if length == count => rows,
        (length, 1, 1) if length == count => 1,
        _ if channels * height * width == count => 1,
        _ => {
            let shape = if channels == 1 {
                format!("{height} x {width}")
            } else {
                format!("{channels} x {height} x {width}")
            };
            return Err(failed(format!(
                "has {shape} values but the network takes a vector of {count}; save an array of shape ({count},), or (N, {count}) for several{}",
                if fitting.resize { "; --resize scales PNG images only" } else { "" }
            )));
        }
    };
    let planar = vectors == 1 && !(width == count || channels == count);
    if planar {
        remarks.push(format!("{height} x {width} pixels were taken row by row as {count} values"));
    } else if !picture {
        remarks.extend(scaled(image.pixels(), &spec.normalisation));
    }
    let one = |index: usize| {
        let pixels = part(image.pixels(), index * count, count);
        let image = Image::new(spec.channels, spec.height, spec.width, pixels)?;
        let (name, origin) = match &origin {
            Origin::File { file, .. } if vectors > 1 => {
                (format!("{name}[{index}]"), Origin::File { file: file.clone(), item: index })
            }
            Origin::File { file, item } => (name.clone(), Origin::File { file: file.clone(), item: *item }),
            Origin::Sample { sample, label } => {
                (name.clone(), Origin::Sample { sample: *sample, label: *label })
            }
        };
        Ok(Fitted { name, origin, image, remarks: remarks.clone() })
    };
    (0..vectors).map(one).collect()
}

/// That whole numbers, which in a vector may be anything, are taken for pixels.
fn scaled(pixels: &Pixels, normalisation: &Normalisation) -> Option<String> {
    let white = match pixels {
        Pixels::U8(_) => 255.0,
        Pixels::U16(_) => 65535.0,
        Pixels::F32(_) | _ => return None,
    };
    (normalisation.of_one() != Some(white)).then(|| {
        format!("whole numbers were taken as pixels: {white} stands for {}; values of another kind must be floats (float32)", normalisation.of_one().unwrap_or(1.0))
    })
}

/// Some of the samples.
fn part(pixels: &Pixels, from: usize, count: usize) -> Pixels {
    match pixels {
        Pixels::U8(values) => values[from..from + count].to_vec().into(),
        Pixels::U16(values) => values[from..from + count].to_vec().into(),
        Pixels::F32(values) => values[from..from + count].to_vec().into(),
        // The list of kinds may grow; no image has this size.
        _ => Vec::<u8>::new().into(),
    }
}
