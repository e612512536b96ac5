//! How much noise a malicious client may have put into its ciphertexts, how much flooding hides it, and whether the result
//! still decrypts. All from public numbers, in exact integers.
//!
//! # Derivation
//!
//! The proof of well-formedness opens $2b = -a \cdot 2s + 2e + p^{-1} \cdot 2\mu$ for every row of a batch. With `R` repetitions
//! and `rows` rows (the public key included), the masks of the responses are uniform in $\pm\gamma$ with
//! $$ \gamma_s = B_s\, N (\text{rows} + 1) R, \qquad \gamma_e = (B_e + 1)\, N (\text{rows} + 1) R, $$
//! $B_s = 1$ (ternary), $B_e = 21$ (centred binomial; one more for the wrap of the plaintext response modulo $p$). Two accepting
//! transcripts with different challenges give an opening whose norm is at most $N \cdot 2\gamma$, because $2/(X^i - X^j)$ has
//! $\ell_1$ norm at most $N$. The budget counts twice that:
//! $$ E = 4 N \gamma_e \ (\text{error of } 2b), \qquad S = 4 N \gamma_s \ (\text{norm of } 2s). $$
//! A reply is $\sum_t w_t \cdot (2b_t, a_t)$ plus a fresh encryption of zero $(v\, b_{pk} + f_0,\ v\, a_{pk} + f_1)$. With the public
//! bound $g \ge \sum_t \lVert w_t \rVert_1$ ("growth") the noise of one returned coefficient is at most
//! $$ W = g (E + 4N) + N E + N B_e S + B_e: $$
//! multiplied errors and wraps of the plaintext, $v e_{pk}$, $f_1 s$, $f_0$. Flooding is uniform in $\pm F$ with
//! $$ F = 2^{\lceil \log_2 (W \cdot \text{returned} \cdot N) \rceil + 50}, $$
//! which leaves a statistical distance below $2^{-50}$ over all returned coefficients of an inference, and below $2^{-42}$ over
//! all runs of a session ([`RunId::MAX_RUNS`](muse_field::id::RunId::MAX_RUNS), 256). `returned` counts reply ciphertexts. A reply decrypts when
//! $$ F \le \frac{q}{4p}, \quad\text{that is}\quad \lceil \log_2 F \rceil \le 169, $$
//! which uses half of the interval of $q / (2p)$ around a plaintext; the other half belongs to truncation, below.
//! (Rounding $F$ up to a power of two costs less than one bit; `W` itself is $2^{-50} F$ and disappears in the slack between $q/p$
//! and $2^{171}$, which is $2^{-17}$ of it.)
//!
//! # Amortised proofs
//!
//! The proof of [keyed ciphertexts](crate::keyed) combines U of them in each of V responses, so that a response hides a sum of U witnesses
//! ([`Amortised`]). With 3 N V coefficients of responses that have a bound,
//! $$ \gamma_s = U B_s \cdot 3 N V, \qquad \gamma_e = (U B_e + \lceil (U + 1) / 2 \rceil) \cdot 3 N V, $$
//! the last term being the wraps of a sum of U plaintexts and a mask. Two transcripts that differ in the challenges of one ciphertext open it with
//! the same norms $N \cdot 2\gamma$ as above, so E, S, W and F follow by the same formulas.
//!
//! # Truncation
//!
//! After the modulus switch to $q' = q_0 q_1$ (86 bits) the low 28 bits of every coefficient are dropped and read as their middle.
//! In units of $2^{28}$ each error is uniform in $\pm 1/2$, so under a key $2s$ with ternary $s$ the sum has a standard deviation
//! of at most $\sqrt{(1 + 4N) / 12} < 53$ at $N = 8192$. Its half of $q'/(2p)$ is $2^{12}$ units: 77 standard deviations. By
//! Hoeffding's inequality the chance that one coefficient exceeds it is below $2 \exp(-2 \cdot 4096^2 / (1 + 4N)) < 2^{-1400}$.
//! The honest client's own errors matter nowhere: flooding is $2^{50}$ times the worst case.

use crate::encode::Layout;
use crate::error::Error;
use crate::params::{ETA, SIGMA_FLOOD};
use crate::ring::FloodBound;
use muse_field::Fp;

/// The public numbers that decide the noise of one proof batch and of the replies to it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Budget {
    n: u128,
    returned: u128,
    proof: Proof,
}

/// What the proof has in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Proof {
    /// Rows of one key, the public-key row included, each with its own response in every repetition.
    Rows { rows: u128, repetitions: u128 },
    /// Ciphertexts with a key each, combined in every response.
    Amortised(Amortised),
}

impl Budget {
    /// Repetitions of the interactive proof: soundness $(2N + 1)^{-4} \approx 2^{-56}$.
    pub const INTERACTIVE: usize = 4;
    /// Repetitions of the proof made non-interactive: soundness $2^{-140}$.
    pub const FIAT_SHAMIR: usize = 10;

    /// Bits of modulus that a reply may need: see [`needed_bits`](Self::needed_bits).
    pub const AVAILABLE_BITS: u32 = MAX_FLOOD_BITS + PLAINTEXT_BITS + HEADROOM_BITS;

    /// The budget of one inference: `rows` in its proof, the public-key row included, and `returned` reply ciphertexts; with
    /// the interactive proof's 4 repetitions. The semi-honest mode uses the same numbers as if there were a proof.
    #[must_use]
    pub const fn new(n: usize, rows: usize, returned: usize) -> Self {
        let proof = Proof::Rows { rows: rows as u128, repetitions: Self::INTERACTIVE as u128 };
        Self { n: n as u128, returned: returned as u128, proof }
    }

    /// The budget of a batch of [keyed ciphertexts](crate::keyed), as many as [`Amortised`] says, with `returned` reply ciphertexts.
    #[must_use]
    pub const fn amortised(n: usize, returned: usize) -> Self {
        let proof = Proof::Amortised(Amortised::new(n));
        Self { n: n as u128, returned: returned as u128, proof }
    }

    /// The budget of one inference over the layers of a network, in order: one proof for all their ciphertexts and the public
    /// key; for every group a value reply and, but in the last layer, the MAC of its outputs; for every ciphertext its MAC.
    ///
    /// The semi-honest mode returns fewer and floods as if it returned these.
    #[must_use]
    pub fn for_layers(n: usize, layouts: &[Layout]) -> Self {
        let inputs: usize = layouts.iter().map(Layout::input_count).sum();
        let values: usize = layouts.iter().map(Layout::reply_count).sum();
        let unauthenticated = layouts.last().map_or(0, Layout::reply_count);
        Self::new(n, inputs + 1, inputs + 2 * values - unauthenticated)
    }

    /// The same with another number of repetitions. An amortised proof has none to choose.
    #[must_use]
    pub const fn with_repetitions(self, repetitions: usize) -> Self {
        match self.proof {
            Proof::Rows { rows, .. } => {
                Self { proof: Proof::Rows { rows, repetitions: repetitions as u128 }, ..self }
            }
            Proof::Amortised(_) => self,
        }
    }

    /// The ring dimension N.
    #[must_use]
    pub const fn n(&self) -> usize {
        self.n as usize
    }

    /// Rows in the proof, the public-key row included; none in an amortised proof, which is another one.
    #[must_use]
    pub const fn rows(&self) -> usize {
        match self.proof {
            Proof::Rows { rows, .. } => rows as usize,
            Proof::Amortised(_) => 0,
        }
    }

    /// Repetitions of the proof; none in an amortised proof, which is another one.
    #[must_use]
    pub const fn repetitions(&self) -> usize {
        match self.proof {
            Proof::Rows { repetitions, .. } => repetitions as usize,
            Proof::Amortised(_) => 0,
        }
    }

    /// The numbers of an amortised proof, if the budget is that of one.
    #[must_use]
    pub const fn as_amortised(&self) -> Option<Amortised> {
        match self.proof {
            Proof::Rows { .. } => None,
            Proof::Amortised(amortised) => Some(amortised),
        }
    }

    /// $\gamma_s$: the bound of the proof's masks for the secret.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if the numbers are absurdly large.
    pub fn secret_mask(&self) -> Result<u128, Error> {
        product([self.combined() * SECRET_BOUND, self.responses()?])
    }

    /// $\gamma_e$: the bound of the proof's masks for the errors.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if the numbers are absurdly large.
    pub fn error_mask(&self) -> Result<u128, Error> {
        product([self.combined() * ERROR_BOUND + self.wraps(), self.responses()?])
    }

    /// The bound of an amortised proof's masks for the errors of public keys, which have no plaintext that could wrap: at most
    /// [`error_mask`](Self::error_mask).
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if the numbers are absurdly large.
    pub fn key_error_mask(&self) -> Result<u128, Error> {
        product([self.combined() * ERROR_BOUND, self.responses()?])
    }

    /// $W$: a bound on the noise of one returned coefficient before flooding, for a plaintext multiplier whose $\ell_1$ norm,
    /// summed over all tiles of a group, is at most `growth`.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if it does not fit 128 bits, which is far beyond what any reply could carry.
    pub fn worst_noise(&self, growth: u128) -> Result<u128, Error> {
        let error = product([4, self.n, self.error_mask()?])?;
        let secret = product([4, self.n, self.secret_mask()?])?;
        let multiplied = product([growth, sum([error, 4 * self.n, 0, 0])?])?;
        sum([multiplied, product([self.n, error])?, product([self.n, ERROR_BOUND, secret])?, ERROR_BOUND])
    }

    /// The flooding of a reply whose multiplier has an $\ell_1$ norm of at most `growth`, which must be a public bound:
    /// [`Layout::max_l1`](crate::encode::Layout::max_l1) of the card's bound for a value reply.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if a reply with that much flooding would not decrypt.
    pub fn flood(&self, growth: u128) -> Result<FloodBound, Error> {
        let union = product([self.worst_noise(growth)?, self.returned, self.n])?;
        let bits = ceil_log2(union) + SIGMA_FLOOD;
        if bits > MAX_FLOOD_BITS {
            Err(over(bits + PLAINTEXT_BITS + HEADROOM_BITS))
        } else {
            FloodBound::from_bits(bits)
        }
    }

    /// Bits of modulus that a reply needs: flooding, plaintext modulus, two bits of headroom. At most 215 decrypts.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if the noise does not even fit 128 bits before flooding.
    pub fn needed_bits(&self, growth: u128) -> Result<u32, Error> {
        let union = product([self.worst_noise(growth)?, self.returned, self.n])?;
        Ok(ceil_log2(union) + SIGMA_FLOOD + PLAINTEXT_BITS + HEADROOM_BITS)
    }

    /// Flooding of the reply that carries the MAC of an input: the multiplier is the scalar alpha, lifted centred.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] as [`flood`](Self::flood).
    pub fn scalar_flood(&self) -> Result<FloodBound, Error> {
        self.flood(HALF_PLAINTEXT)
    }

    /// Flooding of a reply that is a sum of `terms` ciphertexts, each times N arbitrary elements: slot-encoded
    /// ([`Slots`](crate::encode::Slots)) or as coefficients.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] as [`flood`](Self::flood).
    pub fn slot_flood(&self, terms: usize) -> Result<FloodBound, Error> {
        self.flood(product([terms as u128, self.n, HALF_PLAINTEXT])?)
    }

    /// How the MAC of a layer's output is computed: a function of public numbers, the same on both sides. `l1` bounds the
    /// weights of a group, `taps` counts them.
    ///
    /// # Errors
    ///
    /// [`Error::Budget`] if neither way decrypts.
    pub fn output_mac(&self, l1: u128, taps: u128) -> Result<OutputMac, Error> {
        let scalar = product([l1, HALF_PLAINTEXT]).and_then(|growth| self.flood(growth));
        match scalar {
            Ok(flood) => Ok(OutputMac::Scalar(flood)),
            Err(_) => Ok(OutputMac::Product(self.flood(product([taps, HALF_PLAINTEXT])?)?)),
        }
    }

    /// Responses for the secret and the errors that one acceptance has to cover.
    fn responses(&self) -> Result<u128, Error> {
        match self.proof {
            Proof::Rows { rows, repetitions } => product([self.n, rows + 1, repetitions]),
            // A secret, the error of a row and that of its key.
            Proof::Amortised(Amortised { responses, .. }) => product([3, self.n, responses as u128]),
        }
    }

    /// Witnesses in one response.
    const fn combined(&self) -> u128 {
        match self.proof {
            Proof::Rows { .. } => 1,
            Proof::Amortised(Amortised { ciphertexts, .. }) => ciphertexts as u128,
        }
    }

    /// Wraps modulo p of one response for plaintexts: of a mask and as many witnesses.
    const fn wraps(&self) -> u128 {
        (self.combined() + 1).div_ceil(2)
    }
}

/// The numbers of an amortised proof made non-interactive (Baum, Cozzo, Smart, SAC 2019, section 3): V responses for U = 2 V ciphertexts, V the least with
/// $(2N + 1)^V \ge 2^{128 + 2}$.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amortised {
    /// V.
    pub responses: usize,
    /// U.
    pub ciphertexts: usize,
}

impl Amortised {
    /// Bits of soundness: a prover has all the time it wants.
    pub const SOUNDNESS: u32 = 128;

    /// V and U of a ring of dimension `n`.
    #[must_use]
    pub const fn new(n: usize) -> Self {
        let challenges = 2 * n as u64 + 1;
        // The power, in limbs of 64 bits: it stops growing when the third has two bits.
        let (mut power, mut responses) = ([1_u64, 0, 0], 0);
        while power[2] < 1 << (Self::SOUNDNESS + 2 - 128) {
            let (mut carry, mut limb) = (0, 0);
            while limb < 3 {
                let product = power[limb] as u128 * challenges as u128 + carry;
                power[limb] = product as u64;
                carry = product >> 64;
                limb += 1;
            }
            responses += 1;
        }
        Self { responses, ciphertexts: 2 * responses }
    }
}

/// The two ways to the MAC of a layer's output (protocol, section 4.2), with the flooding each needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OutputMac {
    /// The unflooded product times the scalar alpha.
    Scalar(FloodBound),
    /// A second product, with alpha times the weights modulo p as one plaintext: less noise, more work.
    Product(FloodBound),
}

fn product<const K: usize>(factors: [u128; K]) -> Result<u128, Error> {
    factors.into_iter().try_fold(1_u128, u128::checked_mul).ok_or(over(u32::MAX))
}

fn sum(terms: [u128; 4]) -> Result<u128, Error> {
    terms.into_iter().try_fold(0_u128, u128::checked_add).ok_or(over(u32::MAX))
}

/// The error for a reply that needs this many bits of modulus (`u32::MAX`: more than 128 before flooding).
const fn over(needed: u32) -> Error {
    Error::Budget { needed, available: Budget::AVAILABLE_BITS }
}

/// The least `b` with `2^b >= value`.
const fn ceil_log2(value: u128) -> u32 {
    u128::BITS - value.saturating_sub(1).leading_zeros()
}

/// Norm of the secret.
pub(crate) const SECRET_BOUND: u128 = 1;
/// Norm of an honest error: centred binomial.
pub(crate) const ERROR_BOUND: u128 = ETA as u128;
/// The largest b with $2^b \le q / (4p)$.
pub(crate) const MAX_FLOOD_BITS: u32 = 169;
const PLAINTEXT_BITS: u32 = Fp::BITS as u32;
const HEADROOM_BITS: u32 = 2;
/// The largest absolute value of a centred plaintext.
const HALF_PLAINTEXT: u128 = (muse_field::MODULUS / 2) as u128;
