//! The state machines that speak for one party: an honest run up to one message, and hostile bytes for that.
//!
//! `kind, number, how to change the message`: a machine refuses with an error that blames the peer, or goes on. Where a check decides, it
//! accepts the honest bytes alone.

mod disclosure;
mod garbling;
mod openings;
mod proofs;
mod transfer;

use super::input::Input;
use muse_field::{
    Fp,
    id::SessionId,
    prg::Prg,
    sample,
    wire::{Decode, Encode, from_slice, to_vec},
};
use muse_mac::{Authenticated, Keys, MacKey};

/// See the module.
pub fn rounds(data: &[u8]) {
    let mut input = Input::new(data);
    let (kind, number) = (input.u8(), input.u8());
    let input = &mut input;
    match kind % 10 {
        0 => transfer::base_request(input),
        1 => transfer::extension(number, input),
        2 => proofs::wellformed(number, input),
        3 => proofs::range(input),
        4 => proofs::product(input),
        5 => disclosure::disclosure(number, input),
        6 => openings::opening(number, input),
        7 => openings::batch(input),
        8 => openings::two_sided(number, input),
        _ => garbling::garbling(number, input),
    }
}

const SESSION: SessionId = SessionId::from_bytes([0x42; 32]);

fn prg(seed: u8) -> Prg {
    Prg::from_seed([seed; 32])
}

/// What an honest party says, changed on its way; nothing if it is no message any more.
fn altered<T: Encode, U: Decode>(honest: &T, shape: U::Shape, input: &mut Input<'_>) -> Option<(U, bool)> {
    let honest = to_vec(honest);
    let bytes = input.mutated(&honest);
    from_slice(shape, &bytes).ok().map(|message| (message, bytes == honest))
}

/// m = k + alpha * x with uniform k, element by element.
fn deal(key: &MacKey, values: &[Fp], rng: &mut Prg) -> (Authenticated, Keys) {
    let mut keys = vec![Fp::ZERO; values.len()];
    sample::fill_uniform(&mut keys, rng);
    let macs: Vec<Fp> = keys.iter().zip(values).map(|(&k, &x)| k + key.expose() * x).collect();
    (Authenticated::new(values.to_vec(), macs).unwrap(), Keys::new(keys))
}

/// The values that proofs and openings are about.
fn values(count: u64) -> Vec<Fp> {
    (0..count).map(|i| Fp::new(i * 0x123_4567_89ab)).collect()
}
