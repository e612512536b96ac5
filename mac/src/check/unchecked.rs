//! Values under a lock that only their batch's check opens.

use core::fmt;

use alloc::sync::Arc;

use crate::error::Error;

/// Something that depends on opened values which are not checked yet.
///
/// It can be computed with ([`map`](Self::map), [`zip`](Self::zip)) and comes out with the [`Checked`] of its batch only, so that
/// nothing of it can be sent before the check. The functions given to `map` must only compute.
///
/// ```compile_fail,E0616
/// fn peek(opened: muse_mac::check::Unchecked<Vec<muse_field::Fp>>) -> Vec<muse_field::Fp> {
///     opened.value
/// }
/// ```
pub struct Unchecked<T> {
    value: T,
    lock: Lock,
}

/// The proof that all openings of one batch were right. Only a passed check makes it.
pub struct Checked {
    lock: Lock,
}

/// The identity of a batch: equal iff cloned from one another.
#[derive(Clone)]
pub(crate) struct Lock(Arc<()>);

impl Lock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(()))
    }

    pub(crate) const fn unlock(self) -> Checked {
        Checked { lock: self }
    }

    pub(crate) fn wrap<T>(&self, value: T) -> Unchecked<T> {
        Unchecked { value, lock: self.clone() }
    }

    /// Refuses what belongs to another batch.
    pub(crate) fn check(&self, other: &Self) -> Result<(), Error> {
        if Arc::ptr_eq(&self.0, &other.0) { Ok(()) } else { Err(Error::Misuse("values of one batch")) }
    }
}

impl<T> Unchecked<T> {
    /// Something computed from the value.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Unchecked<U> {
        Unchecked { value: f(self.value), lock: self.lock }
    }

    /// Both, for something computed from two values of one batch.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they belong to different batches.
    pub fn zip<U>(self, other: Unchecked<U>) -> Result<Unchecked<(T, U)>, Error> {
        self.lock.check(&other.lock)?;
        Ok(Unchecked { value: (self.value, other.value), lock: self.lock })
    }

    /// The value, once its batch has passed.
    ///
    /// # Errors
    /// [`Error::Misuse`] if another batch has.
    pub fn release(self, checked: &Checked) -> Result<T, Error> {
        self.lock.check(&checked.lock)?;
        Ok(self.value)
    }

    /// Two parts, of which this crate knows that the first one may be seen.
    pub(crate) fn split<A, B>(self, f: impl FnOnce(T) -> (A, B)) -> (A, Unchecked<B>) {
        let (seen, value) = f(self.value);
        (seen, Unchecked { value, lock: self.lock })
    }

    /// The value for a computation of this crate that stays within the batch.
    pub(crate) fn within(self, lock: &Lock) -> Result<T, Error> {
        self.lock.check(lock)?;
        Ok(self.value)
    }
}

impl<T, U> Unchecked<(T, U)> {
    /// The two by themselves, under the lock that they had together.
    #[must_use]
    pub fn unzip(self) -> (Unchecked<T>, Unchecked<U>) {
        let (first, second) = self.value;
        (Unchecked { value: first, lock: self.lock.clone() }, Unchecked { value: second, lock: self.lock })
    }
}

impl<T> fmt::Debug for Unchecked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unchecked(..)")
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked(..)")
    }
}
