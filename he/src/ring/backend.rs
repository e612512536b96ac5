//! Which kernels run, and the pointwise loops that have more than one version.

use super::modulus::MODULI;

/// The kernels of a context, chosen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// Integer arithmetic on 64-bit words; always compiled, the oracle of the others.
    Portable,
}

impl Backend {
    /// The fastest kernels that this processor runs.
    pub(crate) fn detect() -> Self {
        Self::Portable
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
        }
    }

    /// `a_j := a_j b_j` modulo prime `limb`, canonical.
    pub(crate) fn mul_assign(self, limb: usize, a: &mut [u64], b: &[u64]) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => a.iter_mut().zip(b).for_each(|(a, &b)| *a = m.mul(*a, b)),
        }
    }

    /// `acc_j := acc_j + a_j b_j` modulo prime `limb`, canonical.
    pub(crate) fn mul_add_assign(self, limb: usize, acc: &mut [u64], a: &[u64], b: &[u64]) {
        let m = &MODULI[limb];
        match self {
            Self::Portable => {
                acc.iter_mut().zip(a.iter().zip(b)).for_each(|(x, (&a, &b))| *x = m.add(*x, m.mul(a, b)));
            }
        }
    }
}
