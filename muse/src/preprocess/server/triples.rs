//! What the published disclosure consumes: Beaver triples and authenticated random values (protocol, section 6).

use super::proof;
use crate::{
    Error,
    session::{Authentication, ServerSession},
    transport::{Tag, Transport},
};
use muse_field::{
    prg::Prg,
    wire::{self, Decode},
};
use muse_he::{encode::Slots, encrypt::FreshCiphertext, reply::Reply, ring::Context};
use muse_mac::{Claimed, Keys};
use muse_triples::{
    ServerTriples,
    beaver::{Batch, BatchId, Replies, Server},
    random,
};
use muse_zk::{product::Message, wellformed::ProofShape};

/// A batch of `groups` groups of triples. `mask` are the keys of one random value of the client.
pub(crate) fn make(
    ring: &Context,
    session: &mut ServerSession,
    slots: &Slots,
    groups: usize,
    mask: Keys,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ServerTriples, Error> {
    let ServerSession { id, public_key, next_inference, authentication, .. } = session;
    let Authentication { key, tries, .. } = authentication.as_mut().ok_or_else(no_macs)?;
    let id = BatchId { session: *id, batch: *next_inference };
    *next_inference += 1;
    let batch = Batch::new(ring, slots, id, groups)?;
    let mut body = vec![0; FreshCiphertext::len_for(ring.n())];
    link.recv_tag(&[Tag::TripleCiphertexts])?;
    let mut ciphertexts = Vec::with_capacity(batch.ciphertexts());
    for _ in 0..batch.ciphertexts() {
        link.read(&mut body)?;
        ciphertexts.push(wire::from_slice(ring.n(), &body).map_err(|_| Error::malformed("ciphertext"))?);
    }
    let shape = ProofShape::new(&batch.budget())?;
    let verifier = batch.verifier(public_key, ciphertexts)?;
    let (public_key, ciphertexts) = proof::run(verifier, shape, tries, link, rng)?;
    let mut server = Server::start(batch, public_key, ciphertexts, key, rng)?;
    link.begin_send(Tag::TripleReplies, (groups * Replies::len_for(ring.n())) as u64)?;
    while server.remaining() > 0 {
        link.write(&wire::to_vec(&server.replies()?))?;
    }
    let (server, seed) = server.challenge(mask, rng)?;
    link.send(Tag::ProductSeed, &wire::to_vec(&seed))?;
    let message = link.recv(Tag::ProductProof, Message::len_for(()))?;
    let message = wire::from_slice((), &message).map_err(|_| Error::malformed("proof of products"))?;
    Ok(server.on_proof(message)?)
}

/// A batch of `groups` groups of random values: the keys of the client's.
pub(crate) fn randoms(
    ring: &Context,
    session: &mut ServerSession,
    groups: usize,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<Keys, Error> {
    // Taken out: a failure leaves no server behind.
    let place = &mut session.authentication.as_mut().ok_or_else(no_macs)?.randoms;
    let mut server = place.take().ok_or_else(no_macs)?.start(ring, groups)?;
    let shape = random::reply_shape(ring.n());
    let mut body = vec![0; Reply::len_for(shape)];
    link.recv_tag(&[Tag::RandomReplies])?;
    while server.remaining() > 0 {
        let mut replies = Vec::with_capacity(AT_ONCE);
        for _ in 0..AT_ONCE.min(server.remaining()) {
            link.read(&mut body)?;
            replies.push(wire::from_slice(shape, &body).map_err(|_| Error::malformed("reply"))?);
        }
        server = server.on_replies(replies)?;
    }
    let (server, seed) = server.challenge(rng)?;
    link.send(Tag::RandomSeed, &wire::to_vec(&seed))?;
    let opening = link.recv(Tag::RandomOpening, Claimed::len_for(1))?;
    let opening = wire::from_slice(1, &opening).map_err(|_| Error::malformed("opening"))?;
    let (server, keys) = server.on_opening(opening)?;
    *place = Some(server);
    Ok(keys)
}

fn no_macs() -> Error {
    Error::Internal("triples in a session with MACs".into())
}

/// Groups that are decrypted together.
const AT_ONCE: usize = 8;
