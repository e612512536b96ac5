//! What is random is random: each party's bits count, seeds are drawn anew, and sessions are apart.

use muse_field::Fp;
use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{from_slice, to_vec};
use muse_mac::{Claimed, MacKey};
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::{Check, Error, ideal};

const COUNT: usize = 64;

fn rng(seed: u8) -> Prg {
    Prg::from_seed([seed; 32])
}

/// Both parties of a session, always with the same key and preprocessing.
fn parties(session: u8) -> (Client, Server) {
    let rng = &mut rng(1);
    let (key, session) = (MacKey::random(rng), SessionId::from_bytes([session; 32]));
    let (triples, server_triples) = ideal::triples(&key, COUNT, rng);
    let (randoms, keys) = ideal::random(&key, COUNT + 1, rng);
    let client = Client::new(session, 0, ClientPreprocessed::new(triples, randoms));
    (client, Server::new(session, 0, &key, ServerPreprocessed::new(server_triples, keys)))
}

/// Random bits that the parties draw from these generators, and the seed of their proof.
fn bits(client_seed: u8, server_seed: u8) -> (Vec<Fp>, Vec<u8>) {
    let (mut client, server) = parties(1);
    let (wait, request) = client.random_bits(COUNT, &mut rng(client_seed)).unwrap();
    let wait_s = server.random_bits(COUNT);
    let request = from_slice(wait_s.shape(), &to_vec(&request)).unwrap();
    let (wait_s, reply) = wait_s.on_request(request, &mut rng(server_seed)).unwrap();
    let reply = to_vec(&reply);
    let message = from_slice(wait.shape(), &reply).unwrap();
    let (client, proof) = wait.on_reply(message).unwrap();
    let (server, shared) = wait_s.on_proof(from_slice((), &to_vec(&proof)).unwrap()).unwrap();
    let message = to_vec(&server.open_to_client(shared));
    let opened = Client::on_open_to_client(&client, from_slice(COUNT, &message).unwrap()).unwrap();
    (opened, reply[..32].to_vec())
}

#[test]
fn bits_depend_on_both_parties() {
    let (first, seed) = bits(2, 3);
    assert_eq!(first, bits(2, 3).0);
    for (client, server) in [(2, 4), (4, 3)] {
        let differing = bits(client, server).0.iter().zip(&first).filter(|(x, y)| x != y).count();
        assert!((10..COUNT - 10).contains(&differing), "{differing} of {COUNT} bits changed");
    }
    // The seed of the proof is the server's, drawn anew.
    assert_ne!(seed, bits(2, 4).1);
    assert_eq!(seed, bits(4, 3).1);
}

/// The same values under the same key: an opening of one session is none of another.
#[test]
fn openings_of_another_session_are_refused() {
    for (session, right) in [(1, true), (2, false)] {
        let ((mut client, _), (_, mut server)) = (parties(session), parties(1));
        let (x, message) = client.input(&[Fp::new(5)]).unwrap();
        let keys = server.client_input(1, from_slice(1, &to_vec(&message)).unwrap()).unwrap();
        let opening = to_vec(&client.open_to_server(x).unwrap());
        let claimed: Claimed = from_slice(1, &opening).unwrap();
        let result = server.open_to_server(keys).on_opening(claimed).map(|(_, values)| values);
        if right {
            assert_eq!(result.unwrap(), [Fp::new(5)]);
        } else {
            assert_eq!(result.unwrap_err(), Error::PeerMisbehaved(Check::Opening));
        }
    }
}
