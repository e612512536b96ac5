//! The proof that the client's rows are well formed, before the server computes on them (protocol, section 4.3).
//!
//! ```text
//! client                                          server
//!   commitment                 ------------>
//!                              <------------      challenge
//!   responses, or another try  ------------>      check: well formed, within 64 tries
//! ```
//!
//! Interactive, 4 repetitions: a cheater gets through with a chance of 2^-56 a try (`muse_zk::wellformed`). About one try in e
//! is not rejected, so this takes 2.7 round trips on average.

use crate::{
    Error,
    accounts::Component,
    frames::Script,
    message::{Message, ProofChallenge, ProofCommitment, ProofRejected, ProofResponses},
    plan::Plan,
    run::Run,
    session::{ClientSession, ServerSession},
};
use muse_he::{
    encrypt::{Ciphertext, Received, Witness},
    keys::PublicKey,
};
use muse_zk::wellformed::{Attempt, ProofShape, Proven, Prover, Tries, Verifier};

/// What goes over the wire, if the last of `tries` tries is the one accepted.
pub fn frames(plan: &Plan, tries: u32, script: &mut Script) -> Result<(), Error> {
    script.enter(Component::Proofs);
    try_frames(ProofShape::new(plan.budget())?, tries, script);
    Ok(())
}

/// The frames of any proof of well-formed rows.
pub(super) fn try_frames(shape: ProofShape, tries: u32, script: &mut Script) {
    for rejected in (1..tries.max(1)).map(|_| true).chain([false]) {
        script.message::<ProofCommitment>(());
        script.message::<ProofChallenge>(shape);
        if rejected {
            script.message::<ProofRejected>(());
        } else {
            script.message::<ProofResponses>(shape);
        }
    }
}

/// The client: proves the ciphertexts of one inference together with the public key.
pub fn client(run: &mut Run<'_>, session: &ClientSession, rows: &[(Received, Witness)]) -> Result<(), Error> {
    run.enter(Component::Proofs);
    let plan = run.plan;
    let id = run.id;
    let (public_key, witness) = &session.public_key;
    let shape = ProofShape::new(plan.budget())?;
    let prover = Prover::new(plan.ring(), plan.budget(), id, &session.key, (public_key, witness), rows)?;
    prove(run, prover, shape)
}

/// The server: turns received rows into a public key and ciphertexts to compute on: by proof, or in the baseline on the client's word.
pub fn server(
    run: &mut Run<'_>,
    session: &mut ServerSession,
    rows: Vec<Received>,
) -> Result<(PublicKey, Vec<Ciphertext>), Error> {
    let ServerSession { public_key, authentication, .. } = session;
    let Some(authentication) = authentication else {
        let rows = rows.into_iter().map(Received::assume_well_formed).collect();
        return Ok((public_key.clone().assume_well_formed(), rows));
    };
    run.enter(Component::Proofs);
    let plan = run.plan;
    let id = run.id;
    let shape = ProofShape::new(plan.budget())?;
    let verifier = Verifier::new(plan.ring(), plan.budget(), id, public_key, rows)?;
    Ok(verify(run, verifier, shape, &mut authentication.tries)?.under(&id, plan.budget())?)
}

/// Plays a prover to its end.
pub(super) fn prove(run: &mut Run<'_>, mut prover: Prover<'_>, shape: ProofShape) -> Result<(), Error> {
    loop {
        let (waiting, commitment) = prover.commit(run.rng);
        run.send::<ProofCommitment>(&commitment)?;
        let challenge = run.receive::<ProofChallenge>(shape)?;
        match waiting.respond(&challenge) {
            Attempt::Accepted(responses) => return run.send::<ProofResponses>(&responses),
            Attempt::Rejected(again) => {
                run.send::<ProofRejected>(&[])?;
                prover = again;
            }
        }
    }
}

/// Plays a verifier to its end: the proof holds, or this is an error.
pub(super) fn verify(
    run: &mut Run<'_>,
    mut verifier: Verifier<'_>,
    shape: ProofShape,
    tries: &mut Tries,
) -> Result<Proven, Error> {
    loop {
        let commitment = run.receive::<ProofCommitment>(())?;
        let (waiting, challenge) = verifier.challenge(&commitment, tries, run.rng)?;
        run.send::<ProofChallenge>(&challenge)?;
        if run.link.recv_tag(&[ProofResponses::TAG, ProofRejected::TAG])? == ProofRejected::TAG {
            verifier = waiting.rejected();
            continue;
        }
        return Ok(waiting.verify(run.read::<ProofResponses>(shape)?)?);
    }
}
