//! What a network uses up, from its architecture alone.

use super::{PRODUCTS, RELUS, linear};
use muse::model::{Architecture, LayerSpec};
use muse_triples::program::Used;
use muse_triples::program::bits::{DRAWN_AGAIN, uniform_cost};
use muse_triples::program::relu::relu_floor_cost;

/// What [`infer`](super::infer) uses up.
///
/// Exact, but for masks of ReLUs that are drawn again, about one in 139,810: [`drawn_again`](Self::drawn_again) of them are expected,
/// and [`total_with`](Self::total_with) is exact if one knows how many there were. Either setting takes [`Used::triples`] of the total,
/// and [`randoms`](Self::randoms) or [`masks`](Self::masks).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The client's image.
    pub input: Used,
    /// The layers in order.
    pub layers: Vec<LayerCost>,
    /// The result.
    pub output: Used,
}

/// What one layer uses up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerCost {
    /// Weights, biases and products.
    pub linear: Used,
    /// ReLU with truncation.
    pub relu: Used,
    /// Number of ReLUs.
    pub relus: u64,
    /// Steps that they are done in.
    pub pieces: u64,
}

impl Cost {
    /// What a network of this architecture uses up.
    #[must_use]
    pub fn of(architecture: &Architecture) -> Self {
        let image = architecture.input().elements() as u64;
        Self {
            input: Used { inputs: [image, 0], steps: 1, ..Used::NONE },
            layers: architecture.layers().iter().map(LayerCost::of).collect(),
            output: Used { outputs: architecture.outputs() as u64, steps: 1, ..Used::NONE },
        }
    }

    /// All of it, if no mask is drawn again.
    #[must_use]
    pub fn total(&self) -> Used {
        let layers = self.layers.iter().map(|layer| layer.linear + layer.relu);
        layers.fold(self.input, Used::plus) + self.output
    }

    /// All of it, if so many masks were drawn again in so many tries.
    #[must_use]
    pub fn total_with(&self, masks: u64, tries: u64) -> Used {
        self.total() + uniform_cost(masks, tries)
    }

    /// Where the client may be malicious: values that it knows, for the image, for each random bit, and one for each step of them.
    #[must_use]
    pub fn randoms(&self) -> u64 {
        let pieces: u64 = self.layers.iter().map(|layer| layer.pieces).sum();
        self.input.inputs[0] + self.total().bits + pieces
    }

    /// Where either party may be malicious: values that the client knows, for the image and the result, and that the server knows, for
    /// weights and biases.
    #[must_use]
    pub fn masks(&self) -> [u64; 2] {
        let [image, secret] = self.total().inputs;
        [image + self.output.outputs, secret]
    }

    /// Number of masks that are expected to be drawn again.
    #[must_use]
    pub fn drawn_again(&self) -> f64 {
        let relus: u64 = self.layers.iter().map(|layer| layer.relus).sum();
        relus as f64 * DRAWN_AGAIN as f64 / muse_field::MODULUS as f64
    }
}

impl LayerCost {
    fn of(spec: &LayerSpec) -> Self {
        let products = linear::products(&spec.shape);
        let secret = (spec.shape.weights() + spec.shape.out_channels) as u64;
        let steps = 1 + products.div_ceil(PRODUCTS as u64);
        let linear = Used { products, inputs: [0, secret], steps, ..Used::NONE };
        let relus = spec.relu_count();
        let relu = spec.activation.map_or(Used::NONE, |activation| {
            let pieces = (0..relus).step_by(RELUS).map(|start| (relus - start).min(RELUS) as u64);
            pieces.fold(Used::NONE, |sum, piece| sum + relu_floor_cost(piece, activation.shift))
        });
        Self { linear, relu, relus: relus as u64, pieces: relus.div_ceil(RELUS) as u64 }
    }
}
