//! One message altered, cut, replayed or out of order: every field of every message that a check covers.

use crate::{
    common::tiny,
    harness::{Outcome, flipping, infer_often, tampering},
};
use alloc::collections::BTreeMap;
use muse::{Fault, model::plaintext, transport::Tag};
use muse_attack::deviate::Honest;
use muse_cds::Check as Labels;
use muse_field::{Fp, pack::packed_len, wire::Decode};
use muse_gc::{error::Check as Transfer, label::Block};
use muse_zk::Check as Proof;

fn transfer(fault: &Fault) -> bool {
    matches!(fault, Fault::Transfer(Transfer::CorrelatedOt))
}

fn unproven(fault: &Fault) -> bool {
    matches!(fault, Fault::Proof(Proof::WellFormed | Proof::ResponseBound) | Fault::Malformed(_))
}

#[test]
fn an_altered_public_key_fails_the_proof() {
    flipping(Tag::PublicKey, 0, 12_345).refused(unproven, Tag::ProofChallenge);
}

#[test]
fn an_altered_ciphertext_fails_the_proof_in_every_layer() {
    for layer in [0, 1] {
        flipping(Tag::InputCiphertexts, layer, 54_321).refused(unproven, Tag::ProofChallenge);
    }
}

#[test]
fn an_altered_commitment_fails_the_proof() {
    // The first try may be rejected, and its commitment is then of no consequence: alter all of them.
    let outcome = tampering(Box::new(|tag, _, _, part| {
        if tag == Tag::ProofCommitment {
            part[31] ^= 0x80;
        }
    }));
    outcome.refused(|fault| matches!(fault, Fault::Proof(Proof::WellFormed)), Tag::ProofChallenge);
}

/// The responses hold z_s, z_e and z_mu; wherever a bit changes, the proof fails.
#[test]
fn altered_responses_fail_the_proof() {
    for at in [0, 9_999, 100_000, 250_000, 400_000, -1, -50_000, -150_000] {
        flipping(Tag::ProofResponses, 0, at).refused(unproven, Tag::ProofChallenge);
    }
}

#[test]
fn an_altered_digest_of_the_structure_is_caught() {
    for (at, layer) in [(0, 0), (63, 1)] {
        let outcome = flipping(Tag::StructureDigests, 0, at);
        let structure = |fault: &Fault| matches!(fault, Fault::Structure { layer: found } if *found == layer);
        outcome.refused(structure, Tag::MaskMacs);
    }
}

/// Disclosure: the client's first message holds the columns, the second the answer, the third range proof and digest.
///
/// A block that strays is caught unless its bits of Delta are all zero. Block 0 holds the bit that is always one; of the others enough
/// are changed at once.
#[test]
fn inconsistent_columns_are_caught_before_tau_leaves() {
    let block = Block::BYTES;
    let others: Vec<usize> = (16..32).map(|j| j * block + j % 16).collect();
    for places in [vec![0], vec![block - 1], others] {
        let tamper = Box::new(move |tag, nth, offset, part: &mut [u8]| {
            if (tag, nth, offset) == (Tag::Disclosure, 0, 0) {
                places.iter().for_each(|&at| part[at] ^= 1);
            }
        });
        let outcome = tampering(tamper);
        outcome.refused(transfer, Tag::Disclosure);
        let messages = outcome.sent.iter().filter(|&&tag| tag == Tag::Disclosure).count();
        assert_eq!(messages, 1, "the challenge, but no tau: {:?}", outcome.sent);
    }
}

#[test]
fn an_altered_answer_is_caught_before_tau_leaves() {
    for at in [0, -1] {
        let outcome = flipping(Tag::Disclosure, 1, at);
        outcome.refused(transfer, Tag::Disclosure);
        let messages = outcome.sent.iter().filter(|&&tag| tag == Tag::Disclosure).count();
        assert_eq!(messages, 1, "the challenge, but no tau: {:?}", outcome.sent);
    }
}

/// Trees, their proofs, and the masked seeds of the base OTs. A masked seed is noticed if the server chose it, that is half of them:
/// one bit of Delta for the life of the session (protocol, section 1).
#[test]
fn altered_punctured_trees_are_caught_with_the_first_extension() {
    for at in [-1, -40, -500] {
        flipping(Tag::Trees, 0, at).refused(transfer, Tag::Disclosure);
    }
    // A message of the sixth base OT, whose choice is a random bit of Delta.
    let mut refused = 0;
    let trees = <muse_gc::ot::softspoken::Trees as Decode>::len_for(());
    let masked = trees - 32 * 64 - 2 * 128 * Block::BYTES;
    for _ in 0..24 {
        let outcome = flipping(Tag::Trees, 0, (masked + 5 * 2 * Block::BYTES) as i64);
        match &outcome.server {
            Ok(()) => assert!(outcome.client.is_ok(), "the altered message was not the one chosen"),
            Err(_) => {
                outcome.refused(transfer, Tag::Disclosure);
                refused += 1;
            }
        }
    }
    assert!((1..24).contains(&refused), "a fair coin: {refused} of 24");
}

#[test]
fn an_altered_range_proof_is_caught() {
    for coefficient in 0..10 {
        let outcome = flipping(Tag::Disclosure, 2, 16 * coefficient);
        outcome.refused(|fault| matches!(fault, Fault::Disclosure(Labels::Range)), Tag::Disclosure);
    }
}

#[test]
fn an_altered_digest_of_the_disclosure_is_caught() {
    for at in [160, -1] {
        let outcome = flipping(Tag::Disclosure, 2, at);
        let zero = |fault: &Fault| matches!(fault, Fault::Disclosure(Labels::Value));
        outcome.refused(zero, Tag::Disclosure);
    }
}

#[test]
fn an_altered_opening_is_caught_before_anything_of_the_next_layer_is_sent() {
    let opening = |fault: &Fault| matches!(fault, Fault::Mac(muse_mac::error::Check::Opening));
    for at in [0, 10, packed_len(5) as i64, -1] {
        flipping(Tag::MaskedActivations, 0, at).refused(opening, Tag::OnlineLabels);
    }
}

/// The one message without a check: the client's input is the client's to choose.
#[test]
fn an_altered_masked_input_is_another_input() {
    let outcome = flipping(Tag::MaskedInput, 0, 0);
    outcome.server.unwrap();
    // Bit 0 of x - r changed: by plus or minus one, as r has it.
    let network = tiny();
    let inputs = network.architecture().layer(0).inputs();
    let honest: Vec<Fp> = (0..inputs as u64).map(|i| Fp::new(i * 13 % 64)).collect();
    let other = |change: Fp| {
        let mut input = honest.clone();
        input[0] += change;
        plaintext::forward(&network, &input)
    };
    let found = outcome.client.unwrap();
    assert!(found == other(Fp::ONE) || found == other(-Fp::ONE));
}

/// Records the bodies of an earlier frame and sends them again in a later one of the same kind.
fn replaying(replayed: Tag, from: usize, to: usize) -> Outcome {
    let mut bodies: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    let tamper = Box::new(move |tag, nth, offset, part: &mut [u8]| {
        if tag == replayed && nth == from {
            bodies.insert(offset, part.to_vec());
        } else if tag == replayed && nth == to {
            part.copy_from_slice(&bodies[&offset]);
        }
    });
    infer_often(tiny(), Honest, tamper, 2)
}

/// In the second inference of a session, each message of the first.
#[test]
fn messages_of_an_earlier_inference_are_refused() {
    replaying(Tag::InputCiphertexts, 1, 2).refused(unproven, Tag::ProofChallenge);
    let structure = |fault: &Fault| matches!(fault, Fault::Structure { layer: 0 });
    replaying(Tag::StructureDigests, 0, 1).refused(structure, Tag::MaskMacs);
    replaying(Tag::Disclosure, 0, 3).refused(transfer, Tag::Disclosure);
    replaying(Tag::Disclosure, 1, 4).refused(transfer, Tag::Disclosure);
    let range = |fault: &Fault| matches!(fault, Fault::Disclosure(_));
    replaying(Tag::Disclosure, 2, 5).refused(range, Tag::Disclosure);
    let opening = |fault: &Fault| matches!(fault, Fault::Mac(muse_mac::error::Check::Opening));
    replaying(Tag::MaskedActivations, 0, 1).refused(opening, Tag::OnlineLabels);
    // The claim of the first inference's ticket, which is used up.
    let ticket = |fault: &Fault| matches!(fault, Fault::Ticket);
    replaying(Tag::Infer, 0, 1).refused(ticket, Tag::TicketReady);
}

/// Layers of one inference swapped.
#[test]
fn swapped_ciphertexts_are_refused() {
    replaying(Tag::InputCiphertexts, 0, 1).refused(unproven, Tag::ProofChallenge);
}

/// Two 64-byte runs of a flow exchanged.
#[test]
fn reordered_columns_are_refused() {
    let tamper = Box::new(|tag, nth, offset, part: &mut [u8]| {
        if (tag, nth, offset) == (Tag::Disclosure, 0, 0) {
            let (first, second) = part.split_at_mut(512);
            first[..64].swap_with_slice(&mut second[..64]);
        }
    });
    tampering(tamper).refused(transfer, Tag::Disclosure);
}
