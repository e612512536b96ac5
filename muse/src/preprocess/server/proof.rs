//! What the server requires of a client's rows before it computes on them (protocol, section 4.3).

use super::Context;
use crate::{
    Error,
    session::ServerSession,
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    prg::Prg,
    wire::{self, Decode},
};
use muse_he::{
    encrypt::{Ciphertext, Received},
    keys::PublicKey,
};
use muse_zk::wellformed::{BatchId, Commitment, ProofShape, Responses, Tries, Verifier};

/// Turns received rows into a public key and ciphertexts to compute on: by proof, or in the baseline on the client's word.
pub(super) fn accept(
    context: &Context<'_>,
    session: &mut ServerSession,
    rows: Vec<Received>,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(PublicKey, Vec<Ciphertext>), Error> {
    let ServerSession { id, public_key, authentication, .. } = session;
    let Some(authentication) = authentication else {
        let rows = rows.into_iter().map(Received::assume_well_formed).collect();
        return Ok((public_key.clone().assume_well_formed(), rows));
    };
    link.enter(Phase::Preprocessing, Component::Proofs);
    let plan = context.plan;
    let id = BatchId { session: *id, inference: context.inference };
    let shape = ProofShape::new(plan.budget())?;
    let verifier = Verifier::new(plan.context(), plan.budget(), id, public_key, rows)?;
    run(verifier, shape, &mut authentication.tries, link, rng)
}

/// Plays a verifier to its end.
pub(super) fn run(
    mut verifier: Verifier<'_>,
    shape: ProofShape,
    tries: &mut Tries,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(PublicKey, Vec<Ciphertext>), Error> {
    loop {
        let commitment = link.recv(Tag::ProofCommitment, Commitment::len_for(()))?;
        let commitment =
            wire::from_slice((), &commitment).map_err(|_| Error::malformed("commitment of the proof"))?;
        let (waiting, challenge) = verifier.challenge(&commitment, tries, rng)?;
        link.send(Tag::ProofChallenge, &wire::to_vec(&challenge))?;
        if link.recv_tag(&[Tag::ProofResponses, Tag::ProofRejected])? == Tag::ProofRejected {
            verifier = waiting.rejected();
            continue;
        }
        let mut body = vec![0; Responses::len_for(shape)];
        link.read(&mut body)?;
        let responses =
            wire::from_slice(shape, &body).map_err(|_| Error::malformed("responses of the proof"))?;
        return Ok(waiting.verify(responses)?);
    }
}
