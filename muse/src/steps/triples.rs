//! What the published disclosure consumes: Beaver triples and authenticated random values (protocol, section 6).
//!
//! ```text
//! client                                          server
//!   once a session:
//!                              <------------      a public key of the server, Enc(alpha)
//!   a batch of triples:
//!   Enc(a), Enc(b), Enc(ab)    ------------>
//!                                 proof (4.3)     check: well formed
//!                              <------------      MACs and cross terms
//!                              <------------      seed
//!   proof of products          ------------>      check: c = a b
//!   a batch of random values:
//!   encrypted keys             ------------>
//!                              <------------      seed
//!   opened combination         ------------>      check: MACs are right
//! ```
//!
//! The checks are in `muse_triples`.

use super::proof;
use crate::{
    Error,
    accounts::{Component, Phase},
    frames::Script,
    message::{
        EncryptedKey, ProductProof, ProductSeed, RandomOpening, RandomReplies, RandomSeed, TripleCiphertexts,
        TripleReplies,
    },
    metered::Connection,
    plan::{Plan, chunks},
    run::{self, Run},
    session::{Authentication, ClientLabels, ClientSession, ServerLabels, ServerSession},
};
use muse_field::{
    id::{RunId, SessionId},
    prg::Prg,
    wire::Decode,
};
use muse_he::{encode::Slots, encrypt::FreshCiphertext, params::Params, reply::Reply};
use muse_mac::{Authenticated, Keys, MacKey};
use muse_triples::{
    ClientTriples, ServerTriples,
    beaver::{self, Batch, Client, Server},
    random,
};
use muse_zk::wellformed::ProofShape;

/// What goes over the wire once a session.
pub(super) fn setup_frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::AuthenticatedInputs);
    script.message::<EncryptedKey>(plan.ring().n());
}

/// What goes over the wire for a batch of `groups` groups of triples.
pub(super) fn frames(plan: &Plan, groups: usize, script: &mut Script) -> Result<(), Error> {
    let n = plan.ring().n();
    script.bulk::<TripleCiphertexts>(3 * groups * FreshCiphertext::len_for(n));
    proof::try_frames(ProofShape::new(&beaver::budget(n, groups))?, 1, script);
    script.bulk::<TripleReplies>(groups * beaver::Replies::len_for(n));
    script.message::<ProductSeed>(());
    script.message::<ProductProof>(());
    Ok(())
}

/// What goes over the wire for a batch of `groups` groups of random values.
pub(super) fn random_frames(plan: &Plan, groups: usize, script: &mut Script) {
    script.bulk::<RandomReplies>(groups * Reply::len_for(random::reply_shape(plan.ring().n())));
    script.message::<RandomSeed>(());
    script.message::<RandomOpening>(1);
}

/// The slots of the ring, for triples.
pub fn slots() -> Slots {
    Slots::new(&Params::default())
}

/// The server, once a session: encrypts alpha under a key of its own.
pub fn server_setup(
    plan: &Plan,
    id: SessionId,
    key: &MacKey,
    link: &mut dyn Connection,
    rng: &mut Prg,
) -> Result<random::Server, Error> {
    link.enter(Phase::Setup, Component::AuthenticatedInputs);
    let (server, setup) = random::Server::setup(plan.ring(), id, key, rng)?;
    run::send::<EncryptedKey>(link, &setup)?;
    Ok(server)
}

/// The client, once a session: what random values are made from. It comes with the card.
pub fn client_setup(plan: &Plan, id: SessionId, link: &mut dyn Connection) -> Result<random::Client, Error> {
    link.enter(Phase::Setup, Component::AuthenticatedInputs);
    let setup = run::receive::<EncryptedKey>(link, plan.ring().n())?;
    Ok(random::Client::on_setup(plan.ring(), id, setup)?)
}

/// The client: a batch of `groups` groups of triples. `mask` is one random value.
pub fn client(
    run: &mut Run<'_>,
    session: &mut ClientSession,
    slots: &Slots,
    groups: usize,
    mask: Authenticated,
) -> Result<ClientTriples, Error> {
    let ring = run.plan.ring();
    let id = RunId::new(session.id, session.next_inference);
    session.next_inference += 1;
    let batch = Batch::new(ring, slots, id, groups)?;
    let (client, ciphertexts) = Client::start(batch, &session.key, run.rng)?;
    run.begin::<TripleCiphertexts>(batch.ciphertexts() * FreshCiphertext::len_for(ring.n()))?;
    for ciphertext in &ciphertexts {
        run.write::<TripleCiphertexts>(ciphertext)?;
    }
    let (public_key, witness) = &session.public_key;
    let shape = ProofShape::new(&batch.budget())?;
    proof::prove(run, client.prover(&session.key, (public_key, witness))?, shape)?;
    let mut client = client.proven();
    run.expect::<TripleReplies>()?;
    while client.remaining() > 0 {
        client = client.on_replies(&session.reply_key, run.read::<TripleReplies>(ring.n())?)?;
    }
    let seed = run.receive::<ProductSeed>(())?;
    let (triples, message) = client.on_seed(mask, &seed)?;
    run.send::<ProductProof>(&message)?;
    Ok(triples)
}

/// The server: a batch of `groups` groups of triples. `mask` are the keys of one random value of the client.
pub fn server(
    run: &mut Run<'_>,
    session: &mut ServerSession,
    slots: &Slots,
    groups: usize,
    mask: Keys,
) -> Result<ServerTriples, Error> {
    let ring = run.plan.ring();
    let ServerSession { id, public_key, next_inference, authentication, .. } = session;
    let Authentication { key, tries, .. } = authentication.as_mut().ok_or_else(no_macs)?;
    let id = RunId::new(*id, *next_inference);
    *next_inference += 1;
    let batch = Batch::new(ring, slots, id, groups)?;
    run.expect::<TripleCiphertexts>()?;
    let ciphertexts = run.read_all::<TripleCiphertexts>(ring.n(), batch.ciphertexts())?;
    let shape = ProofShape::new(&batch.budget())?;
    let verifier = batch.verifier(public_key, ciphertexts)?;
    let proven = proof::verify(run, verifier, shape, tries)?;
    let mut server = Server::start(batch, proven, key, run.rng)?;
    run.begin::<TripleReplies>(groups * beaver::Replies::len_for(ring.n()))?;
    while server.remaining() > 0 {
        run.write::<TripleReplies>(&server.replies()?)?;
    }
    let (server, seed) = server.challenge(mask, run.rng)?;
    run.send::<ProductSeed>(&seed)?;
    let message = run.receive::<ProductProof>(())?;
    Ok(server.on_proof(message)?)
}

/// The client: a batch of `groups` groups of random values.
pub fn client_randoms(
    run: &mut Run<'_>,
    session: &mut ClientSession,
    groups: usize,
) -> Result<Authenticated, Error> {
    let ring = run.plan.ring();
    let ClientLabels::Published(client) = &mut session.labels else { return Err(no_randoms()) };
    let mut sending = client.start(ring, groups, run.rng)?;
    run.begin::<RandomReplies>(groups * Reply::len_for(random::reply_shape(ring.n())))?;
    while sending.remaining() > 0 {
        for reply in sending.replies(chunks::RANDOMS)? {
            run.write::<RandomReplies>(&reply)?;
        }
    }
    let waiting = sending.sent()?;
    let seed = run.receive::<RandomSeed>(())?;
    let (values, opening) = waiting.on_seed(&seed);
    run::send_as::<RandomOpening>(run.link, &opening)?;
    Ok(values)
}

/// The server: a batch of `groups` groups of random values: the keys of the client's.
pub fn server_randoms(run: &mut Run<'_>, session: &mut ServerSession, groups: usize) -> Result<Keys, Error> {
    let ring = run.plan.ring();
    // Taken out: a failure leaves no server behind.
    let ServerLabels::Published { randoms, .. } = &mut session.labels else { return Err(no_randoms()) };
    let mut server = randoms.take().ok_or_else(no_randoms)?.start(ring, groups)?;
    let shape = random::reply_shape(ring.n());
    run.expect::<RandomReplies>()?;
    while server.remaining() > 0 {
        let count = chunks::RANDOMS.min(server.remaining());
        server = server.on_replies(run.read_all::<RandomReplies>(shape, count)?)?;
    }
    let (server, seed) = server.challenge(run.rng)?;
    run.send::<RandomSeed>(&seed)?;
    let opening = run.receive::<RandomOpening>(1)?;
    let (server, keys) = server.on_opening(opening)?;
    *randoms = Some(server);
    Ok(keys)
}

fn no_macs() -> Error {
    Error::Internal("triples in a session with MACs".into())
}

fn no_randoms() -> Error {
    Error::Internal("random values set up".into())
}
