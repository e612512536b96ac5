//! Archives of zip, known by the name of the first file in them.

use super::Kind;

/// What an archive that begins like this holds.
pub(super) fn kind(head: &[u8]) -> Kind {
    let name = first_name(head).unwrap_or_default();
    let ends = |end: &str| name.ends_with(end.as_bytes());
    if ends(".npy") {
        Kind::Npz
    } else if ends("/data.pkl")
        || ends("/.format_version")
        || ends("/byteorder")
        || ends("/.data/serialization_id")
    {
        Kind::Torch
    } else if [&b"metadata.json"[..], b"config.json", b"model.weights.h5"].contains(&name) {
        Kind::Keras
    } else {
        Kind::Zip
    }
}

/// The name in the first local header, or as much of it as is there.
fn first_name(head: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16::from_le_bytes(*head.get(26..)?.first_chunk()?));
    let rest = head.get(30..)?;
    Some(rest.get(..length).unwrap_or(rest))
}
