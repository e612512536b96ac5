//! The linear operations of vectors, for code that both parties run on their own halves.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::Fp;
use muse_mac::{Authenticated, Keys, MacKey, ServerShare};
use zeroize::Zeroizing;

/// A party's half of a vector, under public linear maps. A public constant is a multiple of a vector of ones, of which each
/// party has its half too.
pub(super) trait Linear: Sized {
    fn len(&self) -> usize;
    fn zeros(len: usize) -> Self;
    fn add(&mut self, other: &Self);
    fn sub(&mut self, other: &Self);
    /// Adds `factor * other`.
    fn axpy(&mut self, factor: Fp, other: &Self);
    fn concat(parts: Vec<Self>) -> Self;
    fn map(&self, map: impl Fn(&[Fp]) -> Vec<Fp>) -> Self;

    fn copy(&self) -> Self {
        self.map(<[Fp]>::to_vec)
    }

    fn plus(&self, other: &Self) -> Self {
        let mut sum = self.copy();
        sum.add(other);
        sum
    }

    fn minus(&self, other: &Self) -> Self {
        let mut difference = self.copy();
        difference.sub(other);
        difference
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
linear!(ServerShare, |zeros| Self::of_client(Keys::new(zeros)));

/// Client: a public vector as one that it knows. Its MACs are zero.
pub(super) fn constants(values: Vec<Fp>) -> Authenticated {
    let macs = vec![Fp::ZERO; values.len()];
    Authenticated::new(values, macs).expect("a MAC per value")
}

/// Server: the keys of [`constants`].
pub(super) fn constant_keys(key: &MacKey, values: &[Fp]) -> Keys {
    let mut keys = Keys::zeros(values.len());
    keys.add_public_assign(key, values);
    keys
}

/// Server: a vector that it knows, public or secret. The client's share of it is zero, and so are its keys.
pub(super) fn of_server(values: impl Into<Zeroizing<Vec<Fp>>>) -> ServerShare {
    let values = values.into();
    let keys = Keys::zeros(values.len());
    ServerShare::new(values, keys).expect("a key per share")
}
