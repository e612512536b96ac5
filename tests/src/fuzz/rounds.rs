//! The state machines that speak for one party: an honest run up to one message, and hostile bytes for that.
//!
//! `kind, number, how to change the message`: a machine refuses with an error that blames the peer, or goes on. Where a check decides, it
//! accepts the honest bytes alone.

mod disclosure;
mod engine;
mod garbling;
mod openings;
mod programs;
mod proofs;
mod transfer;
mod triples;

use super::input::Input;
use muse_field::{
    Fp,
    id::SessionId,
    prg::Prg,
    wire::{Decode, DecodeError, Encode, from_slice, to_vec},
};

/// See the module.
pub fn rounds(data: &[u8]) {
    let mut input = Input::new(data);
    let (kind, number) = (input.u8(), input.u8());
    let input = &mut input;
    match kind % 14 {
        0 => transfer::base_request(input),
        1 => transfer::extension(number, input),
        2 => proofs::wellformed(number, input),
        3 => proofs::range(input),
        4 => proofs::product(input),
        5 => disclosure::disclosure(number, input),
        6 => openings::opening(number, input),
        7 => openings::batch(input),
        8 => openings::two_sided(number, input),
        9 => garbling::garbling(number, input),
        10 => engine::program(number, input),
        11 => triples::randoms(number, input),
        12 => triples::triples(number, input),
        _ => programs::program(number, input),
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

/// As it is: what a semi-honest server says.
fn down<T: Decode>(message: &impl Encode, shape: T::Shape) -> T {
    from_slice(shape, &to_vec(message)).unwrap()
}

/// What carries messages and changes the one with this number, counted from 0.
struct Wire<'i, 'd> {
    input: &'i mut Input<'d>,
    target: usize,
    passed: usize,
    honest: bool,
}

impl<'i, 'd> Wire<'i, 'd> {
    fn new(target: u8, input: &'i mut Input<'d>) -> Self {
        Self { input, target: target.into(), passed: 0, honest: true }
    }

    fn pass<T: Decode>(&mut self, message: &impl Encode, shape: T::Shape) -> Result<T, DecodeError> {
        let honest = to_vec(message);
        let mine = self.passed == self.target;
        self.passed += 1;
        let bytes = if mine { self.input.mutated(&honest) } else { honest.clone() };
        self.honest &= bytes == honest;
        from_slice(shape, &bytes)
    }
}

/// The values that proofs and openings are about.
fn values(count: u64) -> Vec<Fp> {
    (0..count).map(|i| Fp::new(i * 0x123_4567_89ab)).collect()
}
