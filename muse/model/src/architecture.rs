//! The public part of a network: everything but the weights.

use super::{
    Extent, FixedPoint, Image, InputSpec, LayerFault, ModelError, Reach, bounds, image::encode, limits, names,
};
use core::ops::Add;
use muse_field::Fp;
use muse_he::encode::LinearShape;

/// The public part of a network, which the server's card carries and both drivers follow.
///
/// Values of this type are valid: layers fit each other, all numbers are within [`limits`], names are printable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Architecture {
    name: String,
    input: InputSpec,
    frac_bits: u32,
    classes: Vec<String>,
    layers: Vec<LayerSpec>,
    reach: Reach,
    lossy: bool,
}

/// The public part of one layer: a linear map, then ReLU and pooling unless it is the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// For people, in errors and reports.
    pub name: String,
    /// A convolution with a square kernel, or a dense layer (height, width and kernel 1). Weights are numbered
    /// `((o * in_channels + c) * kernel + a) * kernel + b`, inputs and outputs `(channel * height + row) * width + column`.
    pub shape: LinearShape,
    /// What follows the linear map; `None` for the last layer only.
    pub activation: Option<Activation>,
    /// Public bound on the sum of the magnitudes of the integer weights of ONE output. It sizes the noise that hides the
    /// weights, so the server refuses to load weights above it; see [`bounds::default_l1_bound`].
    pub l1_bound: u64,
}

/// ReLU with a shift, then optionally 2x2 sum pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activation {
    /// k of `w = v >= 0 ? floor(v / 2^k) : 0`, at most 22.
    pub shift: u32,
    /// `Some(2)`: sums of disjoint 2x2 blocks follow. An odd last row or column is dropped, as PyTorch's `AvgPool2d(2)` does.
    pub sum_pool: Option<usize>,
}

impl Architecture {
    /// Checks and assembles a public description.
    ///
    /// `classes` names the outputs in order, or is empty.
    ///
    /// # Errors
    /// A [`ModelError`] that names the layer: sizes outside [`limits`], layers that do not fit each other, an activation missing
    /// (or present in the last layer), unprintable names.
    pub fn new(
        name: String,
        input: InputSpec,
        frac_bits: u32,
        classes: Vec<String>,
        layers: Vec<LayerSpec>,
    ) -> Result<Self, ModelError> {
        names::check("model", &name)?;
        input.check()?;
        FixedPoint::new(frac_bits)?;
        if !(1..=limits::LAYERS).contains(&layers.len()) {
            return Err(ModelError::LayerCount(layers.len()));
        }
        let mut extent = Extent::of_input(&input);
        let mut relus = 0;
        for (index, layer) in layers.iter().enumerate() {
            names::check("layer", &layer.name)?;
            let last = index + 1 == layers.len();
            extent = layer.check_after(&extent, last).map_err(|fault| fault.in_layer(&layer.name))?;
            relus += layer.relu_count();
        }
        if relus > limits::RELUS {
            return Err(ModelError::TooManyRelus);
        }
        let (count, outputs) = (classes.len(), extent.elements());
        if count > limits::CLASSES || (count != 0 && count != outputs) {
            return Err(ModelError::ClassCount { classes: count, outputs });
        }
        classes.iter().try_for_each(|class| names::check("class", class))?;
        Ok(Self { name, input, frac_bits, classes, layers, reach: Reach::default(), lossy: false })
    }

    /// The same with what its weights allow: nothing is promised unless that is known.
    #[must_use]
    pub fn with_reach(self, reach: Reach) -> Self {
        Self { reach, ..self }
    }

    /// For which inputs no value leaves the signed range, as the owner of the weights says.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        self.reach
    }

    /// The same, and whether a good part of some layer's weights became zero when they were rounded.
    #[must_use]
    pub fn with_losses(self, lossy: bool) -> Self {
        Self { lossy, ..self }
    }

    /// Whether a good part of some layer's weights became zero when they were rounded, or all of them are, as the owner of the weights says: see
    /// [`Loss`](super::Loss). Results may differ from those of the network that was trained by more than rounding.
    #[must_use]
    pub const fn is_lossy(&self) -> bool {
        self.lossy
    }

    /// The model's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the network takes.
    #[must_use]
    pub const fn input(&self) -> &InputSpec {
        &self.input
    }

    /// f: fractional bits of the input and of the weights, 4..=12.
    #[must_use]
    pub const fn frac_bits(&self) -> u32 {
        self.frac_bits
    }

    /// Names of the outputs; empty if they have none.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The layers in order; at least one.
    #[must_use]
    pub fn layers(&self) -> &[LayerSpec] {
        &self.layers
    }

    /// Layer `index`.
    ///
    /// # Panics
    /// If there is no such layer.
    #[must_use]
    pub fn layer(&self, index: usize) -> &LayerSpec {
        &self.layers[index]
    }

    /// ReLUs of the whole network, at most [`limits::RELUS`].
    #[must_use]
    pub fn relu_count(&self) -> usize {
        self.layers.iter().map(LayerSpec::relu_count).sum()
    }

    /// Length of the result.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.layers.last().map_or(0, LayerSpec::outputs)
    }

    /// Fractional bits of the outputs: their real value is the signed reading divided by 2 to this power.
    ///
    /// It is 2f when every shift is that of its layer (f, or f + 2 after pooling); negative only for odd choices of shifts.
    #[must_use]
    pub fn output_scale_bits(&self) -> i32 {
        let frac_bits = self.frac_bits.cast_signed();
        self.layers.iter().fold(frac_bits, |input, layer| {
            let (shift, pool) = layer.activation.map_or((0, None), |a| (a.shift.cast_signed(), a.sum_pool));
            input + frac_bits - shift + if pool.is_some() { 2 } else { 0 }
        })
    }

    /// The fixed-point rules of this network.
    #[must_use]
    pub const fn fixed_point(&self) -> FixedPoint {
        FixedPoint::of_checked(self.frac_bits)
    }

    /// The network's input for an image, exactly:
    ///
    /// | samples | normalisation | field element |
    /// |---|---|---|
    /// | 8 bits | unit interval | `(pixel * 2^f + 127) div 255` |
    /// | 16 bits | unit interval | `(pixel * 2^f + 32767) div 65535` |
    /// | 8 or 16 bits | mean and standard deviation | `((level - mean) / std) * 2^f` rounded to the nearest integer, halves to even |
    /// | 8 or 16 bits | the network's own | the same with `level`, or `255 * level` where the network wants bytes |
    /// | 32-bit floats | the network's own | `((value - mean) / std) * 2^f` rounded to the nearest integer, halves to even |
    /// | 32-bit floats | any other: done already | `value * 2^f` rounded to the nearest integer, halves to even |
    ///
    /// The level of a pixel is its value divided by 255 or 65,535; all real arithmetic is in 64-bit floats, one IEEE operation after
    /// the other. The first two rows take constant time; the time of floating-point operations may depend on the values on some
    /// processors.
    ///
    /// # Errors
    /// [`ModelError::ImageShape`] unless the image is of the network's size, [`ModelError::ImageValue`] for a float outside the signed
    /// range of F once scaled, [`ModelError::Vanishes`] for floats that all become zero, [`ModelError::NoPixels`] for pixels where the
    /// network takes floats only.
    pub fn encode(&self, image: &Image) -> Result<Vec<Fp>, ModelError> {
        encode::image(self.fixed_point(), &self.input, image)
    }

    /// [`encode`](Self::encode) for a slice of 8-bit pixels, plane after plane, row-major.
    ///
    /// # Errors
    /// [`ModelError::ImageSize`] unless there are exactly [`InputSpec::elements`] bytes, [`ModelError::NoPixels`] if the network takes floats only.
    pub fn encode_bytes(&self, image: &[u8]) -> Result<Vec<Fp>, ModelError> {
        let (expected, found) = (self.input.elements(), image.len());
        if expected != found {
            return Err(ModelError::ImageSize { expected, found });
        }
        encode::bytes(self.fixed_point(), &self.input, image)
    }

    /// Index of the largest output in the signed reading, the first of them if there are several.
    ///
    /// Variable time: for the client, who owns the result.
    #[must_use]
    pub fn argmax_vartime(logits: &[Fp]) -> Option<usize> {
        let better = |best: Option<(usize, i64)>, (index, value): (usize, &Fp)| match best {
            Some((_, highest)) if value.to_signed() <= highest => best,
            _ => Some((index, value.to_signed())),
        };
        logits.iter().enumerate().fold(None, better).map(|(index, _)| index)
    }

    /// The public linear map between the activations of layer `index` and the input of the next layer: 2x2 sums if the layer
    /// pools, otherwise nothing; flattening changes no order. Applied to values and to either party's shares alike.
    ///
    /// # Panics
    /// If there is no such layer, or `values` does not have [`LayerSpec::outputs`] elements.
    #[must_use]
    pub fn apply_public_map(&self, index: usize, values: &[Fp]) -> Vec<Fp> {
        let layer = &self.layers[index];
        assert_eq!(values.len(), layer.outputs(), "one value per output of the layer");
        let pools = layer.activation.is_some_and(|activation| activation.sum_pool.is_some());
        if pools { sum_blocks(&Extent::after(&layer.shape), values) } else { values.to_vec() }
    }
}

impl LayerSpec {
    /// A layer whose l1 bound is the default one for `frac_bits`.
    #[must_use]
    pub fn with_default_bound(
        name: String,
        shape: LinearShape,
        activation: Option<Activation>,
        frac_bits: u32,
    ) -> Self {
        let fan_in = shape.in_channels.saturating_mul(shape.kernel.saturating_mul(shape.kernel));
        Self { name, shape, activation, l1_bound: bounds::default_l1_bound(fan_in, frac_bits) }
    }

    /// Length of the linear map's input.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.shape.inputs()
    }

    /// Length of the linear map's output, before pooling.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.shape.outputs()
    }

    /// ReLUs after the linear map: one per output, none after the last layer.
    #[must_use]
    pub fn relu_count(&self) -> usize {
        if self.activation.is_some() { self.outputs() } else { 0 }
    }

    /// Whether the layer is dense: a 1x1 kernel on a 1x1 image.
    #[must_use]
    pub fn is_dense(&self) -> bool {
        self.shape == LinearShape::dense(self.shape.in_channels, self.shape.out_channels)
    }

    /// Checks this layer where `before` flows into it; what flows out.
    fn check_after(&self, before: &Extent, last: bool) -> Result<Extent, LayerFault> {
        let after = Extent::flow(&self.shape, self.activation.and_then(|activation| activation.sum_pool))?;
        before.check_followed_by(&self.shape)?;
        if !(1..=limits::L1_BOUND).contains(&self.l1_bound) {
            return Err(LayerFault::L1Bound(self.l1_bound));
        }
        match self.activation {
            None if last => Ok(after),
            Some(Activation { shift, .. }) if !last && shift > limits::SHIFT => Err(LayerFault::Shift(shift)),
            Some(_) if !last => Ok(after),
            _ => Err(LayerFault::Activation),
        }
    }
}

/// Sums of disjoint 2x2 blocks, plane by plane; an odd last row or column belongs to none.
pub(crate) fn sum_blocks<T: Copy + Add<Output = T>>(extent: &Extent, values: &[T]) -> Vec<T> {
    let &Extent { height, width, .. } = extent;
    let mut sums = Vec::with_capacity(values.len() / 4);
    for plane in values.chunks_exact(height * width) {
        for rows in plane.chunks_exact(2 * width) {
            let (upper, lower) = rows.split_at(width);
            let blocks = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            sums.extend(blocks.map(|(a, b)| a[0] + a[1] + b[0] + b[1]));
        }
    }
    sums
}
