//! From keys to a product: random values and triples as two parties make them, used up by the engine.

use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};

use crate::{beaver, random};
use muse_test_support::triples::generation::{SESSION, Session};

#[test]
fn the_engine_multiplies_with_what_the_parties_made() {
    let session = Session::new(32, SESSION, 1);
    let (randoms, keys, _) = random::batch(&session, 1, 1);
    let (triples, server_triples) = beaver::batch(&session, 1);
    let mut client = Client::new(SESSION, 0, ClientPreprocessed::new(triples, randoms));
    let server = ServerPreprocessed::new(server_triples, keys);
    let mut server = Server::new(SESSION, 0, &session.key, server);

    let x = [0, 1, MODULUS - 1, MODULUS / 2, 7].map(Fp::new);
    let y = [5, MODULUS - 1, MODULUS - 1, 2, 11].map(Fp::new);
    let (x_c, message) = client.input(&x).unwrap();
    let x_s = server.client_input(5, from_slice(5, &to_vec(&message)).unwrap()).unwrap();
    let (y_c, y_s) = (Client::server_input(5), Server::input(y.to_vec()));
    let (wait, message) = client.multiply(&x_c, &y_c).unwrap();
    let wait_s = server.multiply(&x_s, &y_s).unwrap();
    let (server, z_s, reply) = wait_s.on_factors(from_slice(10, &to_vec(&message)).unwrap()).unwrap();
    let z_c = wait.on_shares(from_slice(10, &to_vec(&reply)).unwrap()).unwrap();
    let opened = server.open_to_client(z_s);
    let opened = Client::on_open_to_client(&z_c, from_slice(5, &to_vec(&opened)).unwrap()).unwrap();
    let want: Vec<Fp> = x.iter().zip(&y).map(|(&x, &y)| x * y).collect();
    assert_eq!(opened, want);
}
