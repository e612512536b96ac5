//! The two-sided form: to and from the one-sided one, arithmetic, openings, and every deviation of either party.

use muse_field::Fp;
use muse_field::prg::Prg;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use muse_mac::check::{TwoSided, Unchecked};
use muse_mac::error::Check;
use muse_mac::spdz::{Batch, Commitment, KeyShare, Party, Revealed, RevealedSigma, Shares, toss};
use muse_mac::{Error, MacKey, OpeningId};
use proptest::prelude::*;

use crate::support::{ID, deal, element, elements, fits, nonzero, other_names, rng, uniform, vector};

const PARTIES: [Party; 2] = [Party::First, Party::Second];

/// Both parties' shares of the key.
fn key_shares(rng: &mut Prg) -> [KeyShare; 2] {
    [(); 2].map(|()| KeyShare::random(rng))
}

fn alpha(key: &[KeyShare; 2]) -> Fp {
    key[0].expose() + key[1].expose()
}

/// Both parties' shares of values, by a dealer.
fn share(key: &[KeyShare; 2], values: &[Fp], rng: &mut Prg) -> [Shares; 2] {
    let (x, m) = (uniform(values.len(), rng), uniform(values.len(), rng));
    let rest: Vec<Fp> = values.iter().zip(&x).map(|(&v, &x)| v - x).collect();
    let macs: Vec<Fp> = values.iter().zip(&m).map(|(&v, &m)| alpha(key) * v - m).collect();
    [Shares::new(x, m).unwrap(), Shares::new(rest, macs).unwrap()]
}

/// The values, if every MAC fits.
fn sum(key: &[KeyShare; 2], [a, b]: &[Shares; 2]) -> Option<Vec<Fp>> {
    let add = |a: &[Fp], b: &[Fp]| -> Vec<Fp> { a.iter().zip(b).map(|(&a, &b)| a + b).collect() };
    let (values, macs) = (add(a.values(), b.values()), add(a.macs(), b.macs()));
    values.iter().zip(&macs).all(|(&x, &m)| m == alpha(key) * x).then_some(values)
}

/// Every message of a check, which may be changed by `tamper` on its way from the first party to the second, numbered from 0; the
/// second party's verdict, and the first's unless it stops early.
fn check(
    [first, second]: [Batch; 2],
    names: [&OpeningId; 2],
    mut tamper: impl FnMut(usize, &mut Vec<u8>, &[u8]),
    rng: &mut Prg,
) -> Result<[muse_mac::check::Checked; 2], Error> {
    fn pass<T: Encode + Decode<Shape = ()>>(
        number: usize,
        message: &T,
        theirs: &impl Encode,
        tamper: &mut impl FnMut(usize, &mut Vec<u8>, &[u8]),
    ) -> Result<T, Error> {
        let mut bytes = to_vec(message);
        tamper(number, &mut bytes, &to_vec(theirs));
        Ok(from_slice((), &bytes)?)
    }
    let ((first, a), (second, b)) = (first.commit(names[0], rng), second.commit(names[1], rng));
    let (second, seed_b) = second.on_commitment(pass(0, &a, &b, &mut tamper)?);
    let (first, seed_a) = first.on_commitment(b);
    let (second, b) = second.on_seed(&pass(1, &seed_a, &seed_b, &mut tamper)?, rng)?;
    let (first, a) = first.on_seed(&seed_b, rng)?;
    let (second, sigma_b) = second.on_commitment(pass(2, &a, &b, &mut tamper)?);
    let (first, sigma_a) = first.on_commitment(b);
    let checked = second.on_sigma(&pass(3, &sigma_a, &sigma_b, &mut tamper)?)?;
    Ok([first.on_sigma(&sigma_b)?, checked])
}

/// Opens shares at both parties; what the first one sends may be changed.
fn open(
    batches: &mut [Batch; 2],
    [a, b]: [Shares; 2],
    change: impl Fn(&mut Vec<Fp>),
) -> [Unchecked<Vec<Fp>, TwoSided>; 2] {
    let ((mut sent_a, pending_a), (sent_b, pending_b)) = (a.reveal(), b.reveal());
    change(&mut sent_a);
    let [first, second] = batches;
    [first.receive(pending_a, &sent_b).unwrap(), second.receive(pending_b, &sent_a).unwrap()]
}

fn batches(key: &[KeyShare; 2]) -> [Batch; 2] {
    [Batch::new(Party::First, &key[0]), Batch::new(Party::Second, &key[1])]
}

proptest! {
    /// One-sided to two-sided and back, with and without a share of the server's.
    #[test]
    fn the_one_sided_form_is_a_special_case(x in vector(), seed: u8, held: bool) {
        let rng = &mut rng(seed);
        let alpha = MacKey::random(rng);
        let key = [KeyShare::of_client(), KeyShare::of_server(&alpha)];
        let own = if held { uniform(x.len(), rng) } else { vec![Fp::ZERO; x.len()] };
        let (client, server) = deal(&alpha, &x, rng);
        let (macs, keys) = (client.macs().to_vec(), server.expose().to_vec());

        let shares = [client.into_shares(), server.into_shares(&alpha, own.clone()).unwrap()];
        prop_assert_eq!(sum(&key, &shares), Some(x.iter().zip(&own).map(|(&x, &own)| x + own).collect()));
        if !held {
            // (x, m) and (0, -k).
            prop_assert_eq!(shares[0].macs(), &macs[..]);
            prop_assert_eq!(shares[1].macs(), keys.iter().map(|k| -k).collect::<Vec<_>>());
        }

        let [client, server] = shares;
        let (client, (server, back)) = (client.into_authenticated(), server.into_keys(&alpha));
        prop_assert!(fits(&alpha, &client, &server));
        prop_assert_eq!((client.values(), server.expose(), &back[..]), (&x[..], &keys[..], &own[..]));
    }

    #[test]
    fn arithmetic_keeps_macs(x in vector(), factor in element(), seed: u8) {
        let rng = &mut rng(seed);
        let key = key_shares(rng);
        let y: Vec<Fp> = x.iter().rev().map(|&v| v * v + Fp::ONE).collect();
        let (mut a, b) = (share(&key, &x, rng), share(&key, &y, rng));
        for i in 0..2 {
            let other = Shares::public(PARTIES[i], &key[i], &y);
            a[i].axpy(factor, &b[i]);
            a[i].sub_assign(&other);
            a[i].add_public_assign(PARTIES[i], &key[i], &x);
        }
        let want = x.iter().zip(&y).map(|(&x, &y)| x + factor * y - y + x).collect();
        prop_assert_eq!(sum(&key, &a), Some(want));
    }

    #[test]
    fn wrong_shares_are_refused(mut x in vector(), at: prop::sample::Index, by in nonzero(), seed: u8) {
        x.push(by);
        let at = at.index(x.len());
        let rng = &mut rng(seed);
        let key = key_shares(rng);
        let mut batches = batches(&key);
        let honest = open(&mut batches, share(&key, &x, rng), |_| {});
        let _ = open(&mut batches, share(&key, &x, rng), |sent| sent[at] += by);
        let verdict = check(batches, [&ID; 2], |_, _, _| {}, rng);
        prop_assert_eq!(verdict.map(|_| ()), Err(Error::PeerMisbehaved(Check::Batch)));
        prop_assert_eq!(format!("{honest:?}"), "[Unchecked(..), Unchecked(..)]");
    }
}

#[test]
fn honest_openings_pass() {
    for sizes in [&[][..], &[0], &[1], &[3, 500, 0, 2]] {
        let rng = &mut rng(1);
        let key = key_shares(rng);
        let mut batches = batches(&key);
        let mut opened = Vec::new();
        for &count in sizes {
            let values = uniform(count, rng);
            let shares = share(&key, &values, rng);
            opened.push((open(&mut batches, shares, |_| {}), values));
        }
        assert_eq!(
            (batches[0].len(), batches[0].is_empty()),
            (sizes.iter().sum(), sizes.iter().all(|&n| n == 0))
        );
        let [first, second] = check(batches, [&ID; 2], |_, _, _| {}, rng).unwrap();
        for ([a, b], values) in opened {
            assert_eq!((a.release(&first).unwrap(), b.release(&second).unwrap()), (values.clone(), values));
        }
    }
}

/// Errors that cancel in a plain sum.
#[test]
fn errors_do_not_cancel() {
    let rng = &mut rng(2);
    let key = key_shares(rng);
    let mut batches = batches(&key);
    let values = uniform(100, rng);
    let shares = share(&key, &values, rng);
    let _ = open(&mut batches, shares, |sent| {
        sent[3] += Fp::ONE;
        sent[77] -= Fp::ONE;
    });
    let verdict = check(batches, [&ID; 2], |_, _, _| {}, rng);
    assert_eq!(verdict.map(|_| ()), Err(Error::PeerMisbehaved(Check::Batch)));
}

/// Whether a cheater's check passes whose message `number` is changed: by default nothing else is wrong.
fn tampered(number: usize, change: impl Fn(&mut Vec<u8>, &[u8])) -> Result<(), Error> {
    let rng = &mut rng(3);
    let key = key_shares(rng);
    let mut batches = batches(&key);
    let shares = share(&key, &elements(&[1, 2, 3]), rng);
    let _ = open(&mut batches, shares, |_| {});
    let tamper = |at: usize, bytes: &mut Vec<u8>, theirs: &[u8]| {
        if at == number {
            change(bytes, theirs);
        }
    };
    check(batches, [&ID; 2], tamper, rng).map(|_| ())
}

#[test]
fn commitments_bind() {
    const REFUSED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::Commitment));
    assert_eq!(tampered(9, |_, _| {}), Ok(()));
    for number in 0..4 {
        // Byte 0 is of the commitment or of the committed value, byte 37 of the nonce of sigma.
        for at in [0, 31] {
            assert_eq!(tampered(number, |bytes, _| bytes[at] ^= 1), REFUSED, "message {number}, byte {at}");
        }
    }
    assert_eq!(tampered(3, |bytes, _| bytes[37] ^= 1), REFUSED);
    assert_eq!(tampered(3, |bytes, _| bytes[5] = 0xff), Err(Error::Malformed));
    // Another value and the right nonce, the other way round.
    assert_eq!(tampered(1, |bytes, _| bytes.swap(0, 1)), REFUSED);
}

/// A party that sends back what it hears would make both seeds equal, and could cancel in fields of characteristic two.
#[test]
fn reflected_messages_are_refused() {
    let rng = &mut rng(4);
    for from in [0, 2] {
        let key = key_shares(rng);
        let mut batches = batches(&key);
        let shares = share(&key, &elements(&[1, 2, 3]), rng);
        let _ = open(&mut batches, shares, |_| {});
        let reflect = |at: usize, bytes: &mut Vec<u8>, theirs: &[u8]| {
            if at >= from {
                *bytes = theirs.to_vec();
            }
        };
        let verdict = check(batches, [&ID; 2], reflect, rng);
        assert_eq!(verdict.map(|_| ()), Err(Error::PeerMisbehaved(Check::Commitment)));
    }
}

/// What the commitment to sigma prevents: the party that hears sigma first answers minus it.
#[test]
fn sigma_cannot_be_chosen_by_the_others() {
    let negate = |at: usize, bytes: &mut Vec<u8>, theirs: &[u8]| {
        if at == 3 {
            let mut reader = muse_field::wire::Reader::new(theirs);
            let sigma = reader.elements(1).unwrap()[0];
            bytes[..6].copy_from_slice(&to_vec(&vec![-sigma]));
        }
    };
    let rng = &mut rng(5);
    let key = key_shares(rng);
    let mut batches = batches(&key);
    let shares = share(&key, &elements(&[1, 2, 3]), rng);
    let _ = open(&mut batches, shares, |sent| sent[0] += Fp::ONE);
    let verdict = check(batches, [&ID; 2], negate, rng);
    assert_eq!(verdict.map(|_| ()), Err(Error::PeerMisbehaved(Check::Commitment)));
}

#[test]
fn a_check_serves_under_its_name_only() {
    for name in other_names() {
        let rng = &mut rng(6);
        let key = key_shares(rng);
        let mut batches = batches(&key);
        let shares = share(&key, &elements(&[1]), rng);
        let _ = open(&mut batches, shares, |_| {});
        let verdict = check(batches, [&name, &ID], |_, _, _| {}, rng);
        assert_eq!(verdict.map(|_| ()), Err(Error::PeerMisbehaved(Check::Commitment)));
    }
}

/// x * y * y with two triples and one check; the second opening depends on unchecked values.
#[test]
fn a_chain_of_multiplications() {
    let rng = &mut rng(7);
    let key = key_shares(rng);
    let mut batches = batches(&key);
    let x = share(&key, &elements(&[3]), rng);
    let y = share(&key, &elements(&[5]), rng);
    let mut i = 0;
    let mut x = x.map(|x| {
        i += 1;
        batches[i - 1].wrap(x)
    });
    for (a, b) in [(11, 13), (17, 19)] {
        let triple = share(&key, &elements(&[a, b, a * b]), rng);
        let (mut sent, mut pending) = (Vec::new(), Vec::new());
        for ((x, y), triple) in x.into_iter().zip(&y).zip(&triple) {
            let (values, rest) = x
                .map(|x| {
                    let mut factors = Shares::concat(vec![x, y.select(&[0])]);
                    factors.sub_assign(&triple.select(&[0, 1]));
                    factors
                })
                .reveal_masked();
            sent.push(values);
            pending.push(rest);
        }
        let [theirs, mine] = <[Vec<Fp>; 2]>::try_from(sent).unwrap();
        let mut next = Vec::new();
        for ((pending, theirs), i) in pending.into_iter().zip([mine, theirs]).zip(0..) {
            let opened = batches[i].receive_under(pending, &theirs).unwrap();
            next.push(opened.map(|d_e| {
                let mut z = triple[i].map(|t| vec![t[2] + d_e[0] * t[1] + d_e[1] * t[0]]);
                z.add_public_assign(PARTIES[i], &key[i], &[d_e[0] * d_e[1]]);
                z
            }));
        }
        x = <[Unchecked<Shares, TwoSided>; 2]>::try_from(next).unwrap();
    }
    let [first, second] = check(batches, [&ID; 2], |_, _, _| {}, rng).unwrap();
    let [a, b] = x;
    let product = [a.release(&first).unwrap(), b.release(&second).unwrap()];
    assert_eq!(sum(&key, &product), Some(elements(&[75])));
}

/// Sums that are zero pass without being opened, among openings; one that is not, in any place, does not.
#[test]
fn zeros_are_checked() {
    let rng = &mut rng(9);
    let verdict = |values: &[Fp], rng: &mut Prg| {
        let key = key_shares(rng);
        let mut batches = batches(&key);
        let _ = open(&mut batches, share(&key, &elements(&[4, 5]), rng), |_| {});
        let zeros = share(&key, values, rng);
        batches.iter_mut().zip(zeros).for_each(|(batch, zeros)| batch.assert_zero(zeros).unwrap());
        assert_eq!(batches[0].len(), 2 + values.len());
        check(batches, [&ID; 2], |_, _, _| {}, rng).map(|_| ())
    };
    for count in [0, 1, 50] {
        assert_eq!(verdict(&vec![Fp::ZERO; count], rng), Ok(()));
    }
    for (count, at) in [(1, 0), (50, 0), (50, 23), (50, 49)] {
        let mut values = vec![Fp::ZERO; count];
        values[at] = uniform(1, rng)[0];
        assert_eq!(verdict(&values, rng), Err(Error::PeerMisbehaved(Check::Batch)));
    }
    // Values that sum to zero are not zeros.
    assert_eq!(verdict(&[Fp::ONE, Fp::NEG_ONE], rng), Err(Error::PeerMisbehaved(Check::Batch)));
}

/// A toss: what the second party makes of the first one's messages, either of which may be changed.
fn tossed(
    names: [&OpeningId; 2],
    change: impl Fn(usize, &mut Vec<u8>, &[u8]),
    rng: &mut Prg,
) -> Result<[muse_field::id::Coin; 2], Error> {
    let (first, a) = toss(Party::First, names[0], rng);
    let (second, b) = toss(Party::Second, names[1], rng);
    let mut bytes = to_vec(&a);
    change(0, &mut bytes, &to_vec(&b));
    let (second, seed_b) = second.on_commitment(from_slice((), &bytes)?);
    let (first, seed_a) = first.on_commitment(b);
    let mut bytes = to_vec(&seed_a);
    change(1, &mut bytes, &to_vec(&seed_b));
    let coin = second.on_seed(&from_slice((), &bytes)?)?;
    Ok([first.on_seed(&seed_b)?, coin])
}

#[test]
fn tosses_are_joint_and_bound() {
    const REFUSED: Result<(), Error> = Err(Error::PeerMisbehaved(Check::Commitment));
    let rng = &mut rng(10);
    let [a, b] = tossed([&ID; 2], |_, _, _| {}, rng).unwrap();
    assert_eq!(a, b);
    let [c, _] = tossed([&ID; 2], |_, _, _| {}, rng).unwrap();
    assert_ne!(a, c);
    for message in [0, 1] {
        let flip = |at: usize, bytes: &mut Vec<u8>, _: &[u8]| bytes[7] ^= u8::from(at == message);
        assert_eq!(tossed([&ID; 2], flip, rng).map(|_| ()), REFUSED);
    }
    let reflect = |_: usize, bytes: &mut Vec<u8>, theirs: &[u8]| *bytes = theirs.to_vec();
    assert_eq!(tossed([&ID; 2], reflect, rng).map(|_| ()), REFUSED);
    for name in other_names() {
        assert_eq!(tossed([&name, &ID], |_, _, _| {}, rng).map(|_| ()), REFUSED);
    }
    // Either seed decides the coin: with the same seed of one party and another of the other it is another coin.
    let with = |seeds: [u8; 2]| {
        let [mut first, mut second] = seeds.map(crate::support::rng);
        let (a, commit_a) = toss(Party::First, &ID, &mut first);
        let (b, commit_b) = toss(Party::Second, &ID, &mut second);
        let (a, _) = a.on_commitment(commit_b);
        let (_, seed_b) = b.on_commitment(commit_a);
        a.on_seed(&seed_b).unwrap()
    };
    assert!(with([1, 2]) != with([1, 3]) && with([1, 2]) != with([3, 2]) && with([1, 2]) == with([1, 2]));
}

#[test]
fn misuse_sizes_and_printing() {
    let rng = &mut rng(8);
    let alpha = MacKey::random(rng);
    assert!(matches!(Shares::new(vec![], elements(&[1])), Err(Error::Misuse(_))));
    assert!(matches!(
        deal(&alpha, &elements(&[1]), rng).1.into_shares(&alpha, vec![]),
        Err(Error::Misuse(_))
    ));
    let key = key_shares(rng);
    let [a, _] = share(&key, &elements(&[1]), rng);
    assert_eq!(format!("{a:?} {:?}", key[0]), "Shares(1 redacted) KeyShare(redacted)");
    let (sent, pending) = a.reveal();
    assert_eq!((sent.len(), format!("{pending:?}")), (1, "Pending(redacted)".into()));
    let mut batch = Batch::new(Party::First, &key[0]);
    assert!(matches!(batch.receive(pending, &[]), Err(Error::Misuse(_))));
    assert_eq!(format!("{batch:?}"), "Batch(First, 0 values, redacted)");
    assert_eq!((Commitment::len_for(()), Revealed::len_for(()), RevealedSigma::len_for(())), (32, 64, 38));
}

/// Who cheats in a check learns the key from it. So clones of the key that other states hold are dead, too.
#[test]
fn a_failed_check_is_the_end_of_every_clone_of_the_key() {
    let rng = &mut rng(77);
    let keys = key_shares(rng);
    let clone = keys[0].clone();
    let opening = |batch: &mut Batch, rng: &mut Prg| {
        let [own, theirs] = share(&keys, &[Fp::new(5)], rng);
        let (_, pending) = own.reveal();
        batch.receive(pending, theirs.values()).map(drop)
    };

    // While a batch is open there is no other one.
    let mut batch = Batch::new(Party::First, &keys[0]);
    opening(&mut batch, rng).unwrap();
    assert!(matches!(opening(&mut Batch::new(Party::First, &clone), rng), Err(Error::Misuse(_))));
    assert!(clone.free().is_err());
    // A batch that is dropped is one that failed: its peer may have left with a sigma.
    drop(batch.commit(&ID, rng));
    assert!(clone.free().is_err());
    let mut late = Batch::new(Party::First, &clone);
    assert!(matches!(opening(&mut late, rng), Err(Error::Misuse(_))));
    let [zero, _] = share(&keys, &[Fp::ZERO], rng);
    assert!(matches!(late.assert_zero(zero), Err(Error::Misuse(_))));
}
