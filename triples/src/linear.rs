//! The linear operations of vectors, for code that both parties run on their own halves.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::Fp;
use muse_mac::spdz::Shares;
use muse_mac::{Authenticated, Keys, MacKey, ServerShare};
use zeroize::Zeroizing;

/// A party's half of a vector, under public linear maps. A public constant is a multiple of a vector of ones, of which each
/// party has its half too.
pub trait Linear: Sized {
    /// Number of elements. Public.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Zeros, without a message.
    fn zeros(len: usize) -> Self;

    /// Adds a vector of the same length.
    fn add(&mut self, other: &Self);

    /// Subtracts a vector of the same length.
    fn sub(&mut self, other: &Self);

    /// Adds `factor * other`, of the same length.
    fn axpy(&mut self, factor: Fp, other: &Self);

    /// All parts, one after the other.
    fn concat(parts: Vec<Self>) -> Self;

    /// The image under a public linear map, the same for every column: no constant, no state.
    fn map(&self, map: impl Fn(&[Fp]) -> Vec<Fp>) -> Self;

    /// The same vector again.
    fn copy(&self) -> Self {
        self.map(<[Fp]>::to_vec)
    }

    /// The sum of two vectors of one length.
    fn plus(&self, other: &Self) -> Self {
        let mut sum = self.copy();
        sum.add(other);
        sum
    }

    /// The difference of two vectors of one length.
    fn minus(&self, other: &Self) -> Self {
        let mut difference = self.copy();
        difference.sub(other);
        difference
    }

    /// The vector times public factors, one for each element.
    fn times(&self, factors: &[Fp]) -> Self {
        self.map(|column| column.iter().zip(factors).map(|(&x, &factor)| factor * x).collect())
    }

    /// The elements `range`.
    fn slice(&self, range: core::ops::Range<usize>) -> Self {
        self.map(|column| column[range.clone()].to_vec())
    }

    /// `count` vectors of equal length.
    fn pieces(&self, count: usize) -> Vec<Self> {
        let len = self.len().checked_div(count).unwrap_or(0);
        (0..count).map(|i| self.map(|column| column[i * len..(i + 1) * len].to_vec())).collect()
    }
}

macro_rules! linear {
    ($Type:ident, $zeros:expr) => {
        impl Linear for $Type {
            fn len(&self) -> usize {
                self.len()
            }

            fn zeros(len: usize) -> Self {
                let zeros = vec![Fp::ZERO; len];
                $zeros(zeros)
            }

            fn add(&mut self, other: &Self) {
                self.add_assign(other);
            }

            fn sub(&mut self, other: &Self) {
                self.sub_assign(other);
            }

            fn axpy(&mut self, factor: Fp, other: &Self) {
                self.axpy(factor, other);
            }

            fn concat(parts: Vec<Self>) -> Self {
                Self::concat(parts)
            }

            fn map(&self, map: impl Fn(&[Fp]) -> Vec<Fp>) -> Self {
                self.map(map)
            }
        }
    };
}

linear!(Authenticated, |zeros: Vec<Fp>| constants(zeros));
linear!(Keys, Self::new);
linear!(Shares, |zeros: Vec<Fp>| Self::new(zeros.clone(), zeros).expect("a MAC share per value"));
linear!(ServerShare, |zeros| Self::of_client(Keys::new(zeros)));

/// Client: a public vector as one that it knows. Its MACs are zero.
pub(crate) fn constants(values: Vec<Fp>) -> Authenticated {
    let macs = vec![Fp::ZERO; values.len()];
    Authenticated::new(values, macs).expect("a MAC per value")
}

/// Server: the keys of [`constants`].
pub(crate) fn constant_keys(key: &MacKey, values: &[Fp]) -> Keys {
    let mut keys = Keys::zeros(values.len());
    keys.add_public_assign(key, values);
    keys
}

/// Server: a vector that it knows, public or secret. The client's share of it is zero, and so are its keys.
pub(crate) fn of_server(values: impl Into<Zeroizing<Vec<Fp>>>) -> ServerShare {
    let values = values.into();
    let keys = Keys::zeros(values.len());
    ServerShare::new(values, keys).expect("a key per share")
}
