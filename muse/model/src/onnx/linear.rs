//! Linear layers: Conv, Gemm, MatMul and the Add that brings its biases.

use super::names;
use super::padding::{Window, automatic};
use super::proto::Node;
use super::refusal;
use super::rows::{Matrix, Weights};
use super::value::{Data, Floats, Value};
use super::walk::{Stage, Walk};
use crate::extent::check_shape;
use crate::{Extent, LayerFault, ModelError, limits};
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
        node.demand("group", 1, "use a convolution without groups, and train again")?;
        if node.ints("dilations")?.is_some_and(|dilations| dilations != [1, 1]) {
            return Err(
                node.fault("dilations other than 1 are not supported: use a larger kernel, and train again")
            );
        }
        let stride = one_of(node, "strides", 2, 1, "the same stride in both directions")?;
        if data.is_flat() {
            return Err(node.fault("is a convolution of something flattened: flatten after the last Conv"));
        }
        if !data.is_planes() {
            return Err(node.fault(format!(
                "is given {} in another order than channels, rows, columns: move them to that order before it",
                data.shown()
            )));
        }
        let side = |size| Window { size, kernel, stride };
        let padding = match automatic(node, side(data.extent.height), side(data.extent.width))? {
            None => one_of(node, "pads", 4, 0, "the same padding on all four sides")?,
            Some([top, left, bottom, right]) if [left, bottom, right] == [top; 3] => top,
            Some(pads) => {
                return Err(node.fault(format!(
                    "auto_pad makes the padding {pads:?} here (top, left, bottom, right), only the same on all four sides is supported: \
                     an odd kernel with stride 1 has that, or padding=\"valid\" in Keras, and train again"
                )));
            }
        };
        let shape = data.extent.convolution(out_channels, kernel, padding, stride);
        if in_channels != shape.in_channels {
            return Err(node.fault(format!(
                "its weights are for {in_channels} channels, but it is given {}",
                data.extent
            )));
        }
        let bias = self.floats(node, 2)?;
        self.layer(node, shape, Weights::Kernels(&weights), bias.as_ref())
    }

    pub(super) fn gemm(&mut self, node: &Node<'a>) -> Result<(), ModelError> {
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
        let &[rows, columns] = matrix.dims.as_slice() else {
            return Err(node.fault("its weights are not a matrix"));
        };
        let (outputs, inputs) = if rows_are_outputs { (rows, columns) } else { (columns, rows) };
        if !data.is_flat() {
            return Err(node.fault("takes planes, not a vector: flatten them before it"));
        }
        let shape = data.extent.dense(outputs);
        if inputs != shape.in_channels {
            return Err(node.fault(format!(
                "its weights are for {inputs} inputs, but it is given {} ({})",
                shape.in_channels, data.extent
            )));
        }
        let given = Matrix { weights: &matrix, rows_are_outputs, order: &data.view };
        self.layer(node, shape, Weights::Matrix(given), bias)
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
        given: Weights<'_, 'a>,
        bias: Option<&Floats<'a>>,
    ) -> Result<(), ModelError> {
        check_shape(&shape).map_err(|fault: LayerFault| node.fault(fault.to_string()))?;
        self.end_normalisation(node)?;
        let weights = given.floats();
        let before: usize = self.layers.iter().map(|layer| layer.weights.len()).sum();
        if before + weights.count() > limits::ONNX_WEIGHTS {
            return Err(node.fault(format!("the network has more than {} weights", limits::ONNX_WEIGHTS)));
        }
        let name = names::of_tensor(weights.origin, ".weight")
            .or_else(|| names::of_tensor(bias?.origin, ".bias"))
            .or_else(|| names::of_node(node.name));
        let bias = match bias {
            Some(bias) => per_channel(node, bias, OF_VECTOR.of(shape.out_channels))?,
            None => Zeroizing::new(vec![0.0; shape.out_channels]),
        };
        self.layers.push(Linear { name, shape, weights: given.rows(), bias, relu: false, pool: false });
        self.stage = Stage::Linear;
        let extent = Extent::after(&shape);
        let Extent { channels, height, width } = extent;
        let sizes: &[usize] = if node.op == "Conv" { &[channels, height, width] } else { &[channels] };
        self.set(node, Value::Data(Data::in_order(extent, sizes)))
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
        let Some(spread) = spread(&data) else {
            return Err(node.fault("its biases come after flattening: add them before it"));
        };
        let bias_name = names::of_tensor(bias.origin, ".bias");
        let bias = per_channel(node, &bias, spread)?;
        layer.bias.iter_mut().zip(bias.iter()).for_each(|(sum, bias)| *sum += bias);
        layer.name = layer.name.take().or(bias_name);
        self.set(node, Value::Data(data))
    }
}

/// Where a tensor has its channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    pub(super) channels: usize,
    /// Which of the dimensions after the batch is that of the channels.
    pub(super) axis: usize,
    /// Dimensions, the batch aside.
    rank: usize,
}

/// A vector of channels.
const OF_VECTOR: Spread = Spread { channels: 0, axis: 0, rank: 1 };

impl Spread {
    const fn of(self, channels: usize) -> Self {
        Self { channels, ..self }
    }
}

/// Where this has its channels; `None` if they were flattened into something else.
pub(super) fn spread(data: &Data) -> Option<Spread> {
    let Extent { channels, height, width } = data.extent;
    let sizes = data.view.sizes();
    let axis = match channels {
        // One number is for all elements, wherever they are.
        1 => sizes.iter().position(|&size| size == 1).or(sizes.len().checked_sub(1)),
        _ => data.view.channel(channels, height * width),
    };
    Some(Spread { channels, axis: axis?, rank: sizes.len() })
}

/// One number per channel, from a constant that is repeated along all other dimensions.
pub(super) fn per_channel(
    node: &Node<'_>,
    floats: &Floats<'_>,
    spread: Spread,
) -> Result<Zeroizing<Vec<f32>>, ModelError> {
    let Spread { channels, axis, rank } = spread;
    let mut values = floats.to_vec_of(channels);
    // From the last dimension on, as dimensions are matched: that of the channels, and ones.
    let behind = rank - axis - 1;
    let fits = |(from_end, &size): (usize, &usize)| size == if from_end == behind { channels } else { 1 };
    let fits = floats.dims.len() > behind
        && floats.dims.len() <= rank + 1
        && floats.dims.iter().rev().enumerate().all(fits);
    match values.take().filter(|_| fits || (floats.count() == 1 && floats.dims.len() <= rank + 1)) {
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
