//! Every decoder of a message of known shape, and the two of muse's own that are not behind [`Decode`].

use super::input::Input;
use core::fmt::Debug;
use muse::{
    Protocol,
    card::Card,
    handshake::{Hello, Refused},
    plan::Plan,
};
use muse_field::{
    Fp,
    id::{Coin, SessionId},
    wire::{Decode, Encode, Reader, from_slice, to_vec},
};
use muse_gc::{
    evaluate::decode::OutputHashes,
    label::{ActiveLabels, Block, ZeroLabels},
    ot::{base, softspoken},
    seal::SealKey,
};
use muse_he::{
    budget::Budget,
    encrypt::FreshCiphertext,
    keyed::FreshKeyed,
    keys::PublicKeyRow,
    reply::{Reply, ReplyShape},
};
use muse_mac::{Claimed, Digest, check, spdz};
use muse_triples::{beaver, engine, overdrive, random};
use muse_zk::{product, range, topgear, wellformed};

/// `kind, shape, how, message`: decoding never panics, and what decodes is the one encoding of what it decodes to.
///
/// The shape is eight bytes, read as the kind needs them. Shapes are this side's own, so they are kept to sizes that occur, but for
/// one byte that asks for the length of an impossible one.
pub fn decoders(data: &[u8]) {
    let mut input = Input::new(data);
    let (kind, shape) = (input.u8(), input.u64());
    let (count, huge) = ((shape & 0xfff) as usize, shape >> 56 == 0xff);
    let count = if huge { usize::MAX - count } else { count };
    let n = 8 << (shape % 11);
    let wanted = (shape >> 8 & 0xfff) as usize;
    let input = &mut input;
    match kind % 47 {
        0 => canonical::<[u8; 5]>((), input),
        1 => canonical::<u8>((), input),
        2 => canonical::<u16>((), input),
        3 => canonical::<u32>((), input),
        4 => canonical::<u64>((), input),
        5 => canonical::<u128>((), input),
        6 => canonical::<Vec<Fp>>(count, input),
        7 => canonical::<(Vec<Fp>, (SessionId, Vec<Fp>))>((count, ((), wanted)), input),
        8 => canonical::<SessionId>((), input),
        9 => decodes::<Claimed>(count, input),
        10 => canonical::<Digest>((), input),
        11 => canonical::<Coin>((), input),
        12 => canonical::<check::Response>((), input),
        13 => canonical::<spdz::Commitment>((), input),
        14 => canonical::<spdz::Revealed>((), input),
        15 => canonical::<spdz::RevealedSigma>((), input),
        16 => canonical::<FreshCiphertext>(if huge { count } else { n }, input),
        17 => canonical::<PublicKeyRow>(if huge { count } else { n }, input),
        18 => canonical::<Reply>(ReplyShape { n: if huge { count } else { n }, wanted }, input),
        19 => canonical::<OutputHashes>(count, input),
        20 => canonical::<softspoken::Trees<1>>((), input),
        21 => canonical::<softspoken::Trees<2>>((), input),
        22 => canonical::<softspoken::Trees<4>>((), input),
        23 => canonical::<softspoken::Trees<8>>((), input),
        24 => canonical::<Coin>((), input),
        25 => canonical::<softspoken::Answer>((), input),
        26 => canonical::<base::Request>((), input),
        27 => canonical::<base::Reply>((), input),
        28 => canonical::<Block>((), input),
        29 => {
            canonical::<ZeroLabels>(count, &mut input.clone());
            canonical::<ActiveLabels>(count, input);
        }
        30 => canonical::<SealKey>((), input),
        31 => canonical::<product::Message>((), input),
        32 => canonical::<range::Message>((), input),
        33 => canonical::<Coin>((), input),
        34 => proofs(n, wanted, input),
        35 => own(shape, input),
        36 => canonical::<random::Setup>(if huge { count } else { n }, input),
        37 => decodes::<engine::ClaimedRequest>((count, wanted), input),
        38 => canonical::<engine::Reply>(count, input),
        39 => canonical::<engine::Shares>(count, input),
        40 => canonical::<beaver::Replies>(if huge { count } else { n }, input),
        41 => canonical::<FreshKeyed>(if huge { count } else { n }, input),
        42 => canonical::<overdrive::Keys>(overdrive::keys_shape(n).unwrap(), input),
        43 => {
            let budget = overdrive::batch_budget(n);
            canonical::<topgear::Proof>(topgear::ProofShape::new(&budget).unwrap(), input);
        }
        44 => canonical::<overdrive::ProductReplies>(if huge { count } else { n }, input),
        45 => canonical::<overdrive::MacReplies>(if huge { count } else { n }, input),
        _ => canonical::<overdrive::Opened>(count, input),
    }
}

/// Messages of the proof of well-formed rows, whose shape is a budget.
fn proofs(n: usize, rows: usize, input: &mut Input<'_>) {
    let rows = 1 + rows % 5;
    let budget = Budget::new(n, rows, 1);
    let shape = wellformed::ProofShape::new(&budget).unwrap();
    let other = wellformed::ProofShape::new(&budget.with_repetitions(Budget::FIAT_SHAMIR)).unwrap();
    match input.u8() % 4 {
        0 => canonical::<wellformed::Commitment>((), input),
        1 => canonical::<wellformed::Challenge>(shape, input),
        2 => canonical::<wellformed::Responses>(shape, input),
        _ => canonical::<wellformed::fiat_shamir::Proof>(other, input),
    }
}

/// Hellos, refusals and cards.
fn own(shape: u64, input: &mut Input<'_>) {
    let protocol = if shape & 1 == 0 { Protocol::ClientMalicious } else { Protocol::SemiHonest };
    if shape & 6 == 4 {
        let bytes = <[u8; Refused::LEN]>::try_from(input.message(Refused::LEN));
        if let Ok(bytes) = bytes
            && let Some(refused) = Refused::from_bytes(&bytes)
        {
            assert_eq!(refused.to_bytes(), bytes);
        }
        return;
    }
    if shape & 2 == 0 {
        let bytes = <[u8; Hello::LEN]>::try_from(input.message(Hello::LEN));
        if let Ok(bytes) = bytes
            && let Ok(hello) = Hello::decode_matching(&bytes, protocol)
        {
            assert_eq!(hello.to_bytes(), bytes);
        }
        return;
    }
    let bytes = input.rest();
    match Card::from_bytes(bytes) {
        Ok(card) => {
            assert_eq!(card.to_bytes(), bytes);
            let architecture = card.into_architecture();
            one_line(&format!("{} {:?}", architecture.name(), architecture.classes()));
            // What a client does with a card before it says another word.
            match Plan::new(protocol, architecture) {
                Ok(plan) => assert!(plan.ticket_bytes() >= plan.relu_count() as u64),
                Err(error) => one_line(&error.to_string()),
            }
        }
        Err(error) => one_line(&error.to_string()),
    }
}

fn canonical<T: Decode + Encode>(shape: T::Shape, input: &mut Input<'_>) {
    if let Some((value, bytes)) = decoded::<T>(shape, input) {
        assert_eq!(value.encoded_len(), bytes.len());
        assert_eq!(to_vec(&value), bytes);
    }
}

fn decodes<T: Decode>(shape: T::Shape, input: &mut Input<'_>) {
    decoded::<T>(shape, input);
}

fn decoded<T: Decode>(shape: T::Shape, input: &mut Input<'_>) -> Option<(T, Vec<u8>)> {
    let len = T::len_for(shape);
    // No message is as long as an impossible shape asks.
    let bytes = if len > 1 << 24 { input.rest().to_vec() } else { input.message(len) };
    // From a longer message, as a part of it.
    let mut reader = Reader::new(&bytes);
    let part = T::decode(shape, &mut reader).map(|_| ());
    let whole = from_slice::<T>(shape, &bytes);
    assert!(whole.is_err() || (part.is_ok() && reader.remaining() == 0));
    assert!(whole.is_err() || bytes.len() == len);
    whole.ok().map(|value| (value, bytes))
}

/// What is shown to an operator must not move the cursor.
pub(super) fn one_line(text: &(impl AsRef<str> + Debug)) {
    assert!(!text.as_ref().chars().any(char::is_control), "{text:?}");
}
