//! Both parties of one linear layer in memory: the client ends up with y, the server with s, and y + s = M r modulo p.
//!
//! `cargo run -p muse-he --example linear_layer`

#![allow(clippy::print_stdout, reason = "an example")]

use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_he::Error;
use muse_he::budget::Budget;
use muse_he::encode::{Layout, LinearShape};
use muse_he::encrypt::RowId;
use muse_he::keys::{PublicKeyRow, SecretKey};
use muse_he::linear::{Server, decrypt_output, encrypt_input, receive_input};
use muse_he::params::Params;
use muse_he::reply::ReplyKey;
use muse_he::ring::Ring;

fn main() -> Result<(), Error> {
    // Public: the ring, the layer with a bound on the weights of one output, the session. Both parties compute the same layout.
    let ring = Ring::new(Params::default())?;
    let layout = Layout::best(ring.n(), LinearShape::dense(4, 2), true)?;
    let (session, l1_bound) = (SessionId::from_bytes([1; 32]), 100);
    let row = RowId { run: RunId::new(session, 0), index: 0 };
    // Fixed seeds make this example repeatable. Programs use a generator of the operating system.
    let (mut client_rng, mut server_rng) = (Prg::from_seed([2; 32]), Prg::from_seed([3; 32]));

    // Client: a key for the session, its public row, and Enc(r).
    let secret = SecretKey::generate(&ring, &mut client_rng);
    let public_key = to_vec(&secret.public_key(&ring, session, &mut client_rng));
    let r = [Fp::new(1), Fp::new(2), Fp::new(3), Fp::new(4)];
    let ciphertexts = encrypt_input(&ring, &secret, &layout, row, &r, &mut client_rng)?;
    println!(
        "client sends {} bytes for its key, {} for its input",
        public_key.len(),
        to_vec(&ciphertexts[0]).len()
    );

    // Server: without a proof it takes the client's word, as the semi-honest mode does.
    let public_key: PublicKeyRow = from_slice(ring.n(), &public_key).map_err(|_| Error::Malformed)?;
    let public_key = public_key.receive(&ring, session)?.assume_well_formed();
    let received = receive_input(&ring, &layout, row, ciphertexts)?;
    let inputs: Vec<_> = received.into_iter().map(|row| row.assume_well_formed()).collect();
    let weights = [1, -1, 1, -1, 10, 20, 30, 40];
    let budget = Budget::new(ring.n(), 1 + inputs.len(), layout.reply_count());
    let server =
        Server::new(&ring, &public_key, &layout, &weights, &inputs, &budget, l1_bound, &mut server_rng)?;
    let (replies, s) = server.respond_all()?;
    println!("server returns {} bytes", to_vec(&replies[0]).len());

    // Client: its shares. Neither party has learned anything about the other's data.
    let y = decrypt_output(&ring, &ReplyKey::new(&ring, &secret)?, &layout, &replies)?;
    let sums: Vec<i64> = y.iter().zip(s.iter()).map(|(&y, &s)| (y + s).to_signed()).collect();
    println!("y + s = {sums:?}");
    assert_eq!(sums, [-2, 300]);
    Ok(())
}
