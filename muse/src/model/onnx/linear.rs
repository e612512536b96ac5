//! Linear layers: Conv, Gemm, MatMul and the Add that brings its biases.

use super::names;
use super::proto::Node;
use super::refusal;
use super::value::{Data, Floats, Value};
use super::walk::{Stage, Walk};
use crate::model::extent::check_shape;
use crate::model::{Extent, LayerFault, ModelError, limits};
use muse_he::encode::LinearShape;
use zeroize::Zeroizing;

/// A layer under construction; what follows it is folded into it.
pub(super) struct Linear {
    pub(super) name: Option<String>,
    pub(super) shape: LinearShape,
    pub(super) weights: Zeroizing<Vec<f32>>,
    pub(super) bias: Zeroizing<Vec<f32>>,
    pub(super) relu: bool,
    pub(super) pool: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn conv(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"])?;
        let data = self.data(node, 0)?;
        self.check_place(node)?;
        let weights = self.weights(node, 1)?;
        let &[out_channels, in_channels, kernel, columns] = weights.dims.as_slice() else {
            return Err(node.fault("is not a convolution of images: only two dimensions are supported"));
        };
        if kernel != columns {
            return Err(
                node.fault(format!("its kernel is {kernel} x {columns}: only square kernels are supported"))
            );
        }
        let size = i64::try_from(kernel).unwrap_or(i64::MAX);
        if node.ints("kernel_shape")?.is_some_and(|shape| shape != [size, size]) {
            return Err(node.fault("kernel_shape is not that of its weights"));
        }
        node.demand_explicit_padding()?;
        node.demand("group", 1, "use a convolution without groups, and train again")?;
        if node.ints("dilations")?.is_some_and(|dilations| dilations != [1, 1]) {
            return Err(
                node.fault("dilations other than 1 are not supported: use a larger kernel, and train again")
            );
        }
        let padding = one_of(node, "pads", 4, 0, "the same padding on all four sides")?;
        let stride = one_of(node, "strides", 2, 1, "the same stride in both directions")?;
        if data.flat {
            return Err(node.fault("is a convolution of something flattened: flatten after the last Conv"));
        }
        let shape = data.extent.convolution(out_channels, kernel, padding, stride);
        if in_channels != shape.in_channels {
            return Err(node.fault(format!(
                "its weights are for {in_channels} channels, but it is given {}",
                data.extent
            )));
        }
        let bias = self.floats(node, 2)?;
        self.layer(node, shape, &weights, bias.as_ref())
    }

    pub(super) fn gemm(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&["alpha", "beta", "transA", "transB"])?;
        let bias = self.floats(node, 2)?;
        let scaled = |name| Ok::<_, ModelError>(node.float(name, 1.0)?.to_bits() != 1f32.to_bits());
        if scaled("alpha")? || (bias.is_some() && scaled("beta")?) {
            return Err(
                node.fault("alpha and beta other than 1 are not supported: put them into the weights")
            );
        }
        node.demand("transA", 0, "exchange the factors")?;
        let trans_b = node.int("transB", 0)?;
        self.dense(node, bias.as_ref(), trans_b != 0)
    }

    pub(super) fn mat_mul(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        node.allow(&[])?;
        if self.is_constant(node, 0) {
            return Err(node.fault(
                "multiplies weights with the data: only data times weights is supported, as Linear does it",
            ));
        }
        self.dense(node, None, false)
    }

    /// Data times a matrix of weights, whose rows are outputs or inputs.
    fn dense(
        &mut self,
        node: &Node<'a>,
        bias: Option<&Floats<'a>>,
        rows_are_outputs: bool,
    ) -> Result<(), ModelError> {
        let data = self.data(node, 0)?;
        self.check_place(node)?;
        let matrix = self.weights(node, 1)?;
        let rows = if rows_are_outputs {
            (matrix.dims.len() == 2).then(|| matrix.clone())
        } else {
            matrix.transposed()
        };
        let rows = rows.ok_or_else(|| node.fault("its weights are not a matrix"))?;
        if !data.flat {
            return Err(node.fault("takes planes, not a vector: flatten them before it"));
        }
        let shape = data.extent.dense(rows.dims[0]);
        if rows.dims[1] != shape.in_channels {
            return Err(node.fault(format!(
                "its weights are for {} inputs, but it is given {} ({})",
                rows.dims[1], shape.in_channels, data.extent
            )));
        }
        self.layer(node, shape, &rows, bias)
    }

    /// Checks that another layer may stand here.
    fn check_place(&self, node: &Node<'a>) -> Result<(), ModelError> {
        if let (Stage::Linear, Some(last)) = (self.stage, self.layers.last()) {
            let last = last.name.as_deref().unwrap_or("without a name");
            return Err(node.fault(format!(
                "follows the linear layer {last:?} without a ReLU between them: multiply the two into one, or put a ReLU there and train again"
            )));
        }
        if self.layers.len() == limits::LAYERS {
            return Err(ModelError::LayerCount(limits::LAYERS + 1));
        }
        Ok(())
    }

    /// Begins a layer.
    fn layer(
        &mut self,
        node: &Node<'a>,
        shape: LinearShape,
        weights: &Floats<'a>,
        bias: Option<&Floats<'a>>,
    ) -> Result<(), ModelError> {
        check_shape(&shape).map_err(|fault: LayerFault| node.fault(fault.to_string()))?;
        self.end_normalisation(node)?;
        let before: usize = self.layers.iter().map(|layer| layer.weights.len()).sum();
        if before + weights.count() > limits::ONNX_WEIGHTS {
            return Err(node.fault(format!("the network has more than {} weights", limits::ONNX_WEIGHTS)));
        }
        let name = names::of_tensor(weights.origin, ".weight")
            .or_else(|| names::of_tensor(bias?.origin, ".bias"))
            .or_else(|| names::of_node(node.name));
        let bias = match bias {
            Some(bias) => per_channel(node, bias, shape.out_channels, 0)?,
            None => Zeroizing::new(vec![0.0; shape.out_channels]),
        };
        self.layers.push(Linear { name, shape, weights: weights.to_vec(), bias, relu: false, pool: false });
        self.stage = Stage::Linear;
        let flat = shape == LinearShape::dense(shape.in_channels, shape.out_channels) && node.op != "Conv";
        self.set(node, Value::Data(Data { extent: Extent::after(&shape), flat }))
    }

    /// Biases after a linear layer.
    pub(super) fn add(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
        let (data, constant) = if self.is_constant(node, 0) { (1, 0) } else { (0, 1) };
        if !self.is_constant(node, constant) {
            let both = [0, 1].map(|index| matches!(self.required(node, index), Ok(Value::Data(_))));
            self.required(node, constant)?;
            return Err(node.fault(if both == [true; 2] {
                "adds two values: branches and residual connections are not supported"
            } else {
                "only biases may be added"
            }));
        }
        let (data, bias) = (self.data(node, data)?, self.weights(node, constant)?);
        let (Stage::Linear, Some(layer)) = (self.stage, self.layers.last_mut()) else {
            return Err(node.fault(refusal::ARITHMETIC));
        };
        if data.flat && data.extent.elements() != layer.shape.out_channels {
            return Err(node.fault("its biases come after flattening: add them before it"));
        }
        let bias_name = names::of_tensor(bias.origin, ".bias");
        let bias = per_channel(node, &bias, layer.shape.out_channels, spread(data))?;
        layer.bias.iter_mut().zip(bias.iter()).for_each(|(sum, bias)| *sum += bias);
        layer.name = layer.name.take().or(bias_name);
        self.set(node, Value::Data(data))
    }
}

/// How many dimensions follow that of the channels.
pub(super) const fn spread(data: Data) -> usize {
    if data.flat { 0 } else { 2 }
}

/// One number per channel; `spread` is how many dimensions of size 1 follow that of the channels.
pub(super) fn per_channel(
    node: &Node<'_>,
    floats: &Floats<'_>,
    channels: usize,
    spread: usize,
) -> Result<Zeroizing<Vec<f32>>, ModelError> {
    let mut values = floats.to_vec_of(channels);
    let expected: Vec<usize> = core::iter::once(channels).chain(core::iter::repeat_n(1, spread)).collect();
    let ones = floats.dims.iter().take_while(|&&size| size == 1).count();
    let fits = floats.dims.len() <= spread + 2
        && (floats.dims.ends_with(&expected) && floats.dims.len() - expected.len() <= ones);
    match values.take().filter(|_| fits || floats.count() == 1) {
        Some(values) => Ok(values),
        None => Err(node.fault(format!(
            "a constant has sizes {:?}: one number for each of {channels} outputs or channels is supported",
            floats.dims
        ))),
    }
}

/// The only value in a list attribute of `count` integers.
fn one_of(
    node: &Node<'_>,
    name: &str,
    count: usize,
    default: usize,
    what: &str,
) -> Result<usize, ModelError> {
    match node.ints(name)? {
        None => Ok(default),
        Some(list) => {
            let value =
                list.first().filter(|&first| list.len() == count && list.iter().all(|value| value == first));
            let value = value.and_then(|&value| usize::try_from(value).ok());
            value.ok_or_else(|| node.fault(format!("{name} is {list:?}: only {what} is supported")))
        }
    }
}
