//! Functions of unsigned integers of any width, bits least significant first.

use alloc::format;
use alloc::vec::Vec;

use crate::circuit::{Builder, Bundle, Circuit};

/// `x + y`: outputs the `width` bits of the sum, then the carry. `width` AND.
#[must_use]
pub fn adder(width: usize) -> Circuit {
    binary(width, |b, x, y| {
        let (sum, carry) = b.add(x, y);
        b.output("sum", &sum);
        b.output("carry", &carry.into());
    })
}

/// `x * y` on `2 * width` bits. `2 * width^2 - width` AND.
#[must_use]
pub fn multiplier(width: usize) -> Circuit {
    binary(width, |b, x, y| {
        let product = b.multiply(x, y);
        b.output("product", &product);
    })
}

/// `x == y`, one bit. `width - 1` AND.
#[must_use]
pub fn equality(width: usize) -> Circuit {
    binary(width, |b, x, y| {
        let equal = b.equal(x, y);
        b.output("equal", &equal.into());
    })
}

/// `x < y` of unsigned numbers, one bit: Yao's millionaires. `width` AND.
#[must_use]
pub fn comparison(width: usize) -> Circuit {
    binary(width, |b, x, y| {
        let less = b.less_than(x, y);
        b.output("less", &less.into());
    })
}

/// The index of the largest of `count` two's complement numbers of `width` bits, the lowest such index if there are several,
/// on as many bits as `count - 1` has: the predicted class from logits, and nothing else about them.
///
/// `(count - 1) * width` AND for the comparisons, `(count - 2) * width` or less for handing on the larger number, fewer than
/// `count` for the index.
///
/// # Panics
/// If `count` or `width` is 0.
#[must_use]
pub fn argmax(count: usize, width: usize) -> Circuit {
    assert!(width > 0, "numbers of at least one bit");
    let mut b = Builder::new();
    let numbers: Vec<Bundle> = (0..count).map(|i| b.input(&format!("x{i}"), width)).collect();
    let (index, _) = b.argmax_signed(&numbers);
    b.output("index", &index);
    b.finish()
}

/// A circuit of inputs `x` and `y`.
fn binary(width: usize, build: impl FnOnce(&mut Builder, &Bundle, &Bundle)) -> Circuit {
    let mut b = Builder::new();
    let x = b.input("x", width);
    let y = b.input("y", width);
    build(&mut b, &x, &y);
    b.finish()
}
