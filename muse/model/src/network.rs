//! The secret part of a network: integer weights and biases.

use super::{
    Activation, Architecture, InputSpec, LayerFault, LayerSpec, Loss, ModelError, bounds, limits, noise,
};
use core::fmt;
use muse_field::MODULUS;
use muse_he::encode::LinearShape;
use zeroize::ZeroizeOnDrop;

/// A quantised network: its public [`Architecture`] and the secret weights of its layers.
///
/// Never leaves the server. Wiped on drop, not cloneable, and `Debug` shows the public part only.
pub struct Network {
    architecture: Architecture,
    layers: Vec<Layer>,
    losses: Vec<Loss>,
}

/// One layer: the public [`LayerSpec`], integer weights, and one bias per output channel. Wiped on drop.
#[derive(ZeroizeOnDrop)]
pub struct Layer {
    #[zeroize(skip)]
    spec: LayerSpec,
    weights: Vec<i64>,
    bias: Vec<i64>,
}

impl Network {
    /// Assembles a network; `classes` names the outputs or is empty.
    ///
    /// # Errors
    /// As [`Architecture::new`]; and, naming the layer, if it does not fit the ciphertexts or its l1 bound exceeds their noise budget.
    pub fn new(
        name: String,
        input: InputSpec,
        frac_bits: u32,
        classes: Vec<String>,
        layers: Vec<Layer>,
    ) -> Result<Self, ModelError> {
        let specs = layers.iter().map(|layer| layer.spec.clone()).collect();
        let architecture = Architecture::new(name, input, frac_bits, classes, specs)?;
        noise::check(&architecture).map_err(|error| kept_by(error, &layers))?;
        let reach = bounds::reach(&architecture, &layers);
        let zero = layers.iter().filter(|layer| layer.largest_l1() == 0);
        let losses: Vec<_> = zero.map(|layer| Loss { layer: layer.name().into(), share: 1.0 }).collect();
        let architecture = architecture.with_reach(reach).with_losses(!losses.is_empty());
        Ok(Self { architecture, layers, losses })
    }

    /// Layers that lost a good part of their weights when they were rounded, or have none but zeros. For the network's owner.
    #[must_use]
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// Adds to what is known of zeros; clients are told that there are some.
    pub(super) fn with_losses(mut self, losses: impl Iterator<Item = Loss>) -> Self {
        let unknown = |loss: &Loss| self.losses.iter().all(|known| known.layer != loss.layer);
        let mut more: Vec<_> = losses.filter(|loss| loss.share >= Loss::SAID).filter(unknown).collect();
        self.losses.append(&mut more);
        let lossy = !self.losses.is_empty();
        Self { architecture: self.architecture.with_losses(lossy), ..self }
    }

    /// The public part.
    #[must_use]
    pub const fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The layers in order; at least one.
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Layer `index`.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    pub fn layer(&self, index: usize) -> &Layer {
        &self.layers[index]
    }

    /// The first layer that some input of [`bounds::input_range`] could drive out of the signed range, if there is one.
    ///
    /// Nothing breaks then, since a secure run wraps modulo p exactly as the plaintext oracle does; but such an input would get
    /// a meaningless answer. The bound is over all of them, real ones stay far below it: clients are told ([`Reach`](super::Reach)), none is
    /// refused for it.
    #[must_use]
    pub fn range_warning(&self) -> Option<bounds::RangeWarning> {
        bounds::range_warning(self)
    }
}

impl Layer {
    /// Checks weights and biases against the layer's shape and public bound.
    ///
    /// Weights are in the order of [`LayerSpec::shape`]; biases have the scale of the layer's output. Not constant time: a refusal
    /// depends on the weights, and it happens before any client is served.
    ///
    /// # Errors
    /// [`ModelError::Layer`] naming the layer: counts that do not fit the shape, a weight of 31 bits or more, a bias outside the
    /// signed range of F, or an output whose weights exceed the l1 bound.
    pub fn new(spec: LayerSpec, weights: Vec<i64>, bias: Vec<i64>) -> Result<Self, ModelError> {
        let layer = Self { spec, weights, bias };
        layer.check().map_err(|fault| fault.in_layer(&layer.spec.name))?;
        Ok(layer)
    }

    fn check(&self) -> Result<(), LayerFault> {
        super::extent::check_shape(&self.spec.shape)?;
        let bound = self.spec.l1_bound;
        if !(1..=limits::L1_BOUND).contains(&bound) {
            return Err(LayerFault::L1Bound(bound));
        }
        let (channels, fan_in) = (self.spec.shape.out_channels, self.spec.shape.taps());
        if self.weights.len() != channels * fan_in {
            return Err(LayerFault::WeightCount { expected: channels * fan_in, found: self.weights.len() });
        }
        if self.bias.len() != channels {
            return Err(LayerFault::BiasCount { expected: channels, found: self.bias.len() });
        }
        if self.weights.iter().any(|w| w.unsigned_abs() >= limits::WEIGHT.unsigned_abs()) {
            return Err(LayerFault::Magnitude("weight"));
        }
        let half = (MODULUS / 2).cast_signed();
        if self.bias.iter().any(|b| !(-half - 1..half).contains(b)) {
            return Err(LayerFault::Magnitude("bias"));
        }
        let largest = self.largest_l1();
        if largest > bound {
            return Err(LayerFault::L1Norm { bound, needed: largest.next_power_of_two() });
        }
        Ok(())
    }

    /// The public part.
    #[must_use]
    pub const fn spec(&self) -> &LayerSpec {
        &self.spec
    }

    /// The layer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// Shape of the linear map.
    #[must_use]
    pub const fn shape(&self) -> &LinearShape {
        &self.spec.shape
    }

    /// What follows the linear map.
    #[must_use]
    pub const fn activation(&self) -> Option<&Activation> {
        self.spec.activation.as_ref()
    }

    /// The integer weights, in the order of [`LayerSpec::shape`]; each below 2^31 in magnitude.
    #[must_use]
    pub fn weights(&self) -> &[i64] {
        &self.weights
    }

    /// The largest l1 norm of the weights of one output.
    #[must_use]
    pub fn largest_l1(&self) -> u64 {
        let norm = |row: &[i64]| row.iter().map(|weight| weight.unsigned_abs()).sum();
        self.weights.chunks_exact(self.spec.shape.taps()).map(norm).max().unwrap_or(0)
    }

    /// One bias per output channel, at the scale of the output, within the signed range of F.
    #[must_use]
    pub fn bias(&self) -> &[i64] {
        &self.bias
    }
}

/// Advice to declare a lower bound helps if the weights keep it.
fn kept_by(error: ModelError, layers: &[Layer]) -> ModelError {
    let ModelError::Layer { layer: name, fault: LayerFault::Noise { largest: Some(largest), .. } } = &error
    else {
        return error;
    };
    match layers.iter().find(|layer| layer.name() == name) {
        Some(layer) if layer.largest_l1() > *largest => {
            let (weights, dense) = (layer.weights.len(), layer.spec.is_dense());
            LayerFault::TooManyWeights { weights, dense }.in_layer(name)
        }
        _ => error,
    }
}

/// A network is layers that wipe themselves, and public data.
impl ZeroizeOnDrop for Network {}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network").field("architecture", &self.architecture).finish_non_exhaustive()
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer").field("spec", &self.spec).finish_non_exhaustive()
    }
}
