//! Arithmetic on the image before the first layer: the network's normalisation.

use super::linear::{per_channel, spread};
use super::proto::Node;
use super::value::Value;
use super::walk::Walk;
use crate::{ModelError, Normalisation};

impl<'a> Walk<'a> {
    /// Sub, Add, Div or Mul of a constant per channel.
    pub(super) fn normalise(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (data, constant) = if self.is_constant(node, 0) { (1, 0) } else { (0, 1) };
        if data == 1 && matches!(node.op, "Sub" | "Div") {
            return Err(node.fault("takes the image from a constant: only (image - mean) / std is supported before the first layer"));
        }
        let (data, constant) = (self.data(node, data)?, self.weights(node, constant)?);
        let spread = spread(&data)
            .ok_or_else(|| node.fault("comes after flattening: normalise the image before it"))?;
        let constants = per_channel(node, &constant, spread)?;
        let maps = constants.iter().map(|&constant| match (node.op, f64::from(constant)) {
            ("Sub", constant) => (1.0, -constant),
            ("Add", constant) => (1.0, constant),
            ("Div", constant) => (1.0 / constant, 0.0),
            (_, constant) => (constant, 0.0),
        });
        self.scale_image(node, maps)?;
        self.set(node, Value::Data(data))
    }

    /// `x * factor + shift` for each channel of the image. What comes of several is `(x - mean) / std` again.
    pub(super) fn scale_image(
        &mut self,
        node: &Node<'a>,
        maps: impl Iterator<Item = (f64, f64)>,
    ) -> Result<(), ModelError> {
        let channels = self.input.channels;
        let stats = self.scaling.get_or_insert_with(|| vec![(0.0, 1.0); channels]);
        for ((mean, std), (factor, shift)) in stats.iter_mut().zip(maps) {
            if !(factor.is_finite() && factor > 0.0 && shift.is_finite()) {
                return Err(node.fault("a factor of the normalisation is zero, negative or no number: only (image - mean) / std with std above 0 is supported"));
            }
            *std /= factor;
            *mean -= shift * *std;
        }
        Ok(())
    }

    /// At the first layer, all of it is known: the units that its constants are in are told once, from what came of all of them.
    pub(super) fn end_normalisation(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let Some(stats) = self.scaling.take() else { return Ok(()) };
        if stats.iter().all(|&(mean, std)| mean == 0.0 && (std - 1.0).abs() < f64::EPSILON) {
            return Ok(());
        }
        let (means, stds): (Vec<_>, Vec<_>) = stats.into_iter().unzip();
        self.input.normalisation = Normalisation::in_network(&means, &stds)
            .map_err(|_| node.fault("takes an image whose normalisation is of numbers beyond any use: means are up to 1024, deviations from 1/4096 to 4096"))?;
        Ok(())
    }
}
