//! Products over F: e = a*b for vectors that the client holds under MACs (protocol section 6).
//!
//! With `m = k + alpha*x` for each value, `k_a*k_b + alpha*k_e = m_a*m_b - alpha*(a*m_b + b*m_a - m_e)` iff `e = a*b`: the term
//! in `alpha^2` is `a*b - e`. The left side is the server's, the two terms of the right side are the client's (QuickSilver:
//! Yang et al., CCS 2021, over F). All rows are added with independent coefficients that the server draws after values, MACs
//! and the mask are fixed, and one fresh authenticated value `u` hides the sums.
//!
//! ```text
//! client (prover), [a], [b], [e], [u]                                  server (verifier), alpha, keys
//!                                         Coin, 32 bytes
//!                               <---------------------------------      Coin::random
//! prove                                Message, 11 bytes
//!                               --------------------------------->      verify
//! ```
//!
//! - **Soundness**: with a wrong row the sum of errors is zero with probability 1/p, and otherwise the client must have guessed
//!   a root alpha of a polynomial of degree 2: 3/p together, about 2^-42.4, per session, as the first failure ends it. So the
//!   seed must be drawn by the server: one that is hashed from messages could be ground.
//! - **Zero knowledge**: given the keys, each message fits any rows of right products under exactly one `u`. The mask is consumed.
//!
//! Constant time in values, MACs and keys; the number of rows is public.

use alloc::vec;
use muse_field::id::{Coin, RunId};

use muse_field::pack::packed_len;
use muse_field::sample::fill_uniform;
use muse_field::transcript::Transcript;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer};
use muse_field::{Fp, ct, vector};
use muse_mac::{Authenticated, Keys, MacKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::domain;
use crate::{Check, Error};
use muse_field::parallel::sum_over_chunks;

#[cfg(test)]
mod tests;

/// The proof for any number of products: two elements, packed to 11 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message([Fp; 2]);

impl Message {
    /// Bytes of a message.
    pub const BYTES: usize = packed_len(2);
}

/// Client: proves that `e[i] = a[i] * b[i]` for all `i`.
///
/// `mask` is one authenticated uniform value that nothing else uses. The seed is the server's, drawn after all four vectors
/// were authenticated.
///
/// About seven products in F a row.
///
/// # Errors
/// [`Error::Misuse`] if the vectors are not of one length, or the mask is not one value.
pub fn prove(
    id: &RunId,
    a: &Authenticated,
    b: &Authenticated,
    e: &Authenticated,
    mask: Authenticated,
    seed: &Coin,
) -> Result<Message, Error> {
    let rows = rows([a.len(), b.len(), e.len()], mask.len())?;
    Ok(prove_with(a, b, e, &mask, coefficients(id, rows, seed)))
}

/// Server: accepts iff all products are right, but for an error of 3/p in the session.
///
/// The arguments are the keys of the client's; the seed was drawn after they were fixed. About four products in F a row.
///
/// # Errors
/// [`Error::PeerMisbehaved`] with [`Check::Product`] if the proof does not hold: the session must end. [`Error::Misuse`] if the
/// vectors are not of one length, or the mask is not one value.
#[expect(clippy::too_many_arguments, reason = "three factors of a statement, and what they are proven with")]
pub fn verify(
    id: &RunId,
    key: &MacKey,
    a: &Keys,
    b: &Keys,
    e: &Keys,
    mask: Keys,
    seed: &Coin,
    message: Message,
) -> Result<(), Error> {
    let rows = rows([a.len(), b.len(), e.len()], mask.len())?;
    verify_with(key, a, b, e, &mask, coefficients(id, rows, seed), message)
}

/// A0 = sum chi m_a m_b + m_u, A1 = sum chi (a m_b + b m_a - m_e) + u.
fn prove_with(
    a: &Authenticated,
    b: &Authenticated,
    e: &Authenticated,
    mask: &Authenticated,
    coefficients: impl Fn(usize, &mut [Fp]) + Sync,
) -> Message {
    let sums = Zeroizing::new(sum_over_chunks(a.len(), CHUNK, |index, rows| {
        let mut chi = vec![Fp::ZERO; rows.len()];
        coefficients(index, &mut chi);
        let scaled = |macs: &[Fp]| {
            let mut macs = Zeroizing::new(macs.to_vec());
            vector::mul_assign(&mut macs, &chi);
            macs
        };
        let (ma, mb) = (&a.macs()[rows.clone()], &b.macs()[rows.clone()]);
        let (chi_ma, chi_mb) = (scaled(ma), scaled(mb));
        let cross =
            vector::dot(&chi_mb, &a.values()[rows.clone()]) + vector::dot(&chi_ma, &b.values()[rows.clone()]);
        [vector::dot(&chi_ma, mb), cross - vector::dot(&chi, &e.macs()[rows])]
    }));
    Message([sums[0] + vector::sum(mask.macs()), sums[1] + vector::sum(mask.values())])
}

/// sum chi (k_a k_b + alpha k_e) + k_u = A0 - alpha A1.
fn verify_with(
    key: &MacKey,
    a: &Keys,
    b: &Keys,
    e: &Keys,
    mask: &Keys,
    coefficients: impl Fn(usize, &mut [Fp]) + Sync,
    Message([a0, a1]): Message,
) -> Result<(), Error> {
    let sums = Zeroizing::new(sum_over_chunks(a.len(), CHUNK, |index, rows| {
        let mut chi = vec![Fp::ZERO; rows.len()];
        coefficients(index, &mut chi);
        let linear = vector::dot(&chi, &e.expose()[rows.clone()]);
        let mut chi_ka = Zeroizing::new(chi);
        vector::mul_assign(&mut chi_ka, &a.expose()[rows.clone()]);
        [vector::dot(&chi_ka, &b.expose()[rows]), linear]
    }));
    let alpha = key.expose();
    let expected = sums[0] + alpha * sums[1] + vector::sum(mask.expose());
    let holds = expected.ct_eq(&(a0 - alpha * a1));
    // Check: products of triples are right.
    if ct::verdict(holds) { Ok(()) } else { Err(Error::PeerMisbehaved(Check::Product)) }
}

/// The number of rows, if the vectors agree on it.
fn rows([a, b, e]: [usize; 3], mask: usize) -> Result<usize, Error> {
    if a != b || a != e {
        return Err(Error::Misuse("factors and products of one length"));
    }
    if mask != 1 {
        return Err(Error::Misuse("one authenticated mask"));
    }
    Ok(a)
}

/// Independent uniform coefficients for a chunk of rows, given its number.
fn coefficients(id: &RunId, rows: usize, seed: &Coin) -> impl Fn(usize, &mut [Fp]) + Sync {
    let mut transcript = Transcript::new(domain::PRODUCT);
    id.bind(&mut transcript).append_u64("rows", rows as u64).append("seed", seed.as_bytes());
    let prg = transcript.prg("coefficients");
    move |chunk, out| fill_uniform(out, &mut prg.substream(chunk as u64))
}

impl Encode for Message {
    fn encoded_len(&self) -> usize {
        Self::BYTES
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.elements(&self.0);
    }
}

impl Decode for Message {
    type Shape = ();

    fn len_for((): ()) -> usize {
        Self::BYTES
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let elements = r.elements(2)?;
        Ok(Self([elements[0], elements[1]]))
    }
}

/// Rows whose coefficients come from one generator. Part of the protocol.
pub(crate) const CHUNK: usize = 1024;
