//! The generation of random values and of triples.

use super::{SESSION, Wire, down, prg};
use crate::fuzz::input::Input;
use muse_field::id::RunId;
use muse_field::{prg::Prg, vector};
use muse_he::{encode::Slots, keys::SecretKey, params::Params, reply::ReplyKey, ring::Ring};
use muse_mac::{Authenticated, MacKey, ServerShare, ideal};
use muse_triples::{
    Error,
    beaver::{Batch, Client, Server},
    random,
};
use muse_zk::wellformed::{Attempt, ProofShape, Tries};

/// The ring: too small to keep a secret.
const N: usize = 32;

/// A batch of random values. A changed message is refused, or its change was lost in the noise of a ciphertext: MACs fit.
pub(super) fn randoms(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(5);
    let key = MacKey::random(rng);
    let ring = Ring::new(Params::with_degree(N).unwrap()).unwrap();
    let mut wire = Wire::new(number % 4, input);
    let mut made = || -> Result<_, Error> {
        let (server, setup) = random::Server::setup(&ring, SESSION, &key, rng)?;
        let mut client = random::Client::on_setup(&ring, SESSION, wire.pass(&setup, N)?)?;
        let mut sending = client.start(&ring, 1, rng)?;
        let reply = wire.pass(&sending.replies(1)?.pop().unwrap(), random::reply_shape(N))?;
        let (server, seed) = server.start(&ring, 1)?.on_replies(vec![reply])?.challenge(rng)?;
        let (values, opening) = sending.sent()?.on_seed(&down(&seed, ()));
        let (_, keys) = server.on_opening(wire.pass(&opening, 1)?)?;
        Ok((values, keys))
    };
    match made() {
        Ok((values, keys)) => {
            assert!(wire.honest || number % 4 < 2, "message {}", number % 4);
            ideal::open(&key, &values, &ServerShare::of_client(keys)).expect("every MAC fits");
        }
        Err(error) => assert!(!wire.honest && error.peer_at_fault(), "message {}: {error}", number % 4),
    }
}

/// A group of triples, as [`randoms`]; accepted triples are triples.
pub(super) fn triples(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(6);
    let key = MacKey::random(rng);
    let params = Params::with_degree(N).unwrap();
    let (ring, slots) = (Ring::new(params).unwrap(), Slots::new(&params));
    let mut wire = Wire::new(number % 16, input);
    match batch(&mut wire, &ring, &slots, &key, rng) {
        Ok((triples, triples_s)) => {
            let [a, b, c] = [(triples.0, triples_s.0), (triples.1, triples_s.1), (triples.2, triples_s.2)]
                .map(|(client, server)| ideal::open(&key, &client, &server).expect("every MAC fits"));
            let mut product = a;
            vector::mul_assign(&mut product, &b);
            assert_eq!(product, c);
        }
        Err(error) => assert!(!wire.honest && error.peer_at_fault(), "message {}: {error}", number % 16),
    }
}

type Columns<T> = (T, T, T);

fn batch(
    wire: &mut Wire<'_, '_>,
    ring: &Ring,
    slots: &Slots,
    key: &MacKey,
    rng: &mut Prg,
) -> Result<(Columns<Authenticated>, Columns<ServerShare>), Error> {
    let id = RunId::new(SESSION, 2);
    let new = || Batch::new(ring, slots, id, 1);
    let secret = SecretKey::generate(ring, rng);
    let reply_key = ReplyKey::new(ring, &secret)?;
    let (row, witness) = secret.public_key_with_witness(ring, SESSION, rng);
    let row = row.receive(ring, SESSION)?;

    let (client, ciphertexts) = Client::start(new()?, &secret, rng)?;
    let ciphertexts: Vec<_> =
        ciphertexts.iter().map(|ciphertext| wire.pass(ciphertext, N)).collect::<Result<_, _>>()?;
    let mut verifier = new()?.verifier(&row, ciphertexts)?;
    let mut prover = client.prover(&secret, (&row, &witness))?;
    let (mut tries, shape) = (Tries::new(), ProofShape::new(&new()?.budget())?);
    let proven = loop {
        let (waiting, commitment) = prover.commit(rng);
        let (expecting, challenge) = verifier.challenge(&wire.pass(&commitment, ())?, &mut tries, rng)?;
        match waiting.respond(&challenge) {
            Attempt::Accepted(responses) => {
                break expecting.verify(wire.pass(&responses, shape)?)?;
            }
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    };
    let mut server = Server::start(new()?, proven, key, rng)?;
    let client = client.proven().on_replies(&reply_key, wire.pass(&server.replies()?, N)?)?;
    let (mask, mask_keys) = muse_triples::ideal::random(key, 1, rng);
    let (server, seed) = server.challenge(mask_keys, rng)?;
    let (triples, proof) = client.on_seed(mask, &down(&seed, ()))?;
    let triples_s = server.on_proof(wire.pass(&proof, ())?)?;
    Ok((triples.into_parts(), triples_s.into_parts()))
}
