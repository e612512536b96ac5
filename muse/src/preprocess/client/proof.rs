//! The proof that this client's rows are well formed (protocol, section 4.3).

use super::Context;
use crate::{
    Error,
    session::ClientSession,
    transport::{Component, Phase, Tag, Transport},
};
use muse_field::{
    prg::Prg,
    wire::{self, Decode},
};
use muse_he::encrypt::{Received, Witness};
use muse_zk::wellformed::{Attempt, BatchId, Challenge, ProofShape, Prover};

/// Proves the ciphertexts of one inference together with the public key. About one try in e is not rejected, so this takes
/// 2.7 round trips on average.
pub(super) fn prove(
    context: &Context<'_>,
    session: &ClientSession,
    rows: &[(Received, Witness)],
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(), Error> {
    link.enter(Phase::Preprocessing, Component::Proofs);
    let plan = context.plan;
    let id = BatchId { session: session.id, inference: context.inference };
    let (public_key, witness) = &session.public_key;
    let shape = ProofShape::new(plan.budget())?;
    let prover = Prover::new(plan.context(), plan.budget(), id, &session.key, (public_key, witness), rows)?;
    run(prover, shape, link, rng)
}

/// Plays a prover to its end.
pub(super) fn run(
    mut prover: Prover<'_>,
    shape: ProofShape,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<(), Error> {
    loop {
        let (waiting, commitment) = prover.commit(rng);
        link.send(Tag::ProofCommitment, &wire::to_vec(&commitment))?;
        let challenge = link.recv(Tag::ProofChallenge, Challenge::len_for(shape))?;
        let challenge =
            wire::from_slice(shape, &challenge).map_err(|_| Error::malformed("challenge of the proof"))?;
        match waiting.respond(&challenge) {
            Attempt::Accepted(responses) => {
                link.send(Tag::ProofResponses, &wire::to_vec(&responses))?;
                return Ok(());
            }
            Attempt::Rejected(again) => {
                link.send(Tag::ProofRejected, &[])?;
                prover = again;
            }
        }
    }
}
