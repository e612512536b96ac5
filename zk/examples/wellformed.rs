//! The proof of well-formed rows, both sides in memory: `cargo run --release -p muse-zk --example wellformed`.

use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::Encode;
use muse_field::{Fp, sample};
use muse_he::budget::Budget;
use muse_he::encrypt::RowId;
use muse_he::keys::SecretKey;
use muse_he::params::Params;
use muse_he::ring::Ring;
use muse_zk::wellformed::{Attempt, Prover, Tries, Verifier};

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let (mut client_rng, mut server_rng) = (Prg::from_seed([1; 32]), Prg::from_seed([2; 32]));
    let id = RunId::new(SessionId::from_bytes([3; 32]), 0);
    let ring = Ring::new(Params::default())?;
    // Public: one ciphertext and the public key are proven, one reply will be flooded accordingly.
    let budget = Budget::new(ring.n(), 2, 1);

    // Client: a key and a ciphertext of random plaintexts, with what the proof needs to know about them.
    let secret = SecretKey::generate(&ring, &mut client_rng);
    let (key, key_witness) = secret.public_key_with_witness(&ring, id.session, &mut client_rng);
    let row = RowId { run: id, index: 0 };
    let mut plaintext = vec![Fp::ZERO; ring.n()];
    sample::fill_uniform(&mut plaintext, &mut client_rng);
    let (sent, witness) = secret.encrypt_with_witness(&ring, row, &plaintext, &mut client_rng)?;

    // Both expand the masks of the rows; nothing can be computed on them yet.
    let (key, rows) = (key.receive(&ring, id.session)?, [(sent.clone().receive(&ring, row)?, witness)]);
    let mut prover = Prover::new(&ring, &budget, id, &secret, (&key, &key_witness), &rows)?;
    let mut verifier = Verifier::new(&ring, &budget, id, &key, vec![sent.receive(&ring, row)?])?;
    let mut tries = Tries::new();
    let responses = loop {
        let (awaiting, commitment) = prover.commit(&mut client_rng);
        let (expecting, challenge) = verifier.challenge(&commitment, &mut tries, &mut server_rng)?;
        match awaiting.respond(&challenge) {
            Attempt::Accepted(responses) => break (expecting, responses),
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
        }
    };
    let (bytes, used) = (responses.1.encoded_len(), Tries::PER_SESSION - tries.left());
    let (_public_key, ciphertexts) = responses.0.verify(responses.1)?.under(&id, &budget)?;
    println!("{} ciphertext proven in {used} tries, {bytes} bytes of responses", ciphertexts.len());
    Ok(())
}
