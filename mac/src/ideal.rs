//! Authenticated values from a trusted dealer: what the encrypted multiplication by alpha realises, without its messages.

use alloc::vec;

use muse_field::Fp;
use muse_field::sample::fill_uniform;
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::authenticated::Authenticated;
use crate::key::MacKey;
use crate::keys::Keys;

/// Uniform keys for the server and the values with their MACs for the client.
#[must_use]
pub fn authenticate(key: &MacKey, values: &[Fp], rng: &mut impl CryptoRng) -> (Authenticated, Keys) {
    let mut keys = Zeroizing::new(vec![Fp::ZERO; values.len()]);
    fill_uniform(&mut keys, rng);
    let macs = Keys::new(keys.clone()).macs_of(key, values);
    (Authenticated::from_columns(values.to_vec().into(), macs), Keys::new(keys))
}
