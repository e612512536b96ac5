//! That a client's public key and ciphertexts are well formed: protocol section 4.3.
//!
//! The statement about a batch of rows, of which number 0 is the public key: there are short $s$, $e_j$ and $\mu_j$ with
//! $$ b_j = -a_j s + e_j + p^{-1} \mu_j \pmod q, \qquad \mu_0 = 0, $$
//! one $s$ for all rows. The proof is the sigma protocol for that linear map, with responses hidden by rejection sampling
//! (Lyubashevsky 2009, 2012), challenges from the monomials (Benhamouda, Camenisch, Krenn, Lyubashevsky, Neven, ASIACRYPT 2014),
//! and the plaintext's responses reduced modulo p.
//!
//! # Protocol
//!
//! With R = 4 repetitions, for all of them at once:
//!
//! ```text
//! client (Prover)                                                      server (Verifier)
//! Prover::commit                        Commitment, 32 bytes
//!   y_s in +-gamma_s, y_e in +-gamma_e  -------------------------->    Verifier::challenge uses up a try
//!   y_mu uniform mod p                  Challenge, 2 R bytes
//!   w_j = -a_j y_s + y_e + p^-1 y_mu    <--------------------------      c in {0, +-X^k}: 2N + 1 values, uniform
//! AwaitChallenge::respond
//!   z = y + c * witness                 Responses
//!   some |z_s| > gamma_s - B_s, or      -------------------------->    AwaitResponses::verify
//!   |z_e| > gamma_e - B_e - 1?            or "rejected"                  bounds, then the hash of all
//!   then all over again                                                  -a_j z_s + z_e + p^-1 z_mu - c b_j
//! ```
//!
//! The commitment is a hash of session, inference, dimensions, all $b_j$ and $a_j$ (the public key first), then all first
//! messages $w_j$. So all that the prover could choose is fixed before the challenge is drawn, in every try.
//! $\gamma_s = B_s N (\text{rows} + 1) R$ and $\gamma_e = (B_e + 1) N (\text{rows} + 1) R$ with $B_s = 1$, $B_e = 21$ are
//! [`Budget::secret_mask`] and [`Budget::error_mask`].
//!
//! $z_\mu$ is sent as its residue modulo p and read centred, in $\pm (p - 1) / 2$. The wrap $\omega \in \{-1, 0, 1\}$ that it
//! lost is worth $p^{-1} \cdot p\,\omega = \omega$ and joins $z_e$, which is why $e$ counts as one longer. Another
//! representative of $z_\mu$ changes the recomputed first message by 1, so there is nothing to choose.
//!
//! # What the server learns
//!
//! Given that a try is accepted, $z_s$ and $z_e$ are exactly uniform in $\pm (\gamma - B)$ whatever the witness, $z_\mu$ is
//! uniform modulo p, and the first messages follow from them. A coefficient stays within its bound with probability
//! $(2(\gamma - B) + 1) / (2\gamma + 1)$, again whatever the witness; over the $N R$ coefficients of $z_s$ and the
//! $N R \cdot \text{rows}$ of $z_e$ this makes $1/e$. So how many tries there were says nothing either. Of a rejected try the
//! server has the hash of first messages with thousands of bits of entropy, and the masks are wiped.
//!
//! # What the server may rely on
//!
//! Take two accepted responses to the same commitment and different challenges, and a repetition with $c \ne c'$. The first
//! messages are equal (else the hash has a collision), so the differences $\bar z$ satisfy
//! $-a_j \bar z_s + \bar z_{e,j} + p^{-1} \bar z_{\mu,j} = (c - c') b_j$. The ring has an element $u = 2 / (c - c')$ of $\ell_1$
//! norm at most N: with $Y = X^{j - i}$ and $k$ such that $Y^k = -1$, $2 / (X^i - X^j) = X^{-i} (1 + Y + \ldots + Y^{k - 1})$.
//! Times $u$, and with $\mu$ reduced once more:
//! $$ 2 b_j = -a_j s^* + e_j^* + p^{-1} \mu_j^*, \qquad |s^*| \le N \cdot 2\gamma_s, \qquad |e_j^*| \le N \cdot 2\gamma_e + N, $$
//! where $\mu_j^*$ is centred and the last N are its wraps: $|u\,\bar z_\mu| \le N (p - 1)$ wraps at most N times. So the
//! plaintext has **no** slack, and $s^*$ is the same in all rows. This is what [`he::budget`](muse_he::budget) floods for, with
//! a factor of two to spare: it counts $E = 4 N \gamma_e$ for the error of $2b$, $S = 4 N \gamma_s$ for the key and $4N$ for
//! wraps; a unit test ties the numbers.
//!
//! Only $2b$ is opened, never $b$: errors of $(q + 1) / 2$ in all coefficients of $b$ pass the proof. That is why the result of
//! [`AwaitResponses::verify`] is doubled, and why there is no other result.
//!
//! The public key is part of every batch. Two batches with the same public key give $a_0 (s^* - s^{**}) = e_0^* - e_0^{**}$,
//! where both sides are below $2^{42}$ at N = 8192. For a uniform $a_0$ the shortest such pairs are expected at
//! $\sqrt q \approx 2^{107}$, so $s^* = s^{**}$: all ciphertexts of a session are under the key that re-randomises the replies.
//! Otherwise a client would prove its public key once and send later batches under another key.
//!
//! A prover that cannot be extracted has an answer to one of the $(2N + 1)^4 > 2^{56}$ challenges of a try. It may abort a try
//! whose challenge it does not like, so tries are counted: 64 a proof, 4,096 a session ([`Tries`]), $2^{-44}$ together.
//! Every honest proof needs about e of them, so 4,096 last for 256 inferences.
//!
//! # Why TopGear's amortisation does not apply
//!
//! TopGear (Baum, Cozzo, Smart, SAC 2019) proves U ciphertexts with V vectors of responses, $z = y + W x$ for witnesses $x$ and
//! a $V \times U$ matrix $W$ of challenges, where V depends on the soundness alone: about one response for many ciphertexts.
//! That takes one homomorphism for all of them (encryption under one public key), so that a combination of witnesses belongs to
//! the same combination of ciphertexts.
//!
//! Here every row has its own $a_j$, which is what halves the upload, and all have one $s$. The combination $\sum_j W_{vj} b_j$
//! has the term $(\sum_j W_{vj} a_j) s$, whose multiplier is known after the challenge only, while a first message has to mask
//! it before.
//! - Masks $-a_j y_s$ with one $y_s$ for several rows would be answered by $y_s + W_{vj} s$ for several challenges: they
//!   reveal $s$.
//! - With a mask and a response for $s$ of every row's own, nothing says that it is the same $s$: half of the statement.
//! - One challenge for all rows, and a second round that asks only for random combinations of the responses, divides by a
//!   product of two differences: it opens $4 b_j$, and costs a factor of $2N$ in the error, bits that the modulus does not have.
//!
//! (Where every ciphertext may have a secret and a key of its own, it does apply: [`topgear`](crate::topgear).)
//!
//! So there is one response for $s$ a repetition, shared by all rows, and one for $e_j$ and $\mu_j$ each: 278,528 bytes for a
//! ciphertext at N = 8192 in a batch of 5 rows, 286,720 in one of 34.

mod answer;
mod challenge;
pub mod fiat_shamir;
mod masks;
mod proven;
mod prover;
mod responses;
pub(crate) mod shape;
mod statement;
mod verifier;

use muse_he::budget::Budget;

use crate::error::Error;

pub use challenge::Challenge;
pub use proven::Proven;
pub use prover::{Attempt, AwaitChallenge, Prover};
pub use responses::Responses;
pub use shape::ProofShape;
pub use statement::Commitment;
pub use verifier::{AwaitResponses, Tries, Verifier};

#[cfg(test)]
mod tests;

/// Whether the budget, by which replies are flooded, is that of a proof with so many repetitions.
fn require(budget: &Budget, repetitions: usize) -> Result<(), Error> {
    if budget.repetitions() == repetitions {
        Ok(())
    } else {
        Err(Error::Misuse("a budget with the repetitions of this kind of proof"))
    }
}
