//! Reading a network from an ONNX file, as the exporters of PyTorch and Keras write it.
//!
//! A pipeline: bytes, messages of the format (`proto` and `tensor`, on `wire`), what every name in the graph stands for (`walk`, `input`,
//! `value`, `constants`, `sizes`, `compute`), layers with everything between them folded in (`normalise`, `linear`, `fold`, `activation`,
//! `moves` on `view`), a [`Model`].
//!
//! | in the graph | becomes |
//! |---|---|
//! | Sub, Add, Div, Mul of constants on the image | its normalisation, `(level - mean) / std` per channel |
//! | Conv, Gemm, MatMul and Add of biases | a linear layer |
//! | BatchNormalization after one of them | folded into it, in double precision |
//! | Relu, then AveragePool 2x2 | the layer's activation |
//! | Flatten, Reshape, Squeeze, Unsqueeze, Transpose of the data | an order of the columns of the next dense layer |
//! | Identity, Dropout, Cast to the same type, arithmetic with zeros or ones, a second Relu | nothing |
//! | anything that takes constants or sizes only | computed at once |
//!
//! Everything else is refused by the name of the node with what to do about it. The opset may be 7 to 28; `opset` has what changed in
//! between. The weights must be 32-bit floats, in the file itself or in one file beside it (`external`). Nothing in a file is used
//! before it is compared with [`limits`], and memory follows what a file holds, not what it claims: the weights as 32-bit floats, as much
//! again a few times where the graph computes weights, and a few megabytes for everything else, as all lists of a file share a budget.

mod activation;
mod attributes;
mod compute;
mod constants;
mod external;
mod fold;
mod input;
mod linear;
mod moves;
mod names;
mod normalise;
mod opset;
mod padding;
mod proto;
mod refusal;
mod reorder;
mod rows;
mod sizes;
mod tensor;
mod value;
mod view;
mod walk;
mod wire;

use super::load::{or_other_kind, read_bounded, shown};
use super::sniff::Wanted;
use super::{FloatLayer, Model, ModelError, limits};
use core::mem;
use opset::OPSETS;
use std::path::Path;
use walk::Walk;

impl Model {
    /// Reads an ONNX file, and the file with its weights beside it if there is one; the model has the ONNX file's name.
    ///
    /// ```no_run
    /// # use muse_model::{FixedPoint, Model};
    /// let network = Model::from_onnx("mnist.onnx")?.quantize(FixedPoint::new(8)?)?;
    /// # Ok::<(), muse_model::ModelError>(())
    /// ```
    ///
    /// The names of the layers, those of PyTorch's modules where the file knows them, are public: every client learns them. Bounds on
    /// weights are the default ones: see [`Model::declare_l1_bound`] for a layer that needs more.
    ///
    /// # Errors
    /// A [`ModelError`] that names the file, and the node at fault with what to do about it.
    pub fn from_onnx(path: impl AsRef<Path>) -> Result<Self, ModelError> {
        let path = path.as_ref();
        let bytes = read_bounded(path, limits::ONNX_BYTES)?;
        let parse = || {
            let mut file = parsed(&bytes)?;
            let data = external::read(&file.graph, path)?;
            external::attach(&mut file.graph, &data)?;
            Self::from_file(&file, bytes.len() + data.len())
        };
        let mut model = parse().map_err(|error| error.in_file(shown(path)))?;
        model.name = names::or(&path.file_stem().unwrap_or_default().to_string_lossy(), &model.name);
        Ok(model)
    }

    /// A model from the bytes of an ONNX file; it has the graph's name.
    ///
    /// # Errors
    /// As [`Self::from_onnx`], without the file's name. Weights in another file are refused: see [`Self::from_onnx`].
    pub fn from_onnx_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() as u64 > limits::ONNX_BYTES {
            return Err(ModelError::TooLarge(limits::ONNX_BYTES));
        }
        Self::from_file(&parsed(bytes)?, bytes.len())
    }

    fn from_file(file: &proto::File<'_>, bytes: usize) -> Result<Self, ModelError> {
        let opset = match file.opset {
            Some(opset) if OPSETS.contains(&opset) => opset,
            other => {
                let found = other.map_or("no opset".into(), |opset| format!("opset {opset}"));
                let (from, to) = (OPSETS.start(), OPSETS.end());
                let reason = format!(
                    "it has {found}, {from} to {to} are supported: export it with opset 18 (torch.onnx.export: opset_version=18, tf2onnx: --opset 18)"
                );
                return Err(ModelError::Onnx(reason));
            }
        };
        let walk = Walk::of(file, opset, bytes)?;
        Ok(Self::from_walk(names::or(file.graph.name, "network"), walk))
    }

    fn from_walk(name: String, mut walk: Walk<'_>) -> Self {
        let candidates = walk.layers.iter_mut().map(|layer| {
            let dense = layer.shape.height == 1 && layer.shape.width == 1;
            (layer.name.take(), if dense { "dense" } else { "conv" })
        });
        let names = names::distinct(candidates);
        let layers = walk.layers.into_iter().zip(names).map(|(mut layer, name)| FloatLayer {
            name,
            shape: layer.shape,
            weights: mem::take(&mut *layer.weights),
            bias: mem::take(&mut *layer.bias),
            relu: layer.relu,
            average_pool: layer.pool.then_some(2),
            l1_bound: None,
        });
        Self { name, input: walk.input, classes: Vec::new(), layers: layers.collect() }
    }
}

/// The messages of a file, or what the file is instead.
fn parsed(bytes: &[u8]) -> Result<proto::File<'_>, ModelError> {
    proto::File::parse(bytes).map_err(|error| or_other_kind(error, bytes, Wanted::Network))
}
