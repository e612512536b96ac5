//! Why bytes were refused.

use core::fmt;

/// Why a decoder refused the peer's bytes. It names no position: the encodings may be secret.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DecodeError {
    /// Fewer bytes than the shape asks for, or another length than it.
    Length,
    /// Bytes are left after the value.
    TrailingBytes,
    /// Not the canonical encoding: an element of p or more, a padding bit that is set, a coefficient out of range.
    NotCanonical,
    /// A number that is canonical and not allowed here: an unknown tag or version, a dimension out of bounds.
    OutOfRange,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "encoding of wrong length",
            Self::TrailingBytes => "bytes after the end of the encoding",
            Self::NotCanonical => "encoding is not canonical",
            Self::OutOfRange => "encoded number is not allowed here",
        })
    }
}

impl core::error::Error for DecodeError {}
