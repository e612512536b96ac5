//! Both parties in one process: honest runs here, cheaters and vectors below.

mod cheaters;
mod vectors;

use alloc::vec;
use alloc::vec::Vec;

use muse_field::id::SessionId;
use muse_field::prg::Prg;
use muse_field::wire::{Inflow, Outflow, from_slice, to_vec};
use rand_core::Rng;

use super::receiver::SetupWith as ReceiverSetup;
use super::sender::SetupWith as SenderSetup;
use super::*;
use crate::Error;
use crate::label::{ActiveLabels, Delta, ZeroLabels};

fn session() -> SessionId {
    SessionId::from_bytes([0x5a; 32])
}

/// A setup whose messages go through the codec; `tamper` may change the bytes of the trees.
fn set_up<const K: usize>(
    delta: &Delta,
    rng: &mut Prg,
    tamper: impl FnOnce(&mut Vec<u8>),
) -> (CotSender<K>, CotReceiver<K>) {
    let (wait, request) = SenderSetup::<K>::start(&session(), delta.clone(), rng);
    let request = from_slice((), &to_vec(&request)).expect("an honest request");
    let (receiver, trees) = ReceiverSetup::<K>::reply(&session(), &request, rng);
    let mut bytes = to_vec(&trees);
    tamper(&mut bytes);
    (wait.on_trees(&from_slice((), &bytes).expect("a well-formed message")), receiver)
}

/// A change to bytes on the wire.
type Tamper<'a> = &'a dyn Fn(&mut [u8]);

/// What a cheater does in an extension.
#[derive(Default)]
struct Cheat<'a, const K: usize> {
    /// Changes the columns on the wire.
    columns: Option<Tamper<'a>>,
    /// Changes the receiver's state before it answers.
    state: Option<&'a dyn Fn(&mut Extending<K>)>,
    /// Changes the answer's bytes.
    answer: Option<Tamper<'a>>,
}

type Both<const K: usize> = (CotSender<K>, CotReceiver<K>, ZeroLabels, ActiveLabels);

/// One extension, with columns in chunks of `chunk` bytes.
fn extend<const K: usize>(
    (sender, receiver): (CotSender<K>, CotReceiver<K>),
    choices: &[u8],
    count: usize,
    chunk: usize,
    rng: &mut Prg,
    cheat: Cheat<'_, K>,
) -> Result<Both<K>, Error> {
    let mut extending = receiver.extend(choices, count, rng)?;
    let mut columns = vec![0; usize::try_from(extending.remaining()).expect("fits")];
    assert_eq!(columns.len() as u64, column_bytes(K, count));
    let mut at = 0;
    while extending.remaining() > 0 {
        let end = columns.len().min(at + chunk);
        at += extending.fill(&mut columns[at..end]);
    }
    assert_eq!(extending.fill(&mut [0; 4096]), 0);
    cheat.columns.inspect(|tamper| tamper(&mut columns));
    let mut receiving = sender.receive(count)?;
    // The two sides cut the flow differently.
    for rows in columns.chunks(chunk.next_multiple_of(piece_bytes(K)) + piece_bytes(K)) {
        receiving.absorb(rows)?;
    }
    let (wait, challenge) = receiving.challenge(rng)?;
    cheat.state.inspect(|tamper| tamper(&mut extending));
    let (receiver, answer, active) =
        extending.answer(&from_slice((), &to_vec(&challenge)).expect("32 bytes"))?;
    let mut bytes = to_vec(&answer);
    cheat.answer.inspect(|tamper| tamper(&mut bytes));
    let (sender, zero) = wait.on_answer(&from_slice((), &bytes).expect("48 bytes"))?;
    Ok((sender, receiver, zero, active))
}

fn random_choices(count: usize, rng: &mut Prg) -> Vec<u8> {
    let mut choices = vec![0; count.div_ceil(8)];
    rng.fill_bytes(&mut choices);
    choices
}

/// `L = K xor b*Delta` in every row.
fn check_rows(delta: &Delta, choices: &[u8], count: usize, zero: &ZeroLabels, active: &ActiveLabels) {
    assert_eq!((zero.len(), active.len()), (count, count));
    for (i, (k, l)) in zero.as_slice().iter().zip(active.as_slice()).enumerate() {
        assert_eq!(*l, *k ^ delta.block().masked(choices[i / 8] >> (i % 8)), "row {i}");
    }
}

fn honest<const K: usize>(counts: &[usize]) {
    let mut rng = Prg::from_seed([K as u8; 32]);
    let delta = Delta::random(&mut rng);
    let mut parties = set_up::<K>(&delta, &mut rng, |_| ());
    let mut seen = Vec::new();
    let mut pieces = 0;
    for &count in counts {
        for chunk in [piece_bytes(K), 5 * piece_bytes(K) + 1, 1 << 20] {
            let choices = random_choices(count, &mut rng);
            let (sender, receiver, zero, active) =
                extend(parties, &choices, count, chunk, &mut rng, Cheat::default()).expect("honest parties");
            check_rows(&delta, &choices, count, &zero, &active);
            pieces += count.div_ceil(128) as u64 + 1;
            assert_eq!((sender.position(), receiver.position()), (pieces, pieces));
            seen.extend_from_slice(zero.as_slice());
            parties = (sender, receiver);
        }
    }
    // Streams never overlap: no key occurs twice over all extensions.
    let total = seen.len();
    seen.sort_by_key(|block| block.0);
    seen.dedup();
    assert_eq!(seen.len(), total);
}

#[test]
fn every_row_is_correlated_at_every_k() {
    honest::<1>(&[0, 1, 127, 128, 129]);
    honest::<2>(&[0, 1, 127, 128, 129]);
    honest::<8>(&[0, 1, 127, 128, 129]);
}

#[test]
fn every_row_is_correlated_at_the_edges_of_groups() {
    let group = 128 * CHUNK_PIECES;
    honest::<4>(&[0, 1, 127, 128, 129, group - 129, group - 128, group - 127, group - 1, group, group + 1]);
}
