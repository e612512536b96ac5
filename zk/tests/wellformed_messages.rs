//! Honest rows and a true proof, of which one message, one field or one name is not what it should be.

#![allow(clippy::std_instead_of_core, clippy::std_instead_of_alloc, clippy::unwrap_used, reason = "a test")]

use muse_test_support::zk as wellformed_support;

use muse_field::id::{RunId, SessionId};
use muse_field::pack::{BitReader, BitWriter};
use muse_field::wire::{Decode, DecodeError, from_slice, to_vec};
use muse_he::budget::Budget;
use muse_zk::Error;
use muse_zk::error::Check;
use muse_zk::wellformed::{Attempt, Challenge, Commitment, ProofShape, Prover, Responses, Tries, Verifier};
use rand_core::Rng;
use wellformed_support::naive::{Naive, budget_of};
use wellformed_support::{Client, ID, Outcome, prg, ring, run};

const N: usize = 64;
const REPETITIONS: usize = 4;

const NOT_WELL_FORMED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::WellFormed));

fn verdict((result, _): Outcome) -> Result<(), Error> {
    result.map(|_| ())
}

/// The honest run with one message changed.
fn tampered(client: &Client, seed: u64, tamper: impl FnMut(&str, &mut Vec<u8>)) -> Result<(), Error> {
    let key = client.received_key();
    verdict(run(client.shape(), client.prover(&key), client.verifier(&key), &mut prg(seed), tamper))
}

/// The three bit strings of the responses: first byte, bits of a field, number of fields.
fn parts(client: &Client) -> [(usize, u32, usize); 3] {
    let naive = Naive::honest(&client.ring, client.rows.len() as u32, &mut prg(0));
    let ([secret, error], rows) = (naive.widths(), client.rows.len());
    let counts = [REPETITIONS * N, REPETITIONS * (rows + 1) * N, REPETITIONS * rows * N];
    let bytes = [secret as usize * counts[0] / 8, error as usize * counts[1] / 8];
    let parts = [(0, secret, counts[0]), (bytes[0], error, counts[1]), (bytes[0] + bytes[1], 44, counts[2])];
    assert_eq!(Responses::len_for(client.shape()), parts[2].0 + 44 * counts[2] / 8);
    parts
}

/// Changes one field.
fn change(
    bytes: &mut [u8],
    (first, width, count): (usize, u32, usize),
    field: usize,
    to: impl Fn(u64) -> u64,
) {
    let bytes = &mut bytes[first..first + width as usize * count / 8];
    let mut reader = BitReader::new(bytes);
    let mut fields: Vec<u64> = (0..count).map(|_| reader.read(width).unwrap()).collect();
    fields[field] = to(fields[field]);
    let mut writer = BitWriter::new(bytes);
    fields.iter().for_each(|&value| writer.write(width, value));
    writer.finish();
}

#[test]
fn every_field_of_the_responses_counts() {
    let client = Client::new(N, 2, 1);
    assert_eq!(tampered(&client, 0, |_, _| ()), Ok(()));
    for part in parts(&client) {
        // One coefficient of every vector of every repetition, another one each time.
        for vector in 0..part.2 / N {
            let field = vector * N + (7 * vector + 3) % N;
            let sent = tampered(&client, vector as u64, |name, bytes| {
                if name == "responses" {
                    change(bytes, part, field, |value| value ^ 1);
                }
            });
            assert_eq!(sent, NOT_WELL_FORMED, "{part:?} {vector}");
        }
        let high = tampered(&client, 1, |name, bytes| {
            if name == "responses" {
                change(bytes, part, 5, |_| if part.1 == 44 { (1 << 44) - 1 } else { 0 });
            }
        });
        let expected =
            if part.1 == 44 { Error::Malformed } else { Error::PeerMisbehaved(Check::ResponseBound) };
        assert_eq!(high, Err(expected));
    }
}

#[test]
fn any_flipped_bit_is_refused() {
    let (client, mut rng) = (Client::new(N, 1, 2), prg(3));
    let mut seen = [0; 3];
    for round in 0..300 {
        let (word, which) = (rng.next_u64() as usize, rng.next_u32() % 8);
        let name = if which == 0 { "commitment" } else { "responses" };
        let sent = tampered(&client, round, |message, bytes| {
            if message == name {
                let bit = word % (8 * bytes.len());
                bytes[bit / 8] ^= 1 << (bit % 8);
            }
        });
        match sent {
            NOT_WELL_FORMED => seen[0] += 1,
            Err(Error::PeerMisbehaved(Check::ResponseBound)) => seen[1] += 1,
            Err(Error::Malformed) => seen[2] += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(seen[0] > 100 && seen[1] > 0, "{seen:?}");
}

#[test]
fn every_byte_of_the_commitment_counts() {
    let client = Client::new(N, 1, 4);
    for byte in 0..32 {
        let sent = tampered(&client, byte, |name, bytes| {
            if name == "commitment" {
                bytes[byte as usize] ^= 0x80;
            }
        });
        assert_eq!(sent, NOT_WELL_FORMED);
    }
}

#[test]
fn another_challenge_is_refused() {
    let client = Client::new(N, 1, 5);
    for repetition in 0..REPETITIONS {
        for (seed, other) in [[1, 0], [64, 0], [127, 0], [128, 0]].into_iter().enumerate() {
            let sent = tampered(&client, seed as u64, |name, bytes| {
                if name == "challenge" && bytes[2 * repetition..][..2] != other {
                    bytes[2 * repetition..][..2].copy_from_slice(&other);
                }
            });
            assert_eq!(sent, NOT_WELL_FORMED);
        }
    }
}

#[test]
fn another_session_inference_or_public_key_is_refused() {
    let client = Client::new(N, 2, 6);
    let key = client.received_key();
    let others =
        [RunId { number: ID.number + 1, ..ID }, RunId { session: SessionId::from_bytes([8; 32]), ..ID }];
    for (seed, id) in others.into_iter().enumerate() {
        let (prover, verifier) = (client.prover_for(id, &key), client.verifier(&key));
        assert_eq!(
            verdict(run(client.shape(), prover, verifier, &mut prg(seed as u64), |_, _| ())),
            NOT_WELL_FORMED
        );
    }
    let other_key = Client::new(N, 2, 7).received_key();
    let sent = run(client.shape(), client.prover(&key), client.verifier(&other_key), &mut prg(1), |_, _| ());
    assert_eq!(verdict(sent), NOT_WELL_FORMED);
}

#[test]
fn swapped_replaced_and_dropped_rows_are_refused() {
    let (client, other) = (Client::new(N, 3, 8), Client::new(N, 3, 9));
    let key = client.received_key();
    let (mut swapped, mut replaced, mut dropped) = (client.received(), client.received(), client.received());
    swapped.swap(0, 2);
    replaced[1] = other.received().remove(1);
    for rows in [swapped, replaced] {
        let verifier = client.verifier_of(&key, rows);
        let sent = run(client.shape(), client.prover(&key), verifier, &mut prg(2), |_, _| ());
        assert_eq!(verdict(sent), NOT_WELL_FORMED);
    }
    // Responses to fewer rows, or to more, are of another length.
    dropped.pop();
    let fewer = ProofShape::new(&Budget::new(N, 3, 1)).unwrap();
    let bytes = vec![0; Responses::len_for(client.shape())];
    assert_eq!(from_slice::<Responses>(fewer, &bytes).map(|_| ()), Err(DecodeError::TrailingBytes));
    // The server decodes by the rows it has. Were the shape of another batch taken, nothing would be verified.
    let (awaiting, commitment) = client.prover(&key).commit(&mut prg(3));
    let (expecting, _) =
        client.verifier_of(&key, dropped).challenge(&commitment, &mut Tries::new(), &mut prg(4)).unwrap();
    drop(awaiting);
    let responses: Responses = from_slice(client.shape(), &bytes).unwrap();
    assert!(matches!(expecting.verify(responses), Err(Error::Misuse(_))));
}

/// A recorded proof does not answer a new challenge.
#[test]
fn a_replayed_proof_is_refused() {
    let client = Client::new(N, 1, 10);
    let (key, mut record) = (client.received_key(), (vec![], vec![]));
    let sent = tampered(&client, 11, |name, bytes| match name {
        "commitment" => record.0 = bytes.clone(),
        "responses" => record.1 = bytes.clone(),
        _ => (),
    });
    assert_eq!(sent, Ok(()));
    let commitment: Commitment = from_slice((), &record.0).unwrap();
    let (expecting, _) =
        client.verifier(&key).challenge(&commitment, &mut Tries::new(), &mut prg(12)).unwrap();
    let again = expecting.verify(from_slice(client.shape(), &record.1).unwrap());
    assert_eq!(again.map(|_| ()), NOT_WELL_FORMED);
}

#[test]
fn tries_run_out() {
    let client = Client::new(8, 0, 13);
    let (key, mut session, rng) = (client.received_key(), Tries::new(), &mut prg(14));
    let commitment: Commitment = from_slice((), &[0; 32]).unwrap();
    let refused = Err(Error::PeerMisbehaved(Check::Tries));
    // 64 proofs of 64 tries each.
    for proof in 0..64 {
        let mut verifier = client.verifier(&key);
        for _ in 0..64 {
            verifier = verifier.challenge(&commitment, &mut session, rng).unwrap().0.rejected();
        }
        assert_eq!(session.left(), 4_096 - 64 * (proof + 1));
        if proof < 63 {
            let left = session.left();
            assert_eq!(verifier.challenge(&commitment, &mut session, rng).map(|_| ()), refused);
            assert_eq!(session.left(), left);
        }
    }
    let fresh = client.verifier(&key);
    assert_eq!(
        fresh.challenge(&commitment, &mut session, rng).map(|_| ()),
        refused,
        "the 4,097th of the session"
    );
}

/// An honest prover needs e tries on average.
#[test]
fn one_in_e_is_accepted() {
    let client = Client::new(N, 2, 15);
    let key = client.received_key();
    let tries =
        |seed| run(client.shape(), client.prover(&key), client.verifier(&key), &mut prg(seed), |_, _| ()).1;
    let total: u32 = (0..400).map(tries).sum();
    // e = 2.72; the standard deviation of the mean of 400 is 0.11.
    assert!((870..1310).contains(&total), "{total}");
}

#[test]
fn misuse_is_refused() {
    let client = Client::new(N, 2, 16);
    let key = client.received_key();
    let misuse = |budget: Budget| {
        let (ring, witness) = (&client.ring, (&key, &client.key_witness));
        let prover = Prover::new(ring, &budget, ID, &client.secret, witness, &client.rows).map(|_| ());
        let verifier = Verifier::new(ring, &budget, ID, &key, client.received()).map(|_| ());
        assert_eq!(prover, verifier);
        assert!(matches!(prover, Err(Error::Misuse(_))), "{prover:?}");
    };
    let budget = client.budget();
    for repetitions in [1, 3, 5, Budget::FIAT_SHAMIR] {
        misuse(budget.with_repetitions(repetitions));
    }
    // The public key counts as a row, and the ring is the budget's.
    misuse(Budget::new(N, 2, 1));
    misuse(Budget::new(N, 4, 1));
    misuse(Budget::new(2 * N, 3, 1));
    // A ciphertext's witness for the public key, and the other way round.
    let wrong =
        Prover::new(&client.ring, &budget, ID, &client.secret, (&key, &client.rows[0].1), &client.rows);
    assert!(matches!(wrong.map(|_| ()), Err(Error::Misuse(_))));
}

#[test]
#[should_panic(expected = "a challenge of this proof's shape")]
fn a_challenge_of_another_shape_is_a_bug() {
    let client = Client::new(N, 1, 17);
    let key = client.received_key();
    let other = ProofShape::new(&client.budget().with_repetitions(3)).unwrap();
    let challenge: Challenge = from_slice(other, &[0; 6]).unwrap();
    let _ = client.prover(&key).commit(&mut prg(0)).0.respond(&challenge);
}

/// The bytes of a whole proof depend on the seeds alone: not on the feature `parallel` nor on the kernels in use. A change of
/// format or of the use of randomness shows here.
#[test]
fn bytes_are_pinned() {
    let portable =
        muse_he::ring::Ring::new_portable(muse_he::params::Params::with_degree(N).unwrap()).unwrap();
    for ring in [ring(N), portable] {
        let client = Client::with_ring(ring, 3, 18);
        let mut transcript = muse_field::transcript::Transcript::new("muse-zk tests");
        let sent = tampered(&client, 19, |name, bytes| {
            let label =
                ["commitment", "challenge", "responses"].into_iter().find(|label| *label == name).unwrap();
            transcript.append(label, bytes);
        });
        assert_eq!(sent, Ok(()));
        let digest: String = transcript.digest("bytes").iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, "86af979dbfd25224629a18f0360975a09f78b1de42793636851733a65731e869");
    }
}

#[test]
fn lengths_at_full_size() {
    // One proof of the CIFAR-10 network: 33 ciphertexts; the MNIST network has 4.
    for (rows, bytes) in [(5, 1_290_240), (34, 9_658_368)] {
        let shape: ProofShape = ProofShape::new(&Budget::new(8192, rows, 1)).unwrap();
        assert_eq!(Responses::len_for(shape), bytes);
        assert_eq!(Challenge::len_for(shape), 8);
    }
    let forger = Naive::honest(&ring(N), 2, &mut prg(20));
    assert_eq!(
        Responses::len_for(ProofShape::new(&budget_of(&forger)).unwrap()),
        forger.bytes(&forger.masks(&mut prg(21))).len()
    );
}

/// Nothing that is printed shows a secret.
#[test]
fn debug_is_redacted() {
    let client = Client::new(8, 1, 22);
    let key = client.received_key();
    let prover = client.prover(&key);
    let shown = format!("{prover:?}");
    let (awaiting, commitment) = prover.commit(&mut prg(0));
    let (expecting, challenge) =
        client.verifier(&key).challenge(&commitment, &mut Tries::new(), &mut prg(1)).unwrap();
    let shown = shown + &format!("{awaiting:?} {commitment:?} {expecting:?}");
    let attempt = awaiting.respond(&challenge);
    let shown = shown + &format!("{attempt:?}");
    assert!(!shown.contains('['), "{shown}");
    if let Attempt::Accepted(responses) = attempt {
        assert_eq!(to_vec(&responses).len(), Responses::len_for(client.shape()));
    }
}
