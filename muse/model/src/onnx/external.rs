//! Weights in a file beside the ONNX file: PyTorch's exporter puts them there unless it is told otherwise.
//!
//! One such file is read, from the folder of the ONNX file and by a plain name: what a file says must not lead anywhere else, and a link
//! in that folder must not either.

use super::proto::Graph;
use super::tensor::Tensor;
use super::value::shortened;
use super::wire::{Fields, malformed};
use crate::error::printable;
use crate::load::{read_beside, shown};
use crate::sniff::{Kind, Wanted};
use crate::{ModelError, limits, names};
use std::path::{Component, Path};
use zeroize::Zeroizing;

/// Where the data of a tensor are, in the words of the file.
#[derive(Clone, Default)]
pub(super) struct External<'a> {
    location: Option<&'a str>,
    offset: Option<&'a str>,
    length: Option<&'a str>,
}

impl<'a> External<'a> {
    /// Takes up one entry, a key with its value. Other keys than these, as that of a checksum, say nothing about the place.
    pub(super) fn entry(&mut self, bytes: &'a [u8]) -> Result<(), ModelError> {
        let (mut key, mut value) = ("", "");
        for field in Fields::of(bytes) {
            match field? {
                (1, field) => key = field.text()?,
                (2, field) => value = field.text()?,
                _ => {}
            }
        }
        let place = match key {
            "location" => &mut self.location,
            "offset" => &mut self.offset,
            "length" => &mut self.length,
            _ => return Ok(()),
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(malformed(&format!("a tensor in it has two values of {key}"))),
        }
    }

    /// The bytes it means, if they are there.
    fn of<'d>(&self, data: &'d [u8]) -> Option<&'d [u8]> {
        let rest = data.get(self.offset.map_or(Some(0), number)?..)?;
        match self.length {
            Some(length) => rest.get(..number(length)?),
            // The standard: without a length, all that follows.
            None => Some(rest),
        }
    }
}

/// The file beside `path` that the graph's tensors are in; empty if there is none.
pub(super) fn read(graph: &Graph<'_>, path: &Path) -> Result<Zeroizing<Vec<u8>>, ModelError> {
    let mut found: Option<&str> = None;
    for tensor in graph.tensors() {
        let Some(external) = &tensor.external else { continue };
        let location = external.location.unwrap_or_default();
        if !is_plain(location) {
            let reason = format!(
                "its data are in the file {:?}, which is no plain name in the same folder: {ADVICE}",
                shortened(location)
            );
            return Err(fault(tensor, &reason));
        }
        if *found.get_or_insert(location) != location {
            let reason = format!(
                "its data are in the file {:?}, others in {:?}; one beside the ONNX file is read: {ADVICE}",
                shortened(location),
                shortened(found.unwrap_or_default())
            );
            return Err(fault(tensor, &reason));
        }
    }
    let Some(location) = found else { return Ok(Zeroizing::default()) };
    let data = read_beside(path, location, limits::ONNX_BYTES).map_err(|error| {
        malformed(&format!("its weights are in another file, {error}; keep both in one folder, or {ADVICE}"))
    })?;
    // Weights may begin with any bytes, but hardly with such a text.
    let found = Kind::of(&data);
    if matches!(found, Kind::LfsPointer | Kind::AnnexPointer | Kind::Html) {
        let fault = ModelError::OtherKind { found, wanted: Wanted::ExternalData };
        return Err(fault.in_file(shown(&path.with_file_name(location))));
    }
    Ok(data)
}

/// Gives every tensor that is in the other file its data.
pub(super) fn attach<'a>(graph: &mut Graph<'a>, data: &'a [u8]) -> Result<(), ModelError> {
    for tensor in graph.tensors_mut() {
        let Some(external) = &tensor.external else { continue };
        if tensor.has_data() {
            return Err(fault(tensor, "has data both here and in another file"));
        }
        let Some(raw) = external.of(data) else {
            let (offset, length) = (external.offset.unwrap_or("0"), external.length.unwrap_or("all"));
            let reason = format!(
                "its data, {:?} bytes from {:?} on, are not in the other file, which has {} bytes: export it again",
                shortened(length),
                shortened(offset),
                data.len()
            );
            return Err(fault(tensor, &reason));
        };
        tensor.raw = Some(raw);
        tensor.external = None;
    }
    Ok(())
}

fn fault(tensor: &Tensor<'_>, reason: &str) -> ModelError {
    ModelError::Tensor { tensor: shortened(tensor.name), reason: printable(reason) }
}

/// A number as the standard writes it: digits.
fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Whether this names a file in the folder it is looked for in, on any system.
fn is_plain(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
        && name.len() <= MAX_NAME
        && name.chars().all(|c| names::is_plain(c) && !matches!(c, '/' | '\\' | ':'))
}

/// Bytes of a file's name.
const MAX_NAME: usize = 255;

const ADVICE: &str = "export it with external_data=False";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names() {
        for name in
            ["net.onnx.data", "weights", "..data", "a b", "Würfel.data", ".hidden", &"x".repeat(MAX_NAME)]
        {
            assert!(is_plain(name), "{name}");
        }
        let long = "x".repeat(MAX_NAME + 1);
        for name in [
            "",
            ".",
            "..",
            "/",
            "/etc/passwd",
            "../x",
            "./x",
            "x/",
            "x/.",
            "a/b",
            "a/../b",
            "..\\x",
            "\\\\host\\x",
            "C:x",
            "C:\\x",
            "x:stream",
            "a\nb",
            "a\0b",
            "a\u{202e}b",
            &long,
        ] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn places_in_the_other_file() {
        let data = [1, 2, 3, 4, 5];
        let of = |offset, length| External { location: None, offset, length }.of(&data).map(<[u8]>::to_vec);
        assert_eq!(of(None, None), Some(data.to_vec()));
        assert_eq!(of(Some("2"), None), Some(vec![3, 4, 5]));
        assert_eq!(of(None, Some("2")), Some(vec![1, 2]));
        assert_eq!(of(Some("1"), Some("04")), Some(vec![2, 3, 4, 5]));
        assert_eq!(of(Some("5"), Some("0")), Some(vec![]));
        let max = u64::MAX.to_string();
        for (offset, length) in [
            ("6", "0"),
            ("0", "6"),
            ("1", "5"),
            (&max, "1"),
            ("1", &max),
            (&max, &max),
            ("99999999999999999999999", "1"),
            ("-1", "1"),
            ("+1", "1"),
            ("1", "+1"),
            ("", "1"),
            ("1", ""),
            (" 1", "1"),
            ("0x1", "1"),
            ("1", "1.0"),
            ("١", "1"),
        ] {
            assert_eq!(of(Some(offset), Some(length)), None, "{offset} {length}");
        }
    }
}
