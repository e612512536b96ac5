//! Honest provers are accepted, for their own statement only.

use muse_field::Fp;
use muse_field::id::{RunId, SessionId};
use muse_field::sample::fill_uniform;
use muse_field::transcript::Transcript;
use muse_field::wire::{Decode, from_slice, to_vec};
use muse_he::budget::{Amortised, Budget};
use muse_he::keyed::{FreshKeyed, KeyedWitness, ReceivedKeyed};
use muse_he::ring::Ring;
use muse_mac::spdz::Party;
use muse_test_support::zk::topgear::{NAME, Naive};
use muse_test_support::zk::{prg, ring};
use muse_zk::Error;
use muse_zk::topgear::{Name, Proof, ProofShape, prove, verify};

use super::{N, NOT_WELL_FORMED, refusal};

type Rows = Vec<(ReceivedKeyed, KeyedWitness)>;

fn budget(n: usize) -> Budget {
    Budget::amortised(n, 1)
}

fn shape(n: usize) -> ProofShape {
    ProofShape::new(&budget(n)).unwrap()
}

fn rows(ring: &Ring, name: &Name, count: usize, seed: u64) -> Rows {
    let (masks, rng) = (name.masks(ring).unwrap(), &mut prg(seed));
    let one = |_| {
        let mut plaintext = vec![Fp::ZERO; ring.n()];
        fill_uniform(&mut plaintext, rng);
        let (sent, witness) = FreshKeyed::encrypt(ring, &masks, &plaintext, rng).unwrap();
        (sent.receive(ring).unwrap(), witness)
    };
    (0..count).map(one).collect()
}

fn proof(ring: &Ring, name: &Name, rows: &Rows, seed: u64) -> Vec<u8> {
    let masks = name.masks(ring).unwrap();
    to_vec(&prove(ring, &budget(ring.n()), name, &masks, rows, &mut prg(seed)).unwrap())
}

fn verdict(ring: &Ring, name: &Name, rows: &Rows, bytes: &[u8]) -> Option<Error> {
    let proof = match from_slice(shape(ring.n()), bytes) {
        Ok(proof) => proof,
        Err(error) => return Some(error.into()),
    };
    let received = rows.iter().map(|(row, _)| row.clone()).collect();
    let proven = verify(ring, &budget(ring.n()), name, name.masks(ring).unwrap(), received, proof);
    refusal(proven)
}

#[test]
fn honest_proofs_are_accepted() {
    for n in [8, N, 8192] {
        let (ring, count) = (ring(n), Amortised::new(n).ciphertexts);
        assert_eq!(shape(n).ciphertexts(), count);
        let rows = rows(&ring, &NAME, count, 1);
        let bytes = proof(&ring, &NAME, &rows, 2);
        assert_eq!(bytes.len(), Proof::len_for(shape(n)));
        assert_eq!(verdict(&ring, &NAME, &rows, &bytes), None);
    }
}

/// 124 bits a coefficient and response at full size: 7.75 bytes a slot of a ciphertext, beside 53.75 of the rows themselves.
#[test]
fn lengths_at_full_size() {
    assert_eq!(Proof::len_for(shape(8192)), 32 + 10 * 8192 * (24 + 28 + 28 + 44) / 8);
    assert_eq!(FreshKeyed::len_for(8192), 8192 * 2 * 215 / 8);
}

/// The bytes of a proof depend on seeds alone: not on threads, not on kernels.
#[test]
fn pinned_bytes() {
    let ring = ring(N);
    let rows = rows(&ring, &NAME, 38, 3);
    let mut transcript = Transcript::new("test");
    let digest = transcript.append("proof", &proof(&ring, &NAME, &rows, 4)).digest("digest");
    assert_eq!(digest[..8], PINNED, "{digest:?}");
}

const PINNED: [u8; 8] = [219, 115, 141, 81, 214, 146, 73, 47];

/// The second implementation and the crate accept each other's proofs: everything that fails elsewhere fails for the reason it states.
#[test]
fn the_naive_prover_is_accepted_when_honest() {
    let naive = Naive::honest(&ring(N), &mut prg(5));
    for seed in 0..3 {
        assert_eq!(refusal(naive.verdict(&naive.prove(&mut prg(seed)))), None);
        assert_eq!(refusal(naive.verdict(&naive.once(|_| (), &mut prg(seed)))), None);
    }
}

/// Another session, number, direction or setup; rows of another batch, or in another order.
#[test]
fn another_statement_is_refused() {
    let ring = ring(N);
    let own = rows(&ring, &NAME, 38, 6);
    let bytes = proof(&ring, &NAME, &own, 7);
    assert_eq!(verdict(&ring, &NAME, &own, &bytes), None);
    let session = RunId { session: SessionId::from_bytes([8; 32]), ..NAME.run };
    for name in [
        Name { run: session, ..NAME },
        Name { run: RunId { number: 6, ..NAME.run }, ..NAME },
        Name { party: Party::First, ..NAME },
        Name { setup: [5; 32], ..NAME },
    ] {
        // The proof for the other name, and honest rows and a proof of the other batch replayed here.
        assert_eq!(verdict(&ring, &name, &own, &bytes), NOT_WELL_FORMED);
        let other = rows(&ring, &name, 38, 6);
        let replayed = proof(&ring, &name, &other, 7);
        assert_eq!(verdict(&ring, &name, &other, &replayed), None);
        assert_eq!(verdict(&ring, &NAME, &other, &replayed), NOT_WELL_FORMED);
        // Masks follow the session, the number, the direction and the setup, so rows do not fit either.
        let theirs = name.masks(&ring).unwrap();
        assert!(theirs.row().as_slice() != NAME.masks(&ring).unwrap().row().as_slice());
    }
    let mut swapped = rows(&ring, &NAME, 38, 6);
    swapped.swap(3, 17);
    assert_eq!(verdict(&ring, &NAME, &swapped, &bytes), NOT_WELL_FORMED);
    let mut foreign = rows(&ring, &NAME, 38, 6);
    foreign[37] = rows(&ring, &NAME, 1, 8).remove(0);
    assert_eq!(verdict(&ring, &NAME, &foreign, &bytes), NOT_WELL_FORMED);
}

#[test]
fn misuse_is_refused() {
    let ring = ring(N);
    let masks = || NAME.masks(&ring).unwrap();
    let own = rows(&ring, &NAME, 38, 9);
    let few = rows(&ring, &NAME, 37, 9);
    let amortised = budget(N);
    let misused = |budget: &Budget, rows: &Rows| {
        matches!(prove(&ring, budget, &NAME, &masks(), rows, &mut prg(1)), Err(Error::Misuse(_)))
    };
    assert!(!misused(&amortised, &own));
    assert!(misused(&amortised, &few));
    assert!(misused(&Budget::new(N, 39, 1), &own));
    assert!(misused(&budget(128), &own));
    assert!(misused(&budget(63), &own));
    let received = |rows: &Rows| rows.iter().map(|(row, _)| row.clone()).collect::<Vec<_>>();
    let bytes = proof(&ring, &NAME, &own, 7);
    let sent = || from_slice(shape(N), &bytes).unwrap();
    let verdict = verify(&ring, &amortised, &NAME, masks(), received(&few), sent());
    assert!(matches!(verdict, Err(Error::Misuse(_))));
    let proven = || verify(&ring, &amortised, &NAME, masks(), received(&own), sent()).unwrap();
    // Masks of another batch: what is hashed is the name that they should have.
    let foreign =
        Name { run: RunId::new(NAME.run.session, NAME.run.number + 1), ..NAME }.masks(&ring).unwrap();
    assert!(matches!(prove(&ring, &amortised, &NAME, &foreign, &own, &mut prg(1)), Err(Error::Misuse(_))));
    assert!(matches!(proven().under(&NAME, &Budget::amortised(N, 2)), Err(Error::Misuse(_))));
    let other = Name { party: Party::First, ..NAME };
    assert!(matches!(proven().under(&other, &amortised), Err(Error::Misuse(_))));
    assert_eq!(proven().under(&NAME, &amortised).unwrap().count(), 38);
}

/// Of honest proofs: responses fill their range evenly, so nothing of a witness shows, and about one try in e is accepted.
#[test]
fn responses_are_uniform_within_their_bounds() {
    let naive = Naive::honest(&ring(N), &mut prg(10));
    let rng = &mut prg(11);
    let (mut accepted, tries) = (0, 120);
    for _ in 0..tries {
        let masks = naive.draw(1, rng);
        let z = naive.respond(&masks, &naive.challenges(&naive.commit(&masks))).unwrap();
        accepted += i32::from(naive.within(&z));
    }
    // 120 / e = 44, standard deviation 5.3.
    assert!((20..70).contains(&accepted), "{accepted}");
    let (bounds, mut counts) = (naive.bounds(), [[0_i32; 4]; 3]);
    let rows = rows(&naive.ring, &NAME, 38, 12);
    let shape = shape(N);
    let masks = NAME.masks(&naive.ring).unwrap();
    for seed in 0..4 {
        let proof = to_vec(&prove(&naive.ring, &budget(N), &NAME, &masks, &rows, &mut prg(seed)).unwrap());
        let mut reader = muse_field::wire::Reader::new(&proof[32..]);
        for _ in 0..naive.responses {
            for (kind, width) in naive.widths().into_iter().enumerate() {
                for word in reader.bits(width, N).unwrap() {
                    let z = word as i64 - (1 << (width - 1));
                    assert!(z.abs() <= bounds[kind]);
                    counts[kind][((z + bounds[kind]) * 4 / (2 * bounds[kind] + 1)) as usize] += 1;
                }
            }
            reader.elements(N).unwrap();
        }
    }
    assert_eq!(shape.ciphertexts(), 38);
    // 4 proofs, 19 x 64 coefficients each, in four quarters: 1216, standard deviation 30.
    assert!(counts.iter().flatten().all(|count| (count - 1216).abs() < 170), "{counts:?}");
}
