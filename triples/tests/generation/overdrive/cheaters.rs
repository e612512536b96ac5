//! Parties that deviate. The first party cheats; what the second one says is the verdict.

use muse_field::id::SessionId;
use muse_field::wire::{from_slice, to_vec};
use muse_field::{Fp, MODULUS};
use muse_mac::spdz::Party;
use muse_triples::overdrive::deviate::Step;
use muse_triples::overdrive::{AwaitKeys, Keys, Session, groups, keys_shape};
use muse_triples::{Check, Error};

use muse_test_support::triples::generation::{OTHER, SESSION, rng};
use muse_test_support::triples::overdrive::{Beginning, Tap, World, honest, inputs, proofs, setup, triples};

const N: usize = 16;

const DEFERRED: Option<Error> = Some(Error::PeerMisbehaved(Check::Deferred));
const COMMITMENT: Option<Error> = Some(Error::PeerMisbehaved(Check::Mac(muse_mac::Check::Commitment)));
const NOT_WELL_FORMED: Option<Error> = Some(Error::PeerMisbehaved(Check::Proof(muse_zk::Check::WellFormed)));
const OUT_OF_BOUNDS: Option<Error> = Some(Error::PeerMisbehaved(Check::Proof(muse_zk::Check::ResponseBound)));

fn begin(world: &World) -> [Session; 2] {
    setup(world, &Beginning::default(), &mut honest).unwrap()
}

/// A tap on what the first party sends.
fn on(
    wanted: &'static str,
    at: usize,
    change: impl Fn(&mut Vec<u8>),
) -> impl FnMut(Party, &'static str, usize, &mut Vec<u8>) {
    move |from, name, number, bytes| {
        if (from, name, number) == (Party::First, wanted, at) {
            change(bytes);
        }
    }
}

/// What becomes of a batch of triples whose first party multiplies by something else in some replies.
fn deviating(deviation: impl Fn(Step, usize, &mut [Fp]) + Send + Sync + 'static) -> Option<Error> {
    let world = World::new(N);
    let [first, second] = begin(&world);
    triples(&world, [first.deviate(deviation), second], &mut honest, 7).err()
}

/// What becomes of a batch of triples with a tap.
fn tapped(tap: &mut Tap<'_>) -> Option<Error> {
    let world = World::new(N);
    triples(&world, begin(&world), tap, 7).err()
}

#[test]
fn who_deviates_in_nothing_passes() {
    assert_eq!(deviating(|_, _, _| {}), None);
    assert_eq!(tapped(&mut honest), None);
}

/// In one slot of the first, a middle and the last group: a product by another b, or a MAC of another value.
#[test]
fn a_wrong_reply_is_refused() {
    use Step::{MacA, MacB, MacC, MacSecondB, MacSecondC, Product, SecondProduct};
    for wanted in [Product, SecondProduct, MacA, MacB, MacSecondB, MacC, MacSecondC] {
        for (group, slot) in [(0, 0), (7, N - 1), (groups(N) - 1, 5)] {
            let verdict = deviating(move |step, at, values| {
                if (step, at) == (wanted, group) {
                    values[slot] += Fp::ONE;
                }
            });
            assert_eq!(verdict, DEFERRED, "{wanted:?} {group} {slot}");
        }
    }
}

/// c wrong, and c^ with the error that one r would make up for: another r is drawn. Errors of both by the same factor of b, in all slots.
#[test]
fn both_products_wrong_are_refused() {
    for factors in [[1, 1], [1, 2], [3, MODULUS - 3]] {
        let verdict = deviating(move |step, group, values| {
            for (wanted, factor) in [Step::Product, Step::SecondProduct].into_iter().zip(factors) {
                if (step, group) == (wanted, 0) {
                    values[2] += Fp::new(factor);
                }
            }
        });
        assert_eq!(verdict, DEFERRED);
        let scaled = deviating(move |step, _, values| {
            if matches!(step, Step::Product | Step::SecondProduct) {
                values.iter_mut().for_each(|b| *b *= Fp::new(2));
            }
        });
        assert_eq!(scaled, DEFERRED);
    }
}

/// a has one value in its ciphertext, which the products are made of, and another under its MAC: r c - c^ - rho a is their difference times rho.
#[test]
fn another_a_under_the_mac_is_refused() {
    let verdict = deviating(|step, _, values| {
        if step == Step::MacA {
            values.iter_mut().for_each(|a| *a += Fp::new(5));
        }
    });
    assert_eq!(verdict, DEFERRED);
}

/// Errors of a MAC that cancel in a plain sum over slots.
#[test]
fn errors_that_cancel_each_other_are_refused() {
    for wanted in [Step::MacA, Step::MacC, Step::Product] {
        let verdict = deviating(move |step, group, values| {
            if (step, group) == (wanted, 1) {
                values[0] += Fp::ONE;
                values[9] -= Fp::ONE;
            }
        });
        assert_eq!(verdict, DEFERRED);
    }
}

/// Replies of another group in place of one, and groups in another order.
#[test]
fn reordered_replies_are_refused() {
    for name in ["products", "macs"] {
        let mut kept = Vec::new();
        let mut swap = |from, wanted: &'static str, number: usize, bytes: &mut Vec<u8>| {
            if (from, wanted) == (Party::First, name) {
                match number {
                    0 => kept.clone_from(bytes),
                    1 => bytes.clone_from(&kept),
                    _ => {}
                }
            }
        };
        assert_eq!(tapped(&mut swap), DEFERRED, "{name}");
        // Two replies of one group exchanged.
        let exchange = |bytes: &mut Vec<u8>| {
            let one = N * 2 * 58 / 8;
            let (low, high) = bytes.split_at_mut(one);
            low.swap_with_slice(&mut high[..one]);
        };
        assert_eq!(tapped(&mut on(name, 2, exchange)), DEFERRED, "{name}");
    }
}

/// A wrong rho, two of them exchanged (the sacrifice of other slots), all shifted, those that cancel.
#[test]
fn a_wrong_opening_is_refused() {
    let change = |change: &dyn Fn(&mut Vec<Fp>)| {
        let count = groups(N) * N;
        let altered = |bytes: &mut Vec<u8>| {
            let mut shares: Vec<Fp> = from_slice(count, bytes).unwrap();
            change(&mut shares);
            *bytes = to_vec(&shares);
        };
        tapped(&mut on("opened", 0, altered))
    };
    assert_eq!(change(&|_| {}), None);
    for slot in [0, 100, groups(N) * N - 1] {
        assert_eq!(change(&|shares| shares[slot] += Fp::ONE), DEFERRED);
    }
    assert_eq!(change(&|shares| shares.swap(3, 4)), DEFERRED);
    assert_eq!(change(&|shares| shares.rotate_left(N)), DEFERRED);
    assert_eq!(
        change(&|shares| {
            shares[0] += Fp::ONE;
            shares[1] -= Fp::ONE;
        }),
        DEFERRED
    );
}

/// The commitments of the coin and of the check, what they are opened to, and messages of an earlier batch.
#[test]
fn coins_and_sigma_are_committed() {
    for name in ["coin commitment", "coin", "seed commitment", "seed", "sigma commitment", "sigma"] {
        for byte in [0, 31] {
            // Byte 5 of sigma would not be canonical.
            let flip = |bytes: &mut Vec<u8>| bytes[byte] ^= 1;
            assert_eq!(tapped(&mut on(name, 0, flip)), COMMITMENT, "{name}");
        }
    }
    // The same, replayed from the batch before.
    let world = World::new(N);
    for names in [["coin commitment", "coin"], ["seed commitment", "seed"], ["sigma commitment", "sigma"]] {
        let mut kept = Vec::new();
        let mut keep = |from, name: &'static str, _: usize, bytes: &mut Vec<u8>| {
            if from == Party::First && names.contains(&name) {
                kept.push(bytes.clone());
            }
        };
        let [(first, _), (second, _)] = triples(&world, begin(&world), &mut keep, 7).unwrap();
        let mut replay = kept.into_iter();
        let mut again = |from, name: &'static str, _: usize, bytes: &mut Vec<u8>| {
            if from == Party::First && names.contains(&name) {
                *bytes = replay.next().unwrap();
            }
        };
        assert_eq!(triples(&world, [first, second], &mut again, 9).err(), COMMITMENT);
    }
}

/// Bits of every part of the proof of a batch: commitment, responses for secret, errors, plaintexts.
#[test]
fn a_wrong_proof_is_refused() {
    let mut length = 0;
    let mut measure = |_, name: &'static str, _: usize, bytes: &mut Vec<u8>| {
        if name == "proof" {
            length = bytes.len();
        }
    };
    assert_eq!(tapped(&mut measure), None);
    for bit in (0..8 * length).step_by(8 * length / 37 + 1).chain([8 * length - 1]) {
        let verdict = tapped(&mut on("proof", 0, |bytes| bytes[bit / 8] ^= 1 << (bit % 8)));
        assert!([NOT_WELL_FORMED, OUT_OF_BOUNDS, Some(Error::Malformed)].contains(&verdict), "{verdict:?}");
    }
}

/// A ciphertext of the batch changed, exchanged with another, or from another batch, direction or session; with the proof of its own batch, too.
#[test]
fn mixed_batches_are_refused() {
    let world = World::new(N);
    let record = |sessions: [Session; 2], from: Party| {
        let mut sent: Vec<(&'static str, usize, Vec<u8>)> = Vec::new();
        let mut keep = |party, name: &'static str, number: usize, bytes: &mut Vec<u8>| {
            if party == from && matches!(name, "ciphertext" | "proof") {
                sent.push((name, number, bytes.clone()));
            }
        };
        let ended = triples(&world, sessions, &mut keep, 7).unwrap();
        (sent, ended.map(|(session, _)| session))
    };
    let verdict =
        |sent: &[(&'static str, usize, Vec<u8>)], wanted: &dyn Fn(&str, usize) -> bool, sessions| {
            let mut replay = |from, name: &'static str, number: usize, bytes: &mut Vec<u8>| {
                if from == Party::First && wanted(name, number) {
                    let other = sent.iter().find(|sent| (sent.0, sent.1) == (name, number));
                    bytes.clone_from(&other.unwrap().2);
                }
            };
            triples(&world, sessions, &mut replay, 11).err()
        };
    let (earlier, sessions) = record(begin(&world), Party::First);
    let whole = |name: &str, _: usize| matches!(name, "ciphertext" | "proof");
    let one = |name: &str, number: usize| (name, number) == ("ciphertext", 3);
    let ciphertexts = |name: &str, _: usize| name == "ciphertext";
    let proof = |name: &str, _: usize| name == "proof";
    assert_eq!(verdict(&earlier, &whole, sessions), NOT_WELL_FORMED);
    let (reflected, sessions) = record(begin(&world), Party::Second);
    assert_eq!(verdict(&reflected, &whole, sessions), NOT_WELL_FORMED);
    let begin_elsewhere = Beginning { ids: [OTHER; 2], ..Beginning::default() };
    let elsewhere = || setup(&world, &begin_elsewhere, &mut honest).unwrap();
    let other_keys = Beginning { seed: 77, ..Beginning::default() };
    for sessions in [elsewhere(), setup(&world, &other_keys, &mut honest).unwrap()] {
        let (foreign, _) = record(sessions, Party::First);
        assert_eq!(verdict(&foreign, &whole, begin(&world)), NOT_WELL_FORMED);
        assert_eq!(verdict(&foreign, &one, begin(&world)), NOT_WELL_FORMED);
        assert_eq!(verdict(&foreign, &ciphertexts, begin(&world)), NOT_WELL_FORMED);
        assert_eq!(verdict(&foreign, &proof, begin(&world)), NOT_WELL_FORMED);
    }
    // Of the same batch, in another order.
    let mut kept = Vec::new();
    let mut double = |from, name: &'static str, number: usize, bytes: &mut Vec<u8>| {
        if (from, name) == (Party::First, "ciphertext") {
            match number {
                0 => kept.clone_from(bytes),
                1 => bytes.clone_from(&kept),
                _ => {}
            }
        }
    };
    assert_eq!(tapped(&mut double), NOT_WELL_FORMED);
    let flip = |bytes: &mut Vec<u8>| bytes[100] ^= 2;
    let verdict = tapped(&mut on("ciphertext", 5, flip));
    assert!([NOT_WELL_FORMED, Some(Error::Malformed)].contains(&verdict));
}

/// Nothing is computed on ciphertexts whose proof is of other ones: the states do not exist.
#[test]
fn a_proof_of_the_other_party_is_refused() {
    let world = World::new(N);
    let [a, b] = &mut [rng(1), rng(2)];
    let ([_, second], [for_first, _]) = proofs(&world, begin(&world), &mut honest, [a, b]).unwrap();
    // The second party's own proof.
    assert_eq!(second.on_proof(for_first).err(), NOT_WELL_FORMED);
}

/// Keys that are changed anywhere, of another session, or one's own sent back.
#[test]
fn wrong_keys_are_refused() {
    let world = World::new(N);
    let row = 215 * N / 8;
    let begin = |ids: [SessionId; 2], tap: &mut Tap<'_>| {
        setup(&world, &Beginning { ids, ..Beginning::default() }, tap).err()
    };
    assert_eq!(begin([SESSION; 2], &mut honest), None);
    // The public key, alpha, the commitment of the proof, its responses.
    for byte in [10, row - 1, row + 10, 2 * row - 1, 2 * row + 3, 2 * row + 40, 2 * row + 1500] {
        let verdict = begin([SESSION; 2], &mut on("keys", 0, |bytes| bytes[byte] ^= 4));
        assert!(
            [NOT_WELL_FORMED, OUT_OF_BOUNDS, Some(Error::Malformed)].contains(&verdict),
            "{byte} {verdict:?}"
        );
    }
    // A row that is nothing at all in place of the public key, or of alpha.
    for start in [0, row] {
        let random = |bytes: &mut Vec<u8>| {
            // Residues below every prime: 43 bits each, of which the highest is 0.
            for bit in 0..8 * row {
                let (at, one) = (start + bit / 8, 1 << (bit % 8));
                bytes[at] &= !one;
                if bit % 43 != 42 && (bit * bit) % 7 < 3 {
                    bytes[at] |= one;
                }
            }
        };
        assert_eq!(begin([SESSION; 2], &mut on("keys", 0, random)), NOT_WELL_FORMED);
    }
    assert_eq!(begin([OTHER, SESSION], &mut honest), NOT_WELL_FORMED);
    // Sent back to their maker.
    let (own, keys) = AwaitKeys::start(world.context(), SESSION, Party::Second, &mut rng(3)).unwrap();
    let reflected: Keys = from_slice(keys_shape(N).unwrap(), &to_vec(&keys)).unwrap();
    assert_eq!(own.on_keys(reflected, &mut rng(4)).err(), NOT_WELL_FORMED);
}

/// A well-formed ciphertext of alphas that differ in one slot, or in all; of a constant, whatever it is, is fine.
#[test]
fn an_alpha_that_is_not_one_value_is_refused() {
    let world = World::new(N);
    let verdict = |slots: &[Fp]| {
        let alpha = Some(world.slots.encode(slots).unwrap().to_vec());
        setup(&world, &Beginning { alpha, ..Beginning::default() }, &mut honest).err()
    };
    for slot in [0, 3, N - 1] {
        let mut slots = [Fp::new(77); N];
        slots[slot] += Fp::ONE;
        assert_eq!(verdict(&slots), DEFERRED);
    }
    let mut halves = [Fp::new(77); N];
    halves[..N / 2].fill(Fp::new(78));
    assert_eq!(verdict(&halves), DEFERRED);
    let different: Vec<Fp> = (0..N as u64).map(Fp::new).collect();
    assert_eq!(verdict(&different), DEFERRED);
}

/// A value of the trial under another MAC, its opening changed, its replies changed.
#[test]
fn a_wrong_trial_is_refused() {
    let world = World::new(N);
    let begin = |tap: &mut Tap<'_>| setup(&world, &Beginning::default(), tap).err();
    // The highest bits of a word.
    assert_eq!(begin(&mut on("trial", 0, |bytes| bytes[58 * N / 8 + 6] ^= 1)), DEFERRED);
    for at in [0, 1] {
        let shift = |bytes: &mut Vec<u8>| {
            let mut shares: Vec<Fp> = from_slice(2, bytes).unwrap();
            shares[at] += Fp::ONE;
            *bytes = to_vec(&shares);
        };
        assert_eq!(begin(&mut on("opened", 0, shift)), DEFERRED);
    }
}

/// Inputs under MACs of other values, in one place or so that a plain sum does not show it; other openings; other orders.
#[test]
fn wrong_inputs_are_refused() {
    let world = World::new(N);
    let deviating = |deviation: fn(usize, &mut [Fp])| {
        let [first, second] = begin(&world);
        let first = first.deviate(move |_, group, values| deviation(group, values));
        inputs(&world, [first, second], Party::First, 3, &mut honest, 7).err()
    };
    assert_eq!(deviating(|_, _| {}), None);
    assert_eq!(deviating(|group, values| values[0] += Fp::new(u64::from(group == 0))), DEFERRED);
    // The last value, which masks the combination.
    assert_eq!(deviating(|group, values| values[N - 1] += Fp::new(u64::from(group == 2))), DEFERRED);
    assert_eq!(
        deviating(|_, values| {
            values[1] += Fp::ONE;
            values[2] -= Fp::ONE;
        }),
        DEFERRED
    );
    let tapped = |owner, tap: &mut Tap<'_>| inputs(&world, begin(&world), owner, 3, tap, 7).err();
    let mut kept = Vec::new();
    let mut repeat = |_, name: &'static str, number: usize, bytes: &mut Vec<u8>| {
        if name == "input" {
            match number {
                0 => kept.clone_from(bytes),
                1 => bytes.clone_from(&kept),
                _ => {}
            }
        }
    };
    assert_eq!(tapped(Party::First, &mut repeat), DEFERRED);
    // Whoever the owner is, the first party's share of the opening is changed.
    for owner in [Party::First, Party::Second] {
        let shift = |bytes: &mut Vec<u8>| {
            let mut shares: Vec<Fp> = from_slice(1, bytes).unwrap();
            shares[0] += Fp::ONE;
            *bytes = to_vec(&shares);
        };
        assert_eq!(tapped(owner, &mut on("opened", 0, shift)), DEFERRED);
    }
}

/// Cut, or longer than they should be, or not canonical.
#[test]
fn hostile_bytes_are_refused() {
    for name in ["ciphertext", "proof", "products", "macs", "coin commitment", "opened", "sigma"] {
        let cut = |bytes: &mut Vec<u8>| bytes.truncate(bytes.len() - 1);
        assert_eq!(tapped(&mut on(name, 0, cut)), Some(Error::Malformed), "{name}");
        assert_eq!(tapped(&mut on(name, 0, |bytes| bytes.push(0))), Some(Error::Malformed), "{name}");
    }
    for name in ["ciphertext", "products", "macs", "opened"] {
        let ones = |bytes: &mut Vec<u8>| bytes.fill(0xff);
        assert_eq!(tapped(&mut on(name, 0, ones)), Some(Error::Malformed), "{name}");
    }
}
