//! The circuit of a comparison, as levels of multiplications. Both parties run it on their halves.

use alloc::vec::Vec;

use muse_field::Fp;

use crate::engine::known::BITS;
use crate::linear::Linear;

/// The first level: products of the bits of `y` and of `t`, from the least significant one, each for all values.
#[derive(Debug)]
pub(super) struct Leaves<V> {
    y: Vec<V>,
    t: Vec<V>,
    one: V,
}

/// Any later level.
#[derive(Debug)]
pub(super) struct Level<V> {
    one: V,
    /// `y_0 xor t_0`.
    parity: V,
    nodes: Nodes<V>,
}

/// Blocks of bits, from the least significant one.
#[derive(Debug)]
struct Nodes<V> {
    /// Whether `y > t` in a block.
    greater: Vec<V>,
    /// Whether `y = t`, in all blocks but the first.
    equal: Vec<V>,
}

/// What a level leads to.
#[derive(Debug)]
pub(super) enum Next<V> {
    Level(Level<V>),
    Done(V),
}

impl<V: Linear> Leaves<V> {
    /// `t` holds the bits one after the other, `one` is the constant.
    pub(super) fn new(y: Vec<V>, t: &V, one: V) -> Self {
        Self { y, t: t.pieces(BITS), one }
    }

    pub(super) fn factors(&self) -> (V, V) {
        (joined(self.y.iter()), joined(self.t.iter()))
    }

    /// Greater is `y (1 - t)`, equal is `1 - y - t + 2 y t`.
    pub(super) fn next(self, products: &V) -> Level<V> {
        let products = products.pieces(BITS);
        let greater = self.y.iter().zip(&products).map(|(y, product)| y.minus(product)).collect();
        let mut differ = self.y.iter().zip(&self.t).zip(&products).map(|((y, t), product)| {
            let mut differ = y.plus(t);
            differ.axpy(-Fp::new(2), product);
            differ
        });
        let parity = differ.next().unwrap_or_else(|| V::zeros(0));
        let equal = differ.map(|differ| self.one.minus(&differ)).collect();
        Level { one: self.one, parity, nodes: Nodes { greater, equal } }
    }
}

impl<V: Linear> Level<V> {
    pub(super) fn factors(&self) -> (V, V) {
        let Nodes { greater, equal } = &self.nodes;
        if equal.is_empty() {
            return (self.parity.copy(), joined(greater.iter()));
        }
        // Of each two blocks the upper one's "equal" is multiplied by the lower one's "greater", and by its "equal" if it has one.
        let pairs = greater.len() / 2;
        let upper = equal.iter().step_by(2);
        let lower = greater.iter().step_by(2).take(pairs);
        let both = equal.iter().skip(1).step_by(2).take(pairs - 1);
        (joined(upper.clone().chain(upper.skip(1))), joined(lower.chain(both)))
    }

    pub(super) fn next(self, products: &V) -> Next<V> {
        let Self { one, mut parity, nodes: Nodes { greater, equal } } = self;
        if equal.is_empty() {
            // 1 - (parity xor greater)
            greater.iter().for_each(|greater| parity.add(greater));
            parity.axpy(-Fp::new(2), products);
            return Next::Done(one.minus(&parity));
        }
        let pairs = greater.len() / 2;
        let odd = greater.len() % 2 == 1;
        let mut products = products.pieces(2 * pairs - 1);
        let mut next = Nodes { equal: products.split_off(pairs), greater: products };
        for (low, high) in next.greater.iter_mut().zip(greater.iter().skip(1).step_by(2)) {
            low.add(high);
        }
        if odd {
            next.greater.extend(greater.into_iter().next_back());
            next.equal.extend(equal.into_iter().next_back());
        }
        Next::Level(Self { one, parity, nodes: next })
    }
}

fn joined<'a, V: Linear + 'a>(parts: impl Iterator<Item = &'a V>) -> V {
    V::concat(parts.map(V::copy).collect())
}
