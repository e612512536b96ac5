//! The proof without interaction.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

use muse_test_support::zk as wellformed_support;

use muse_field::id::{RunId, SessionId};
use muse_field::wire::{Decode, from_slice, to_vec};
use muse_he::budget::Budget;
use muse_he::encrypt::{Received, RowId};
use muse_he::keys::ReceivedPublicKey;
use muse_zk::Error;
use muse_zk::error::Check;
use muse_zk::wellformed::ProofShape;
use muse_zk::wellformed::fiat_shamir::{self, Proof};
use rand_core::Rng;
use wellformed_support::naive::{Naive, Row, Vectors, mu_of, noise, ternary};
use wellformed_support::{Client, ID, prg, ring, row_id};

const N: usize = 64;

const NOT_WELL_FORMED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::WellFormed));

fn budget(client: &Client) -> Budget {
    client.budget().with_repetitions(Budget::FIAT_SHAMIR)
}

fn shape(client: &Client) -> ProofShape {
    Proof::shape(&budget(client)).unwrap()
}

fn prove(client: &Client, id: RunId, seed: u64) -> Vec<u8> {
    let (key, rng) = (client.received_key(), &mut prg(seed));
    let witness = (&key, &client.key_witness);
    to_vec(
        &fiat_shamir::prove(&client.ring, &budget(client), id, &client.secret, witness, &client.rows, rng)
            .unwrap(),
    )
}

fn verify(client: &Client, key: &ReceivedPublicKey, rows: Vec<Received>, bytes: &[u8]) -> Result<(), Error> {
    let proof = from_slice(shape(client), bytes)?;
    fiat_shamir::verify(&client.ring, &budget(client), ID, key, rows, proof).map(|proven| {
        let (_, rows) = proven.under(&ID, &budget(client)).unwrap();
        assert_eq!(rows.len(), client.rows.len());
    })
}

#[test]
fn honest_proofs_are_accepted() {
    for (n, rows) in [(8, 1), (N, 0), (N, 3), (8192, 1)] {
        let client = Client::new(n, rows, u64::from(rows));
        let bytes = prove(&client, ID, 1);
        assert_eq!(bytes.len(), Proof::len_for(shape(&client)));
        assert_eq!(verify(&client, &client.received_key(), client.received(), &bytes), Ok(()));
    }
}

#[test]
fn lengths_at_full_size() {
    for (rows, bytes) in [(5, 3_287_072), (34, 24_504_352)] {
        let budget = Budget::new(8192, rows, 1).with_repetitions(Budget::FIAT_SHAMIR);
        assert_eq!(Proof::len_for(Proof::shape(&budget).unwrap()), bytes);
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    let client = Client::new(N, 1, 2);
    let (key, bytes, mut rng) = (client.received_key(), prove(&client, ID, 3), prg(4));
    for round in 0..200 {
        let mut bytes = bytes.clone();
        // Half of them in the commitment.
        let bit = rng.next_u64() as usize % (8 * if round % 2 == 0 { 32 } else { bytes.len() });
        bytes[bit / 8] ^= 1 << (bit % 8);
        let verdict = verify(&client, &key, client.received(), &bytes);
        let expected =
            [NOT_WELL_FORMED, Err(Error::PeerMisbehaved(Check::ResponseBound)), Err(Error::Malformed)];
        assert!(expected.contains(&verdict), "{verdict:?}");
    }
    assert_eq!(verify(&client, &key, client.received(), &bytes[1..]), Err(Error::Malformed));
}

#[test]
fn another_statement_is_refused() {
    let (client, other) = (Client::new(N, 2, 5), Client::new(N, 2, 6));
    let (key, bytes) = (client.received_key(), prove(&client, ID, 7));
    assert_eq!(verify(&client, &key, client.received(), &bytes), Ok(()));
    for id in [RunId { number: ID.number + 1, ..ID }, RunId { session: SessionId::from_bytes([8; 32]), ..ID }]
    {
        assert_eq!(verify(&client, &key, client.received(), &prove(&client, id, 7)), NOT_WELL_FORMED);
    }
    assert_eq!(verify(&client, &other.received_key(), client.received(), &bytes), NOT_WELL_FORMED);
    assert_eq!(verify(&client, &key, other.received(), &bytes), NOT_WELL_FORMED);
    let mut swapped = client.received();
    swapped.swap(0, 1);
    assert_eq!(verify(&client, &key, swapped, &bytes), NOT_WELL_FORMED);
}

/// Four repetitions could be ground offline: they are refused on both sides.
#[test]
fn fewer_repetitions_are_refused() {
    let client = Client::new(N, 1, 8);
    let (key, bytes) = (client.received_key(), prove(&client, ID, 9));
    for repetitions in [1, Budget::INTERACTIVE, 9, 11] {
        let budget = client.budget().with_repetitions(repetitions);
        let witness = (&key, &client.key_witness);
        let made =
            fiat_shamir::prove(&client.ring, &budget, ID, &client.secret, witness, &client.rows, &mut prg(0));
        assert!(matches!(made, Err(Error::Misuse(_))));
        let proof = from_slice(shape(&client), &bytes).unwrap();
        let verdict = fiat_shamir::verify(&client.ring, &budget, ID, &key, client.received(), proof);
        assert!(matches!(verdict, Err(Error::Misuse(_))));
    }
}

/// First messages computed backwards from responses to a chosen challenge: they satisfy the equation for that challenge, for rows
/// that are not well formed at all. The challenge follows from them, so it is another one.
#[test]
fn a_challenge_cannot_be_chosen() {
    let (ring, rng) = (ring(N), &mut prg(10));
    let s = ternary(N, rng);
    let key = Row::new(&ring, RowId::public_key(ID.session), &s, noise(N, rng), vec![], false);
    let other = ternary(N, rng);
    let row = Row::new(&ring, row_id(0), &other, noise(N, rng), mu_of(&[3; N]), false);
    let forger = Naive { ring, id: ID, s, rows: vec![key, row], repetitions: Budget::FIAT_SHAMIR };
    let responses: Vectors = forger.quiet_masks(rng);
    let challenge = vec![2 * N; Budget::FIAT_SHAMIR];
    // With challenge 0 the responses are the masks: any rows will do.
    let commitment = forger.commit(&responses);
    assert!(forger.within(&responses) && forger.equation(&commitment, &challenge, &responses));
    let bytes = [commitment.to_vec(), forger.bytes(&responses)].concat();
    let budget = Budget::new(N, 2, 1).with_repetitions(Budget::FIAT_SHAMIR);
    let proof = from_slice(Proof::shape(&budget).unwrap(), &bytes).unwrap();
    let verdict = fiat_shamir::verify(&forger.ring, &budget, ID, &forger.key(), forger.received(), proof);
    assert_eq!(verdict.map(|_| ()), NOT_WELL_FORMED);
}
