//! The client's vector times the server's: `cargo run --release -p muse-triples --features test-util --example inner_product`.

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, vector};
use muse_mac::MacKey;
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::ideal;

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let rng = &mut Prg::from_seed([1; 32]);
    let session = SessionId::from_bytes([2; 32]);
    let (x, w): (Vec<Fp>, Vec<Fp>) =
        ([3, -1, 4, 1].map(Fp::from_i64).into(), [2, 7, -1, 8].map(Fp::from_i64).into());
    let n = x.len();

    // A dealer stands in for the generation of triples and random values.
    let key = MacKey::random(rng);
    let (triples, server_triples) = ideal::triples(&key, n, rng);
    let (randoms, keys) = ideal::random(&key, n, rng);
    let mut client = Client::new(session, 0, ClientPreprocessed::new(triples, randoms));
    let mut server = Server::new(session, 0, &key, ServerPreprocessed::new(server_triples, keys));

    // Inputs: the client masks its own, the server keeps its own.
    let (x_c, message) = client.input(&x)?;
    let x_s = server.client_input(n, from_slice(n, &to_vec(&message))?)?;
    let (w_c, w_s) = (Client::server_input(n), Server::input(w));

    // Products: one round trip for all of them.
    let (wait, message) = client.multiply(&x_c, &w_c)?;
    let wait_s = server.multiply(&x_s, &w_s)?;
    let (server, products_s, reply) = wait_s.on_factors(from_slice(2 * n, &to_vec(&message))?)?;
    let products_c = wait.on_shares(from_slice(2 * n, &to_vec(&reply))?)?;

    // The sum is a linear map, on both halves alike, and goes to the client.
    let sum = |column: &[Fp]| vec![vector::sum(column)];
    let reply = to_vec(&server.open_to_client(products_s.map(sum)));
    let opened = Client::on_open_to_client(&products_c.map(sum), from_slice(1, &reply)?)?;
    println!("inner product: {}", opened[0].to_signed());
    assert_eq!(opened[0].to_signed(), 6 - 7 - 4 + 8);
    Ok(())
}
