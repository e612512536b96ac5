//! What the published disclosure consumes: Beaver triples and authenticated random values (protocol, section 6).

use super::proof;
use crate::{
    Error,
    session::ClientSession,
    transport::{Tag, Transport},
};
use muse_field::{
    prg::Prg,
    wire::{self, Decode},
};
use muse_he::{encode::Slots, encrypt::FreshCiphertext, reply::Reply, ring::Context};
use muse_mac::Authenticated;
use muse_triples::{
    ClientTriples,
    beaver::{Batch, BatchId, Client, Replies},
    random,
};
use muse_zk::{product::Seed, wellformed::ProofShape};

/// A batch of `groups` groups of triples. `mask` is one random value.
pub(crate) fn make(
    ring: &Context,
    session: &mut ClientSession,
    slots: &Slots,
    groups: usize,
    mask: Authenticated,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<ClientTriples, Error> {
    let id = BatchId { session: session.id, batch: session.next_inference };
    session.next_inference += 1;
    let batch = Batch::new(ring, slots, id, groups)?;
    let (client, ciphertexts) = Client::start(batch, &session.key, rng)?;
    let length = FreshCiphertext::len_for(ring.n());
    link.begin_send(Tag::TripleCiphertexts, (batch.ciphertexts() * length) as u64)?;
    for ciphertext in &ciphertexts {
        link.write(&wire::to_vec(ciphertext))?;
    }
    let (public_key, witness) = &session.public_key;
    let shape = ProofShape::new(&batch.budget())?;
    proof::run(client.prover(&session.key, (public_key, witness))?, shape, link, rng)?;
    let mut client = client.proven();
    let mut body = vec![0; Replies::len_for(ring.n())];
    link.recv_tag(&[Tag::TripleReplies])?;
    while client.remaining() > 0 {
        link.read(&mut body)?;
        let replies =
            wire::from_slice(ring.n(), &body).map_err(|_| Error::malformed("replies of triples"))?;
        client = client.on_replies(&session.reply_key, replies)?;
    }
    let seed = receive_seed(Tag::ProductSeed, link)?;
    let (triples, message) = client.on_seed(mask, &seed)?;
    link.send(Tag::ProductProof, &wire::to_vec(&message))?;
    Ok(triples)
}

/// A batch of `groups` groups of random values.
pub(crate) fn randoms(
    ring: &Context,
    session: &mut ClientSession,
    groups: usize,
    link: &mut dyn Transport,
    rng: &mut Prg,
) -> Result<Authenticated, Error> {
    let client = session.randoms.as_mut().ok_or_else(|| Error::Internal("random values set up".into()))?;
    let mut sending = client.start(ring, groups, rng)?;
    let length = Reply::len_for(random::reply_shape(ring.n()));
    link.begin_send(Tag::RandomReplies, (groups * length) as u64)?;
    while sending.remaining() > 0 {
        for reply in sending.replies(AT_ONCE)? {
            link.write(&wire::to_vec(&reply))?;
        }
    }
    let waiting = sending.sent()?;
    let seed = receive_seed(Tag::RandomSeed, link)?;
    let (values, opening) = waiting.on_seed(&seed);
    link.send(Tag::RandomOpening, &wire::to_vec(&opening))?;
    Ok(values)
}

fn receive_seed(tag: Tag, link: &mut dyn Transport) -> Result<Seed, Error> {
    let seed = link.recv(tag, Seed::len_for(()))?;
    wire::from_slice((), &seed).map_err(|_| Error::malformed("seed"))
}

/// Groups that are made before any of them is sent.
const AT_ONCE: usize = 8;
