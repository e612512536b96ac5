//! The server's rounds. Each awaited message consumes what it is about, and a failed check everything.

use alloc::vec;
use alloc::vec::Vec;
use muse_field::id::RunId;

use muse_field::wire::{Decode, Reader, to_vec};
use muse_field::{Fp, vector};
use muse_gc::label::{Block, Delta, ZeroLabels};
use muse_mac::{Claimed, Digest, Keys, MacKey, ServerShare};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::error::{Check, Error};
use crate::published::limbs::{LIMBS, split};
use crate::published::{
    BITS, GroupId, INPUTS, LABELLED, PROVEN, ServerPool, groups, inputs_len, needs, proofs_len, statement,
};

/// All groups, of which at most one awaits its proofs.
pub struct Round {
    key: MacKey,
    delta: Delta,
    pool: ServerPool,
    /// Groups to come, the next one last.
    waiting: Vec<Group>,
    judging: Option<Judging>,
    labels: ZeroLabels,
}

/// A group to come.
struct Group {
    id: GroupId,
    /// Position of its first value.
    at: usize,
    keys: Keys,
}

/// A group whose factors are known: the digests are awaited.
struct Judging {
    id: GroupId,
    /// Keys of what must be zero.
    bits: Keys,
    range: Keys,
    value: Keys,
    /// What gives the client its labels: nothing of it is sent before the verdict.
    labels: Zeroizing<Vec<Fp>>,
}

impl Round {
    pub(super) fn new(
        id: RunId,
        first: usize,
        pool: ServerPool,
        delta: &Delta,
        key: &MacKey,
        mut keys: Keys,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, Error> {
        let values = keys.len();
        let waiting = groups(id, first, values, pool.left())?
            .map(|(id, at)| Group { id, at, keys: keys.split_off(at) })
            .collect();
        let labels = ZeroLabels::random(BITS * values, rng);
        Ok(Self { key: key.clone(), delta: delta.clone(), pool, waiting, judging: None, labels })
    }

    /// Bytes of the client's next message; 0 after the last one.
    pub(super) fn awaited(&self) -> usize {
        let proofs = self.judging.as_ref().map_or(0, |group| proofs_len(group.len()));
        proofs + self.waiting.last().map_or(0, |group| inputs_len(group.keys.len()))
    }

    /// The verdict on the group before, and with it its labels; halves of the factors of the next group.
    pub(super) fn listen(mut self, bytes: &[u8]) -> Result<(Self, Vec<u8>), Error> {
        let mut reader = Reader::new(bytes);
        let mut answer = Vec::new();
        if let Some(group) = self.judging.take() {
            let labels = group.on_proofs(<_>::decode(((), ((), ())), &mut reader)?)?;
            answer.extend(to_vec(&*labels));
        }
        if let Some(group) = self.waiting.pop() {
            let n = group.keys.len();
            let masked = reader.elements(INPUTS * n)?;
            let claimed = Claimed::decode(2 * needs(n).triples, &mut reader)?;
            let (halves, judging) = self.on_inputs(group, &masked, claimed)?;
            answer.extend(to_vec(&halves));
            self.judging = Some(judging);
        }
        reader.finish()?;
        Ok((self, answer))
    }

    /// The zero labels of all groups.
    pub(super) fn end(self) -> ZeroLabels {
        self.labels
    }

    /// Fixes the inputs of a group, checks the client's halves of all differences of factors, and multiplies. Gives the server's halves
    /// for the products that prove.
    fn on_inputs(
        &mut self,
        Group { id, at, keys }: Group,
        masked: &[Fp],
        claimed: Claimed,
    ) -> Result<(Vec<Fp>, Judging), Error> {
        let n = keys.len();
        let ServerPool { triples, randoms: mut inputs } = self.pool.take(needs(n))?;
        inputs.add_public_assign(&self.key, masked);
        let zeros = &self.labels.as_slice()[BITS * at..BITS * (at + n)];

        let mut first = inputs.map(statement::first_factors);
        first.add_public_assign(&self.key, &statement::first_constants(n));
        let mut first = ServerShare::of_client(first);
        first.sub_assign(triples.a());
        let mut second = inputs.map(statement::second_factors);
        second.add_public_assign(&self.key, &statement::second_constants(n));
        let mut second = ServerShare::of_client(second);
        second.add_public_assign(&label_differences(zeros, &self.delta));
        second.sub_assign(triples.b());

        let ((first, first_keys), (second, second_keys)) = (first.into_parts(), second.into_parts());
        let theirs = Keys::concat(vec![first_keys, second_keys]).verify(&self.key, &id.factors(), claimed)?;
        let (mut d, mut e) = (first.to_vec(), second.to_vec());
        let (d_c, e_c) = theirs.split_at(d.len());
        vector::add_assign(&mut d, d_c);
        vector::add_assign(&mut e, e_c);

        let mut bits = triples.product(&d, &e);
        let limbs = bits.split_off(PROVEN * n);
        let over = bits.split_off((BITS + 1) * n);
        let mut range = bits.split_off(BITS * n);
        range.sub_assign(&over);
        range.sub_assign(&ServerShare::of_client(inputs.map(statement::middle_ones)));
        let mut value = inputs.map(statement::recomposed);
        value.sub_assign(&keys);

        let (mut limbs, _) = limbs.into_parts();
        for (limbs, &zero) in limbs.as_chunks_mut::<LIMBS>().0.iter_mut().zip(zeros) {
            vector::add_assign(limbs, &split(zero));
        }
        let mut labels = Zeroizing::new(Vec::with_capacity(3 * LABELLED * n));
        labels.extend_from_slice(&first[PROVEN * n..]);
        labels.extend_from_slice(&second[PROVEN * n..]);
        labels.extend_from_slice(&limbs);
        let halves = [&first[..PROVEN * n], &second[..PROVEN * n]].concat();
        let (bits, range) = (bits.into_sum_keys(&self.key), range.into_sum_keys(&self.key));
        Ok((halves, Judging { id, bits, range, value, labels }))
    }
}

impl Judging {
    fn len(&self) -> usize {
        self.value.len()
    }

    /// One verdict on all checks: each is made whatever the others say. Gives what the client's labels are made from.
    fn on_proofs(
        self,
        (bits, (range, value)): (Digest, (Digest, Digest)),
    ) -> Result<Zeroizing<Vec<Fp>>, Error> {
        let Self { id, labels, .. } = self;
        let bits = self.bits.verify_zero(&id.bits(), &bits);
        let range = self.range.verify_zero(&id.range(), &range);
        let value = self.value.verify_zero(&id.value(), &value);
        // Check: bits, range and value of the published disclosure.
        let check = match (bits.is_ok(), range.is_ok(), value.is_ok()) {
            (true, true, true) => return Ok(labels),
            (false, _, _) => Check::Bits,
            (true, false, true) => Check::Range,
            (true, true, false) => Check::Value,
            (true, false, false) => Check::RangeAndValue,
        };
        Err(Error::PeerMisbehaved(check))
    }
}

/// The server's part of the second factors: `l1 - l0` for every limb of every label, zero for the products that prove.
fn label_differences(zeros: &[Block], delta: &Delta) -> Zeroizing<Vec<Fp>> {
    let n = zeros.len() / BITS;
    let mut out = Zeroizing::new(vec![Fp::ZERO; needs(n).triples]);
    let labelled = out[PROVEN * n..].as_chunks_mut::<LIMBS>().0;
    for (difference, &zero) in labelled.iter_mut().zip(zeros) {
        *difference = split(zero ^ delta.block());
        vector::sub_assign(difference, &split(zero));
    }
    out
}
