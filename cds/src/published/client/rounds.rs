//! The client's rounds. Each awaited message consumes what it is about.

use core::mem;
use muse_field::id::RunId;

use alloc::vec::Vec;

use muse_field::wire::{Reader, to_vec};
use muse_field::{Fp, vector};
use muse_gc::label::{ActiveLabels, Block};
use muse_mac::{Authenticated, Digest, Opening};
use muse_triples::ClientTriples;
use zeroize::Zeroizing;

use crate::error::Error;
use crate::published::limbs::{LIMBS, join};
use crate::published::{
    BITS, ClientPool, GroupId, INPUTS, LABELLED, PROVEN, groups, halves_len, labels_len, needs, statement,
};

/// All groups, of which at most one is opened and one proven.
pub struct Round {
    pool: ClientPool,
    /// Groups to come, the next one last.
    waiting: Vec<Group>,
    opened: Option<Opened>,
    /// The digests of the group that is proven, until they are sent.
    digests: Vec<Digest>,
    proven: Option<Proven>,
    labels: Zeroizing<Vec<Block>>,
}

/// A group to come.
struct Group {
    id: GroupId,
    shares: Authenticated,
    inputs: Zeroizing<Vec<Fp>>,
}

/// A group whose inputs and halves of differences are sent: the server's halves are awaited.
struct Opened {
    id: GroupId,
    shares: Authenticated,
    inputs: Authenticated,
    triples: ClientTriples,
    /// The client's halves of the first and of the second differences.
    halves: [Vec<Fp>; 2],
}

/// A group whose digests are made: the labels are awaited.
struct Proven {
    triples: ClientTriples,
    halves: [Vec<Fp>; 2],
}

impl Round {
    pub(super) fn new(
        id: RunId,
        first: usize,
        pool: ClientPool,
        mut shares: Authenticated,
        inputs: &[Fp],
    ) -> Result<Self, Error> {
        let values = shares.len();
        let mut end = values;
        let group = |(id, at)| {
            let inputs = Zeroizing::new(inputs[INPUTS * at..INPUTS * end].to_vec());
            end = at;
            Group { id, shares: shares.split_off(at), inputs }
        };
        let waiting = groups(id, first, values, pool.left())?.map(group).collect();
        // With its final capacity: growing would leave copies behind.
        let labels = Zeroizing::new(Vec::with_capacity(BITS * values));
        Ok(Self { pool, waiting, opened: None, digests: Vec::new(), proven: None, labels })
    }

    /// The next message: digests of the group before, inputs of the next one. Nothing after the last one.
    pub(super) fn speak(&mut self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        for digest in mem::take(&mut self.digests) {
            bytes.extend(to_vec(&digest));
        }
        if let Some(group) = self.waiting.pop() {
            let ClientPool { triples, randoms } = self.pool.take(needs(group.shares.len()))?;
            let (opened, masked, opening) = group.open(triples, randoms)?;
            bytes.extend(to_vec(&masked));
            bytes.extend(to_vec(&opening));
            self.opened = Some(opened);
        }
        Ok(bytes)
    }

    /// Bytes of the server's answer.
    pub(super) fn awaited(&self) -> usize {
        let labels = self.proven.as_ref().map_or(0, |group| labels_len(group.len()));
        labels + self.opened.as_ref().map_or(0, |group| halves_len(group.len()))
    }

    pub(super) fn listen(mut self, bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes);
        if let Some(group) = self.proven.take() {
            let rows = reader.elements(3 * LABELLED * group.len())?;
            group.on_labels(&rows, &mut self.labels)?;
        }
        if let Some(group) = self.opened.take() {
            let halves = reader.elements(2 * PROVEN * group.len())?;
            let (proven, digests) = group.on_halves(&halves);
            (self.proven, self.digests) = (Some(proven), digests.into());
        }
        reader.finish()?;
        Ok(self)
    }

    /// The labels of all groups.
    pub(super) fn end(mut self) -> ActiveLabels {
        ActiveLabels::new(mem::take(&mut *self.labels))
    }
}

impl Group {
    /// Puts the inputs in, and opens the client's halves of all differences `x - a` and `y - b` of factors.
    fn open(
        self,
        triples: ClientTriples,
        randoms: Authenticated,
    ) -> Result<(Opened, Vec<Fp>, Opening), Error> {
        let Self { id, shares, inputs } = self;
        let (u, macs) = randoms.into_parts();
        let mut masked = inputs.to_vec();
        vector::sub_assign(&mut masked, &u);
        let inputs = Authenticated::new(inputs, macs)?;

        let mut first = inputs.map(statement::first_factors);
        first.add_public_assign(&statement::first_constants(shares.len()));
        first.sub_assign(triples.a());
        let mut second = inputs.map(statement::second_factors);
        second.add_public_assign(&statement::second_constants(shares.len()));
        second.sub_assign(triples.b());
        let halves = [&first, &second].map(|half| half.values().to_vec());
        let opening = Authenticated::concat(alloc::vec![first, second]).open(&id.factors());
        Ok((Opened { id, shares, inputs, triples, halves }, masked, opening))
    }
}

impl Opened {
    fn len(&self) -> usize {
        self.shares.len()
    }

    /// Multiplies, and proves that bits are bits, below p, and those of the shares. `halves` are the server's, two of
    /// each product that proves.
    fn on_halves(self, halves: &[Fp]) -> (Proven, [Digest; 3]) {
        let n = self.len();
        let Self { id, shares, inputs, triples: mut proving, halves: [mut d, mut e] } = self;
        let triples = proving.take(LABELLED * n).expect("a triple for each product");
        let later = [&d, &e].map(|half| half[PROVEN * n..].to_vec());
        for (half, theirs) in [&mut d, &mut e].into_iter().zip(halves.chunks_exact(PROVEN * n)) {
            half.truncate(PROVEN * n);
            vector::add_assign(half, theirs);
        }
        let mut bits = proving.product(&d, &e);
        let over = bits.split_off((BITS + 1) * n);
        let mut range = bits.split_off(BITS * n);
        range.sub_assign(&over);
        range.sub_assign(&inputs.map(statement::middle_ones));
        let mut value = inputs.map(statement::recomposed);
        value.sub_assign(&shares);
        let digests =
            [bits.prove_zero(&id.bits()), range.prove_zero(&id.range()), value.prove_zero(&id.value())];
        (Proven { triples, halves: later }, digests)
    }
}

impl Proven {
    fn len(&self) -> usize {
        self.triples.len() / LABELLED
    }

    /// `rows`: for the products that give labels the server's halves of first and second differences, then of the limbs.
    fn on_labels(self, rows: &[Fp], labels: &mut Vec<Block>) -> Result<(), Error> {
        let products = self.triples.len();
        let Self { triples, halves: [mut d, mut e] } = self;
        let (differences, theirs) = rows.split_at(2 * products);
        vector::add_assign(&mut d, &differences[..products]);
        vector::add_assign(&mut e, &differences[products..]);
        let (mut limbs, _) = triples.product(&d, &e).into_parts();
        vector::add_assign(&mut limbs, theirs);
        for &limbs in limbs.as_chunks::<LIMBS>().0 {
            labels.push(join(limbs)?);
        }
        Ok(())
    }
}
