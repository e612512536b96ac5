//! Values under a lock that only their batch's check opens.

use core::fmt;
use core::marker::PhantomData;

use alloc::sync::Arc;

use crate::error::Error;

/// Something that depends on opened values which are not checked yet.
///
/// It can be computed with ([`map`](Self::map), [`zip`](Self::zip)) and comes out with the [`Checked`] of its batch only, so that
/// nothing of it can be sent before the check. The functions given to `map` must only compute. `S` tells the one-sided form from the
/// [two-sided](crate::spdz) one, where masked shares may be seen earlier.
///
/// ```compile_fail,E0616
/// fn peek(opened: muse_mac::check::Unchecked<Vec<muse_field::Fp>>) -> Vec<muse_field::Fp> {
///     opened.value
/// }
/// ```
///
/// The two-sided form's way to masked shares is not open to what is one-sided:
///
/// ```compile_fail,E0599
/// fn leave(shares: muse_mac::check::Unchecked<muse_mac::spdz::Shares>) {
///     shares.reveal_masked();
/// }
/// ```
pub struct Unchecked<T, S = OneSided> {
    value: T,
    lock: Lock,
    side: PhantomData<fn() -> S>,
}

/// MACs on the client's values only: nothing unchecked is seen.
#[derive(Clone, Copy, Debug)]
pub enum OneSided {}

/// MACs on both parties' shares ([`spdz`](crate::spdz)).
#[derive(Clone, Copy, Debug)]
pub enum TwoSided {}

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

    pub(crate) fn wrap<T, S>(&self, value: T) -> Unchecked<T, S> {
        Unchecked::new(value, self.clone())
    }

    /// Refuses what belongs to another batch.
    pub(crate) fn check(&self, other: &Self) -> Result<(), Error> {
        if Arc::ptr_eq(&self.0, &other.0) { Ok(()) } else { Err(Error::Misuse("values of one batch")) }
    }
}

impl<T, S> Unchecked<T, S> {
    const fn new(value: T, lock: Lock) -> Self {
        Self { value, lock, side: PhantomData }
    }

    /// Something computed from the value.
    #[must_use]
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Unchecked<U, S> {
        Unchecked::new(f(self.value), self.lock)
    }

    /// Both, for something computed from two values of one batch.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they belong to different batches.
    pub fn zip<U>(self, other: Unchecked<U, S>) -> Result<Unchecked<(T, U), S>, Error> {
        self.lock.check(&other.lock)?;
        Ok(Unchecked::new((self.value, other.value), self.lock))
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
    pub(crate) fn split<A, B>(self, f: impl FnOnce(T) -> (A, B)) -> (A, Unchecked<B, S>) {
        let (seen, value) = f(self.value);
        (seen, Unchecked::new(value, self.lock))
    }

    /// The value for a computation of this crate that stays within the batch.
    pub(crate) fn within(self, lock: &Lock) -> Result<T, Error> {
        self.lock.check(lock)?;
        Ok(self.value)
    }
}

impl<T, U, S> Unchecked<(T, U), S> {
    /// The two by themselves, under the lock that they had together.
    #[must_use]
    pub fn unzip(self) -> (Unchecked<T, S>, Unchecked<U, S>) {
        let (first, second) = self.value;
        (Unchecked::new(first, self.lock.clone()), Unchecked::new(second, self.lock))
    }
}

impl<T, S> fmt::Debug for Unchecked<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unchecked(..)")
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked(..)")
    }
}
