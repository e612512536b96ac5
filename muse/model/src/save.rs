//! Writing a network as the files that [`Network::open`] reads: the inverse of [`load`](super::load).

use super::{LayerFault, LayerSpec, ModelError, Network, Normalisation, Units, error::printable};
use core::fmt;
use safetensors::{Dtype, SafeTensorError, tensor::TensorView};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// Checks that [`Network::save`] could write there: the folder is empty, or there is nothing of this name.
///
/// # Errors
/// A [`ModelError`] that names the folder and says what to do.
pub fn check_folder(folder: &Path) -> Result<(), ModelError> {
    match fs::read_dir(folder).map(|entries| entries.take(1).count()) {
        Ok(0) => Ok(()),
        Ok(_) => Err(unwritable(folder, &"the folder is not empty; name a new or an empty one")),
        // A link that leads nowhere is not found either, but it is something.
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.symlink_metadata().is_err() => Ok(()),
        Err(error) => Err(unwritable(folder, &format_args!("{error}; name a new or an empty folder"))),
    }
}

impl Network {
    /// Writes `NAME.json` and `NAME-fixed.safetensors` into a new or empty folder. Returns the path of the first, for
    /// [`open`](Self::open).
    ///
    /// NAME is the network's, with everything but ASCII letters, digits and `-` replaced by `_`. No file is ever overwritten.
    ///
    /// # Errors
    /// A [`ModelError`] that names the folder or the file; or the layer, if two have the same name.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, ModelError> {
        let stem = file_name(self.architecture().name());
        let json = folder.join(format!("{stem}.json"));
        let tensors = folder.join(format!("{stem}-fixed.safetensors"));
        let description = format!("{:#}\n", describe(self));
        let weights = serialize(self)?;
        check_folder(folder)?;
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        create(&tensors, &weights)?;
        create(&json, description.as_bytes())?;
        Ok(json)
    }
}

/// Writes a file that did not exist, not even as a link.
fn create(path: &Path, bytes: &[u8]) -> Result<(), ModelError> {
    let write = |mut file: File| file.write_all(bytes);
    File::create_new(path).and_then(write).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, reason: &dyn fmt::Display) -> ModelError {
    ModelError::Unwritable(printable(&reason.to_string())).in_file(super::load::shown(path))
}

/// A network may have been named by somebody else: only what is harmless in a path is kept of it.
fn file_name(name: &str) -> String {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    name.chars().map(harmless).collect()
}

fn describe(network: &Network) -> Value {
    let architecture = network.architecture();
    let input = architecture.input();
    let layer = |spec: &LayerSpec| {
        let mut layer = json!({ "name": spec.name, "op": "fc", "weight_shape": weight_shape(spec), "l1_bound": spec.l1_bound });
        if !spec.is_dense() {
            layer["op"] = json!("conv");
            layer["pad"] = json!(spec.shape.padding);
            layer["stride"] = json!(spec.shape.stride);
        }
        if let Some(activation) = spec.activation {
            layer["relu"] = json!(true);
            layer["shift"] = json!(activation.shift);
            if let Some(pool) = activation.sum_pool {
                layer["sum_pool"] = json!(pool);
            }
        }
        if let Some(loss) = network.losses().iter().find(|loss| loss.layer == spec.name) {
            layer["lost"] = json!(loss.share);
        }
        layer
    };
    let mut shape = json!({ "shape": [input.channels, input.height, input.width], "layout": "CHW" });
    if let Normalisation::MeanStd(stats) | Normalisation::InNetwork { stats, .. } = &input.normalisation {
        let (means, stds) = (stats.iter().map(|stats| stats.mean()), stats.iter().map(|stats| stats.std()));
        shape["normalisation"] =
            json!({ "mean": means.collect::<Vec<_>>(), "std": stds.collect::<Vec<_>>() });
    }
    let of = match &input.normalisation {
        Normalisation::InNetwork { units: Units::Levels, .. } => Some("0..1"),
        Normalisation::InNetwork { units: Units::Bytes, .. } => Some("0..255"),
        Normalisation::InNetwork { units: Units::Unknown, .. } => Some("floats"),
        // Numbers that would be refused without a word.
        Normalisation::MeanStd(stats) if Units::of(stats) != Units::Levels => Some("pixels / 255"),
        Normalisation::UnitInterval | Normalisation::MeanStd(_) => None,
    };
    if let Some(of) = of {
        shape["normalisation"]["of"] = json!(of);
    }
    json!({
        "name": architecture.name(),
        "input": shape,
        "classes": architecture.classes(),
        "frac_bits": architecture.frac_bits(),
        "layers": architecture.layers().iter().map(layer).collect::<Vec<_>>(),
    })
}

/// One tensor, wiped when it is written, as it is part of the secret.
struct Tensor {
    name: String,
    dtype: Dtype,
    shape: Vec<usize>,
    data: Zeroizing<Vec<u8>>,
}

fn serialize(network: &Network) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    let mut tensors: Vec<Tensor> = Vec::new();
    for (index, layer) in network.layers().iter().enumerate() {
        if network.layers()[..index].iter().any(|other| other.name() == layer.name()) {
            return Err(LayerFault::SameName.in_layer(layer.name()));
        }
        let mut data = Zeroizing::new(Vec::with_capacity(4 * layer.weights().len()));
        for &weight in layer.weights() {
            let weight = i32::try_from(weight);
            let weight = weight.map_err(|_| LayerFault::Magnitude("weight").in_layer(layer.name()))?;
            data.extend_from_slice(&weight.to_le_bytes());
        }
        let (name, shape) = (format!("{}.weight", layer.name()), weight_shape(layer.spec()));
        tensors.push(Tensor { name, dtype: Dtype::I32, shape, data });

        let mut data = Zeroizing::new(Vec::with_capacity(8 * layer.bias().len()));
        layer.bias().iter().for_each(|bias| data.extend_from_slice(&bias.to_le_bytes()));
        let (name, shape) = (format!("{}.bias", layer.name()), vec![layer.bias().len()]);
        tensors.push(Tensor { name, dtype: Dtype::I64, shape, data });
    }
    let views = (tensors.iter())
        .map(|t| Ok((&t.name, TensorView::new(t.dtype, t.shape.clone(), &t.data)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>();
    let bytes = views.and_then(|views| safetensors::serialize(views, None));
    bytes.map(Zeroizing::new).map_err(|error| ModelError::Unwritable(printable(&error.to_string())))
}

fn weight_shape(spec: &LayerSpec) -> Vec<usize> {
    let shape = &spec.shape;
    let kernel: &[usize] = if spec.is_dense() { &[] } else { &[shape.kernel, shape.kernel] };
    [&[shape.out_channels, shape.in_channels], kernel].concat()
}
