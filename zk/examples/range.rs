//! The range proof over correlated OT, both sides in memory: `cargo run --release -p muse-zk --example range`.

use muse_field::MODULUS;
use muse_field::id::{Coin, RunId, SessionId};
use muse_field::prg::Prg;
use muse_field::wire::{Inflow, Outflow};
use muse_gc::label::Delta;
use muse_gc::ot::softspoken::{receiver, sender};
use muse_zk::range::{Choices, count, prove, verify};

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let (mut server_rng, mut client_rng) = (Prg::from_seed([1; 32]), Prg::from_seed([2; 32]));
    let session = SessionId::from_bytes([3; 32]);
    let delta = Delta::random(&mut server_rng);
    let (wait, request) = sender::Setup::start(&session, delta.clone(), &mut server_rng);
    let (mut client, trees) = receiver::Setup::reply(&session, &request, &mut client_rng);
    let mut server = wait.on_trees(&trees);

    // The second client hides 5 as 5 + p, which is 5 to every check modulo p.
    for (inference, values) in [(0, [0, 5, MODULUS - 1]), (1, [0, 5 + MODULUS, MODULUS - 1])] {
        // Correlated OT of the values' bits, helper bits and masks.
        let choices = Choices::new(&values, &mut client_rng);
        let mut sending = client.extend(choices.as_bytes(), count(3), &mut client_rng)?;
        let mut receiving = server.receive(count(3))?;
        let mut chunk = [0; 4096];
        while sending.remaining() > 0 {
            let filled = sending.fill(&mut chunk);
            receiving.absorb(&chunk[..filled])?;
        }
        let (wait, challenge) = receiving.challenge(&mut server_rng)?;
        let (next_client, answer, labels) = sending.answer(&challenge)?;
        let (next_server, keys) = wait.on_answer(&answer)?;
        (client, server) = (next_client, next_server);

        // Only now the seed; then one message of 160 bytes.
        let id = RunId::new(session, inference);
        let seed = Coin::random(&mut server_rng);
        let message = prove(&id, &choices, labels.as_slice(), &seed)?;
        match verify(&id, &delta, keys.as_slice(), &seed, &message) {
            Ok(()) => println!("{values:?}: all below p"),
            Err(error) => println!("{values:?}: {error}"),
        }
    }
    Ok(())
}
