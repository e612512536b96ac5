//! Arithmetic on the image before the first layer: the network's normalisation.

use super::linear::{per_channel, spread};
use super::proto::Node;
use super::value::Value;
use super::walk::Walk;
use crate::{ModelError, Normalisation};

impl<'a> Walk<'a> {
    /// Sub, Add, Div or Mul of a constant per channel. What comes of them is `(level - mean) / std` again.
    pub(super) fn normalise(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (data, constant) = if self.is_constant(node, 0) { (1, 0) } else { (0, 1) };
        if data == 1 && matches!(node.op, "Sub" | "Div") {
            return Err(node.fault("takes the image from a constant: only (image - mean) / std is supported before the first layer"));
        }
        let (data, constant) = (self.data(node, data)?, self.weights(node, constant)?);
        let channels = self.input.channels;
        let spread = spread(&data)
            .ok_or_else(|| node.fault("comes after flattening: normalise the image before it"))?;
        let constants = per_channel(node, &constant, spread)?;
        let (mut means, mut stds) = match &self.input.normalisation {
            Normalisation::UnitInterval => (vec![0.0; channels], vec![1.0; channels]),
            Normalisation::MeanStd(stats) => stats.iter().map(|stats| (stats.mean(), stats.std())).unzip(),
        };
        for ((mean, std), &constant) in means.iter_mut().zip(&mut stds).zip(constants.iter()) {
            let constant = f64::from(constant);
            match node.op {
                "Sub" => *mean += constant * *std,
                "Add" => *mean -= constant * *std,
                "Div" => *std *= constant,
                _ => *std /= constant,
            }
        }
        if stds.iter().any(|&std| std > LARGEST_STD) {
            return Err(node.fault(
                "divides the image as if pixels were 0 to 255: the network is given 0 to 1; export it without this division",
            ));
        }
        self.input.normalisation =
            Normalisation::mean_std(&means, &stds).map_err(|error| node.fault(error.to_string()))?;
        self.set(node, Value::Data(data))
    }
}

/// Levels are 0 to 1. Who divides by more than this takes them for bytes.
const LARGEST_STD: f64 = 64.0;
