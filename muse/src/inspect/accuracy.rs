//! What quantisation costs: a network with real weights against itself in integers.

use super::LabelledImages;
use crate::model::{
    Architecture, FixedPoint, InputSpec, Model, ModelError, Network, Normalisation, limits,
    plaintext::{self, Point},
};
use muse_field::Fp;
use rayon::prelude::*;
use serde::Serialize;

/// A network at every number of fractional bits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Accuracy {
    /// Images it was measured on.
    pub images: usize,
    /// How many of them the network with real weights gets right.
    pub float_correct: usize,
    /// f from 4 to 12.
    pub precisions: Vec<Precision>,
    /// The least f at which every image gets the label that real weights give it.
    pub least_that_agrees: Option<u32>,
}

/// A network at one number of fractional bits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Precision {
    /// f.
    pub frac_bits: u32,
    /// Why the network cannot be served at this f: bounds or noise. Then there are no results.
    pub refused: Option<String>,
    /// What came out.
    pub results: Option<Results>,
}

/// What came out at one number of fractional bits.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Results {
    /// Images whose label is right.
    pub correct: usize,
    /// Images whose label is that of the network with real weights.
    pub agree: usize,
    /// The largest difference of an output from that with real weights.
    pub largest_error: f64,
    /// Bits of the largest magnitude before a ReLU, or of an output, over these images. The range has a little less than 43.
    pub largest_value_bits: f64,
    /// What some other image could do, if one could leave the range.
    pub range_warning: Option<String>,
}

/// What one image gives.
#[derive(Clone, Copy)]
struct One {
    correct: bool,
    agrees: bool,
    error: f64,
    largest: u64,
}

impl Accuracy {
    /// Measures `model` on `images` at every f.
    ///
    /// # Errors
    /// As [`Model::forward`].
    pub fn measure(model: &Model, images: &LabelledImages) -> Result<Self, ModelError> {
        let pairs: Vec<_> = images.iter().collect();
        let outputs: Vec<Vec<f64>> = pairs
            .par_iter()
            .map(|(image, _)| model.forward(&real_input(&model.input, image)))
            .collect::<Result<_, _>>()?;
        let float_correct =
            pairs.iter().zip(&outputs).filter(|((_, label), outputs)| largest(outputs) == *label).count();
        let precisions = (limits::MIN_FRAC_BITS..=limits::MAX_FRAC_BITS)
            .map(|frac_bits| Precision::measure(model, frac_bits, &pairs, &outputs))
            .collect::<Result<Vec<_>, _>>()?;
        let agrees = |precision: &&Precision| {
            precision.results.as_ref().is_some_and(|results| results.agree == pairs.len())
        };
        let least_that_agrees = precisions.iter().find(agrees).map(|precision| precision.frac_bits);
        Ok(Self { images: pairs.len(), float_correct, precisions, least_that_agrees })
    }
}

impl Precision {
    fn measure(
        model: &Model,
        frac_bits: u32,
        pairs: &[(&[u8], usize)],
        outputs: &[Vec<f64>],
    ) -> Result<Self, ModelError> {
        let network = match FixedPoint::new(frac_bits).and_then(|fixed| model.quantize_lossy(fixed)) {
            Ok(network) => network,
            Err(error) => return Ok(Self { frac_bits, refused: Some(error.to_string()), results: None }),
        };
        let all: Vec<One> = (pairs.par_iter().zip(outputs))
            .map(|(&(image, label), wanted)| One::run(&network, image, label, wanted))
            .collect::<Result<_, _>>()?;
        let greatest = all.iter().map(|one| one.largest).max().unwrap_or(0).max(1);
        let results = Results {
            correct: all.iter().filter(|one| one.correct).count(),
            agree: all.iter().filter(|one| one.agrees).count(),
            largest_error: all.iter().map(|one| one.error).fold(0.0, f64::max),
            largest_value_bits: (greatest as f64).log2(),
            range_warning: network.range_warning().map(|warning| warning.to_string()),
        };
        Ok(Self { frac_bits, refused: None, results: Some(results) })
    }
}

impl One {
    fn run(network: &Network, image: &[u8], label: usize, wanted: &[f64]) -> Result<Self, ModelError> {
        let architecture = network.architecture();
        let (outputs, greatest) = observed(network, architecture.encode_bytes(image)?);
        let scale = 2f64.powi(architecture.output_scale_bits());
        let errors = outputs.iter().zip(wanted).map(|(v, real)| (v.to_signed() as f64 / scale - real).abs());
        let predicted = Architecture::argmax_vartime(&outputs).unwrap_or(0);
        Ok(Self {
            correct: predicted == label,
            agrees: predicted == largest(wanted),
            error: errors.fold(0.0, f64::max),
            largest: greatest,
        })
    }
}

/// [`plaintext::forward`], and the largest magnitude on the way.
fn observed(network: &Network, input: Vec<Fp>) -> (Vec<Fp>, u64) {
    let mut greatest = 0;
    let outputs =
        plaintext::forward_with(network.architecture(), 0, network.layers(), input, &mut |point, values| {
            if matches!(point, Point::Linear(_)) {
                greatest = values.iter().map(|v| v.to_signed().unsigned_abs()).fold(greatest, u64::max);
            }
        });
    (outputs, greatest)
}

/// What a network with real weights takes for an image of bytes.
fn real_input(input: &InputSpec, image: &[u8]) -> Vec<f32> {
    let level = |pixel: u8| f64::from(pixel) / 255.0;
    let (stats, scale) = match &input.normalisation {
        Normalisation::UnitInterval => return image.iter().map(|&pixel| level(pixel) as f32).collect(),
        Normalisation::MeanStd(stats) => (stats, 1.0),
        // Images of bytes for a network that takes none are refused where they are encoded.
        Normalisation::InNetwork { stats, units } => (stats, units.scale().unwrap_or(1.0)),
    };
    let planes = image.chunks_exact(input.height * input.width).zip(stats);
    planes
        .flat_map(|(plane, stats)| plane.iter().map(|&pixel| stats.apply(level(pixel) * scale) as f32))
        .collect()
}

/// Index of the first of the largest values.
fn largest(values: &[f64]) -> usize {
    let better =
        |best: usize, (index, value): (usize, &f64)| if *value > values[best] { index } else { best };
    values.iter().enumerate().fold(0, better)
}
