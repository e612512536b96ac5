//! A quadratic score under a secret model: `cargo run --release -p muse-triples --features test-util --example regression_score`.
//!
//! The client's measurements `x`, the server's model `(w, v, b)`; the client learns `w . x + v . x^2 + b` with `x` and the model in
//! fixed point. The check of the squares is deferred, to show how.

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, vector};
use muse_mac::MacKey;
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed, Shares};
use muse_triples::{Error, ideal};

/// Fixed point with 4 fractional bits.
const ONE: f64 = 16.0;

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    let rng = &mut Prg::from_seed([1; 32]);
    let session = SessionId::from_bytes([2; 32]);
    let fixed = |values: &[f64]| values.iter().map(|v| Fp::from_i64((v * ONE) as i64)).collect::<Vec<Fp>>();
    let x = fixed(&[1.5, -0.25, 2.0]);
    // w has 8 bits and v 4, so that all terms have 12 in the end; b has 12.
    let (model, bias) =
        (fixed(&[0.5 * ONE, 3.0 * ONE, -ONE, 0.125, 1.0, -2.5]), Fp::from_i64((0.75 * ONE.powi(3)) as i64));
    let n = x.len();

    // A dealer stands in for the generation of triples and random values.
    let key = MacKey::random(rng);
    let (triples, server_triples) = ideal::triples(&key, 3 * n, rng);
    let (randoms, keys) = ideal::random(&key, n, rng);
    let mut client = Client::new(session, 0, ClientPreprocessed::new(triples, randoms));
    let mut server = Server::new(session, 0, &key, ServerPreprocessed::new(server_triples, keys));

    let (mut x_c, message) = client.input(&x)?;
    let mut x_s = server.client_input(n, from_slice(n, &to_vec(&message))?)?;

    // Squares, whose check is deferred. The server's half stays locked until the flush: the next multiplication does not take it.
    let (wait, message) = client.multiply_deferred(&x_c, &x_c)?;
    let wait_s = server.multiply_deferred(&x_s, &x_s)?;
    let (server, squares, reply) = wait_s.on_factors(from_slice::<Shares>(2 * n, &to_vec(&message))?)?;
    x_c.append(wait.on_shares(from_slice(2 * n, &to_vec(&reply))?)?);
    let (wait_s, challenge) = server.flush(rng)?;
    let response = client.answer(&from_slice::<muse_field::id::Coin>((), &to_vec(&challenge))?)?;
    let (server, checked) = wait_s.on_response(from_slice((), &to_vec(&response))?)?;
    x_s.append(squares.release(&checked).map_err(Error::from)?);

    // Measurements and squares times the model, in one step.
    let (wait, message) = client.multiply(&x_c, &Client::server_input(2 * n))?;
    let wait_s = server.multiply(&x_s, &Server::input(model))?;
    let (server, terms_s, reply) = wait_s.on_factors(from_slice(4 * n, &to_vec(&message))?)?;
    let terms_c = wait.on_shares(from_slice(4 * n, &to_vec(&reply))?)?;

    let sum = |column: &[Fp]| vec![vector::sum(column)];
    let mut score = terms_s.map(sum);
    score.add_public_assign(&[bias]);
    let reply = to_vec(&server.open_to_client(score));
    let score = Client::on_open_to_client(&terms_c.map(sum), from_slice(1, &reply)?)?;
    println!("score: {}", score[0].to_signed() as f64 / ONE.powi(3));
    // 0.5 * 1.5 - 3 * 0.25 - 2, then 0.125 * 1.5^2 + 0.25^2 - 2.5 * 2^2, then 0.75
    assert_eq!(score[0].to_signed() as f64 / ONE.powi(3), -10.90625);
    Ok(())
}
