//! [`Half`].

use alloc::vec::Vec;

use muse_field::Fp;
use muse_mac::spdz::Shares;

use crate::program::Linear;

/// One party's half of a vector that depends on openings which are not checked yet. Only an engine opens it.
///
/// ```compile_fail,E0616
/// fn peek(half: &muse_triples::spdz::Half) -> &[muse_field::Fp] {
///     half.0.values()
/// }
/// ```
#[derive(Debug)]
pub struct Half(pub(super) Shares);

impl Linear for Half {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn zeros(len: usize) -> Self {
        Self(Linear::zeros(len))
    }

    fn add(&mut self, other: &Self) {
        self.0.add_assign(&other.0);
    }

    fn sub(&mut self, other: &Self) {
        self.0.sub_assign(&other.0);
    }

    fn axpy(&mut self, factor: Fp, other: &Self) {
        self.0.axpy(factor, &other.0);
    }

    fn concat(parts: Vec<Self>) -> Self {
        Self(Shares::concat(parts.into_iter().map(|part| part.0).collect()))
    }

    fn map(&self, map: impl Fn(&[Fp]) -> Vec<Fp>) -> Self {
        Self(self.0.map(map))
    }
}
