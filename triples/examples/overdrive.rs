//! Two parties, either of which could be malicious, in one process: a session, a batch of triples, and one product checked in the clear.
//!
//! `cargo run --release -p muse-triples --example overdrive`

#![allow(clippy::print_stdout, reason = "an example prints")]

use muse_field::Fp;
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_he::encode::Slots;
use muse_he::params::Params;
use muse_he::ring::Ring;
use muse_mac::spdz::{Commitment, Party};
use muse_triples::Error;
use muse_triples::overdrive::{AwaitCoinCommitment, AwaitKeys, Ciphertexts, Context, Material, Session};

/// A party at the beginning of a check, and its first message.
type Checking<M> = (AwaitCoinCommitment<M>, Commitment);

/// The end of the setup and of every batch: seven messages each way.
fn check<M: Material>(
    [(one, c_1), (other, c_2)]: [Checking<M>; 2],
    [r_1, r_2]: &mut [Prg; 2],
) -> Result<[(Session, M::Output); 2], Error> {
    let ((one, seed_1), (other, seed_2)) = (one.on_commitment(c_2), other.on_commitment(c_1));
    let ((one, open_1), (other, open_2)) = (one.on_seed(&seed_2)?, other.on_seed(&seed_1)?);
    let ((one, c_1), (other, c_2)) = (one.on_opened(&open_2, r_1)?, other.on_opened(&open_1, r_2)?);
    let ((one, seed_1), (other, seed_2)) = (one.on_commitment(c_2), other.on_commitment(c_1));
    let ((one, c_1), (other, c_2)) = (one.on_seed(&seed_2, r_1)?, other.on_seed(&seed_1, r_2)?);
    let ((one, sigma_1), (other, sigma_2)) = (one.on_commitment(c_2), other.on_commitment(c_1));
    Ok([one.on_sigma(&sigma_2)?, other.on_sigma(&sigma_1)?])
}

fn main() -> Result<(), Error> {
    // A small ring, so that the example is quick. Its lattice is no protection: `Params::default()` is.
    let params = Params::with_degree(64).map_err(Error::from)?;
    let (ring, slots) = (Ring::new(params).map_err(Error::from)?, Slots::new(&params));
    let context = Context::new(&ring, &slots)?;
    // Fixed seeds are for examples and tests only.
    let mut rngs = [Prg::from_seed([1; 32]), Prg::from_seed([2; 32])];
    let session = SessionId::from_bytes([7; 32]);

    let (one, keys_1) = AwaitKeys::start(context, session, Party::First, &mut rngs[0])?;
    let (other, keys_2) = AwaitKeys::start(context, session, Party::Second, &mut rngs[1])?;
    let (one, trial_1) = one.on_keys(keys_2, &mut rngs[0])?;
    let (other, trial_2) = other.on_keys(keys_1, &mut rngs[1])?;
    let trials = [one.on_reply(trial_2, &mut rngs[0])?, other.on_reply(trial_1, &mut rngs[1])?];
    let [(one, ()), (other, ())] = check(trials, &mut rngs)?;

    let mut one = Ciphertexts::start(one, context, &mut rngs[0])?;
    let mut other = Ciphertexts::start(other, context, &mut rngs[1])?;
    while one.to_send() > 0 {
        let (from_1, from_2) = (one.ciphertexts(1)?, other.ciphertexts(1)?);
        (one, other) = (one.on_ciphertexts(from_2)?, other.on_ciphertexts(from_1)?);
    }
    let ((one, proof_1), (other, proof_2)) = (one.prove(&mut rngs[0])?, other.prove(&mut rngs[1])?);
    let (mut one, mut other) = (one.on_proof(proof_2)?, other.on_proof(proof_1)?);
    while let (Some(from_1), Some(from_2)) = (one.replies()?, other.replies()?) {
        (one, other) = (one.on_replies(from_2)?, other.on_replies(from_1)?);
    }
    let (mut one, mut other) = (one.finish()?, other.finish()?);
    while let (Some(from_1), Some(from_2)) = (one.replies()?, other.replies()?) {
        (one, other) = (one.on_replies(from_2)?, other.on_replies(from_1)?);
    }
    let sacrifices = [one.check(&mut rngs[0])?, other.check(&mut rngs[1])?];
    let [(one, triples_1), (_, triples_2)] = check(sacrifices, &mut rngs)?;

    println!("{} triples, {} batches left in the session", triples_1.len(), one.remaining());
    let ((a_1, b_1, c_1), (a_2, b_2, c_2)) = (triples_1.into_parts(), triples_2.into_parts());
    let sum = |x: &[Fp], y: &[Fp]| x[0] + y[0];
    let (a, b) = (sum(a_1.values(), a_2.values()), sum(b_1.values(), b_2.values()));
    let c = sum(c_1.values(), c_2.values());
    println!("{} * {} = {} modulo p", a.to_u64(), b.to_u64(), c.to_u64());
    assert_eq!(a * b, c);
    Ok(())
}
