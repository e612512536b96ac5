//! Witnesses, masks, choice bits, labels, values, MACs and keys under valgrind, which reports every jump and address that depends
//! on bytes marked as secret (`muse_field::ct`). `.ci/constant_time` runs it; `tests/README.md` says how to by hand.

#![allow(clippy::unwrap_used, reason = "a test")]

mod product;
mod range;
mod topgear;
mod wellformed;

use muse_test_support::zk as wellformed_support;

use core::hint::black_box;

use muse_field::ct;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_gc::label::Delta;

/// A generator of secrets: its seed is one.
fn secret_rng(seed: u8) -> Prg {
    Prg::from_seed(ct::hidden([seed; 32]))
}

/// What is sent is public.
fn sent<T: Decode>(shape: T::Shape, message: &impl Encode) -> T {
    let bytes = to_vec(message);
    ct::public(&bytes[..]);
    from_slice(shape, &bytes).unwrap()
}

/// What valgrind must report: a jump on the offset.
#[test]
#[ignore = "the negative control, run under valgrind only"]
fn a_branch_on_a_secret_is_reported() {
    let delta = Delta::random(&mut secret_rng(1));
    let reported = if black_box(delta.block().0) > 3 { black_box(1) } else { black_box(2) };
    assert!(black_box(reported) > 0);
}
