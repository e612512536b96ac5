//! Clients that cheat in the published disclosure of labels.

use crate::{common::tiny, harness::Outcome, harness::infer_in};
use muse::{Fault, Protocol, transport::Tag};
use muse_attack::deviate::{Deviate, Honest};
use muse_field::{Fp, MODULUS};

fn refused(deviation: impl Deviate + 'static, check: muse_cds::Check) {
    let outcome: Outcome =
        infer_in(Protocol::ClientMaliciousPublished, tiny(), deviation, Box::new(|_, _, _, _| {}), 1);
    let expected = |fault: &Fault| *fault == Fault::Disclosure(check);
    outcome.refused(expected, Tag::Disclosure);
    // The server's halves of the products that prove, and no labels.
    let said = outcome.sent.iter().filter(|&&tag| tag == Tag::Disclosure).count();
    assert_eq!(said, 1);
}

/// Asks for labels of other bits than those of its share.
struct Choices(fn(&mut [u64]));

impl Deviate for Choices {
    fn choices(&self, values: &mut [u64]) {
        (self.0)(values);
    }
}

/// Puts in something else than bits and the helper.
struct Inputs(fn(&mut [Fp]));

impl Deviate for Inputs {
    fn disclosure_inputs(&self, inputs: &mut [Fp]) {
        (self.0)(inputs);
    }
}

struct ShareMac;

impl Deviate for ShareMac {
    fn share_macs(&self, macs: &mut [Fp]) {
        macs[4] += Fp::ONE;
    }
}

#[test]
fn a_shifted_share_is_caught() {
    refused(Choices(|values| values[4] = (values[4] + (1 << 30)) % MODULUS), muse_cds::Check::Value);
}

#[test]
fn what_is_no_bit_is_caught() {
    // The same value: 2 of the one below in place of one bit.
    refused(
        Inputs(|inputs| {
            let two = inputs[11].double();
            inputs[10] += two;
            inputs[11] = Fp::ZERO;
            // If that bit was not set, some other cheat.
            inputs[12] += Fp::ONE.double();
        }),
        muse_cds::Check::Bits,
    );
}

#[test]
fn a_wrong_helper_is_caught() {
    refused(Inputs(|inputs| inputs[44] += Fp::ONE), muse_cds::Check::Range);
}

#[test]
fn a_wrong_mac_of_a_share_is_caught() {
    refused(ShareMac, muse_cds::Check::Value);
}

/// A frame with a byte changed: number `at` of the body, of the first frame of its kind.
fn flipped(tag: Tag, at: u64) -> Outcome {
    let tamper = move |found: Tag, before: usize, offset: u64, part: &mut [u8]| {
        let byte = at.checked_sub(offset).and_then(|at| part.get_mut(usize::try_from(at).unwrap()));
        if let (true, Some(byte)) = ((found, before) == (tag, 0), byte) {
            *byte ^= 1;
        }
    };
    infer_in(Protocol::ClientMaliciousPublished, tiny(), Honest, Box::new(tamper), 1)
}

#[test]
fn a_changed_random_value_is_caught() {
    // The top bits of a word of a reply; the combination; its MAC.
    for (tag, at) in [(Tag::RandomReplies, 7), (Tag::RandomOpening, 2), (Tag::RandomOpening, 20)] {
        let expected = |fault: &Fault| *fault == Fault::Triples(muse_triples::Check::Opening);
        flipped(tag, at).refused(expected, Tag::RandomSeed);
    }
}

#[test]
fn changed_ciphertexts_of_triples_are_caught() {
    let expected = |fault: &Fault| matches!(fault, Fault::Proof(_) | Fault::Malformed(_));
    flipped(Tag::TripleCiphertexts, 1000).refused(expected, Tag::ProofChallenge);
}

#[test]
fn a_changed_proof_of_products_is_caught() {
    let expected = |fault: &Fault| *fault == Fault::Triples(muse_triples::Check::Product);
    flipped(Tag::ProductProof, 3).refused(expected, Tag::ProductSeed);
}
