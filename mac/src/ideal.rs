//! Authenticated values from a trusted dealer: what the encrypted multiplication by alpha realises, without its messages.

use alloc::vec;
use alloc::vec::Vec;

use muse_field::sample::fill_uniform;
use muse_field::{Fp, ct, vector};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::authenticated::Authenticated;
use crate::key::MacKey;
use crate::keys::Keys;
use crate::shared::ServerShare;

/// Uniform keys for the server and the values with their MACs for the client.
#[must_use]
pub fn authenticate(key: &MacKey, values: &[Fp], rng: &mut impl CryptoRng) -> (Authenticated, Keys) {
    let mut keys = Zeroizing::new(vec![Fp::ZERO; values.len()]);
    fill_uniform(&mut keys, rng);
    let macs = Keys::new(keys.clone()).macs_of(key, values);
    (Authenticated::from_columns(values.to_vec().into(), macs), Keys::new(keys))
}

/// The shared values, if every MAC is the one of its key.
///
/// # Panics
/// If the halves have different lengths.
#[must_use]
pub fn open(key: &MacKey, client: &Authenticated, server: &ServerShare) -> Option<Zeroizing<Vec<Fp>>> {
    let all: Vec<usize> = (0..server.len()).collect();
    let mut macs = server.select(&all).into_parts().1.into_inner();
    vector::axpy(&mut macs, key.expose(), client.values());
    let mut values = Zeroizing::new(client.values().to_vec());
    vector::add_assign(&mut values, server.values());
    ct::verdict(macs[..].ct_eq(client.macs())).then_some(values)
}
