//! Marks of secrets, for measuring constant time under valgrind.
//!
//! Valgrind's memory checker reports every jump and address that depends on bytes it was told to treat as undefined. Under
//! `--cfg muse_ct` [`secret`] tells it so about the bytes of a value, and [`public`] takes it back where a protocol discloses
//! what it computed. In every other build, and on other processors than x86-64, all functions here do nothing. A marked program
//! runs without valgrind, too: there the requests are instructions without effect.
//!
//! The marks are shallow: a vector's pointer and length are marked, not its elements. Mark a slice for these. They are on bytes in
//! memory: the compiler may go on with a copy in a register of what it knows not to change, so mark a local variable by
//! [`hidden`] and [`disclosed`], and only what lies behind a pointer in place.

use subtle::Choice;

use crate::backend::valgrind;

/// Marks the bytes of `value` as secret.
#[inline(always)]
pub fn secret<T: ?Sized>(value: &T) {
    valgrind::mark(valgrind::UNDEFINED, (&raw const *value).cast(), size_of_val(value));
}

/// Allows jumps and addresses to depend on the bytes of `value` again. Every call outside of tests is a disclosure, and says
/// why it may be made.
#[inline(always)]
pub fn public<T: ?Sized>(value: &T) {
    valgrind::mark(valgrind::DEFINED, (&raw const *value).cast(), size_of_val(value));
}

/// Marks a value as [`secret`] on its way.
#[inline(always)]
#[must_use]
pub fn hidden<T>(mut value: T) -> T {
    valgrind::mark(valgrind::UNDEFINED, (&raw mut value).cast(), size_of::<T>());
    value
}

/// Marks a value as [`public`] on its way.
#[inline(always)]
#[must_use]
pub fn disclosed<T>(mut value: T) -> T {
    // As a value that could change: behind a shared reference the compiler may go on with what it has in a register.
    valgrind::mark(valgrind::DEFINED, (&raw mut value).cast(), size_of::<T>());
    value
}

/// The verdict of a check, which the protocol makes public, as a thing to branch on.
#[inline(always)]
#[must_use]
pub fn verdict(choice: Choice) -> bool {
    disclosed(bool::from(choice))
}

/// Whether marks have an effect: a build that has them, under valgrind.
#[must_use]
pub fn is_watched() -> bool {
    valgrind::ask(valgrind::RUNNING, 0, 0) > 0
}

/// What valgrind has reported so far, once for each time; 0 where marks have no effect.
#[must_use]
pub fn reports() -> u64 {
    valgrind::ask(valgrind::COUNT_ERRORS, 0, 0)
}
