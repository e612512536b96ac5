//! The same between a malicious client and a semi-honest server: the steps of `muse_triples::{beaver, random}` over a connection.

use super::{
    party::{Tables, failed, nonces, whole},
    wire::Wire,
};
use muse_cli::failure::Failure;
use muse_field::{
    id::{Coin, RunId, SessionId},
    prg::Prg,
};
use muse_he::{
    encrypt::Witness,
    keys::{PublicKeyRow, ReceivedPublicKey, SecretKey},
    reply::ReplyKey,
};
use muse_mac::{Authenticated, Keys, MacKey, spdz::Party};
use muse_triples::{
    ClientTriples, ServerTriples,
    beaver::{self, Batch},
    random,
};
use muse_zk::wellformed::{Attempt, ProofShape, Prover, Tries, Verifier};

/// The client of a session.
pub(super) struct Client<'a> {
    tables: &'a Tables,
    pub(super) wire: &'a mut Wire,
    pub(super) rng: &'a mut Prg,
    pub(super) id: SessionId,
    secret: SecretKey,
    public_key: (ReceivedPublicKey, Witness),
    reply_key: ReplyKey,
    randoms: random::Client,
    next: u64,
}

/// The server of a session.
pub(super) struct Server<'a> {
    tables: &'a Tables,
    pub(super) wire: &'a mut Wire,
    pub(super) rng: &'a mut Prg,
    pub(super) id: SessionId,
    pub(super) key: MacKey,
    public_key: ReceivedPublicKey,
    randoms: random::Server,
    tries: Tries,
    next: u64,
}

impl<'a> Client<'a> {
    pub(super) fn start(tables: &'a Tables, wire: &'a mut Wire, rng: &'a mut Prg) -> Result<Self, Failure> {
        let id = nonces(wire, Party::First, rng)?;
        let ring = tables.ring();
        let secret = SecretKey::generate(ring, rng);
        let (row, witness) = secret.public_key_with_witness(ring, id, rng);
        wire.send(&row)?;
        let received = row.receive(ring, id).map_err(|e| failed(e.into()))?;
        let reply_key = ReplyKey::new(ring, &secret).map_err(|e| failed(e.into()))?;
        let setup = wire.receive(ring.n())?;
        let randoms = random::Client::on_setup(ring, id, setup).map_err(failed)?;
        Ok(Self {
            tables,
            wire,
            rng,
            id,
            secret,
            public_key: (received, witness),
            reply_key,
            randoms,
            next: 0,
        })
    }

    /// A batch of triples.
    pub(super) fn triples(&mut self, mask: Authenticated) -> Result<ClientTriples, Failure> {
        let Self { tables, wire, rng, secret, .. } = self;
        let batch = Batch::new(tables.ring(), tables.slots(), run(self.id, &mut self.next), GROUPS)
            .map_err(failed)?;
        let (client, ciphertexts) = beaver::Client::start(batch, secret, rng).map_err(failed)?;
        for ciphertext in &ciphertexts {
            wire.send(ciphertext)?;
        }
        let prover = client.prover(secret, (&self.public_key.0, &self.public_key.1)).map_err(failed)?;
        prove(wire, prover, shape(&batch)?, rng)?;
        let mut client = client.proven();
        while client.remaining() > 0 {
            client = client.on_replies(&self.reply_key, wire.receive(batch.n())?).map_err(failed)?;
        }
        let seed: Coin = wire.receive(())?;
        let (triples, proof) = client.on_seed(mask, &seed).map_err(failed)?;
        wire.send(&proof)?;
        Ok(triples)
    }

    /// A batch of random values.
    pub(super) fn randoms(&mut self, groups: usize) -> Result<Authenticated, Failure> {
        let Self { tables, wire, rng, randoms, .. } = self;
        let mut sending = randoms.start(tables.ring(), groups, rng).map_err(failed)?;
        while sending.remaining() > 0 {
            for reply in sending.replies(AT_ONCE).map_err(failed)? {
                wire.send(&reply)?;
            }
        }
        let seed: Coin = wire.receive(())?;
        let (values, opening) = sending.sent().map_err(failed)?.on_seed(&seed);
        wire.send(&opening)?;
        Ok(values)
    }
}

impl<'a> Server<'a> {
    pub(super) fn start(tables: &'a Tables, wire: &'a mut Wire, rng: &'a mut Prg) -> Result<Self, Failure> {
        let id = nonces(wire, Party::Second, rng)?;
        let ring = tables.ring();
        let row: PublicKeyRow = wire.receive(ring.n())?;
        let public_key = row.receive(ring, id).map_err(|e| failed(e.into()))?;
        let key = MacKey::random(rng);
        let (randoms, setup) = random::Server::setup(ring, id, &key, rng).map_err(failed)?;
        wire.send(&setup)?;
        Ok(Self { tables, wire, rng, id, key, public_key, randoms, tries: Tries::new(), next: 0 })
    }

    /// A batch of triples. Consumes the server, which comes back if no check has failed.
    pub(super) fn triples(mut self, mask: Keys) -> Result<(Self, ServerTriples), Failure> {
        let id = run(self.id, &mut self.next);
        let Self { tables, wire, rng, key, public_key, tries, .. } = &mut self;
        let batch = Batch::new(tables.ring(), tables.slots(), id, GROUPS).map_err(failed)?;
        let ciphertexts = (0..batch.ciphertexts()).map(|_| wire.receive(batch.n()));
        let verifier = batch.verifier(public_key, ciphertexts.collect::<Result<_, _>>()?).map_err(failed)?;
        let proven = verify(wire, verifier, shape(&batch)?, tries, rng)?;
        let mut server = beaver::Server::start(batch, proven, key, rng).map_err(failed)?;
        while server.remaining() > 0 {
            wire.send(&server.replies().map_err(failed)?)?;
        }
        let (waiting, seed) = server.challenge(mask, rng).map_err(failed)?;
        wire.send(&seed)?;
        let triples = waiting.on_proof(wire.receive(())?).map_err(failed)?;
        Ok((self, triples))
    }

    /// The keys of a batch of random values of the client.
    pub(super) fn randoms(self, groups: usize) -> Result<(Self, Keys), Failure> {
        let Self { tables, wire, rng, id, key, public_key, randoms, tries, next } = self;
        let mut waiting = randoms.start(tables.ring(), groups).map_err(failed)?;
        while waiting.remaining() > 0 {
            let count = AT_ONCE.min(waiting.remaining());
            let replies = (0..count).map(|_| wire.receive(whole(tables.n())));
            waiting = waiting.on_replies(replies.collect::<Result<_, _>>()?).map_err(failed)?;
        }
        let (waiting, seed) = waiting.challenge(rng).map_err(failed)?;
        wire.send(&seed)?;
        let (randoms, keys) = waiting.on_opening(wire.receive(1)?).map_err(failed)?;
        Ok((Self { tables, wire, rng, id, key, public_key, randoms, tries, next }, keys))
    }
}

fn prove(wire: &mut Wire, mut prover: Prover<'_>, shape: ProofShape, rng: &mut Prg) -> Result<(), Failure> {
    loop {
        let (waiting, commitment) = prover.commit(rng);
        wire.send(&commitment)?;
        match waiting.respond(&wire.receive(shape)?) {
            Attempt::Accepted(responses) => {
                wire.send_bytes(vec![ACCEPTED])?;
                return wire.send(&responses);
            }
            Attempt::Rejected(again) => {
                wire.send_bytes(vec![0])?;
                prover = again;
            }
        }
    }
}

fn verify(
    wire: &mut Wire,
    mut verifier: Verifier<'_>,
    shape: ProofShape,
    tries: &mut Tries,
    rng: &mut Prg,
) -> Result<muse_zk::wellformed::Proven, Failure> {
    loop {
        let commitment = wire.receive(())?;
        let (waiting, challenge) =
            verifier.challenge(&commitment, tries, rng).map_err(|e| failed(e.into()))?;
        wire.send(&challenge)?;
        if wire.receive_bytes(1)? == [ACCEPTED] {
            return waiting.verify(wire.receive(shape)?).map_err(|e| failed(e.into()));
        }
        verifier = waiting.rejected();
    }
}

fn shape(batch: &Batch<'_>) -> Result<ProofShape, Failure> {
    ProofShape::new(&batch.budget()).map_err(|e| failed(e.into()))
}

const fn run(id: SessionId, next: &mut u64) -> RunId {
    let run = RunId::new(id, *next);
    *next += 1;
    run
}

/// Groups of a batch of triples.
const GROUPS: usize = Batch::MAX_GROUPS;
/// Replies that are made together, for all threads.
const AT_ONCE: usize = 4;
/// The byte that says that responses follow, and not another try.
const ACCEPTED: u8 = 1;
