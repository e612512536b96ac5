//! The proofs of `muse_zk`.

use super::{SESSION, altered, prg, values};
use crate::fuzz::input::Input;
use muse_field::id::{Coin, RunId};
use muse_field::{
    Fp, MODULUS,
    wire::{Inflow, Outflow, from_slice, to_vec},
};
use muse_gc::{
    label::{ActiveLabels, Delta, ZeroLabels},
    ot::softspoken::{receiver, sender},
};
use muse_he::{
    budget::Budget,
    encrypt::{FreshCiphertext, Received, RowId, Witness},
    keys::{PublicKeyRow, SecretKey},
    params::Params,
    ring::Ring,
};
use muse_mac::{MacKey, ideal};
use muse_zk::{
    Check, Error,
    product::{self, prove as prove_product, verify as verify_product},
    range::{self, Choices, count, prove, verify},
    wellformed::{Attempt, Challenge, Commitment, ProofShape, Prover, Responses, Tries, Verifier},
};
use std::sync::LazyLock;

const ID: RunId = RunId::new(SESSION, 3);

/// An honest client with two rows in a small ring.
struct Client {
    ring: Ring,
    secret: SecretKey,
    key: (PublicKeyRow, Witness),
    sent: Vec<FreshCiphertext>,
    rows: Vec<(Received, Witness)>,
}

static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let ring = Ring::new(Params::with_degree(64).unwrap()).unwrap();
    let rng = &mut prg(1);
    let secret = SecretKey::generate(&ring, rng);
    let key = secret.public_key_with_witness(&ring, SESSION, rng);
    let (mut sent, mut rows) = (Vec::new(), Vec::new());
    for index in 0..2 {
        let (row, witness) = secret.encrypt_with_witness(&ring, row_id(index), &values(64), rng).unwrap();
        rows.push((row.clone().receive(&ring, row_id(index)).unwrap(), witness));
        sent.push(row);
    }
    Client { ring, secret, key, sent, rows }
});

const fn row_id(index: u32) -> RowId {
    RowId { run: RunId::new(SESSION, 3), index }
}

/// Rows, commitment, challenge or responses are changed. Commitment and responses are accepted only as the honest ones; a row only with the
/// responses that belong to it.
pub(super) fn wellformed(number: u8, input: &mut Input<'_>) {
    let Client { ring, secret, key, sent, rows } = &*CLIENT;
    let budget = Budget::new(ring.n(), rows.len() + 1, 1);
    let shape = ProofShape::new(&budget).unwrap();
    let message = number % 5;
    let mut honest = true;
    let public = key.0.clone().receive(ring, SESSION).unwrap();
    let seen = if message == 0 {
        let Some((row, same)) = altered::<_, PublicKeyRow>(&key.0, ring.n(), input) else { return };
        honest = same;
        row.receive(ring, SESSION).unwrap()
    } else {
        key.0.clone().receive(ring, SESSION).unwrap()
    };
    let mut received: Vec<Received> = rows.iter().map(|(row, _)| row.clone()).collect();
    if message == 1 {
        let Some((row, same)) = altered::<_, FreshCiphertext>(&sent[1], ring.n(), input) else { return };
        honest = same;
        received[1] = row.receive(ring, row_id(1)).unwrap();
    }
    let (mut client, mut server, mut tries) = (prg(number), prg(2), Tries::new());
    let mut prover = Prover::new(ring, &budget, ID, secret, (&public, &key.1), rows).unwrap();
    let mut verifier = Verifier::new(ring, &budget, ID, &seen, received).unwrap();
    let verdict = loop {
        let (awaiting, mut commitment) = prover.commit(&mut client);
        if message == 2 {
            let Some((changed, same)) = altered::<_, Commitment>(&commitment, (), &mut input.clone()) else {
                return;
            };
            (commitment, honest) = (changed, same);
        }
        let (expecting, mut challenge) = match verifier.challenge(&commitment, &mut tries, &mut server) {
            Ok(next) => next,
            Err(error) => return assert_eq!(error, Error::PeerMisbehaved(Check::Tries)),
        };
        if message == 3 {
            let Some((changed, same)) = altered::<_, Challenge>(&challenge, shape, &mut input.clone()) else {
                return;
            };
            (challenge, honest) = (changed, same);
        }
        match awaiting.respond(&challenge) {
            Attempt::Rejected(again) => (prover, verifier) = (again, expecting.rejected()),
            Attempt::Accepted(responses) if message == 4 => {
                let Some((responses, same)) = altered::<_, Responses>(&responses, shape, input) else {
                    return;
                };
                honest = same;
                break expecting.verify(responses);
            }
            Attempt::Accepted(responses) => {
                break expecting.verify(from_slice(shape, &to_vec(&responses)).unwrap());
            }
        }
    };
    match verdict {
        Ok(proven) => {
            assert!(honest, "message {message} was changed");
            let (_, ciphertexts) = proven.under(&ID, &budget).unwrap();
            assert_eq!(ciphertexts.len(), 2);
        }
        Err(error) => {
            assert!(error.peer_at_fault());
            assert!(!honest);
        }
    }
}

/// Correlated OTs of a batch of values.
struct Transferred {
    delta: Delta,
    choices: Choices,
    labels: ActiveLabels,
    keys: ZeroLabels,
}

static TRANSFERRED: LazyLock<Transferred> = LazyLock::new(|| {
    let (mut server, mut client) = (prg(1), prg(2));
    let delta = Delta::random(&mut server);
    let (wait, request) = sender::Setup::start(&SESSION, delta.clone(), &mut server);
    let (receiver, trees) = receiver::Setup::reply(&SESSION, &request, &mut client);
    let choices = Choices::new(&[0, 1, MODULUS - 1], &mut client);
    let mut sending = receiver.extend(choices.as_bytes(), count(3), &mut client).unwrap();
    let mut receiving = wait.on_trees(&trees).receive(count(3)).unwrap();
    let mut columns = vec![0; usize::try_from(receiving.remaining()).unwrap()];
    assert_eq!(sending.fill(&mut columns), columns.len());
    receiving.absorb(&columns).unwrap();
    let (wait, challenge) = receiving.challenge(&mut server).unwrap();
    let (_, answer, labels) = sending.answer(&challenge).unwrap();
    let (_, keys) = wait.on_answer(&answer).unwrap();
    Transferred { delta, choices, labels, keys }
});

pub(super) fn range(input: &mut Input<'_>) {
    let Transferred { delta, choices, labels, keys } = &*TRANSFERRED;
    let seed = Coin::random(&mut prg(9));
    let message = prove(&ID, choices, labels.as_slice(), &seed).unwrap();
    if let Some((message, honest)) = altered::<_, range::Message>(&message, (), input) {
        let verdict = verify(&ID, delta, keys.as_slice(), &seed, &message);
        let expected = if honest { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Range)) };
        assert_eq!(verdict, expected);
    }
}

pub(super) fn product(input: &mut Input<'_>) {
    let rng = &mut prg(4);
    let key = MacKey::random(rng);
    let (a, b) = (values(3), values(5)[2..].to_vec());
    let e: Vec<Fp> = a.iter().zip(&b).map(|(&a, &b)| a * b).collect();
    let [(a, ka), (b, kb), (e, ke), (u, ku)] =
        [a, b, e, vec![Fp::new(77)]].map(|values| ideal::authenticate(&key, &values, rng));
    let seed = Coin::random(rng);
    let message = prove_product(&ID, &a, &b, &e, u, &seed).unwrap();
    if let Some((message, honest)) = altered::<_, product::Message>(&message, (), input) {
        let verdict = verify_product(&ID, &key, &ka, &kb, &ke, ku, &seed, message);
        let expected = if honest { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Product)) };
        assert_eq!(verdict, expected);
    }
}
