//! One test per way to cheat: refused with the one error there is, or passed exactly when the guess was right.
//!
//! Each would fail if its check were removed; the module's documentation has the probabilities.

use super::*;
use crate::error::Check;
use crate::label::Block;
use muse_field::id::Coin;

const REFUSED: Error = Error::PeerMisbehaved(Check::CorrelatedOt);

/// An extension of `count` OTs with all choices 0 under a cheat.
fn attempt<const K: usize>(
    parties: (CotSender<K>, CotReceiver<K>),
    count: usize,
    rng: &mut Prg,
    cheat: Cheat<'_, K>,
) -> Result<Both<K>, Error> {
    extend(parties, &vec![0; count.div_ceil(8)], count, 1 << 14, rng, cheat)
}

fn bit(delta: &Delta, c: usize) -> usize {
    (delta.block().0 >> c & 1) as usize
}

/// Altering message `z` of base OT `c` passes iff bit `c` of the offset is not `z`: by pass or abort it shows one bit.
fn altered_base_ot_message<const K: usize>() {
    let mut rng = Prg::from_seed([11; 32]);
    let mut seen = [false; 2];
    for c in [0, 1, 5, 64, 126, 127] {
        for z in 0..2 {
            let delta = Delta::random(&mut rng);
            let parties = set_up::<K>(&delta, &mut rng, |trees| trees[32 + 32 * c + 16 * z + 7] ^= 0x10);
            let passes = bit(&delta, c) != z;
            // Even an extension of no OTs tells, and nothing tells before.
            let result = attempt(parties, 0, &mut rng, Cheat::default());
            assert_eq!(result.map(|_| ()), if passes { Ok(()) } else { Err(REFUSED) });
            seen[usize::from(passes)] = true;
        }
    }
    assert_eq!(seen, [true; 2], "both outcomes occur");
}

#[test]
fn altered_base_ot_message_is_a_guess_of_one_bit() {
    altered_base_ot_message::<1>();
    altered_base_ot_message::<2>();
    altered_base_ot_message::<4>();
    altered_base_ot_message::<8>();
}

#[test]
fn wrong_tree_proof_is_refused() {
    for offset in [0, 31, 32, 63] {
        for tree in [0, 31] {
            let mut rng = Prg::from_seed([12; 32]);
            let delta = Delta::random(&mut rng);
            let parties = set_up::<4>(&delta, &mut rng, |trees| trees[4128 + 64 * tree + offset] ^= 1);
            let result = attempt(parties, 128, &mut rng, Cheat::default());
            assert_eq!(result.map(|_| ()), Err(REFUSED));
        }
    }
}

/// The same verdict without an extension.
#[test]
fn trees_are_judged_by_themselves() {
    let delta = Delta::random(&mut Prg::from_seed([12; 32]));
    let judged = |change: u8| {
        let rng = &mut Prg::from_seed([14; 32]);
        let (sender, _) = set_up::<4>(&delta, rng, |trees| trees[4128 + 64 * 31 + 5] ^= change);
        sender.check_trees().map(|_| ())
    };
    assert_eq!(judged(0), Ok(()));
    assert_eq!(judged(1), Err(REFUSED));
}

/// A block with another choice in row 9, and the answer adjusted as if `Delta_j` were `guess`: passes iff it is.
fn inconsistent_block<const K: usize>(j: usize, guesses: impl Iterator<Item = usize>) {
    let mut passed = 0;
    for guess in guesses {
        let mut rng = Prg::from_seed([13; 32]);
        let delta = Delta::random(&mut rng);
        let block = (delta.block().0 >> (K * j)) as usize & ((1 << K) - 1);
        let cheat = Cheat {
            columns: Some(&|columns| columns[16 * j + 1] ^= 2),
            state: Some(&|extending| {
                for t in (0..K).filter(|t| guess >> t & 1 == 1) {
                    extending.tiles[0][K * j + t].0 ^= 1 << 9;
                }
            }),
            answer: None,
        };
        let result = attempt(set_up::<K>(&delta, &mut rng, |_| ()), 128, &mut rng, cheat);
        assert_eq!(result.as_ref().err(), (guess != block).then_some(&REFUSED), "guess {guess} of {block}");
        let Ok((_, _, zero, active)) = result else { continue };
        passed += 1;
        // The honest label of row 9 differs from the key by the block of the offset: what a cheater would read off any
        // use of the key if the check were missing. Here it added its guess to that label, so the two are equal.
        assert!(zero.as_slice() == active.as_slice());
    }
    assert_eq!(passed, 1);
}

#[test]
fn inconsistent_block_is_a_guess_of_k_bits() {
    inconsistent_block::<1>(127, 0..2);
    inconsistent_block::<2>(1, 0..4);
    inconsistent_block::<4>(0, 0..16);
    inconsistent_block::<4>(31, 0..16);
    let mut rng = Prg::from_seed([13; 32]);
    let block = Delta::random(&mut rng).block().0 as usize & 255;
    inconsistent_block::<8>(0, [0, 1, block, block ^ 128].into_iter());
}

/// Any changed bit of the columns alone is refused, in the first and last row of a piece and in the sacrificed piece,
/// unless the block of the offset is zero, where columns do not matter.
#[test]
fn changed_columns_are_refused() {
    let mut rng = Prg::from_seed([14; 32]);
    let delta = Delta::from_block(Block(u128::from_le_bytes([0x11; 16])));
    for at in [0, 15, 16, 511, 512, 512 * 3 - 1] {
        for mask in [1, 0x80] {
            let cheat = Cheat { columns: Some(&|columns| columns[at] ^= mask), ..Cheat::default() };
            let result = attempt(set_up::<4>(&delta, &mut rng, |_| ()), 256, &mut rng, cheat);
            assert_eq!(result.map(|_| ()), Err(REFUSED));
        }
    }
}

#[test]
fn reordered_columns_are_refused() {
    let swaps: [Tamper<'_>; 3] = [
        &|columns| columns[..1024].rotate_left(512),
        &|columns| columns[..512].rotate_left(16),
        &|columns| columns.rotate_right(512),
    ];
    for swap in swaps {
        let mut rng = Prg::from_seed([15; 32]);
        let delta = Delta::random(&mut rng);
        let cheat = Cheat { columns: Some(swap), ..Cheat::default() };
        let result = attempt(set_up::<4>(&delta, &mut rng, |_| ()), 300, &mut rng, cheat);
        assert_eq!(result.map(|_| ()), Err(REFUSED));
    }
}

#[test]
fn wrong_answers_are_refused() {
    let mut rng = Prg::from_seed([16; 32]);
    let delta = Delta::random(&mut rng);
    for at in 0..48 {
        let cheat = Cheat { answer: Some(&|answer| answer[at] ^= 0x40), ..Cheat::default() };
        let result = attempt(set_up::<4>(&delta, &mut rng, |_| ()), 5, &mut rng, cheat);
        assert_eq!(result.map(|_| ()), Err(REFUSED), "byte {at}");
    }
    // Changed labels in one column without changed columns: V is what it is.
    for c in [0, 127] {
        let cheat = Cheat { state: Some(&|extending| extending.tiles[0][c].0 ^= 1), ..Cheat::default() };
        let result = attempt(set_up::<4>(&delta, &mut rng, |_| ()), 5, &mut rng, cheat);
        assert_eq!(result.map(|_| ()), Err(REFUSED));
    }
    // Other choices in the answer than in the columns.
    let cheat = Cheat { state: Some(&|extending| extending.choices[0].0 ^= 1), ..Cheat::default() };
    let result = attempt(set_up::<4>(&delta, &mut rng, |_| ()), 5, &mut rng, cheat);
    assert_eq!(result.map(|_| ()), Err(REFUSED));
}

/// Positions, sizes and sessions are bound: parties that disagree fail.
#[test]
fn parties_out_of_step_are_refused() {
    let mut rng = Prg::from_seed([17; 32]);
    let delta = Delta::random(&mut rng);
    // The receiver is one extension ahead.
    let (sender, receiver) = set_up::<4>(&delta, &mut rng, |_| ());
    let mut skipped = receiver.extend(&[], 0, &mut rng).expect("rows left");
    skipped.fill(&mut [0; 512]);
    let (receiver, ..) = skipped.answer(&Coin::from_bytes([0; 32])).expect("complete");
    assert_eq!(attempt((sender, receiver), 9, &mut rng, Cheat::default()).map(|_| ()), Err(REFUSED));
    // Another count in the same number of pieces.
    let (sender, receiver) = set_up::<4>(&delta, &mut rng, |_| ());
    let mut extending = receiver.extend(&[0; 2], 10, &mut rng).expect("rows left");
    let mut columns = [0; 1024];
    assert_eq!(extending.fill(&mut columns), 1024);
    let mut receiving = sender.receive(11).expect("rows left");
    receiving.absorb(&columns).expect("whole pieces");
    let (wait, challenge) = receiving.challenge(&mut rng).expect("complete");
    let (_, answer, _) = extending.answer(&challenge).expect("complete");
    assert_eq!(wait.on_answer(&answer).map(|_| ()), Err(REFUSED));
    // Another session id.
    let (wait, request) = SenderSetup::<4>::start(&session(), delta, &mut rng);
    let (receiver, trees) = ReceiverSetup::<4>::reply(&SessionId::from_bytes([0x5b; 32]), &request, &mut rng);
    let parties = (wait.on_trees(&trees), receiver);
    assert_eq!(attempt(parties, 9, &mut rng, Cheat::default()).map(|_| ()), Err(REFUSED));
}

#[test]
fn flows_of_wrong_length_are_refused() {
    let mut rng = Prg::from_seed([18; 32]);
    let delta = Delta::random(&mut rng);
    let receiving =
        || set_up::<4>(&delta, &mut Prg::from_seed([1; 32]), |_| ()).0.receive(129).expect("rows left");
    assert_eq!(receiving().remaining(), 3 * 512);
    assert_eq!(receiving().absorb(&[0; 511]), Err(Error::Malformed));
    assert_eq!(receiving().absorb(&[0; 4 * 512]), Err(Error::Malformed));
    let mut short = receiving();
    short.absorb(&[0; 2 * 512]).expect("whole pieces");
    assert_eq!(short.remaining(), 512);
    assert!(matches!(short.challenge(&mut rng), Err(Error::Misuse(_))));

    let (_, receiver) = set_up::<4>(&delta, &mut rng, |_| ());
    assert!(matches!(receiver.extend(&[0; 2], 17, &mut rng), Err(Error::Misuse(_))));
    let (sender, receiver) = set_up::<4>(&delta, &mut rng, |_| ());
    let extending = receiver.extend(&[0; 3], 17, &mut rng).expect("rows left");
    assert!(matches!(extending.answer(&Coin::from_bytes([0; 32])), Err(Error::Misuse(_))));
    assert!(matches!(sender.receive(usize::MAX), Err(Error::Exhausted(_))));
}

#[test]
fn bits_beyond_the_count_do_not_matter() {
    let run = |last: u8| {
        let mut rng = Prg::from_seed([19; 32]);
        let delta = Delta::random(&mut rng);
        let (_, receiver) = set_up::<4>(&delta, &mut rng, |_| ());
        let mut extending = receiver.extend(&[7, last], 11, &mut rng).expect("rows left");
        let mut columns = [0; 1024];
        extending.fill(&mut columns);
        columns
    };
    assert_eq!(run(0b010), run(0b1111_1010));
    assert_ne!(run(0b010), run(0b011));
}

#[test]
fn nothing_secret_is_printed() {
    let mut rng = Prg::from_seed([20; 32]);
    let delta = Delta::random(&mut rng);
    let (sender, receiver) = set_up::<4>(&delta, &mut rng, |_| ());
    assert_eq!(std::format!("{sender:?} {receiver:?}"), "CotSender<4>(redacted) CotReceiver<4>(redacted)");
}
