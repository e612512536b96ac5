//! Why bytes were refused, and the one shape that the errors of the crates above have.

/// Why a decoder refused the peer's bytes. It names no position: the encodings may be secret.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum DecodeError {
    /// Fewer bytes than the shape asks for, or another length than it.
    #[error("encoding of wrong length")]
    Length,
    /// Bytes are left after the value.
    #[error("bytes after the end of the encoding")]
    TrailingBytes,
    /// Not the canonical encoding: an element of p or more, a padding bit that is set, a coefficient out of range.
    #[error("encoding is not canonical")]
    NotCanonical,
    /// A number that is canonical and not allowed here: an unknown tag or version, a dimension out of bounds.
    #[error("encoded number is not allowed here")]
    OutOfRange,
}

/// The common form of every error of the crates above, sorted by who caused it. `C` is the type of the crate's checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame<C> {
    /// The peer: its bytes are not the canonical encoding of what the shape says.
    Malformed,
    /// The peer: it failed a check.
    PeerMisbehaved(C),
    /// The caller: it broke a precondition, which the text names.
    Misuse(&'static str),
    /// Neither party: a counter, a pool or a budget has run out. The text names it.
    Exhausted(&'static str),
}

/// An error that can be sorted by blame. [`errors!`](crate::errors) implements it.
pub trait Blamed {
    /// The checks that a peer can fail.
    type Check;

    /// Who is to blame, and for what.
    fn blame(self) -> Blame<Self::Check>;
}

/// Gives an error with the variants `Malformed`, `PeerMisbehaved`, `Misuse` and `Exhausted` what all of them have: `peer_at_fault`,
/// [`Blamed`], and the conversions from [`DecodeError`], from
/// [`Blame`], and from the errors of other crates that are named behind the arrow. The checks of those turn
/// into checks of this crate by `From`.
#[macro_export]
macro_rules! errors {
    ($error:ident of $check:ty $(, from $($lower:path),+)?) => {
        impl $error {
            /// Whether the peer, and not this program, caused the error.
            #[must_use]
            pub const fn peer_at_fault(&self) -> bool {
                matches!(self, Self::Malformed | Self::PeerMisbehaved(_))
            }
        }

        impl $crate::error::Blamed for $error {
            type Check = $check;

            fn blame(self) -> $crate::error::Blame<$check> {
                match self {
                    Self::Malformed => $crate::error::Blame::Malformed,
                    Self::PeerMisbehaved(check) => $crate::error::Blame::PeerMisbehaved(check),
                    Self::Misuse(what) => $crate::error::Blame::Misuse(what),
                    Self::Exhausted(what) => $crate::error::Blame::Exhausted(what),
                }
            }
        }

        impl<C: Into<$check>> From<$crate::error::Blame<C>> for $error {
            fn from(blame: $crate::error::Blame<C>) -> Self {
                match blame {
                    $crate::error::Blame::Malformed => Self::Malformed,
                    $crate::error::Blame::PeerMisbehaved(check) => Self::PeerMisbehaved(check.into()),
                    $crate::error::Blame::Misuse(what) => Self::Misuse(what),
                    $crate::error::Blame::Exhausted(what) => Self::Exhausted(what),
                }
            }
        }

        impl From<$crate::DecodeError> for $error {
            fn from(_: $crate::DecodeError) -> Self {
                Self::Malformed
            }
        }

        $($(
            impl From<$lower> for $error {
                fn from(error: $lower) -> Self {
                    $crate::error::Blamed::blame(error).into()
                }
            }
        )+)?
    };
}
