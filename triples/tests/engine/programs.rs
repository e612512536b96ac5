//! Programs against plain arithmetic, with their costs.

use muse_field::pack::packed_len;
use muse_field::wire::{Decode, from_slice, to_vec};
use muse_field::{Fp, MODULUS, vector};
use muse_triples::Error;
use muse_triples::engine::{ClaimedRequest, Server, Shares};
use proptest::prelude::*;

use muse_test_support::triples::engine::{Pair, Shared, element, extremes};

/// A step on a vector and the one before.
#[derive(Clone, Debug)]
enum Op {
    Add,
    Sub,
    Scale(Fp),
    Constant(Fp),
    Reverse,
    Multiply,
    Deferred,
    Input(Fp),
    Open,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        Just(Op::Add),
        Just(Op::Sub),
        element().prop_map(Op::Scale),
        element().prop_map(Op::Constant),
        Just(Op::Reverse),
        Just(Op::Multiply),
        Just(Op::Deferred),
        element().prop_map(Op::Input),
        Just(Op::Open),
    ]
}

fn reversed(x: &[Fp]) -> Vec<Fp> {
    x.iter().rev().copied().collect()
}

/// The product, after a flush.
fn multiply_and_flush(pair: &mut Pair, x: &Shared, y: &Shared) -> Shared {
    let (client, server) = pair.multiply_deferred(x, y).unwrap();
    let checked = pair.flush().unwrap();
    Shared { client, server: server.release(&checked).unwrap() }
}

proptest! {
    #[test]
    fn any_program_computes(
        values in proptest::collection::vec((element(), element(), element(), element()), 0..6),
        ops in proptest::collection::vec(op(), 0..12),
    ) {
        let column = |f: fn(&(Fp, Fp, Fp, Fp)) -> Fp| values.iter().map(f).collect::<Vec<Fp>>();
        let (mut x, mut y) = (column(|v| v.0), column(|v| v.1));
        let mut pair = Pair::new(12 * x.len(), 14 * x.len());
        let (mut xs, mut ys) = (pair.split(&x, &column(|v| v.2)), pair.split(&y, &column(|v| v.3)));
        for op in ops {
            let old = (x.clone(), xs.copy());
            match op {
                Op::Add => { vector::add_assign(&mut x, &y); xs.add(&ys); }
                Op::Sub => { vector::sub_assign(&mut x, &y); xs.sub(&ys); }
                Op::Scale(k) => { vector::scale_assign(&mut x, k); xs.scale(k); }
                Op::Constant(c) => {
                    let constants = vec![c; x.len()];
                    vector::add_assign(&mut x, &constants);
                    xs.server.add_public_assign(&constants);
                }
                Op::Reverse => { x = reversed(&x); xs = xs.map(reversed); }
                Op::Multiply => { vector::mul_assign(&mut x, &y); xs = pair.multiply(&xs, &ys).unwrap(); }
                Op::Deferred => { vector::mul_assign(&mut x, &y); xs = multiply_and_flush(&mut pair, &xs, &ys); }
                Op::Input(c) => {
                    let input = vec![c; x.len()];
                    vector::add_assign(&mut x, &input);
                    xs.add(&pair.client_input(&input).unwrap());
                }
                Op::Open => {
                    prop_assert_eq!(&pair.open(xs.copy()).unwrap(), &x);
                    prop_assert_eq!(&pair.open_to_client(xs.copy()).unwrap(), &x);
                    prop_assert_eq!(&pair.open_to_server(xs.copy()).unwrap(), &x);
                }
            }
            (y, ys) = old;
        }
        prop_assert_eq!(pair.open(xs).unwrap(), x);
        prop_assert_eq!(pair.open(ys).unwrap(), y);
    }
}

#[test]
fn products_of_extremes() {
    let of = extremes();
    let (x, y): (Vec<Fp>, Vec<Fp>) = of.iter().flat_map(|&x| of.iter().map(move |&y| (x, y))).unzip();
    let mut pair = Pair::new(x.len(), 2 * x.len());
    let (xs, ys) = (pair.split(&x, &y), pair.split(&y, &y));
    let product = pair.multiply(&xs, &ys).unwrap();
    let mut wanted = x;
    vector::mul_assign(&mut wanted, &y);
    assert_eq!(pair.open(product).unwrap(), wanted);
    assert_eq!(pair.left(), [0; 4]);
}

#[test]
fn deferred_steps_chain_to_the_server() {
    let mut pair = Pair::new(8, 4);
    let values = [3, 4, 5, MODULUS - 1].map(Fp::new);
    let x = pair.client_input(&values).unwrap();
    let (client, server) = pair.multiply_deferred(&x, &x).unwrap();
    // Computed with while unchecked, then opened to the server, beside a checked vector.
    let mut doubled = client.map(|c| c.to_vec());
    doubled.scale_assign(Fp::new(2));
    let server = server.map(|mut share| {
        share.scale_assign(Fp::new(2));
        share
    });
    let opened = pair.open_deferred(doubled, server).unwrap();
    let beside = pair.server.as_ref().unwrap().defer(x.server.map(<[Fp]>::to_vec));
    let plain = pair.open_deferred(x.client, beside).unwrap();
    let checked = pair.flush().unwrap();
    assert_eq!(opened.release(&checked).unwrap(), [18, 32, 50, 2].map(Fp::new));
    assert_eq!(plain.release(&checked).unwrap(), values);
    // An empty flush passes too.
    pair.flush().unwrap();
}

#[test]
fn bits_are_bits_and_both_occur() {
    for count in [0, 1, 300] {
        let mut pair = Pair::new(count, count + 1);
        let bits = pair.random_bits(count).unwrap();
        let own: Vec<Fp> = bits.client.values().to_vec();
        let bits = pair.open(bits).unwrap();
        assert!(bits.iter().all(|&bit| bit == Fp::ZERO || bit == Fp::ONE));
        let ones = bits.iter().filter(|&&bit| bit == Fp::ONE).count();
        assert!(count != 300 || (100..200).contains(&ones), "{ones} ones");
        assert!(count < 1 || own != bits);
        assert_eq!(pair.left(), [0; 4]);
    }
}

#[test]
fn bytes_are_those_of_the_table() {
    for n in [0, 1, 2, 33] {
        let mut pair = Pair::new(2 * n + 125 * n + n, 2 * n + 46 * n + 1 + n + 1);
        let values = vec![Fp::new(5); n];
        let elements = packed_len;
        let x = pair.client_input(&values).unwrap();
        assert_eq!(pair.bytes(), [elements(n), 0]);
        let y = pair.multiply(&x, &x).unwrap();
        assert_eq!(pair.bytes(), [elements(2 * n) + 32, elements(2 * n)]);
        let (_, _) = pair.multiply_deferred(&x, &x).unwrap();
        assert_eq!(pair.bytes(), [elements(2 * n), elements(2 * n)]);
        pair.flush().unwrap();
        assert_eq!(pair.bytes(), [6, 32]);
        pair.open(y.copy()).unwrap();
        assert_eq!(pair.bytes(), [elements(n) + 32, elements(n)]);
        pair.open_to_server(y.copy()).unwrap();
        assert_eq!(pair.bytes(), [elements(n) + 32, 0]);
        pair.open_to_client(y).unwrap();
        assert_eq!(pair.bytes(), [0, elements(n)]);
        pair.random_bits(n).unwrap();
        assert_eq!(pair.bytes(), [elements(n) + elements(2 * n) + 32 + 11, elements(2 * n) + 32]);
        pair.is_negative(&x).unwrap();
        assert_eq!([pair.sent[0].len(), pair.sent[1].len()], [8, 8], "eight round trips");
        // Up to rounding of each message to whole bytes.
        let [up, down] = pair.bytes();
        assert!((1628 * n + 267..=1628 * n + 267 + 9).contains(&up), "{up} bytes for {n} values");
        assert!((1375 * n + 32..=1375 * n + 32 + 8).contains(&down), "{down} bytes for {n} values");
        assert_eq!(pair.left(), [0, 0, n, n]);
    }
}

#[test]
fn too_little_preprocessing_is_an_error() {
    let exhausted = |result: Result<Shared, Error>| assert!(matches!(result, Err(Error::Exhausted(_))));
    let mut pair = Pair::new(1, 3);
    exhausted(pair.client_input(&[Fp::ONE; 4]));
    let x = pair.client_input(&[Fp::ONE; 2]).unwrap();
    exhausted(pair.multiply(&x, &x));
    exhausted(Pair::new(2, 2).random_bits(2));
    exhausted(Pair::new(1, 3).random_bits(2));
    for (triples, randoms) in [(124, 48), (125, 47)] {
        let mut pair = Pair::new(triples, randoms);
        let x = pair.client_input(&[Fp::ONE]).unwrap();
        exhausted(pair.is_negative(&x));
        assert_eq!(pair.left(), [triples, triples, randoms - 1, randoms - 1]);
    }
    // The server finds out by itself, before it answers anything.
    let shares = |count: usize| from_slice::<Shares>(count, &to_vec(&vec![Fp::ONE; count])).unwrap();
    let request = |inputs, factors| {
        from_slice::<ClaimedRequest>((inputs, factors), &vec![0; ClaimedRequest::len_for((inputs, factors))])
            .unwrap()
    };
    let two = || Server::input(vec![Fp::ONE; 2]);
    let mut pair = Pair::new(1, 46);
    let mut server = pair.server();
    assert!(matches!(server.client_input(47, shares(47)), Err(Error::Exhausted(_))));
    assert!(matches!(server.multiply(&two(), &two()), Err(Error::Exhausted(_))));
    let server = Pair::new(1, 46).server();
    assert!(matches!(server.multiply_deferred(&two(), &two()), Err(Error::Exhausted(_))));
    let server = Pair::new(1, 46).server();
    let result = server.random_bits(2).on_request(request(2, 4), &mut pair.rng);
    assert!(matches!(result, Err(Error::Exhausted(_))));
    for (triples, randoms) in [(249, 93), (250, 92)] {
        let server = Pair::new(triples, randoms).server();
        let result = server.is_negative(&two()).on_request(request(92, 176), &mut pair.rng);
        assert!(matches!(result, Err(Error::Exhausted(_))));
    }
    assert!(Pair::new(0, 0).client.random_bits(usize::MAX, &mut pair.rng).is_err(), "and allocates nothing");
    // Nothing at all is needed for nothing.
    let mut pair = Pair::new(0, 1);
    let nothing = pair.client_input(&[]).unwrap();
    let nothing = pair.multiply(&nothing, &nothing).unwrap();
    let nothing = pair.is_negative(&nothing).unwrap();
    assert_eq!(pair.open(nothing).unwrap(), []);
}
