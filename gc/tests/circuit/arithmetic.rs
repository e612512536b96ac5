//! Arithmetic and comparisons on bundles against integers, and what they cost.

use muse_gc::circuit::{Builder, Bundle, Circuit, Wire};
use proptest::prelude::*;

use crate::{invariants, run};

/// Builds a circuit of inputs `x` and `y` with one output.
fn circuit(width: usize, build: impl FnOnce(&mut Builder, &Bundle, &Bundle) -> Bundle) -> Circuit {
    let mut b = Builder::new();
    let (x, y) = (b.input("x", width), b.input("y", width));
    let out = build(&mut b, &x, &y);
    b.output("out", &out);
    let circuit = b.finish();
    invariants::check(&circuit);
    circuit
}

fn wide(sum: Bundle, top: Wire) -> Bundle {
    sum.concat(&top.into())
}

/// The two's complement reading.
fn signed(x: u128, width: usize) -> i128 {
    x as i128 - if x >> (width - 1) == 1 { 1 << width } else { 0 }
}

proptest! {
    #[test]
    fn binary_operations(width in 1usize..=20, x: u128, y: u128, carry: bool, select: bool) {
        let modulus = 1u128 << width;
        let (x, y) = (x % modulus, y % modulus);
        let run = |build: fn(&mut Builder, &Bundle, &Bundle) -> Bundle| run(&circuit(width, build), &[x, y]);
        let less = u128::from(x < y);

        prop_assert_eq!(run(|b, x, y| { let (s, c) = b.add(x, y); wide(s, c) }), x + y);
        prop_assert_eq!(run(|b, x, y| { let (d, o) = b.subtract(x, y); wide(d, o) }), (x + modulus - y) % modulus + less * modulus);
        prop_assert_eq!(run(|b, x, _| b.twos_complement(x)), (modulus - x) % modulus);
        prop_assert_eq!(run(|b, x, y| b.multiply(x, y)), x * y);
        prop_assert_eq!(run(|b, x, _| b.popcount(x)), u128::from(x.count_ones()));
        prop_assert_eq!(run(|b, x, y| b.xor_bundles(x, y)), x ^ y);
        prop_assert_eq!(run(|b, x, y| b.and_bundles(x, y)), x & y);
        prop_assert_eq!(run(|b, x, _| b.negate_bundle(x)), modulus - 1 - x);
        prop_assert_eq!(run(|b, x, _| b.and_many(x).into()), u128::from(x == modulus - 1));
        prop_assert_eq!(run(|b, x, _| b.or_many(x).into()), u128::from(x != 0));
        prop_assert_eq!(run(|b, x, y| b.equal(x, y).into()), u128::from(x == y));
        prop_assert_eq!(run(|b, x, _| { let y = x.clone(); b.equal(x, &y).into() }), 1);
        prop_assert_eq!(run(|b, x, y| b.less_than(x, y).into()), less);
        prop_assert_eq!(run(|b, x, y| b.less_than_signed(x, y).into()), u128::from(signed(x, width) < signed(y, width)));
        prop_assert_eq!(run(|b, x, y| b.max(x, y)), x.max(y));
        prop_assert_eq!(run(|b, x, y| b.min(x, y)), x.min(y));

        let with_carry = circuit(width, |b, x, y| {
            let (s, c) = b.add_with_carry(x, y, Wire::constant(carry));
            let chosen = b.mux_bundles(Wire::constant(select), x, y);
            wide(s, c).concat(&chosen)
        });
        prop_assert_eq!(crate::run(&with_carry, &[x, y]), x + y + u128::from(carry) + ((if select { y } else { x }) << (width + 1)));
    }

    #[test]
    fn constant_factors(width in 1usize..=16, x: u128, factor: u16) {
        let x = x % (1 << width);
        let product = circuit(width, |b, x, _| { let k = b.constant(factor.into(), 16); b.multiply(x, &k) });
        prop_assert_eq!(run(&product, &[x, 0]), x * u128::from(factor));
        // One addition less than the factor has ones.
        prop_assert!(product.and_count() <= (factor.count_ones().max(1) as usize - 1) * width);
    }

    #[test]
    fn renaming(width in 1usize..=20, x: u128, count in 0usize..=24) {
        let modulus = 1u128 << width;
        let x = x % modulus;
        let run = |build: &dyn Fn(&Bundle) -> Bundle| {
            let circuit = circuit(width, |_, x, _| build(x));
            assert_eq!(circuit.and_count(), 0);
            run(&circuit, &[x, 0])
        };
        prop_assert_eq!(run(&|x| x.shift_left(count)), (x << count) % modulus);
        prop_assert_eq!(run(&|x| x.shift_right(count)), x >> count);
        prop_assert_eq!(run(&|x| x.zero_extend(count)), x % (1 << count));
        prop_assert_eq!(run(&|x| x.sign_extend(count)), signed(x, width).rem_euclid(1 << count) as u128);
        let turn = count % (width + 1);
        prop_assert_eq!(run(&|x| x.rotate_right(turn)), (x >> turn | x << (width - turn)) % modulus);
    }

    #[test]
    fn argmax(numbers in prop::collection::vec(0u128..16, 1..12), is_signed: bool) {
        let mut b = Builder::new();
        let inputs: Vec<Bundle> = numbers.iter().map(|_| b.input("", 4)).collect();
        let (index, largest) = if is_signed { b.argmax_signed(&inputs) } else { b.argmax(&inputs) };
        let index_bits = index.width();
        b.output("index", &index);
        b.output("largest", &largest);
        let circuit = b.finish();
        invariants::check(&circuit);

        let key = |x: u128| if is_signed { signed(x, 4) } else { x as i128 };
        let best = (0..numbers.len()).rev().max_by_key(|&i| key(numbers[i])).unwrap();
        prop_assert_eq!(run(&circuit, &numbers), best as u128 | numbers[best] << index_bits);
        prop_assert_eq!(index_bits, (usize::BITS - (numbers.len() - 1).leading_zeros()) as usize);
    }
}

#[test]
fn and_counts() {
    let n = 32;
    let ands = |build: fn(&mut Builder, &Bundle, &Bundle) -> Bundle| circuit(n, build).and_count();
    assert_eq!(
        ands(|b, x, y| {
            let (s, c) = b.add(x, y);
            wide(s, c)
        }),
        n
    );
    assert_eq!(ands(|b, x, y| b.add(x, y).0), n - 1);
    assert_eq!(
        ands(|b, x, y| {
            let (d, o) = b.subtract(x, y);
            wide(d, o)
        }),
        n
    );
    assert_eq!(ands(|b, x, y| b.subtract(x, y).0), n - 1);
    assert_eq!(ands(|b, x, _| b.twos_complement(x)), n - 2);
    assert_eq!(ands(|b, x, y| b.mux_bundles(x[0], x, y)), n);
    assert_eq!(ands(|b, x, y| b.less_than(x, y).into()), n);
    assert_eq!(ands(|b, x, y| b.less_than_signed(x, y).into()), n);
    assert_eq!(ands(|b, x, y| b.equal(x, y).into()), n - 1);
    assert_eq!(ands(|b, x, y| b.max(x, y)), 2 * n);
    assert_eq!(ands(|b, x, _| b.popcount(x)), 31);
    assert_eq!(ands(|b, x, y| b.multiply(x, y)), 2 * n * n - n);
}
