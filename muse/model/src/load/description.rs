//! The JSON description of a network.

use crate::error::printable;
use crate::extent::check_shape;
use crate::{
    Activation, Extent, FixedPoint, InputSpec, LayerFault, Loss, ModelError, Normalisation, Units, limits,
    names, sniff,
};
use muse_he::encode::LinearShape;
use serde::Deserialize;

/// A parsed description: names and the numbers of layers, fractional bits and input are checked, the rest is when it is used.
#[derive(Debug, Deserialize)]
pub(super) struct Description {
    name: String,
    input: Input,
    #[serde(default)]
    classes: Vec<String>,
    frac_bits: u32,
    layers: Vec<Part>,
    #[serde(skip)]
    normalisation: Normalisation,
}

/// The description of one layer.
#[derive(Debug, Deserialize)]
pub(super) struct Part {
    name: String,
    op: Op,
    weight_shape: Vec<usize>,
    #[serde(default)]
    pad: usize,
    #[serde(default = "one")]
    stride: usize,
    #[serde(default)]
    relu: bool,
    shift: Option<u32>,
    sum_pool: Option<usize>,
    l1_bound: Option<u64>,
    #[serde(default)]
    lost: f64,
}

#[derive(Debug, Deserialize)]
struct Input {
    shape: [usize; 3],
    #[serde(default)]
    layout: Layout,
    normalisation: Option<MeanStd>,
}

/// Numbers for [`Normalisation::mean_std`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MeanStd {
    mean: Vec<f64>,
    std: Vec<f64>,
    of: Option<Of>,
}

/// What a network that normalises its input itself takes, floats included; without it, pixels are normalised outside of the network, from
/// levels, and floats are taken as they are.
#[derive(Clone, Copy, Debug, Deserialize)]
enum Of {
    #[serde(rename = "0..1")]
    Levels,
    #[serde(rename = "0..255")]
    Bytes,
    #[serde(rename = "floats")]
    Floats,
    /// As without it, whatever the numbers look like.
    #[serde(rename = "pixels / 255")]
    Outside,
}

/// The only order of the input there is.
#[derive(Debug, Default, Deserialize)]
enum Layout {
    #[default]
    #[serde(rename = "CHW")]
    ChannelsFirst,
}

#[derive(Clone, Copy, Debug, Deserialize)]
enum Op {
    #[serde(rename = "conv")]
    Convolution,
    #[serde(rename = "fc")]
    Dense,
}

const fn one() -> usize {
    1
}

impl Description {
    /// Parses JSON.
    ///
    /// # Errors
    /// [`ModelError::Syntax`] with line and column, or what is wrong with a name or a number.
    pub(super) fn parse(json: &[u8]) -> Result<Self, ModelError> {
        if json.len() as u64 > limits::DESCRIPTION_BYTES {
            return Err(ModelError::TooLarge(limits::DESCRIPTION_BYTES));
        }
        let text = sniff::text(json).ok_or_else(|| ModelError::Syntax("it is not text".into()))?;
        let mut parsed: Self =
            serde_json::from_str(&text).map_err(|error| ModelError::Syntax(printable(&error.to_string())))?;
        names::check("model", &parsed.name)?;
        FixedPoint::new(parsed.frac_bits)?;
        if let Some(MeanStd { mean, std, of }) = &parsed.input.normalisation {
            parsed.normalisation = normalisation(mean, std, *of)?;
        }
        parsed.input().check()?;
        if !(1..=limits::LAYERS).contains(&parsed.layers.len()) {
            return Err(ModelError::LayerCount(parsed.layers.len()));
        }
        for (index, layer) in parsed.layers.iter().enumerate() {
            names::check("layer", &layer.name)?;
            if !(0.0..=1.0).contains(&layer.lost) {
                return Err(LayerFault::Size("lost").in_layer(&layer.name));
            }
            // They would share their tensors: weights many times the size of the file.
            if parsed.layers[..index].iter().any(|other| other.name == layer.name) {
                return Err(LayerFault::SameName.in_layer(&layer.name));
            }
        }
        Ok(parsed)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn input(&self) -> InputSpec {
        let Input { shape: [channels, height, width], layout: Layout::ChannelsFirst, .. } = self.input;
        InputSpec { channels, height, width, normalisation: self.normalisation.clone() }
    }

    pub(super) fn classes(&self) -> &[String] {
        &self.classes
    }

    pub(super) const fn frac_bits(&self) -> u32 {
        self.frac_bits
    }

    /// What was lost before the weights became integers.
    pub(super) fn losses(&self) -> impl Iterator<Item = Loss> {
        self.layers.iter().map(|part| Loss { layer: part.name.clone(), share: part.lost })
    }

    pub(super) fn layers(&self) -> core::slice::Iter<'_, Part> {
        self.layers.iter()
    }

    /// The shapes of all layers, each checked, from the input on: what a layer takes is what the one before it gives.
    pub(super) fn shapes(&self) -> Result<Vec<LinearShape>, ModelError> {
        let mut extent = Extent::of_input(&self.input());
        let shape_of = |layer: &Part| {
            let shape = layer.shape(&extent)?;
            extent = Extent::flow(&shape, layer.sum_pool)?;
            Ok(shape)
        };
        let mut shape_of = shape_of;
        let named = |layer| shape_of(layer).map_err(|fault: LayerFault| fault.in_layer(&layer.name));
        self.layers.iter().map(named).collect()
    }
}

/// The normalisation of these numbers.
fn normalisation(mean: &[f64], std: &[f64], of: Option<Of>) -> Result<Normalisation, ModelError> {
    let outside = Normalisation::mean_std(mean, std)?;
    let Normalisation::MeanStd(stats) = outside else { return Ok(outside) };
    let units = match of {
        None => {
            return match Units::of(&stats) {
                Units::Levels => Ok(Normalisation::MeanStd(stats)),
                Units::Bytes => Err(OF_BYTES),
                Units::Unknown => Err(CONTRADICTORY),
            };
        }
        Some(Of::Outside) => return Ok(Normalisation::MeanStd(stats)),
        Some(Of::Levels) => Units::Levels,
        Some(Of::Bytes) => Units::Bytes,
        Some(Of::Floats) => Units::Unknown,
    };
    Ok(Normalisation::InNetwork { stats, units })
}

const OF_BYTES: ModelError = ModelError::Normalisation(
    "means and standard deviations are of pixels from 0 to 1, these are of 0 to 255: divide all of them by 255",
);
const CONTRADICTORY: ModelError = ModelError::Normalisation(
    "means and standard deviations are of pixels from 0 to 1, these are neither all of 0 to 1 nor all of 0 to 255: give both in the same units; \"of\": \"pixels / 255\" takes them nevertheless",
);

impl Part {
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn weight_shape(&self) -> &[usize] {
        &self.weight_shape
    }

    pub(super) const fn relu(&self) -> bool {
        self.relu
    }

    pub(super) const fn sum_pool(&self) -> Option<usize> {
        self.sum_pool
    }

    pub(super) const fn l1_bound(&self) -> Option<u64> {
        self.l1_bound
    }

    /// The name of one of its tensors.
    pub(super) fn tensor(&self, kind: &str) -> String {
        format!("{}.{kind}", self.name)
    }

    /// What follows the linear map of a quantised layer.
    pub(super) fn activation(&self) -> Result<Option<Activation>, ModelError> {
        match (self.relu, self.shift) {
            (false, _) if self.sum_pool.is_some() => Err(LayerFault::Activation.in_layer(&self.name)),
            (false, _) => Ok(None),
            (true, Some(shift)) => Ok(Some(Activation { shift, sum_pool: self.sum_pool })),
            (true, None) => Err(LayerFault::MissingShift.in_layer(&self.name)),
        }
    }

    /// The layer's shape where `before` flows into it; not checked beyond the form of `weight_shape`.
    fn shape(&self, before: &Extent) -> Result<LinearShape, LayerFault> {
        let shape = match (self.op, self.weight_shape.as_slice()) {
            (Op::Convolution, &[out_channels, in_channels, kernel, columns]) if kernel == columns => {
                let shape = before.convolution(out_channels, kernel, self.pad, self.stride);
                LinearShape { in_channels, ..shape }
            }
            (Op::Dense, &[outputs, inputs]) => LinearShape { in_channels: inputs, ..before.dense(outputs) },
            _ => return Err(LayerFault::WeightShape),
        };
        check_shape(&shape)?;
        before.check_followed_by(&shape)?;
        Ok(shape)
    }
}
