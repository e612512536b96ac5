//! A batch of Beaver triples, both sides in memory: `cargo run --release -p muse-triples --example generate`.

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::Encode;
use muse_he::encode::Slots;
use muse_he::keys::SecretKey;
use muse_he::params::Params;
use muse_he::reply::ReplyKey;
use muse_he::ring::Ring;
use muse_mac::MacKey;
use muse_triples::beaver::{Batch, Client, Server};
use muse_triples::random;
use muse_zk::wellformed::{Attempt, Tries};

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system, hashes its handshake to the session id, and sends what here is handed over.
    let (client_rng, server_rng) = (&mut Prg::from_seed([1; 32]), &mut Prg::from_seed([2; 32]));
    let session = SessionId::from_bytes([3; 32]);
    let (ring, slots) = (Ring::new(Params::default())?, Slots::new(&Params::default()));

    // Once a session: the client's key pair, the server's MAC key, and that encrypted.
    let secret = SecretKey::generate(&ring, client_rng);
    let reply_key = ReplyKey::new(&ring, &secret)?;
    let (row, witness) = secret.public_key_with_witness(&ring, session, client_rng);
    let public_key = row.receive(&ring, session)?;
    let alpha = MacKey::random(server_rng);
    let (server, setup) = random::Server::setup(&ring, session, &alpha, server_rng)?;
    let mut client = random::Client::on_setup(&ring, session, setup)?;

    // Random values: one of them will mask a proof.
    let mut sending = client.start(&ring, 1, client_rng)?;
    let (waiting, seed) = server.start(&ring, 1)?.on_replies(sending.replies(1)?)?.challenge(server_rng)?;
    let (mut values, opening) = sending.sent()?.on_seed(&seed);
    let opening = muse_field::wire::from_slice(1, &muse_field::wire::to_vec(&opening))?;
    let (_server, mut keys) = waiting.on_opening(opening)?;
    let (mask, mask_keys) = (values.split_off(values.len() - 1), keys.split_off(keys.len() - 1));

    // The client's ciphertexts, and that they are well formed.
    let batch = Batch::new(&ring, &slots, RunId::new(session, 0), 1)?;
    let (client, ciphertexts) = Client::start(batch, &secret, client_rng)?;
    let mut prover = client.prover(&secret, (&public_key, &witness))?;
    let mut verifier = batch.verifier(&public_key, ciphertexts)?;
    let mut tries = Tries::new();
    let proven = loop {
        let (waiting, commitment) = prover.commit(client_rng);
        let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, server_rng)?;
        match waiting.respond(&challenge) {
            Attempt::Accepted(responses) => break expecting.verify(responses)?,
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    };

    // The server's replies, and that the client's products are right.
    let mut server = Server::start(batch, proven, &alpha, server_rng)?;
    let replies = server.replies()?;
    println!("{} bytes of replies", replies.encoded_len());
    let client = client.proven().on_replies(&reply_key, replies)?;
    let (server, seed) = server.challenge(mask_keys, server_rng)?;
    let (triples, proof) = client.on_seed(mask, &seed)?;
    let server_triples = server.on_proof(proof)?;
    println!("{} triples", triples.len());
    assert_eq!(triples.len(), server_triples.len());
    Ok(())
}
