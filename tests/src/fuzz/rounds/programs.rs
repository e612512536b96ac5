//! A program of two malicious parties. One of them goes on with what it has, whatever was made of its message.

use super::{SESSION, prg};
use crate::fuzz::input::Input;
use muse_field::Fp;
use muse_mac::spdz::{KeyShare, Party};
use muse_triples::InputMasks;
use muse_triples::{
    Error, ideal,
    program::{Engine, Linear, Machine, Mailbox, Progress},
    spdz::{Player, Preprocessed},
};

const PARTIES: [Party; 2] = [Party::First, Party::Second];

/// Inputs, a product, random bits, a masked opening, the product for both, the first input for the second party.
async fn everything(mut engine: impl Engine) -> Result<Vec<Fp>, Error> {
    let own = [6, 7].map(Fp::new);
    let x = engine.input(Party::First, 2, &own).await?;
    let y = engine.input(Party::Second, 2, &own).await?;
    let product = engine.multiply(&x, &y).await?;
    let bits = engine.random_bits(2).await?;
    engine.open_masked(bits.plus(&product)).await?;
    let mut results = engine.output(product).await?;
    results.extend(engine.output_to(Party::Second, x).await?);
    Ok(results)
}

/// Changes message `number / 2` of party `number % 2`; the other one must refuse it.
pub(super) fn program(number: u8, input: &mut Input<'_>) {
    let rng = &mut prg(4);
    let keys = [KeyShare::random(rng), KeyShare::random(rng)];
    let triples = ideal::shared_triples(&keys, 4, rng);
    let [[first, first_2], [second, second_2]] =
        [(0, 2), (1, 4)].map(|(owner, count)| ideal::masks(&keys, PARTIES[owner], count, rng));
    let mailboxes = [Mailbox::new(), Mailbox::new()];
    let mut party = 0;
    let [triples, triples_2] = triples;
    let pools = [(triples, first, second), (triples_2, first_2, second_2)].map(|(triples, first, second)| {
        let [first, second] =
            [(PARTIES[0], first), (PARTIES[1], second)].map(|(owner, shares)| InputMasks::new(owner, shares));
        Preprocessed::new(triples, first, second).expect("masks of their owners")
    });
    let mut machines = pools.map(|pool| {
        let (key, mailbox) = ((PARTIES[party], &keys[party]), &mailboxes[party]);
        party += 1;
        Machine::new(mailbox, everything(Player::new(mailbox, SESSION, 5, key, pool, prg(party as u8))))
    });

    let (cheater, mut left) = (usize::from(number % 2), usize::from(number / 2) % 20);
    let (mut inboxes, mut expected) = ([Vec::new(), Vec::new()], [0; 2]);
    let mut results: [Option<Result<Vec<Fp>, Error>>; 2] = [None, None];
    let (mut honest, mut idle) = (true, false);
    while !idle {
        idle = true;
        for party in [0, 1] {
            if results[party].is_some() || inboxes[party].len() < expected[party] {
                continue;
            }
            idle = false;
            let rest = inboxes[party].split_off(expected[party]);
            let (mut send, result) = match machines[party].step(&inboxes[party]) {
                Ok(Progress::Waiting { send, expect }) => {
                    expected[party] = expect;
                    (send, None)
                }
                Ok(Progress::Done { send, result }) => (send, Some(Ok(result))),
                Err(error) => (Vec::new(), Some(Err(error))),
            };
            results[party] = result;
            inboxes[party] = rest;
            if party == cheater && !send.is_empty() {
                if left == 0 {
                    // What comes after the last message is for whoever carries them.
                    let mut changed = input.mutated(&send);
                    changed.truncate(send.len());
                    honest = changed == send;
                    send = changed;
                }
                left = left.wrapping_sub(1);
            }
            inboxes[1 - party].extend(send);
        }
    }
    match &results[1 - cheater] {
        Some(Ok(values)) => {
            assert!(honest, "message {number}");
            assert_eq!(values[..2], [36, 49].map(Fp::new));
        }
        Some(Err(error)) => assert!(!honest && error.peer_at_fault(), "message {number}: {error}"),
        // It waits for more.
        None => assert!(!honest, "message {number}"),
    }
}
