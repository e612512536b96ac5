//! Disclosure from Beaver triples, as MUSE publishes it (section 5; protocol section 4.5 a). The baseline that
//! [`correlated`](crate::correlated) is measured against.
//!
//! Values are disclosed in groups of [`GROUP`], and a group takes two round trips, of which the second is also the first of the next
//! group:
//!
//! ```text
//! client: [y], [u], triples (a_c, b_c, c_c)                    server: keys, alpha, Delta, triples (a_s, b_s, c_s)
//! bits b_i of y and a helper w, as inputs
//!                                  input - u; the factors
//!                                  minus a_c, b_c; digest
//!                             --------------------------------------->   verdict: Factors
//!                                  -a_s, -b_s of the products that prove
//!                             <---------------------------------------
//! every product z = c + d b + e a, shared
//!                                  three digests
//!                             --------------------------------------->   verdict: Bits, Range, Value
//!                                  -a_s, (l1 - l0) - b_s, the server's
//!                                  half of l0 + b (l1 - l0)
//!                             <---------------------------------------
//! l_b
//! ```
//!
//! - **Inputs.** `[b] = [u] + (b - u)` for a random authenticated `u`: the client may put in anything, but what it has put in is fixed.
//! - **Products.** A triple turns the opened differences `d = x - a`, `e = y - b` of two factors into shares of their product
//!   (Beaver). Every half of a difference that the client opens is checked against its MAC before the server uses it
//!   for anything that it sends: with `d` off by `e'` the client would get `l0 + (l1 - l0) (b + e')`, which is Delta.
//! - **Bits.** `b (1 - b) = 0`: 44 products a value, whose shares must add up to zero.
//! - **Range.** The 44 bits are p or more iff bits 43..27 are all one and (bit 26, 25 or 24 is one, or bit 23 and any of
//!   bits 22..0 is). With the small integers `t = 17 - (b_27 + .. + b_43)`, `T = b_24 + b_25 + b_26` and `L = b_0 + .. + b_22` this is:
//!   `t = 0` and `T + b_23 L > 0`. So they are below p iff there is a `w` with `t w = T + b_23 L`, which the client puts in: two
//!   products a value, and no error beyond that of the MACs. (The paper leaves the range to the circuit, remark 5.3.)
//! - **Value.** The bits recompose to `y`: linear, and compared for all values of the group with one digest (`muse_mac`), where the
//!   paper combines them at random.
//! - **Labels.** A label of 128 bits is three limbs of 43, 43 and 42 bits, which are elements of F below p: nothing is
//!   reduced, so the client gets exactly the limbs of `l0` or of `l1 = l0 xor Delta`. 132 products a value, each of which consumes its
//!   own triple. `l1 - l0` is the server's secret behind `b_s`, which nobody else knows.
//! - **Order.** All verdicts of a group before anything that depends on its labels. The server sends its halves of the
//!   differences with the labels, too: the client needs them no earlier.
//!
//! # Memory
//!
//! Per value 704 bytes of labels; 16 on the client and 8 on the server for the shares; per value of the group that is under way some 13 KB.
//! What is handed over as triples and random values takes 9 KB a value: a caller that has many values discloses them in
//! several runs, each with the index of its first value.

pub mod client;
pub(crate) mod limbs;
pub mod server;
pub(crate) mod statement;

use muse_field::Fp;
use muse_field::id::RunId;
use muse_field::pack::packed_len;
use muse_field::wire::Decode;
use muse_gc::hash::Tweaks;
use muse_mac::{Authenticated, Claimed, Digest, Keys, OpeningId, Purpose};
use muse_triples::{ClientTriples, ServerTriples};
use zeroize::Zeroizing;

use alloc::vec::Vec;

use self::limbs::LIMBS;
use crate::error::Error;

pub use client::Client;
pub use server::Server;

/// Bits, and so labels, of a value.
pub const BITS: usize = muse_zk::range::BITS;

/// Values that are disclosed together. Part of the protocol.
pub const GROUP: usize = 1024;

/// Elements that the client puts in for a value: its bits, least significant first, and the helper of the range proof.
pub const INPUTS: usize = BITS + 1;

/// Products of a value that must be zero, alone or together: of the bits, and two for the range.
pub(crate) const PROVEN: usize = BITS + 2;

/// Products of a value that give labels.
pub(crate) const LABELLED: usize = LIMBS * BITS;

/// What the disclosure of some values consumes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Needs {
    /// Beaver triples: 178 a value.
    pub triples: usize,
    /// Authenticated uniform values that the client knows: 45 a value.
    pub randoms: usize,
}

/// What the disclosure of `values` values consumes.
#[must_use]
pub const fn needs(values: usize) -> Needs {
    Needs { triples: values * (PROVEN + LABELLED), randoms: values * INPUTS }
}

/// What a client consumes: as much as [`needs`] says.
#[derive(Debug)]
pub struct ClientPool {
    /// Its halves of triples.
    pub triples: ClientTriples,
    /// Uniform values.
    pub randoms: Authenticated,
}

/// What a server consumes: its halves of the client's pool, row by row.
#[derive(Debug)]
pub struct ServerPool {
    /// Its halves of triples.
    pub triples: ServerTriples,
    /// The keys of the client's uniform values.
    pub randoms: Keys,
}

macro_rules! pool {
    ($Type:ident) => {
        impl $Type {
            /// What is left of it. Public.
            #[must_use]
            pub fn left(&self) -> Needs {
                Needs { triples: self.triples.len(), randoms: self.randoms.len() }
            }

            /// Splits off as much as a disclosure needs, from the end; the peer does the same.
            ///
            /// # Errors
            /// [`Error::Misuse`] if there is less.
            pub fn take(&mut self, needs: Needs) -> Result<Self, Error> {
                let triples = self.triples.take(needs.triples).ok_or(SHORT)?;
                let left = self.randoms.len().checked_sub(needs.randoms).ok_or(SHORT)?;
                Ok(Self { triples, randoms: self.randoms.split_off(left) })
            }
        }
    };
}

pool!(ClientPool);
pool!(ServerPool);

/// All bytes that a disclosure of `values` values moves: (client to server, server to client).
///
/// Per value 2205.5 and 2684; 128 up for each group.
#[must_use]
pub fn bytes(values: usize) -> (u64, u64) {
    let messages = messages(values);
    let sum = |parity: usize| messages.iter().skip(parity).step_by(2).sum();
    (sum(0), sum(1))
}

/// Lengths of the messages of a disclosure of `values` values, the first of which is the client's. They take turns.
#[must_use]
pub fn messages(values: usize) -> Vec<u64> {
    let mut messages = Vec::new();
    let (mut before, mut rest) = (0, values);
    while before + rest > 0 {
        let now = rest.min(GROUP);
        messages.push((proofs_len(before) + inputs_len(now)) as u64);
        messages.push((labels_len(before) + halves_len(now)) as u64);
        (before, rest) = (now, rest - now);
    }
    messages
}

/// The inputs of a client with these 44-bit integers: [`INPUTS`] elements each, their bits and `w = (T + b_23 L) / t`, or 0 where t is.
///
/// Constant time in the integers.
#[must_use]
pub fn inputs(integers: &[u64]) -> Zeroizing<Vec<Fp>> {
    statement::inputs(integers)
}

/// Bytes of the client's inputs and opened factors for a group of `values` values; none for no group.
fn inputs_len(values: usize) -> usize {
    if values == 0 {
        return 0;
    }
    packed_len(INPUTS * values) + Claimed::len_for(2 * needs(values).triples)
}

/// Bytes of the server's halves of the factors that prove.
const fn halves_len(values: usize) -> usize {
    packed_len(2 * PROVEN * values)
}

/// Bytes of the client's digests for a group of `values` values; none for no group.
const fn proofs_len(values: usize) -> usize {
    if values == 0 { 0 } else { 3 * Digest::BYTES }
}

/// Bytes of the server's halves of the factors of labels and of the labels.
const fn labels_len(values: usize) -> usize {
    packed_len(3 * LABELLED * values)
}

/// The name of a group: the disclosure and the index of the group's first value.
#[derive(Clone, Copy)]
struct GroupId {
    id: RunId,
    first: u32,
}

impl GroupId {
    fn opening(&self, purpose: Purpose) -> OpeningId {
        OpeningId::new(purpose, self.id, self.first)
    }

    /// Of the client's halves of opened factors.
    fn factors(&self) -> OpeningId {
        self.opening(Purpose::Factors)
    }

    /// Of the products `b (1 - b)`.
    fn bits(&self) -> OpeningId {
        self.opening(Purpose::Custom("bits of a disclosure"))
    }

    /// Of `t w - b_23 L - T`.
    fn range(&self) -> OpeningId {
        self.opening(Purpose::Custom("range of a disclosure"))
    }

    /// Of the recomposed bits minus the shares.
    fn value(&self) -> OpeningId {
        self.opening(Purpose::Disclosure)
    }
}

/// The groups of `values` values from index `first` on, **the last one first**: (name, position of its first value). Values,
/// triples and random values are split off and taken from the end, so that none has to move.
///
/// # Errors
/// [`Error::Misuse`] for an index of 2^32 or more, or unless there is what [`needs`] says.
fn groups(
    id: RunId,
    first: usize,
    values: usize,
    pools: Needs,
) -> Result<impl Iterator<Item = (GroupId, usize)>, Error> {
    let end = first.checked_add(values).filter(|&end| end as u64 <= Tweaks::LIMIT);
    if end.is_none() {
        return Err(Error::Misuse("fewer than 2^32 values"));
    }
    if pools != needs(values) {
        return Err(SHORT);
    }
    let name = move |at: usize| GroupId { id, first: u32::try_from(first + at).expect("below 2^32") };
    Ok((0..values).step_by(GROUP).rev().map(move |at| (name(at), at)))
}

const SHORT: Error = Error::Misuse("as many triples and random values as the disclosure needs");
