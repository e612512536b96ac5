//! One program, two settings: `cargo run --release -p muse-triples --features test-util --example two_settings`.
//!
//! The first party's vector times the second's, and in how many places it is less: once with a malicious client and a semi-honest server, once with two malicious parties.

use core::future::Future;

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::{Fp, vector};
use muse_mac::MacKey;
use muse_mac::spdz::{KeyShare, Party};
use muse_triples::InputMasks;
use muse_triples::engine::{Client, ClientPreprocessed, Server, ServerPreprocessed};
use muse_triples::onesided::{ClientPlayer, ServerPlayer};
use muse_triples::program::compare::{less_than, negative_cost};
use muse_triples::program::{Engine, Linear, Machine, Mailbox, Progress};
use muse_triples::spdz::{Player, Preprocessed};
use muse_triples::{Error, ideal};

const COUNT: usize = 4;

/// Of [`compared`].
type Answer = (i64, i64);

/// The inner product, and the number of places where the first vector is less, for both. Each party gives its own vector.
async fn compared(mut engine: impl Engine, own: Vec<Fp>) -> Result<Answer, Error> {
    let x = engine.input(Party::First, COUNT, &own).await?;
    let y = engine.input(Party::Second, COUNT, &own).await?;
    let products = engine.multiply(&x, &y).await?;
    let less = less_than(&mut engine, &x, &y).await?;
    let sums = [products, less].map(|values| values.map(|column| vec![vector::sum(column)]));
    let result = engine.output(Linear::concat(sums.into())).await?;
    Ok((result[0].to_signed(), result[1].to_signed()))
}

/// Runs two machines against each other, as two programs with a socket between them would; what both get, and the bytes sent.
fn connect(
    mailboxes: &[Mailbox; 2],
    first: impl Future<Output = Result<Answer, Error>>,
    second: impl Future<Output = Result<Answer, Error>>,
) -> Result<([Answer; 2], usize), Error> {
    let (mut first, mut second) = (Machine::new(&mailboxes[0], first), Machine::new(&mailboxes[1], second));
    let (mut inboxes, mut expected) = ([Vec::new(), Vec::new()], [0; 2]);
    let (mut results, mut bytes) = ([None; 2], 0);
    while results.contains(&None) {
        for party in [0, 1] {
            if results[party].is_some() || inboxes[party].len() < expected[party] {
                continue;
            }
            let rest = inboxes[party].split_off(expected[party]);
            let machine = if party == 0 { &mut first } else { &mut second };
            let send = match machine.step(&inboxes[party])? {
                Progress::Waiting { send, expect } => {
                    expected[party] = expect;
                    send
                }
                Progress::Done { send, result } => {
                    results[party] = Some(result);
                    send
                }
            };
            inboxes[party] = rest;
            bytes += send.len();
            inboxes[1 - party].extend(send);
        }
    }
    Ok((results.map(|result| result.expect("both have ended")), bytes))
}

#[expect(clippy::print_stdout, reason = "an example reports")]
fn main() -> Result<(), Box<dyn core::error::Error>> {
    // A program seeds its generators from the operating system and hashes its handshake to the session id.
    let rng = &mut Prg::from_seed([1; 32]);
    let seeds = [[5; 32], [6; 32]];
    let session = SessionId::from_bytes([2; 32]);
    let x: Vec<Fp> = [3, -1, 4, 1].map(Fp::from_i64).into();
    let y: Vec<Fp> = [2, 7, -1, 8].map(Fp::from_i64).into();

    // What the program takes, with room for masks that are drawn again.
    let used = negative_cost(COUNT as u64);
    let count = COUNT + 2 * used.triples() as usize;

    // A dealer stands in for what `beaver` and `random` make.
    let key = MacKey::random(rng);
    let (triples, server_triples) = ideal::triples(&key, count, rng);
    let (randoms, keys) = ideal::random(&key, count, rng);
    let mailboxes = [Mailbox::new(), Mailbox::new()];
    let client = Client::new(session, 0, ClientPreprocessed::new(triples, randoms));
    let server = Server::new(session, 0, &key, ServerPreprocessed::new(server_triples, keys));
    let client = ClientPlayer::new(&mailboxes[0], client, Prg::from_seed(seeds[0]));
    let server = ServerPlayer::new(&mailboxes[1], server, Prg::from_seed(seeds[1]));
    let (client_malicious, bytes) =
        connect(&mailboxes, compared(client, x.clone()), compared(server, y.clone()))?;
    println!("a malicious client: {:?}, {bytes} bytes", client_malicious[0]);

    // And for what `overdrive` makes.
    let keys = [KeyShare::random(rng), KeyShare::random(rng)];
    let [triples, triples_2] = ideal::shared_triples(&keys, count, rng);
    let [masks, masks_2] =
        ideal::masks(&keys, Party::First, COUNT, rng).map(|shares| InputMasks::new(Party::First, shares));
    let [other, other_2] =
        ideal::masks(&keys, Party::Second, COUNT, rng).map(|shares| InputMasks::new(Party::Second, shares));
    let pools = [Preprocessed::new(triples, masks, other)?, Preprocessed::new(triples_2, masks_2, other_2)?];
    let mailboxes = [Mailbox::new(), Mailbox::new()];
    let [first, second] = pools;
    let player = |party: Party, pool| {
        let i = usize::from(party == Party::Second);
        Player::new(&mailboxes[i], session, 1, (party, &keys[i]), pool, Prg::from_seed(seeds[i]))
    };
    let (both_malicious, bytes) = connect(
        &mailboxes,
        compared(player(Party::First, first), x),
        compared(player(Party::Second, second), y),
    )?;
    println!("two malicious parties: {:?}, {bytes} bytes", both_malicious[0]);
    assert_eq!([client_malicious, both_malicious], [[(6 - 7 - 4 + 8, 2); 2]; 2]);
    Ok(())
}
