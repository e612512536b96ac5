//! Who is richer, and nothing else: `cargo run --release -p muse-triples --features test-util --example millionaires`.

use muse_field::Fp;
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_mac::MacKey;
use muse_triples::engine::compare::{self, ClientStep, ServerStep};
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::ideal;

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    let rng = &mut Prg::from_seed([1; 32]);
    let session = SessionId::from_bytes([2; 32]);
    let (mine, theirs) = (Fp::new(1_000_000), Fp::new(1_000_001));

    // A dealer stands in for the generation of triples and random values.
    let key = MacKey::random(rng);
    let (triples, server_triples) = ideal::triples(&key, compare::triples(1), rng);
    let (randoms, keys) = ideal::random(&key, 1 + compare::randoms(1), rng);
    let mut client = Client::new(session, 0, ClientPreprocessed::new(triples, randoms));
    let mut server = Server::new(session, 0, &key, ServerPreprocessed::new(server_triples, keys));

    // The client's riches minus the server's, shared.
    let (x_c, message) = client.input(&[mine])?;
    let mut x_s = server.client_input(1, from_slice(1, &to_vec(&message))?)?;
    x_s.sub_assign(&Server::input(vec![theirs]));

    // The client's bits and what it proves about them.
    let (wait, message) = client.is_negative(&x_c)?;
    let wait_s = server.is_negative(&x_s);
    let message = from_slice(wait_s.shape(), &to_vec(&message))?;
    let (wait_s, reply) = wait_s.on_request(message, rng)?;
    let reply = from_slice(wait.shape(), &to_vec(&reply))?;
    let (mut wait, message) = wait.on_reply(&mut client, reply)?;
    let message = from_slice(wait_s.shape(), &to_vec(&message))?;
    let (mut step, mut reply) = wait_s.on_proven(message)?;

    // A tree of multiplications, level by level, until both have their share of the answer; the server's goes to the client.
    let (less_c, reply) = loop {
        let shares = from_slice(wait.shape(), &to_vec(&reply))?;
        match (wait.on_shares(&mut client, shares)?, step) {
            (ClientStep::Level(next, message), ServerStep::Level(wait_s)) => {
                wait = next;
                let message = from_slice(wait_s.shape(), &to_vec(&message))?;
                (step, reply) = wait_s.on_factors(message)?;
            }
            (ClientStep::Done(client), ServerStep::Done(server, share)) => {
                break (client, server.open_to_client(share));
            }
            _ => return Err("the parties run different programs".into()),
        }
    };
    let less = Client::on_open_to_client(&less_c, from_slice(1, &to_vec(&reply))?)?[0] == Fp::ONE;
    println!("the {} is richer", if less { "server" } else { "client, or neither," });
    assert!(less);
    Ok(())
}
