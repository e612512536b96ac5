//! [`Parameters`]: the constants of a crate that both parties of a protocol must share, and [`domains!`](crate::domains).
//!
//! What is code rather than a constant (the order of messages, which value is hashed after which) is not in them: a change there
//! needs a new name of a domain, or a new version of the protocol.

use crate::transcript::Transcript;

/// Numbers and names of one crate. Two programs that differ in any of them must not talk to each other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parameters<'a> {
    /// Whose they are: the name of the crate.
    pub owner: &'a str,
    /// Sizes, counts, bounds and bits, each with a name that no other number of the crate has.
    pub numbers: &'a [(&'a str, u64)],
    /// Domains of transcripts and hashes with their versions, and choices that are code, in words.
    pub names: &'a [&'a str],
}

impl Parameters<'_> {
    /// Appends all of them, with their names and their number.
    pub fn append_to(&self, transcript: &mut Transcript) {
        transcript.append("parameters of", self.owner.as_bytes());
        transcript
            .append_u64("numbers", self.numbers.len() as u64)
            .append_u64("names", self.names.len() as u64);
        for (name, value) in self.numbers {
            transcript.append("number", name.as_bytes()).append_u64("value", *value);
        }
        for name in self.names {
            transcript.append("name", name.as_bytes());
        }
    }
}

/// What both parties must share of this crate.
pub const PARAMETERS: Parameters<'static> = Parameters {
    owner: "muse-field",
    numbers: &[
        ("modulus", crate::MODULUS),
        ("bits of a packed element", crate::pack::ELEMENT_BITS as u64),
        ("words of one request to a generator", crate::sample::BATCH as u64),
    ],
    names: &["transcript: BLAKE3", "expansion: ChaCha20", crate::transcript::DOMAIN],
};

/// Declares the domains of a crate's transcripts and hashes, and `ALL` of them in that order, for its [`Parameters`].
///
/// ```
/// mod domain {
///     muse_field::domains! {
///         EXAMPLE = "example protocol v1";
///     }
/// }
/// assert_eq!(domain::ALL, [domain::EXAMPLE]);
/// ```
#[macro_export]
macro_rules! domains {
    ($($name:ident = $text:literal;)+) => {
        $(pub(crate) const $name: &str = $text;)+
        pub(crate) const ALL: &[&str] = &[$($name),+];
    };
}
