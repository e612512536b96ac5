//! The stolen network as the files that `muse serve` loads.

use crate::model::{Architecture, Layer, LayerSpec, Network, Normalisation};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::{Value, json};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Why a network was not written. Displays as one line.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {path}: {source}")]
pub struct SaveError {
    path: String,
    source: io::Error,
}

/// Writes `NAME.json` and `NAME-fixed.safetensors` into a folder, which is made if there is none. Returns the path of the first.
///
/// # Errors
/// [`SaveError`] names the file.
pub fn save(network: &Network, folder: &Path) -> Result<PathBuf, SaveError> {
    let stem = file_name(network.architecture().name());
    let (json, tensors) =
        (folder.join(format!("{stem}.json")), folder.join(format!("{stem}-fixed.safetensors")));
    let failed = |path: &Path, source| SaveError { path: path.display().to_string(), source };
    fs::create_dir_all(folder).map_err(|source| failed(folder, source))?;
    let bytes = serialize(network).map_err(|source| failed(&tensors, source))?;
    fs::write(&tensors, bytes).map_err(|source| failed(&tensors, source))?;
    let text = format!("{:#}\n", describe(network.architecture()));
    fs::write(&json, text).map_err(|source| failed(&json, source))?;
    Ok(json)
}

/// The server chose the model's name; only what is harmless in a path is kept of it.
fn file_name(name: &str) -> String {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    name.chars().map(harmless).collect()
}

fn describe(architecture: &Architecture) -> Value {
    let input = architecture.input();
    let layer = |spec: &LayerSpec| {
        let shape = &spec.shape;
        let mut layer = if spec.is_dense() {
            json!({ "op": "fc", "weight_shape": [shape.out_channels, shape.in_channels] })
        } else {
            json!({ "op": "conv", "weight_shape": [shape.out_channels, shape.in_channels, shape.kernel, shape.kernel],
                "pad": shape.padding, "stride": shape.stride })
        };
        layer["name"] = json!(spec.name);
        layer["l1_bound"] = json!(spec.l1_bound);
        if let Some(activation) = spec.activation {
            layer["relu"] = json!(true);
            layer["shift"] = json!(activation.shift);
            if let Some(pool) = activation.sum_pool {
                layer["sum_pool"] = json!(pool);
            }
        }
        layer
    };
    let mut shape = json!({ "shape": [input.channels, input.height, input.width], "layout": "CHW" });
    if let Normalisation::MeanStd(stats) = &input.normalisation {
        let (means, stds) = (stats.iter().map(|stats| stats.mean()), stats.iter().map(|stats| stats.std()));
        shape["normalisation"] =
            json!({ "mean": means.collect::<Vec<_>>(), "std": stds.collect::<Vec<_>>() });
    }
    json!({
        "name": architecture.name(),
        "input": shape,
        "classes": architecture.classes(),
        "frac_bits": architecture.frac_bits(),
        "layers": architecture.layers().iter().map(layer).collect::<Vec<_>>(),
    })
}

fn serialize(network: &Network) -> Result<Vec<u8>, io::Error> {
    let mut tensors: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = Vec::new();
    for layer in network.layers() {
        let shape = weight_shape(layer);
        let weights = layer.weights().iter().map(|&weight| i32::try_from(weight).unwrap_or(i32::MAX));
        tensors.push((
            format!("{}.weight", layer.name()),
            Dtype::I32,
            shape,
            weights.flat_map(i32::to_le_bytes).collect(),
        ));
        let bias = layer.bias().iter().flat_map(|bias| bias.to_le_bytes()).collect();
        tensors.push((format!("{}.bias", layer.name()), Dtype::I64, vec![layer.bias().len()], bias));
    }
    let views = (tensors.iter())
        .map(|(name, dtype, shape, data)| Ok((name, TensorView::new(*dtype, shape.clone(), data)?)))
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>();
    views.and_then(|views| safetensors::serialize(views, None)).map_err(io::Error::other)
}

fn weight_shape(layer: &Layer) -> Vec<usize> {
    let shape = layer.shape();
    if layer.spec().is_dense() {
        vec![shape.out_channels, shape.in_channels]
    } else {
        vec![shape.out_channels, shape.in_channels, shape.kernel, shape.kernel]
    }
}
