//! A program of the SPDZ-style engine.

use super::{SESSION, Wire, down, prg};
use crate::fuzz::input::Input;
use muse_field::{Fp, MODULUS, prg::Prg};
use muse_mac::MacKey;
use muse_triples::{
    Error,
    engine::{
        Client, ClientPreprocessed, Server, ServerPreprocessed,
        compare::{ClientStep, ServerStep},
    },
    ideal,
};

/// The client's input.
const X: [Fp; 2] = [Fp::new(6), Fp::new(MODULUS - 7)];

/// Input, random bits, a deferred product, a comparison, an opening. The client goes on with
/// what it has, whatever was made of its message, so that even a changed input is refused.
pub(super) fn program(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(4);
    let key = MacKey::random(rng);
    let (triples, triples_s) = ideal::triples(&key, 260, rng);
    let (randoms, keys) = ideal::random(&key, 110, rng);
    let client = Client::new(SESSION, 5, ClientPreprocessed::new(triples, randoms));
    let server = Server::new(SESSION, 5, &key, ServerPreprocessed::new(triples_s, keys));
    let mut wire = Wire::new(number % 16, input);
    match run(&mut wire, client, server, rng) {
        Ok((products, negative)) => {
            assert!(wire.honest, "message {}", number % 16);
            assert!(products.iter().zip(X).all(|(&product, x)| product == x || product == Fp::ZERO));
            assert_eq!(negative, [Fp::ZERO, Fp::ONE]);
        }
        Err(error) => assert!(!wire.honest && error.peer_at_fault(), "message {}: {error}", number % 16),
    }
}

/// The client's input times random bits, and the signs of the input.
fn run(
    wire: &mut Wire<'_, '_>,
    mut client: Client,
    mut server: Server,
    rng: &mut Prg,
) -> Result<(Vec<Fp>, Vec<Fp>), Error> {
    let (x, message) = client.input(&X)?;
    let x_s = server.client_input(X.len(), wire.pass(&message, X.len())?)?;

    let (wait, request) = client.random_bits(X.len(), rng)?;
    let wait_s = server.random_bits(X.len());
    let request = wire.pass(&request, wait_s.shape())?;
    let (wait_s, reply) = wait_s.on_request(request, rng)?;
    let reply = down(&reply, wait.shape());
    let (bits, proof) = wait.on_reply(reply)?;
    let (server, bits_s) = wait_s.on_proof(wire.pass(&proof, ())?)?;

    let (wait, factors) = client.multiply_deferred(&x, &bits)?;
    let wait_s = server.multiply_deferred(&x_s, &bits_s)?;
    let factors = wire.pass(&factors, wait_s.shape())?;
    let (mut server, product_s, reply) = wait_s.on_factors(factors)?;
    let reply = down(&reply, wait.shape());
    let product = wait.on_shares(reply)?;
    let message = client.open_deferred(product);
    let products = server.open_deferred(product_s, wire.pass(&message, X.len())?)?;
    let (wait_s, challenge) = server.flush(rng)?;
    let response = client.answer(&down(&challenge, ()))?;
    let (server, checked) = wait_s.on_response(wire.pass(&response, ())?)?;
    let products = products.release(&checked)?;

    let (wait, request) = client.is_negative(&x)?;
    let wait_s = server.is_negative(&x_s);
    let request = wire.pass(&request, wait_s.shape())?;
    let (wait_s, reply) = wait_s.on_request(request, rng)?;
    let reply = down(&reply, wait.shape());
    let (mut wait, proven) = wait.on_reply(&mut client, reply)?;
    let proven = wire.pass(&proven, wait_s.shape())?;
    let (mut step, mut reply) = wait_s.on_proven(proven)?;
    let (negative, negative_s, server) = loop {
        let shares = down(&reply, wait.shape());
        match (wait.on_shares(&mut client, shares)?, step) {
            (ClientStep::Level(next, message), ServerStep::Level(next_s)) => {
                wait = next;
                let message = wire.pass(&message, next_s.shape())?;
                (step, reply) = next_s.on_factors(message)?;
            }
            (ClientStep::Done(negative), ServerStep::Done(server, negative_s)) => {
                break (negative, negative_s, server);
            }
            other => panic!("the parties have different programs: {other:?}"),
        }
    };
    let message = client.open_to_server(negative)?;
    let wait_s = server.open_to_server(negative_s);
    let message = wire.pass(&message, wait_s.shape())?;
    let (_, negative) = wait_s.on_opening(message)?;
    Ok((products, negative))
}
