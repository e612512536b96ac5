//! Batch normalisation, folded into the layer before it.

use super::linear::{Linear, spread};
use super::proto::Node;
use super::value::Value;
use super::walk::{Stage, Walk};
use crate::ModelError;
use zeroize::Zeroizing;

impl<'a> Walk<'a> {
    /// `(x - mean) / sqrt(variance + epsilon) * scale + shift`, per channel: another linear map, so one with the layer's; before the first
    /// layer, the image's normalisation.
    pub(super) fn batch_normalization(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        node.demand("spatial", 1, "statistics for every pixel do not fold: train with those for channels")?;
        node.demand("training_mode", 0, "call eval() on the network before exporting it")?;
        let epsilon = f64::from(node.float("epsilon", 1e-5)?);
        let mut constants = Vec::with_capacity(4);
        for index in 1..=4 {
            constants.push(self.weights(node, index)?);
        }
        let channels = match (self.stage, self.layers.last()) {
            (Stage::Linear, Some(layer)) => layer.shape.out_channels,
            (Stage::Input, _) => self.input.channels,
            _ => {
                return Err(node.fault(
                    "batch normalisation is supported directly after Conv, Gemm or MatMul, where it folds into the layer, and on the image",
                ));
            }
        };
        if spread(&data).is_none_or(|spread| spread.channels != channels || spread.axis != 0)
            || constants.iter().any(|constant| constant.dims != [channels])
        {
            return Err(node.fault(format!("is not of the {channels} channels that it is given")));
        }
        let [scale, shift, mean, variance] = [0, 1, 2, 3].map(|index| constants[index].to_vec());
        let mut maps = Zeroizing::new(Vec::with_capacity(channels));
        for channel in 0..channels {
            let factor = f64::from(scale[channel]) / (f64::from(variance[channel]) + epsilon).sqrt();
            if !factor.is_finite() {
                return Err(node.fault(
                    "a variance is zero, negative or no number: the network was not trained to its end",
                ));
            }
            maps.push((factor, f64::from(mean[channel]), f64::from(shift[channel])));
        }
        match self.layers.last_mut() {
            Some(layer) => layer.fold(&maps),
            None => {
                let maps: Vec<_> =
                    maps.iter().map(|&(factor, mean, shift)| (factor, shift - mean * factor)).collect();
                self.scale_image(node, maps.into_iter())?;
            }
        }
        self.set(node, Value::Data(data))
    }
}

impl Linear {
    /// Applies `(x - mean) * factor + shift` to every output; in double precision, rounded once.
    fn fold(&mut self, maps: &[(f64, f64, f64)]) {
        let taps = self.shape.taps();
        let rows = self.weights.chunks_exact_mut(taps).zip(self.bias.iter_mut());
        for ((weights, bias), &(factor, mean, shift)) in rows.zip(maps) {
            weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) * factor) as f32);
            *bias = ((f64::from(*bias) - mean) * factor + shift) as f32;
        }
    }
}
