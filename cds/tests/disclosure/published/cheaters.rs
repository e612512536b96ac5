//! A malicious client, one deviation at a time: each is refused, by the check that is there for it, before any label.

use muse_cds::published::{Client, GROUP, Server, inputs};
use muse_cds::{Check, Error};
use muse_field::Fp;
use muse_mac::Authenticated;

use super::{HALVES, INPUTS, LABELS, PROOFS, difference_at, input_at};
use muse_test_support::cds::{ID, Log, Published, Session, Variant, converse, run, values};

/// What the server says to an honest client whose messages are changed on their way, and what was said until then.
fn refusal_of_changed(count: usize, message: usize, change: impl Fn(&mut [u8])) -> (Log, Error) {
    let values = values(count);
    let mut session = Session::new(11);
    let shares = session.deal(&values);
    let (client, server) = Published::parties(session, &values, shares);
    let tamper = |number: usize, bytes: &mut [u8]| {
        if number == message {
            change(bytes);
        }
    };
    let (log, outcome) = converse(client, server, || usize::MAX, tamper);
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    (log, error)
}

/// What the server says to a client with these inputs for these values. No label is sent.
fn refusal_of_inputs(values: &[u64], change: impl Fn(&mut [Fp])) -> Error {
    let mut session = Session::new(12);
    let (shares, keys) = session.deal(values);
    let (pool, server_pool) = session.pools(values.len());
    let mut inputs = inputs(values);
    change(&mut inputs);
    let client = Client::new_with_inputs(ID, 0, pool, shares, inputs).unwrap();
    let delta = session.sender.delta();
    let server = Server::new(ID, 0, server_pool, delta, &session.key, keys, &mut session.rng).unwrap();
    let (log, outcome) = run(client, server);
    assert_eq!(log.len(), PROOFS + 1, "no labels");
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    error
}

/// 2^1 + 2^0 as 3 times 2^0: the value is right and in range, but what is put in are no bits.
#[test]
fn what_is_no_bit_is_caught() {
    let error = refusal_of_inputs(&[5, 3], |inputs| (inputs[45], inputs[46]) = (Fp::new(3), Fp::ZERO));
    assert_eq!(error, Error::PeerMisbehaved(Check::Bits));
    // Half of the bit above it.
    let half = Fp::new(2).invert().unwrap();
    let error = refusal_of_inputs(&[2], |inputs| (inputs[1], inputs[2]) = (Fp::ZERO, half));
    assert_eq!(error, Error::PeerMisbehaved(Check::Bits));
    // y + p in bits that are none: t is not zero any more, so the range would be fine.
    let error = refusal_of_inputs(&[7], |row| {
        row.copy_from_slice(&inputs(&[7 + muse_field::MODULUS]));
        (row[43], row[42]) = (Fp::ZERO, Fp::new(3));
        let t: Fp = (27..44).fold(Fp::new(17), |t, i| t - row[i]);
        row[44] =
            (row[24] + row[25] + row[26] + row[23] * row[..23].iter().copied().fold(Fp::ZERO, |a, b| a + b))
                * t.invert().unwrap();
    });
    assert_eq!(error, Error::PeerMisbehaved(Check::Bits));
}

/// Every helper but the right one is refused, also for a value in range.
#[test]
fn a_wrong_helper_is_caught() {
    // (From p - 2^23 - 1 on, t is zero and so is the other side: a helper says nothing there.)
    for value in [0, 5, (1 << 24) - 1, muse_field::MODULUS - (1 << 23) - 2] {
        let error = refusal_of_inputs(&[value], |inputs| inputs[44] += Fp::ONE);
        assert_eq!(error, Error::PeerMisbehaved(Check::Range));
    }
    // No helper makes y + p pass.
    for helper in [0, 1, 17, muse_field::MODULUS - 1] {
        let error = refusal_of_inputs(&[9], |row| {
            row.copy_from_slice(&inputs(&[9 + muse_field::MODULUS]));
            row[44] = Fp::new(helper);
        });
        assert_eq!(error, Error::PeerMisbehaved(Check::Range));
    }
}

/// A changed input on the wire is a changed input, and no MAC fits any more.
#[test]
fn changed_inputs_are_caught() {
    for at in [0, 43, 44, 45 * 39, 45 * 40 - 1] {
        let (log, error) = refusal_of_changed(40, INPUTS, |bytes| input_at(at).add(bytes, 1));
        assert_eq!(error, Error::PeerMisbehaved(Check::Factors));
        assert_eq!(log.len(), INPUTS + 1, "no halves");
    }
}

/// Halves of differences, first and second, of a bit, of the range, of a label. A first one of a label that is off by e
/// would give l0 + (b + e) (l1 - l0).
#[test]
fn changed_differences_are_caught() {
    let (n, rows) = (40, 40 * 178);
    for at in
        [0, 44 * n, 45 * n, 46 * n, rows - 1, rows, rows + 44 * n, rows + 45 * n, rows + 46 * n, 2 * rows - 1]
    {
        let (log, error) = refusal_of_changed(n, INPUTS, |bytes| difference_at(n, at).add(bytes, 1));
        assert_eq!(error, Error::PeerMisbehaved(Check::Factors));
        assert_eq!(log.len(), INPUTS + 1, "no halves");
    }
    // The digest itself.
    let (_, error) = refusal_of_changed(n, INPUTS, |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert_eq!(error, Error::PeerMisbehaved(Check::Factors));
}

/// Triples that are not the server's: rows of labels exchanged, a wrong product, a wrong MAC.
#[test]
fn wrong_triples_are_caught() {
    let refused = |change: fn(Rows<'_>), check: Check| {
        let values = values(3);
        let mut session = Session::new(13);
        let (shares, keys) = session.deal(&values);
        let (mut pool, server_pool) = session.pools(3);
        let (a, b, c) = pool.triples.into_parts();
        let mut columns = [a, b, c].map(Authenticated::into_parts);
        change(&mut columns);
        let [a, b, c] = columns.map(|(x, m)| Authenticated::new(x, m).unwrap());
        pool.triples = muse_triples::ClientTriples::new(a, b, c);
        let client = Client::new(ID, 0, pool, shares).unwrap();
        let delta = session.sender.delta();
        let server = Server::new(ID, 0, server_pool, delta, &session.key, keys, &mut session.rng).unwrap();
        let Err((true, error)) = run(client, server).1 else { panic!("the server refuses") };
        assert_eq!(error, Error::PeerMisbehaved(check));
    };
    type Column = (zeroize::Zeroizing<Vec<Fp>>, zeroize::Zeroizing<Vec<Fp>>);
    type Rows<'a> = &'a mut [Column; 3];
    // The last 3 * 132 triples are those of labels.
    let label = |rows: Rows<'_>| rows[0].0[3 * 46] += Fp::ONE;
    refused(label, Check::Factors);
    refused(|rows| rows[1].0[3 * 178 - 1] += Fp::ONE, Check::Factors);
    refused(|rows| rows[1].1[3 * 46 + 1] += Fp::ONE, Check::Factors);
    refused(|rows| rows.iter_mut().for_each(|(x, m)| (x.swap(150, 151), m.swap(150, 151)).0), Check::Factors);
    // Products of bits, and of the range; a wrong c alone shows in its MAC.
    refused(|rows| rows[2].1[0] += Fp::ONE, Check::Bits);
    refused(|rows| rows[2].1[3 * 44] += Fp::ONE, Check::Range);
    refused(|rows| rows[2].1[3 * 46 - 1] += Fp::ONE, Check::Range);
}

/// A client that multiplies with other halves than the server has sent.
#[test]
fn changed_halves_are_caught() {
    let n = 40;
    for (row, check) in [(0, Check::Bits), (44 * n, Check::Range), (45 * n, Check::Range)] {
        for at in [row, 46 * n + row] {
            let (log, error) = refusal_of_changed(n, HALVES, |bytes| input_at(at).add(bytes, 1));
            assert_eq!(error, Error::PeerMisbehaved(check));
            assert_eq!(log.len(), PROOFS + 1, "no labels");
        }
    }
}

#[test]
fn every_digest_counts() {
    for (at, check) in
        [(0, Check::Bits), (31, Check::Bits), (32, Check::Range), (64, Check::Value), (95, Check::Value)]
    {
        let (log, error) = refusal_of_changed(40, PROOFS, |bytes| bytes[at] ^= 0x10);
        assert_eq!(error, Error::PeerMisbehaved(check));
        assert_eq!(log.len(), PROOFS + 1, "no labels");
    }
    let (_, error) = refusal_of_changed(2, PROOFS, |bytes| bytes.fill(0));
    assert_eq!(error, Error::PeerMisbehaved(Check::Bits));
    let (_, error) = refusal_of_changed(2, PROOFS, |bytes| bytes[32..].fill(0));
    assert_eq!(error, Error::PeerMisbehaved(Check::RangeAndValue));
}

/// Groups: the digests of one do not serve for another, and a group is refused whatever the one before was.
#[test]
fn groups_are_not_exchanged() {
    let count = GROUP + 1;
    // Messages: inputs 0, halves 0, proofs 0 with inputs 1, labels 0 with halves 1, proofs 1, labels 1.
    let (last, values) = (4, values(count));
    let mut session = Session::new(14);
    let shares = session.deal(&values);
    let (client, server) = Published::parties(session, &values, shares);
    let mut earlier = Vec::new();
    let tamper = |number: usize, bytes: &mut [u8]| {
        if number == 2 {
            earlier = bytes[..96].to_vec();
        } else if number == last {
            bytes.copy_from_slice(&earlier);
        }
    };
    let (log, outcome) = converse(client, server, || usize::MAX, tamper);
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    assert_eq!((log.len(), error), (last + 1, Error::PeerMisbehaved(Check::Bits)));
}

/// The values of two groups exchanged, each with its own MAC.
#[test]
fn values_of_another_group_are_caught() {
    let count = GROUP + 1;
    let values: Vec<u64> = (0..count as u64).collect();
    let mut integers = values.clone();
    integers.swap(0, GROUP);
    let mut session = Session::new(15);
    let shares = session.deal(&values);
    let (client, server) = Published::parties(session, &integers, shares);
    let (log, outcome) = run(client, server);
    let Err((true, error)) = outcome else { panic!("the server refuses") };
    assert_eq!((log.len(), error), (3, Error::PeerMisbehaved(Check::Value)));
}

/// One run in the place of another.
#[test]
fn another_index_does_not_fit() {
    let mut session = Session::new(16);
    let (shares, keys) = session.deal(&[5, 6]);
    let (pool, server_pool) = session.pools(2);
    let client = Client::new(ID, 2, pool, shares).unwrap();
    let delta = session.sender.delta();
    let server = Server::new(ID, 0, server_pool, delta, &session.key, keys, &mut session.rng).unwrap();
    let Err((true, error)) = run(client, server).1 else { panic!("the server refuses") };
    assert_eq!(error, Error::PeerMisbehaved(Check::Factors));
}

/// What the server sends with the labels is the client's own affair: changed, it has limbs of no label, or other labels.
#[test]
fn labels_of_an_honest_server_are_labels() {
    let mut session = Session::new(17);
    let delta = session.sender.delta().clone();
    let shares = session.deal(&[5]);
    let (client, server) = Published::parties(session, &[5], shares);
    // The last limb of the last bit, off by 2^43.
    let tamper = |number: usize, bytes: &mut [u8]| {
        if number == LABELS {
            input_at(3 * 132 - 1).add(bytes, 1 << 43);
        }
    };
    let outcome = converse(client, server, || usize::MAX, tamper).1;
    assert_eq!(outcome.map(|_| delta.block().colour()).unwrap_err(), (false, Error::Malformed));
}
