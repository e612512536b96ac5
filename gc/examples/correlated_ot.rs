//! Correlated OT with both sides in memory: `cargo run --release -p muse-gc --example correlated_ot`.

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{Inflow, Outflow};
use muse_gc::label::Delta;
use muse_gc::ot::softspoken::{receiver, sender};

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let (mut server_rng, mut client_rng) = (Prg::from_seed([1; 32]), Prg::from_seed([2; 32]));
    let session = SessionId::from_bytes([3; 32]);
    let delta = Delta::random(&mut server_rng);

    // Once per session: base OTs and trees, two messages.
    let (wait, request) = sender::Setup::start(&session, delta.clone(), &mut server_rng);
    let (client, trees) = receiver::Setup::reply(&session, &request, &mut client_rng);
    let server = wait.on_trees(&trees);

    // An extension of 1000 OTs: the client's columns flow in chunks, then challenge and answer.
    let choices = [0b1011_0010; 125];
    let mut extending = client.extend(&choices, 1000, &mut client_rng)?;
    let mut receiving = server.receive(1000)?;
    let mut chunk = [0; 4096];
    while extending.remaining() > 0 {
        let filled = extending.fill(&mut chunk);
        receiving.absorb(&chunk[..filled])?;
    }
    let (wait, challenge) = receiving.challenge(&mut server_rng)?;
    let (_client, answer, active) = extending.answer(&challenge)?;
    let (_server, zero) = wait.on_answer(&answer)?;

    // L = K xor b*Delta in every row.
    for (i, (&key, &label)) in zero.as_slice().iter().zip(active.as_slice()).enumerate() {
        assert_eq!(label, key ^ delta.block().masked(choices[i / 8] >> (i % 8)));
    }
    println!("1000 correlated OTs hold");
    Ok(())
}
