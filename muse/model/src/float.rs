//! Networks with real weights, their quantisation and their evaluation.

mod forward;

use super::error::printable;
use super::extent::check_shape;
use super::{
    Activation, FixedPoint, InputSpec, Layer, LayerFault, LayerSpec, Loss, ModelError, Network, limits,
};
use core::fmt;
use muse_he::encode::LinearShape;
use zeroize::ZeroizeOnDrop;

/// A network with real weights, as trained. Public fields: it is checked when it is quantised.
///
/// `Debug` shows no weights.
#[derive(Debug)]
pub struct Model {
    /// For people.
    pub name: String,
    /// What it takes.
    pub input: InputSpec,
    /// Names of the outputs, or none.
    pub classes: Vec<String>,
    /// The layers in order.
    pub layers: Vec<FloatLayer>,
}

/// One layer with real weights. Wiped on drop.
#[derive(ZeroizeOnDrop)]
pub struct FloatLayer {
    /// For people.
    #[zeroize(skip)]
    pub name: String,
    /// As in [`LayerSpec::shape`].
    #[zeroize(skip)]
    pub shape: LinearShape,
    /// In the order of [`LayerSpec::shape`].
    pub weights: Vec<f32>,
    /// One per output channel.
    pub bias: Vec<f32>,
    /// Whether ReLU follows: everywhere but after the last layer.
    #[zeroize(skip)]
    pub relu: bool,
    /// `Some(2)`: 2x2 average pooling follows the ReLU.
    #[zeroize(skip)]
    pub average_pool: Option<usize>,
    /// A public bound on the l1 norm of the integer weights of one output, at a number of fractional bits; `None` for the default.
    #[zeroize(skip)]
    pub l1_bound: Option<DeclaredBound>,
}

/// An l1 bound declared by a model: of integer weights with `frac_bits` fractional bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredBound {
    /// The bound.
    pub bound: u64,
    /// The fractional bits of the weights it speaks of.
    pub frac_bits: u32,
}

impl Model {
    /// Rounds weights to `fixed`'s f fractional bits and biases to the scale of their layer's output, halves to even.
    ///
    /// The input has f fractional bits; so has every activation, because its shift removes exactly the bits of the layer's input:
    /// f, or f + 2 where that was pooled (a sum of four is an average with two more bits).
    ///
    /// # Errors
    /// A [`ModelError`] naming the layer: weights that are no numbers, or too large at this f, or that exceed the l1 bound; a layer most of
    /// whose weights round to zero; and whatever [`Network::new`] refuses.
    pub fn quantize(&self, fixed: FixedPoint) -> Result<Network, ModelError> {
        for layer in &self.layers {
            layer.check_numbers().map_err(|fault| fault.in_layer(&layer.name))?;
            let vanishes = |fixed| layer.lost(fixed) >= Loss::REFUSED;
            if vanishes(fixed) {
                let mut more = (fixed.frac_bits() + 1..=limits::MAX_FRAC_BITS).map(FixedPoint::of_checked);
                let enough = more.find(|&fixed| !vanishes(fixed)).map(FixedPoint::frac_bits);
                return Err(
                    LayerFault::Vanishes { frac_bits: fixed.frac_bits(), enough }.in_layer(&layer.name)
                );
            }
        }
        self.quantize_lossy(fixed)
    }

    /// [`quantize`](Self::quantize), whatever becomes of small weights: layers may compute something else than what was trained.
    ///
    /// # Errors
    /// As [`quantize`](Self::quantize), but for weights that round to zero: [`Network::losses`] tells of them.
    pub fn quantize_lossy(&self, fixed: FixedPoint) -> Result<Network, ModelError> {
        let mut input_bits = fixed.frac_bits();
        let mut layers = Vec::with_capacity(self.layers.len().min(limits::LAYERS));
        for layer in &self.layers {
            layers.push(
                layer.quantize(fixed, input_bits).map_err(|error| layer.advised(error, fixed, input_bits))?,
            );
            input_bits = fixed.frac_bits() + if layer.average_pool.is_some() { 2 } else { 0 };
        }
        let (name, classes) = (self.name.clone(), self.classes.clone());
        let network = Network::new(name, self.input.clone(), fixed.frac_bits(), classes, layers)?;
        let loss = |layer: &FloatLayer| Loss { layer: layer.name.clone(), share: layer.lost(fixed) };
        Ok(network.with_losses(self.layers.iter().map(loss)))
    }

    /// Declares the public bound on the l1 norm of one layer's weights, where the default does not do: folded batch normalisation can
    /// make them large.
    ///
    /// Every client learns the bound, and it costs noise budget: choose it from what you want to be known, not from the weights.
    ///
    /// # Errors
    /// [`ModelError::NoLayer`] if there is no layer of this name.
    pub fn declare_l1_bound(&mut self, layer: &str, declared: DeclaredBound) -> Result<(), ModelError> {
        let Some(found) = self.layers.iter_mut().find(|found| found.name == layer) else {
            let names: Vec<&str> = self.layers.iter().map(|layer| layer.name.as_str()).collect();
            return Err(ModelError::NoLayer {
                layer: printable(layer),
                layers: printable(&names.join(", ")),
            });
        };
        found.l1_bound = Some(declared);
        Ok(())
    }
}

impl FloatLayer {
    /// This layer in integers, where its input has `input_bits` fractional bits.
    fn quantize(&self, fixed: FixedPoint, input_bits: u32) -> Result<Layer, ModelError> {
        let frac_bits = fixed.frac_bits();
        check_shape(&self.shape)
            .and_then(|()| self.check_numbers())
            .map_err(|fault| fault.in_layer(&self.name))?;
        let activation = self.relu.then_some(Activation { shift: input_bits, sum_pool: self.average_pool });
        let mut spec = LayerSpec::with_default_bound(self.name.clone(), self.shape, activation, frac_bits);
        if let Some(declared) = self.l1_bound {
            spec.l1_bound = declared.at(frac_bits, self.shape.taps());
        }
        let round = |values, scale_bits, what| {
            round_all(values, scale_bits).ok_or_else(|| LayerFault::Magnitude(what).in_layer(&self.name))
        };
        let weights = round(&self.weights, frac_bits, "weight")?;
        let bias = round(&self.bias, frac_bits + input_bits, "bias")?;
        Layer::new(spec, weights, bias)
    }

    /// Infinities, and what is no number, come of training that diverged.
    fn check_numbers(&self) -> Result<(), LayerFault> {
        for (values, what) in [(&self.weights, "weight"), (&self.bias, "bias")] {
            if !values.iter().all(|value| value.is_finite()) {
                return Err(LayerFault::NoNumber(what));
            }
        }
        Ok(())
    }

    /// A fault of magnitude with the greatest number of fractional bits at which there would be none.
    fn advised(&self, error: ModelError, fixed: FixedPoint, input_bits: u32) -> ModelError {
        let ModelError::Layer { fault: LayerFault::Magnitude(what), .. } = error else { return error };
        let frac_bits = fixed.frac_bits();
        let fits = |less: &u32| {
            let (fixed, input_bits) = (FixedPoint::of_checked(*less), input_bits - (frac_bits - *less));
            let fault = self.quantize(fixed, input_bits);
            !matches!(fault, Err(ModelError::Layer { fault: LayerFault::Magnitude(_), .. }))
        };
        let most = (limits::MIN_FRAC_BITS..frac_bits).rev().find(fits);
        LayerFault::TooLarge { what, frac_bits, most }.in_layer(&self.name)
    }
}

/// All values rounded, in one allocation: growing would leave copies of secrets behind.
fn round_all(values: &[f32], scale_bits: u32) -> Option<Vec<i64>> {
    let mut rounded = Vec::with_capacity(values.len());
    for &value in values {
        rounded.push(FixedPoint::round(f64::from(value), scale_bits)?);
    }
    Some(rounded)
}

impl DeclaredBound {
    /// The bound for weights with `frac_bits` fractional bits: scaled, plus what rounding `fan_in` weights can add.
    #[must_use]
    pub fn at(self, frac_bits: u32, fan_in: usize) -> u64 {
        if frac_bits == self.frac_bits {
            return self.bound;
        }
        let up = frac_bits.saturating_sub(self.frac_bits).min(63);
        let down = self.frac_bits.saturating_sub(frac_bits).min(63);
        let scaled = (u128::from(self.bound) << up).div_ceil(1 << down);
        // Each weight was rounded twice, by at most one half at each scale.
        let slack = (fan_in as u128).div_ceil(2) + ((fan_in as u128) << up).div_ceil(2 << down);
        u64::try_from(scaled + slack).unwrap_or(u64::MAX)
    }
}

impl fmt::Debug for FloatLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FloatLayer")
            .field("name", &self.name)
            .field("shape", &self.shape)
            .finish_non_exhaustive()
    }
}
