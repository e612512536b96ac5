//! [`Ring`]: the tables of one ring.

use super::backend::{Backend, Transform};
use crate::error::Error;
use crate::params::{LIMBS, Params};
use alloc::{sync::Arc, vec::Vec};
use core::fmt;

/// The ring of one [`Params`]: tables for its transforms. Public data.
///
/// Cloning shares the tables. Every polynomial is made from a ring, and polynomials of rings of different degrees do
/// not mix (panic).
#[derive(Clone)]
pub struct Ring(Arc<Inner>);

struct Inner {
    n: usize,
    backend: Backend,
    transforms: [Transform; LIMBS],
}

impl Ring {
    /// Tables for the given degree, with the fastest kernels that this processor runs.
    ///
    /// Takes a few milliseconds and 1.3 MB at N = 8192: make it once.
    ///
    /// # Errors
    /// None for a [`Params`] that exists today; a result because parameters may grow.
    pub fn new(params: Params) -> Result<Self, Error> {
        Ok(Self::with_backend(params, Backend::detect()))
    }

    /// As [`Ring::new`], with the portable kernels whatever the processor offers: the same results, slower. For tests and
    /// benchmarks.
    ///
    /// # Errors
    /// As [`Ring::new`].
    pub fn new_portable(params: Params) -> Result<Self, Error> {
        Ok(Self::with_backend(params, Backend::PORTABLE))
    }

    /// One ring for each set of kernels that this processor runs, the fastest first and the portable one last: what they compute is
    /// the same. For tests and benchmarks.
    ///
    /// # Errors
    /// As [`Ring::new`].
    pub fn of_every_backend(params: Params) -> Result<Vec<Self>, Error> {
        Ok(Backend::available().map(|backend| Self::with_backend(params, backend)).collect())
    }

    fn with_backend(params: Params, backend: Backend) -> Self {
        let n = params.n();
        let transforms = core::array::from_fn(|limb| Transform::new(backend, limb, n));
        Self(Arc::new(Inner { n, backend, transforms }))
    }

    /// The ring dimension N.
    #[must_use]
    pub fn n(&self) -> usize {
        self.0.n
    }

    /// The kernels in use: `"portable"` or the name of an instruction set.
    #[must_use]
    pub fn backend_name(&self) -> &'static str {
        self.0.backend.name()
    }

    pub(crate) fn backend(&self) -> Backend {
        self.0.backend
    }

    /// Forward transform of one limb.
    pub(crate) fn forward(&self, limb: usize, values: &mut [u64]) {
        assert_eq!(values.len(), self.n(), "a polynomial of another ring");
        self.0.transforms[limb].forward(values);
    }

    /// Inverse transform of one limb.
    pub(crate) fn inverse(&self, limb: usize, values: &mut [u64]) {
        assert_eq!(values.len(), self.n(), "a polynomial of another ring");
        self.0.transforms[limb].inverse(values);
    }
}

impl fmt::Debug for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ring")
            .field("n", &self.n())
            .field("backend", &self.backend_name())
            .finish_non_exhaustive()
    }
}
