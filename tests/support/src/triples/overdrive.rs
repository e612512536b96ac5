//! Two malicious parties over bytes, any message of which may be changed on its way.
//!
//! Where both parties would find something, the second one is asked first: cheaters play the first.

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_field::{Fp, ct};
use muse_he::encode::Slots;
use muse_he::params::Params;
use muse_he::reply::Reply;
use muse_he::ring::Ring;
use muse_mac::spdz::{Commitment, KeyShare, Party, Shares};
use muse_triples::overdrive::{
    AwaitCoinCommitment, AwaitKeys, AwaitProof, Ciphertexts, Context, Inputs, Macs, Material, Products,
    Sacrifice, Session, keys_shape,
};
use muse_triples::random::reply_shape;
use muse_triples::{Error, SharedTriples};

use super::generation::{SESSION, rng};

/// Who sends, what, which one of its kind, and its bytes.
pub type Tap<'t> = dyn FnMut(Party, &'static str, usize, &mut Vec<u8>) + 't;

pub struct World {
    pub ring: Ring,
    pub slots: Slots,
}

impl World {
    pub fn new(n: usize) -> Self {
        let params = Params::with_degree(n).unwrap();
        Self { ring: Ring::new(params).unwrap(), slots: Slots::new(&params) }
    }

    pub fn context(&self) -> Context<'_> {
        Context::new(&self.ring, &self.slots).unwrap()
    }

    pub fn n(&self) -> usize {
        self.ring.n()
    }
}

/// Nothing is changed.
pub fn honest(_: Party, _: &'static str, _: usize, _: &mut Vec<u8>) {}

fn pass<T: Decode>(
    tap: &mut Tap<'_>,
    from: Party,
    (name, number): (&'static str, usize),
    shape: T::Shape,
    message: &impl Encode,
) -> Result<T, Error> {
    let mut bytes = to_vec(message);
    ct::public(&bytes[..]);
    tap(from, name, number, &mut bytes);
    Ok(from_slice(shape, &bytes)?)
}

use Party::{First, Second};

/// What each party sends of a kind reaches the other: the first party's message for the second, the second's for the first.
fn swap<T: Decode>(
    tap: &mut Tap<'_>,
    name: (&'static str, usize),
    shape: T::Shape,
    [first, second]: [&impl Encode; 2],
) -> Result<[T; 2], Error> {
    let for_second = pass(tap, First, name, shape, first)?;
    Ok([pass(tap, Second, name, shape, second)?, for_second])
}

/// How a session begins: its name and the plaintext of Enc(alpha), if it is not an honest one, of either party.
pub struct Beginning {
    pub ids: [SessionId; 2],
    pub alpha: Option<Vec<Fp>>,
    pub seed: u8,
}

impl Default for Beginning {
    fn default() -> Self {
        Self { ids: [SESSION; 2], alpha: None, seed: 1 }
    }
}

pub fn setup(world: &World, beginning: &Beginning, tap: &mut Tap<'_>) -> Result<[Session; 2], Error> {
    let (context, n) = (world.context(), world.n());
    let [a, b] = &mut [rng(beginning.seed), rng(beginning.seed + 1)];
    let (first, keys_a) = match &beginning.alpha {
        None => AwaitKeys::start(context, beginning.ids[0], First, a)?,
        Some(alpha) => AwaitKeys::start_with(context, beginning.ids[0], First, alpha, a)?,
    };
    let (second, keys_b) = AwaitKeys::start(context, beginning.ids[1], Second, b)?;
    let [for_a, for_b] = swap(tap, ("keys", 0), keys_shape(n)?, [&keys_a, &keys_b])?;
    let (second, reply_b) = second.on_keys(for_b, b)?;
    let (first, reply_a) = first.on_keys(for_a, a)?;
    let [for_a, for_b] = swap::<Reply>(tap, ("trial", 0), reply_shape(n), [&reply_a, &reply_b])?;
    let second = second.on_reply(for_b, b)?;
    let first = first.on_reply(for_a, a)?;
    let [(first, ()), (second, ())] = finish([first, second], tap, [a, b])?;
    Ok([first, second])
}

/// From the coin to the check.
pub fn finish<M: Material>(
    [(first, commit_a), (second, commit_b)]: [(AwaitCoinCommitment<M>, Commitment); 2],
    tap: &mut Tap<'_>,
    [a, b]: [&mut Prg; 2],
) -> Result<[(Session, M::Output); 2], Error> {
    let [for_a, for_b] = swap(tap, ("coin commitment", 0), (), [&commit_a, &commit_b])?;
    let ((first, coin_a), (second, coin_b)) = (first.on_commitment(for_a), second.on_commitment(for_b));
    let [for_a, for_b] = swap(tap, ("coin", 0), (), [&coin_a, &coin_b])?;
    let (second, opened_b) = second.on_seed(&for_b)?;
    let (first, opened_a) = first.on_seed(&for_a)?;
    let [for_a, for_b] = swap(tap, ("opened", 0), second.count(), [&opened_a, &opened_b])?;
    let (second, commit_b) = second.on_opened(&for_b, b)?;
    let (first, commit_a) = first.on_opened(&for_a, a)?;
    let [for_a, for_b] = swap(tap, ("seed commitment", 0), (), [&commit_a, &commit_b])?;
    let ((first, seed_a), (second, seed_b)) = (first.on_commitment(for_a), second.on_commitment(for_b));
    let [for_a, for_b] = swap(tap, ("seed", 0), (), [&seed_a, &seed_b])?;
    let (second, commit_b) = second.on_seed(&for_b, b)?;
    let (first, commit_a) = first.on_seed(&for_a, a)?;
    let [for_a, for_b] = swap(tap, ("sigma commitment", 0), (), [&commit_a, &commit_b])?;
    let ((first, sigma_a), (second, sigma_b)) = (first.on_commitment(for_a), second.on_commitment(for_b));
    let [for_a, for_b] = swap(tap, ("sigma", 0), (), [&sigma_a, &sigma_b])?;
    let second = second.on_sigma(&for_b)?;
    Ok([first.on_sigma(&for_a)?, second])
}

/// Both parties in one state.
type Both<T> = [T; 2];

/// A batch up to both proofs: all ciphertexts have gone over.
pub fn ciphertexts<'a>(
    world: &'a World,
    [first, second]: [Session; 2],
    tap: &mut Tap<'_>,
    [a, b]: [&mut Prg; 2],
) -> Result<Both<AwaitProof<'a>>, Error> {
    Ok(proofs(world, [first, second], tap, [a, b])?.0)
}

type Proofs<'a> = (Both<AwaitProof<'a>>, Both<muse_zk::topgear::Proof>);

/// The same with the proofs, which have not been checked.
pub fn proofs<'a>(
    world: &'a World,
    [first, second]: [Session; 2],
    tap: &mut Tap<'_>,
    [a, b]: [&mut Prg; 2],
) -> Result<Proofs<'a>, Error> {
    let (context, n) = (world.context(), world.n());
    let mut first = Ciphertexts::start(first, context, a)?;
    let mut second = Ciphertexts::start(second, context, b)?;
    let mut number = 0;
    while first.to_send() > 0 {
        // A few at a time: how many changes nothing.
        let (from_a, from_b) = (first.ciphertexts(3)?, second.ciphertexts(3)?);
        for (one, other) in from_a.iter().zip(&from_b) {
            let [for_a, for_b] = swap(tap, ("ciphertext", number), n, [one, other])?;
            second = second.on_ciphertexts(vec![for_b])?;
            first = first.on_ciphertexts(vec![for_a])?;
            number += 1;
        }
    }
    let ((first, proof_a), (second, proof_b)) = (first.prove(a)?, second.prove(b)?);
    let shape = second.shape()?;
    let sent = swap(tap, ("proof", 0), shape, [&proof_a, &proof_b])?;
    Ok(([first, second], sent))
}

/// A whole batch of triples.
pub fn triples(
    world: &World,
    sessions: [Session; 2],
    tap: &mut Tap<'_>,
    seed: u8,
) -> Result<[(Session, SharedTriples); 2], Error> {
    let [a, b] = &mut [rng(seed), rng(seed + 1)];
    let ([first, second], [for_a, for_b]) = proofs(world, sessions, tap, [a, b])?;
    let second = second.on_proof(for_b)?;
    let first = first.on_proof(for_a)?;
    let [first, second] = products([first, second], world, tap)?;
    let second = second.check(b)?;
    finish::<Sacrifice>([first.check(a)?, second], tap, [a, b])
}

/// All replies of a batch.
pub fn products<'a>(
    [mut first, mut second]: Both<Products<'a>>,
    world: &World,
    tap: &mut Tap<'_>,
) -> Result<Both<Macs<'a>>, Error> {
    let mut number = 0;
    while let (Some(one), Some(other)) = (first.replies()?, second.replies()?) {
        let [for_a, for_b] = swap(tap, ("products", number), world.n(), [&one, &other])?;
        second = second.on_replies(for_b)?;
        first = first.on_replies(for_a)?;
        number += 1;
    }
    let (mut first, mut second) = (first.finish()?, second.finish()?);
    number = 0;
    while let (Some(one), Some(other)) = (first.replies()?, second.replies()?) {
        let [for_a, for_b] = swap(tap, ("macs", number), world.n(), [&one, &other])?;
        second = second.on_replies(for_b)?;
        first = first.on_replies(for_a)?;
        number += 1;
    }
    Ok([first, second])
}

/// A batch of inputs of the first party, or of the second.
pub fn inputs(
    world: &World,
    [first, second]: [Session; 2],
    owner: Party,
    groups: usize,
    tap: &mut Tap<'_>,
    seed: u8,
) -> Result<[(Session, Shares); 2], Error> {
    let (context, n) = (world.context(), world.n());
    let [a, b] = &mut [rng(seed), rng(seed + 1)];
    let (own, other) = if owner == First { (first, second) } else { (second, first) };
    let mut sending = Inputs::send(own, context, groups, a)?;
    let mut receiving = Inputs::receive(other, context, groups)?;
    let mut number = 0;
    while sending.remaining() > 0 {
        for reply in sending.replies(2)? {
            let reply = pass(tap, owner, ("input", number), reply_shape(n), &reply)?;
            receiving = receiving.on_replies(vec![reply])?;
            number += 1;
        }
    }
    let (receiving, sending) = (receiving.check(b)?, sending.check(a)?);
    let states = if owner == First { [sending, receiving] } else { [receiving, sending] };
    let made = finish(states, tap, [a, b])?;
    Ok(made.map(|(session, masks)| (session, masks.into_shares())))
}

/// The shared values, if every MAC fits the key of both.
pub fn opened(keys: [&KeyShare; 2], [first, second]: [&Shares; 2]) -> Option<Vec<Fp>> {
    let add = |a: &[Fp], b: &[Fp]| a.iter().zip(b).map(|(&a, &b)| a + b).collect::<Vec<Fp>>();
    let alpha = keys[0].expose() + keys[1].expose();
    let (values, macs) = (add(first.values(), second.values()), add(first.macs(), second.macs()));
    values.iter().zip(&macs).all(|(&x, &m)| m == alpha * x).then_some(values)
}
