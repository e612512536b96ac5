//! Reading a network from a JSON description and a safetensors file.
//!
//! The description names the layers; the tensors of layer `conv1` are `conv1.weight` and `conv1.bias`. Quantised networks have 32-bit
//! integer weights and 64-bit integer biases, float networks have 32-bit floats in both and are quantised on loading.
//!
//! ```json
//! { "name": "mnist", "input": { "shape": [1, 28, 28], "layout": "CHW" }, "classes": ["0", "1"], "frac_bits": 10,
//!   "layers": [
//!     { "name": "conv1", "op": "conv", "weight_shape": [16, 1, 5, 5], "pad": 0, "stride": 1, "relu": true, "shift": 10, "sum_pool": 2 },
//!     { "name": "fc1", "op": "fc", "weight_shape": [2, 2304], "l1_bound": 1048576 } ] }
//! ```
//!
//! The input may have a `normalisation`, one mean and one standard deviation of `pixel / 255` for each channel, as in
//! `"input": { "shape": [3, 32, 32], "normalisation": { "mean": [0.49, 0.48, 0.45], "std": [0.25, 0.24, 0.26] } }`; without it,
//! pixels are divided by 255 and no more. A network that does that itself, as the graph it is from did, has a third member,
//! `"of": "0..1"`, `"0..255"` or `"floats"`: what it takes for a pixel, or that it takes none. Floats are its input before that then. Numbers
//! that do not look like those of pixels from 0 to 1 are refused, unless `"of": "pixels / 255"` says that they are.
//!
//! `l1_bound` is optional: the public bound on the l1 norm of the integer weights of one output (at `frac_bits`), for a layer that
//! needs more than [`default_l1_bound`](super::bounds::default_l1_bound). `lost`, of a layer of integers, is the part of the magnitudes of its real
//! weights that became zero when they were rounded, from 0 to 1: clients are told that there was such a layer. Members not shown here are ignored. Nothing in a file is
//! used before it is compared with [`limits`], and an error names the file and the layer.
//!
//! [`read_bounded`] and [`safetensors()`] are how every file is read here, images included.

mod description;
mod half;
mod tensors;

pub use half::half;
pub use tensors::safetensors;
pub(crate) use tensors::{Tensors, fault};

use super::error::printable;
use super::sniff::{self, Kind, Wanted};
use super::{DeclaredBound, FixedPoint, FloatLayer, Layer, LayerSpec, Model, ModelError, Network, limits};
use description::Description;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

impl Network {
    /// Reads a description and its tensors; float tensors are quantised at the description's `frac_bits`.
    ///
    /// # Errors
    /// A [`ModelError`] that names the file at fault, and the layer.
    pub fn from_files(json: &Path, tensors: &Path) -> Result<Self, ModelError> {
        let description = read_description(json)?;
        let bytes = read_bounded(tensors, limits::TENSOR_BYTES)?;
        Self::from_description(&description, &bytes).map_err(|error| error.in_file(shown(tensors)))
    }

    /// Reads `NAME.json` and, beside it, `NAME-fixed.safetensors` or else `NAME.safetensors`.
    ///
    /// # Errors
    /// As [`Self::from_files`].
    pub fn open(json: &Path) -> Result<Self, ModelError> {
        let stem = json.file_stem().unwrap_or_default().to_string_lossy();
        let fixed = json.with_file_name(format!("{stem}-fixed.safetensors"));
        let tensors = if fixed.exists() { fixed } else { json.with_extension("safetensors") };
        Self::from_files(json, &tensors)
    }

    /// A network from the bytes of both files.
    ///
    /// # Errors
    /// As [`Self::from_files`], without file names.
    pub fn from_bytes(json: &[u8], tensors: &[u8]) -> Result<Self, ModelError> {
        Self::from_description(&Description::parse(json)?, tensors)
    }

    fn from_description(description: &Description, bytes: &[u8]) -> Result<Self, ModelError> {
        let tensors = Tensors::parse(bytes, Wanted::Weights)?;
        let first = description.layers().next().ok_or(ModelError::LayerCount(0))?;
        if tensors.is_float(&first.tensor("weight")) {
            let model = Model::from_parts(description, &tensors)?;
            return model.quantize(FixedPoint::new(description.frac_bits())?);
        }
        let frac_bits = description.frac_bits();
        let mut layers = Vec::with_capacity(description.layers().len());
        for (part, shape) in description.layers().zip(description.shapes()?) {
            let activation = part.activation()?;
            let mut spec = LayerSpec::with_default_bound(part.name().into(), shape, activation, frac_bits);
            spec.l1_bound = part.l1_bound().unwrap_or(spec.l1_bound);
            let weights = tensors.weights(&part.tensor("weight"), part.weight_shape())?;
            let bias = tensors.integers(&part.tensor("bias"), &[shape.out_channels])?;
            layers.push(Layer::new(spec, weights, bias)?);
        }
        let (name, classes) = (description.name().into(), description.classes().to_vec());
        let network = Self::new(name, description.input(), frac_bits, classes, layers)?;
        Ok(network.with_losses(description.losses()))
    }
}

impl Model {
    /// Reads a description and float tensors. The description's `frac_bits` and shifts are not used.
    ///
    /// # Errors
    /// A [`ModelError`] that names the file at fault, and the layer.
    pub fn from_files(json: &Path, tensors: &Path) -> Result<Self, ModelError> {
        let description = read_description(json)?;
        let bytes = read_bounded(tensors, limits::TENSOR_BYTES)?;
        let parsed = Tensors::parse(&bytes, Wanted::Weights)
            .and_then(|parsed| Self::from_parts(&description, &parsed));
        parsed.map_err(|error| error.in_file(shown(tensors)))
    }

    /// Reads `NAME.json` and, beside it, `NAME.safetensors`; `None` if that is not there or holds integers.
    ///
    /// # Errors
    /// As [`Self::from_files`].
    pub fn open(json: &Path) -> Result<Option<Self>, ModelError> {
        let tensors = json.with_extension("safetensors");
        if !tensors.exists() {
            return Ok(None);
        }
        let description = read_description(json)?;
        let bytes = read_bounded(&tensors, limits::TENSOR_BYTES)?;
        let parse = || {
            let parsed = Tensors::parse(&bytes, Wanted::Weights)?;
            let mut layers = description.layers();
            let integers = layers.next().is_some_and(|first| parsed.is_integer(&first.tensor("weight")));
            if integers { Ok(None) } else { Self::from_parts(&description, &parsed).map(Some) }
        };
        parse().map_err(|error: ModelError| error.in_file(shown(&tensors)))
    }

    /// A float model from the bytes of both files.
    ///
    /// # Errors
    /// As [`Self::from_files`], without file names.
    pub fn from_bytes(json: &[u8], tensors: &[u8]) -> Result<Self, ModelError> {
        Self::from_parts(&Description::parse(json)?, &Tensors::parse(tensors, Wanted::Weights)?)
    }

    fn from_parts(description: &Description, tensors: &Tensors<'_>) -> Result<Self, ModelError> {
        let mut layers = Vec::with_capacity(description.layers().len());
        for (part, shape) in description.layers().zip(description.shapes()?) {
            layers.push(FloatLayer {
                name: part.name().into(),
                shape,
                weights: tensors.floats(&part.tensor("weight"), part.weight_shape())?,
                bias: tensors.floats(&part.tensor("bias"), &[shape.out_channels])?,
                relu: part.relu(),
                average_pool: part.sum_pool(),
                l1_bound: part
                    .l1_bound()
                    .map(|bound| DeclaredBound { bound, frac_bits: description.frac_bits() }),
            });
        }
        let (name, classes) = (description.name().into(), description.classes().to_vec());
        Ok(Self { name, input: description.input(), classes, layers })
    }
}

fn read_description(json: &Path) -> Result<Description, ModelError> {
    let parse =
        |bytes: Zeroizing<Vec<u8>>| Description::parse(&bytes).map_err(|error| error.in_file(shown(json)));
    read_bounded(json, limits::DESCRIPTION_BYTES).and_then(parse).map_err(|error| match kind(json) {
        Ok(Kind::Json) | Err(_) => error,
        // A checkpoint may be far larger than a description; and what it is says more than where the parser stopped.
        Ok(found) => ModelError::OtherKind { found, wanted: Wanted::Network }.in_file(shown(json)),
    })
}

/// What a file really is, whatever its name says.
///
/// # Errors
/// As [`read_bounded`], without the check of the size.
pub fn kind(path: &Path) -> Result<Kind, ModelError> {
    let read = || {
        let (file, _) = open_regular(path)?;
        let mut head = Zeroizing::new(Vec::with_capacity(sniff::HEAD));
        file.take(sniff::HEAD as u64).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
        Ok(Kind::of(&head))
    };
    read().map_err(|error: ModelError| error.in_file(shown(path)))
}

/// Says what bytes are that could not be read as `wanted`, or what was wrong with them if they are of no other kind.
pub(super) fn or_other_kind(error: ModelError, bytes: &[u8], wanted: Wanted) -> ModelError {
    let read_as = if wanted == Wanted::Network { Kind::Onnx } else { Kind::Safetensors };
    let found = Kind::of(bytes);
    // Bytes of no kind may be a damaged file.
    if found == read_as || found == Kind::Unknown { error } else { ModelError::OtherKind { found, wanted } }
}

/// A regular file of at most `limit` bytes; wiped on drop, as it may hold weights or somebody's image.
///
/// # Errors
/// A [`ModelError`] that names the file: it cannot be read, is larger, or is a folder, a pipe or a device, which may never end.
pub fn read_bounded(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    read_regular(path, limit).map_err(|fault| fault.in_file(shown(path)))
}

fn read_regular(path: &Path, limit: u64) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    let (file, size) = open_regular(path)?;
    read_open(file, size, limit)
}

fn read_open(file: File, size: u64, limit: u64) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    if size > limit {
        return Err(ModelError::TooLarge(limit));
    }
    // One allocation of the right size: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1));
    // It may have grown since, and files of the system say that they are empty.
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > limit { Err(ModelError::TooLarge(limit)) } else { Ok(bytes) }
}

/// A regular file with its size.
fn open_regular(path: &Path) -> Result<(File, u64), ModelError> {
    // To open a pipe would wait for somebody who writes into it.
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(&error))?;
    if !metadata.is_file() {
        return Err(ModelError::NotRegular);
    }
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    Ok((file, metadata.len()))
}

/// A file that another one names, in the same folder as it, whose plain name is `name`. A link is followed where it stays in that folder,
/// and no further: what a file says must not make others be read.
pub(super) fn read_beside(path: &Path, name: &str, limit: u64) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    let beside = path.with_file_name(name);
    let read = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let real = |path: &Path| path.canonicalize().map_err(|error| unreadable(&error));
        let (folder, target) = (real(folder.unwrap_or(Path::new(".")))?, real(&beside)?);
        if target.parent() != Some(&folder) {
            return Err(ModelError::LeadsElsewhere);
        }
        let (file, size) = open_regular(&target)?;
        // A link may have been put there since.
        if !is_itself(&target, &file) {
            return Err(ModelError::LeadsElsewhere);
        }
        read_open(file, size, limit)
    };
    read().map_err(|fault| fault.in_file(shown(&beside)))
}

/// Whether this file is what the path names, and not what a link there leads to.
#[cfg(unix)]
fn is_itself(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (path.symlink_metadata(), file.metadata()) {
        (Ok(named), Ok(opened)) => {
            named.is_file() && (named.dev(), named.ino()) == (opened.dev(), opened.ino())
        }
        _ => false,
    }
}

/// Where files have no numbers, that there is no link is all that can be known.
#[cfg(not(unix))]
fn is_itself(path: &Path, _: &File) -> bool {
    path.symlink_metadata().is_ok_and(|named| named.is_file())
}

fn unreadable(error: &std::io::Error) -> ModelError {
    ModelError::Unreadable(printable(&error.to_string()))
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A link that somebody puts in the place of a file between the look and the opening is seen.
    #[test]
    fn what_was_opened_is_what_the_path_names() {
        let folder = tempfile::tempdir().unwrap();
        let [file, other, link] = ["file", "other", "link"].map(|name| folder.path().join(name));
        [&file, &other].into_iter().for_each(|path| std::fs::write(path, b"same").unwrap());
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let opened = File::open(&file).unwrap();
        assert!(is_itself(&file, &opened));
        assert!(!is_itself(&other, &opened), "another file");
        assert!(!is_itself(&link, &opened), "a link to it");
        assert!(!is_itself(&folder.path().join("none"), &opened));
    }
}
