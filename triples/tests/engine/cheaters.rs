//! Clients that deviate, one check each.

use muse_field::Fp;
use muse_field::wire::{Encode, from_slice, to_vec};
use muse_mac::{Authenticated, Claimed};
use muse_triples::engine::{Client, ClientPreprocessed, Server, Shares};
use muse_triples::{Check, ClientTriples, Error, ideal};

use muse_test_support::triples::engine::{BATCH, Pair, SESSION, Shared, forged, shifted};

/// What a dishonest client gets.
fn refused<T>(check: Check, result: Result<T, Error>) {
    match result {
        Err(error) => assert_eq!(error, Error::PeerMisbehaved(check)),
        Ok(_) => panic!("accepted, where {check:?} should refuse"),
    }
}

const BY: [Fp; 2] = [Fp::ONE, Fp::NEG_ONE];

/// Adds `by` to packed elements, at the front of a message, from its given byte on.
fn add(bytes: &mut [u8], count: usize, at: usize, by: Fp) {
    let len = muse_field::pack::packed_len(count);
    let mut values: Vec<Fp> = from_slice(count, &bytes[..len]).unwrap();
    values[at] += by;
    bytes[..len].copy_from_slice(&to_vec(&values));
}

fn inputs(pair: &mut Pair) -> [Shared; 2] {
    let x = pair.split(&[Fp::new(6), Fp::new(7)], &[Fp::new(100), Fp::NEG_ONE]);
    let y = pair.split(&[Fp::new(8), Fp::new(9)], &[Fp::ZERO, Fp::new(5)]);
    [x, y]
}

/// Steps that check at once, on vectors of two, and what follows from a changed half of the client.
fn immediate(step: usize, change: impl Fn(&Authenticated) -> Authenticated) -> Result<(), Error> {
    let mut pair = Pair::new(2, 4);
    let [mut x, y] = inputs(&mut pair);
    x.client = change(&x.client);
    match step {
        0 => pair.multiply(&x, &y).map(drop),
        1 => pair.multiply(&y, &x).map(drop),
        2 => pair.open(x).map(drop),
        3 => pair.open_to_server(x).map(drop),
        _ => unreachable!("four steps"),
    }
}

#[test]
fn a_wrong_value_is_refused() {
    for step in 0..4 {
        assert_eq!(immediate(step, |x| shifted(x, 0, Fp::ZERO)), Ok(()));
        for at in 0..2 {
            for by in BY {
                refused(Check::Opening, immediate(step, |x| shifted(x, at, by)));
            }
        }
    }
}

#[test]
fn a_wrong_mac_is_refused() {
    for step in 0..4 {
        for at in 0..2 {
            refused(Check::Opening, immediate(step, |x| forged(x, at, Fp::ONE)));
        }
    }
}

/// A step, and the client's messages of it that carry a proof, with the check that refuses others.
type Case = (fn(&mut Pair) -> Result<(), Error>, &'static [(usize, Check)]);

#[test]
fn no_byte_of_a_message_can_change() {
    let cases: [Case; 5] = [
        (|pair| inputs_then(pair, |pair, [x, y]| pair.multiply(&x, &y).map(drop)), &[(2, Check::Opening)]),
        (|pair| inputs_then(pair, |pair, [x, _]| pair.open(x).map(drop)), &[(2, Check::Opening)]),
        (|pair| inputs_then(pair, |pair, [x, _]| pair.open_to_server(x).map(drop)), &[(2, Check::Opening)]),
        (|pair| pair.random_bits(2).map(drop), &[(0, Check::Opening), (1, Check::Bits)]),
        (
            |pair| inputs_then(pair, |pair, [x, _]| pair.is_negative(&x).map(drop)),
            &[
                (2, Check::Opening),
                (3, Check::Opening),
                (4, Check::Opening),
                (5, Check::Opening),
                (6, Check::Opening),
                (7, Check::Opening),
                (8, Check::Opening),
                (9, Check::Opening),
            ],
        ),
    ];
    for (case, messages) in cases {
        let mut honest = Pair::new(250, 98);
        case(&mut honest).unwrap();
        for &(message, check) in messages {
            let len = honest.sent[0][message];
            // All bytes of short messages, some of long ones; the last ones are of the hash or the proof.
            for at in (0..len).step_by(1 + len / 60).chain(len.saturating_sub(3)..len) {
                let mut pair = Pair::with_hook(250, 98, move |number, bytes| {
                    if number == message {
                        bytes[at] ^= 1;
                    }
                });
                let error = case(&mut pair).unwrap_err();
                // Helpers are in the first message of a comparison before the leaves, and no part of them; the proof is in
                // the second one before the factors. Else a change that leaves the field, or a padding bit.
                let bits = message == 2 && (473..506).contains(&at) || message == 3 && at < 11;
                let wanted = Error::PeerMisbehaved(if bits { Check::Bits } else { check });
                assert!(
                    error == wanted || error == Error::Malformed,
                    "byte {at} of message {message}: {error}"
                );
            }
        }
    }
}

fn inputs_then(pair: &mut Pair, step: fn(&mut Pair, [Shared; 2]) -> Result<(), Error>) -> Result<(), Error> {
    let inputs = inputs(pair);
    step(pair, inputs)
}

/// A client that puts in something else than its bits, in all that it sends: only the proof is left to notice.
#[test]
fn another_input_in_place_of_a_bit_is_refused() {
    // The first bit, and in the comparison also the last bit and each of the helpers.
    refused(Check::Bits, {
        let mut pair = Pair::with_hook(2, 3, |number, bytes| {
            if number == 0 {
                add(bytes, 2, 0, Fp::ONE);
                add(&mut bytes[11..], 4, 0, Fp::ONE);
            }
        });
        pair.random_bits(2).map(drop)
    });
    for helper in 43..46 {
        let mut pair = Pair::with_hook(125, 48, move |number, bytes| {
            if number == 1 {
                add(bytes, 46, helper, Fp::ONE);
            }
        });
        let x = pair.client_input(&[Fp::new(5)]).unwrap();
        refused(Check::Bits, pair.is_negative(&x).map(drop));
    }
    for bit in 0..43 {
        let mut pair = Pair::with_hook(125, 48, move |number, bytes| {
            if number == 1 {
                add(bytes, 46, bit, Fp::ONE);
                // Leaf 0 is the rest of the value; the others are the inputs.
                let factors = &mut bytes[muse_field::pack::packed_len(46)..];
                add(factors, 88, bit + 1, Fp::ONE);
                add(factors, 88, 0, -Fp::new(2 << bit));
            }
        });
        let x = pair.client_input(&[Fp::new(5)]).unwrap();
        refused(Check::Bits, pair.is_negative(&x).map(drop));
    }
}

#[test]
fn a_message_of_another_step_is_refused() {
    let mut pair = Pair::new(0, 4);
    let [x, _] = inputs(&mut pair);
    let copies = [(); 4].map(|()| x.client.map(<[Fp]>::to_vec));
    let keys = || x.server.map(<[Fp]>::to_vec);
    let [first, second, third, fourth] = copies;
    let claimed = |bytes: &[u8]| from_slice::<Claimed>(2, bytes).unwrap();
    let early = to_vec(&pair.client.open_to_server(first).unwrap());
    let server = pair.server();
    let (server, values) = server.open_to_server(keys()).on_opening(claimed(&early)).unwrap();
    assert_eq!(values, [6, 7].map(Fp::new));
    // The same vector is opened once more, with the old message.
    let late = to_vec(&pair.client.open_to_server(second).unwrap());
    assert_ne!(early, late);
    refused(Check::Opening, server.open_to_server(keys()).on_opening(claimed(&early)));

    // One kind of step for another, under the same number.
    let mut client = fresh_client(&mut pair);
    let to_server = to_vec(&client.open_to_server(third).unwrap());
    let server = fresh_server(&mut pair, BATCH);
    refused(Check::Opening, server.open(keys()).on_opening(claimed(&to_server)));
    // One batch for another.
    let mut client = fresh_client(&mut pair);
    let other = to_vec(&client.open_to_server(fourth).unwrap());
    let server = fresh_server(&mut pair, BATCH + 1);
    refused(Check::Opening, server.open_to_server(keys()).on_opening(claimed(&other)));
}

fn fresh_client(pair: &mut Pair) -> Client {
    let (triples, _) = ideal::triples(&pair.key, 0, &mut pair.rng);
    let (randoms, _) = ideal::random(&pair.key, 0, &mut pair.rng);
    Client::new(SESSION, BATCH, ClientPreprocessed::new(triples, randoms))
}

fn fresh_server(pair: &mut Pair, batch: u64) -> Server {
    let (_, triples) = ideal::triples(&pair.key, 0, &mut pair.rng);
    let (_, keys) = ideal::random(&pair.key, 0, &mut pair.rng);
    Server::new(SESSION, batch, &pair.key, muse_triples::engine::ServerPreprocessed::new(triples, keys))
}

/// Other triples than the server's: other rows, or factors exchanged.
#[test]
fn swapped_triples_are_refused() {
    type Change = fn([Authenticated; 3]) -> [Authenticated; 3];
    let changes: [(Change, bool); 4] = [
        (|columns| columns, true),
        (|columns| columns.map(|column| column.select(&[1, 0])), false),
        (|[a, b, c]| [b, a, c], false),
        (|[a, b, c]| [a, c, b], false),
    ];
    for (change, honest) in changes {
        let mut pair = Pair::new(2, 4);
        let [x, y] = inputs(&mut pair);
        let (triples, keys) = ideal::triples(&pair.key, 2, &mut pair.rng);
        let (a, b, c) = triples.into_parts();
        let [a, b, c] = change([a, b, c]);
        let (randoms, random_keys) = ideal::random(&pair.key, 0, &mut pair.rng);
        pair.client =
            Client::new(SESSION, BATCH, ClientPreprocessed::new(ClientTriples::new(a, b, c), randoms));
        let preprocessed = muse_triples::engine::ServerPreprocessed::new(keys, random_keys);
        pair.server = Some(Server::new(SESSION, BATCH, &pair.key, preprocessed));
        let product = pair.multiply(&x, &y);
        if honest {
            assert_eq!(pair.open(product.unwrap()).unwrap(), [48, 63].map(Fp::new));
        } else {
            refused(Check::Opening, product);
        }
    }
}

/// A product made with other `c` is wrong, and the next opening says so.
#[test]
fn another_third_column_is_refused_when_opened() {
    let mut pair = Pair::new(2, 4);
    let [x, y] = inputs(&mut pair);
    let mut product = pair.multiply(&x, &y).unwrap();
    product.client = shifted(&product.client, 1, Fp::ONE);
    refused(Check::Opening, pair.open(product));
}

/// Deferred steps: a changed share, a changed response, and an answer to nothing.
#[test]
fn deferred_checks_refuse() {
    let run = |change: fn(&Authenticated) -> Authenticated, hook: fn(usize, &mut Vec<u8>)| {
        let mut pair = Pair::with_hook(4, 4, hook);
        let [mut x, y] = inputs(&mut pair);
        let (_, first) = pair.multiply_deferred(&y, &y).unwrap();
        x.client = change(&x.client);
        let (client, second) = pair.multiply_deferred(&x, &y).unwrap();
        let opened = pair.open_deferred(client, second).unwrap();
        let checked = pair.flush()?;
        first.release(&checked)?;
        Ok(opened.release(&checked)?)
    };
    let honest = |x: &Authenticated| shifted(x, 0, Fp::ZERO);
    assert_eq!(run(honest, |_, _| ()), Ok([48, 63].map(Fp::new).to_vec()));
    refused(Check::Deferred, run(|x| shifted(x, 1, Fp::ONE), |_, _| ()));
    refused(Check::Deferred, run(|x| forged(x, 0, Fp::NEG_ONE), |_, _| ()));
    // Factors of both multiplications, the opened product, the response.
    let changes: [fn(usize, &mut Vec<u8>); 4] = [
        |number, bytes| {
            if number == 2 {
                add(bytes, 4, 1, Fp::ONE)
            }
        },
        |number, bytes| {
            if number == 3 {
                add(bytes, 4, 2, Fp::ONE)
            }
        },
        |number, bytes| {
            if number == 4 {
                add(bytes, 2, 0, Fp::NEG_ONE)
            }
        },
        |number, bytes| {
            if number == 5 {
                add(bytes, 1, 0, Fp::ONE)
            }
        },
    ];
    for change in changes {
        refused(Check::Deferred, run(honest, change));
    }
}

/// The check of one flush opens nothing of another, and the server is gone after a failed one.
#[test]
fn a_flush_opens_its_own_values_only() {
    let mut pair = Pair::new(4, 4);
    let [x, y] = inputs(&mut pair);
    let early = pair.flush().unwrap();
    let (client, product) = pair.multiply_deferred(&x, &y).unwrap();
    let stale = pair.server.as_ref().unwrap().defer(());
    let (_, other) = pair.multiply_deferred(&x, &y).unwrap();
    assert!(matches!(product.release(&early), Err(muse_mac::Error::Misuse(_))));
    let late = pair.flush().unwrap();
    assert!(stale.release(&late).is_ok());
    // What was deferred before a flush is not opened after it.
    assert!(matches!(pair.open_deferred(client, other), Err(Error::Misuse(_))));

    let mut pair = Pair::with_hook(0, 4, |number, bytes| {
        if number == 3 {
            bytes[0] ^= 1
        }
    });
    let [x, _] = inputs(&mut pair);
    let beside = pair.server.as_ref().unwrap().defer(x.server);
    let opened = pair.open_deferred(x.client, beside).unwrap();
    refused(Check::Deferred, pair.flush());
    assert!(pair.server.is_none(), "consumed");
    assert!(matches!(opened.release(&early), Err(muse_mac::Error::Misuse(_))));
}

#[test]
fn wrong_lengths_are_not_accepted() {
    let mut pair = Pair::new(2, 4);
    let [x, y] = inputs(&mut pair);
    let of = |count: usize| from_slice::<Shares>(count, &to_vec(&vec![Fp::ZERO; count])).unwrap();
    let misuse = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Misuse(_))));
    misuse(pair.server.as_mut().unwrap().client_input(2, of(1)).map(drop));
    misuse(Client::on_open_to_client(&x.client, of(3)).map(drop));
    let (wait, message) = pair.client.multiply(&x.client, &y.client).unwrap();
    misuse(wait.on_shares(of(3)).map(drop));
    let short = from_slice::<Claimed>(3, &vec![0; message.encoded_len() - 5]).unwrap();
    misuse(pair.server().multiply(&x.server, &y.server).unwrap().on_factors(short).map(drop));
    let mut pair = Pair::new(2, 4);
    let [x, y] = inputs(&mut pair);
    misuse(pair.server().multiply_deferred(&x.server, &y.server).unwrap().on_factors(of(5)).map(drop));
    // Factors of two lengths.
    let mut pair = Pair::new(4, 4);
    let [x, y] = inputs(&mut pair);
    let longer = y.map(|column| [column, column].concat());
    misuse(pair.client.multiply(&x.client, &longer.client).map(drop));
    misuse(pair.server().multiply(&x.server, &longer.server).map(drop));
}
