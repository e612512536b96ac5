//! That a batch of keyed ciphertexts is well formed, with fewer responses than ciphertexts: the amortised proof of TopGear (Baum, Cozzo, Smart,
//! SAC 2019, section 3) in the Fiat-Shamir form that Overdrive's LowGear needs.
//!
//! The statement about U [keyed ciphertexts](muse_he::keyed) under the masks $a, a'$ of their batch: there are short $s_j$, $e_j$, $e'_j$ and
//! centred $\mu_j$ with
//! $$ b_j = -a s_j + e_j + p^{-1} \mu_j, \qquad b'_j = -a' s_j + e'_j \pmod q. $$
//!
//! TopGear proves it of ciphertexts under one public key, which is honest. Here the key is the peer's, so it would have to be proven, too, and the terms
//! $v e_{pk}$ and $e_1 s$ of public-key encryption under a key that is known with slack only take some 255 bits of modulus; there are 215.
//! Rows of one secret under different masks have no homomorphism in common ([`wellformed`](crate::wellformed)). With **one secret a ciphertext and
//! one mask for all of them** there is a linear map that is the same for all j, and a public key for each is a second row of it.
//!
//! # Protocol
//!
//! V and U = 2V are those of [`Amortised`](muse_he::budget::Amortised): (10, 20) at N = 8192.
//!
//! ```text
//! prover (prove)                                                     verifier (verify)
//! for v = 1 .. V:
//!   y_s, y_e, y_e' in +-gamma, y_mu uniform mod p
//!   first message (-a y_s + y_e + p^-1 y_mu, -a' y_s + y_e')
//! commitment = hash of the statement and all first messages
//! W = V x U challenges from the commitment: 0 or +-X^k, 2N + 1 values
//!   z = y + sum_j W_vj witness_j                                       bounds
//!   some |z| > gamma - B: all over again                               first messages: those of z, less sum_j W_vj (b_j, b'_j)
//!                             Proof: commitment, z                     their hash is the commitment
//!                          ---------------------------------------->   Proven: rows, doubled
//! ```
//!
//! The statement is hashed with all that names it: session, direction, counter, a digest of the session's setup ([`Name`]), dimensions, bounds of
//! masks, all $b_j$ and $b'_j$. The masks are expanded from the same name.
//!
//! $z_\mu$ is sent as its residue modulo p, read centred. The sum of U plaintexts and a mask wraps at most $(U + 1) / 2$ times, rounded up; the wraps
//! join $z_e$, since $p^{-1} \cdot p = 1$.
//!
//! # What the verifier learns
//!
//! Given that a try is accepted, $z_s, z_e, z_{e'}$ are exactly uniform in $\pm (\gamma - B)$ whatever the witnesses, for
//! $|\sum_j W_{vj} x_j| \le B$ always: $B_s = U$, $B_{e'} = 21 U$ and $B_e = 21 U$ plus the wraps. $z_\mu$ is uniform modulo p, and the first messages
//! follow. With $\gamma = B \cdot 3 N V$, 3 N V being the number of these coefficients, a try is accepted with a chance of about $1/e$ that does not depend
//! on the witnesses. Nothing of a rejected try is sent.
//!
//! # What the verifier may rely on
//!
//! The challenges of one ciphertext, a column of W, have $(2N + 1)^V \ge 2^{130}$ values. Take two accepting transcripts with the same first messages whose
//! challenges differ in column j alone, and a row v in which they do: the differences of its responses satisfy
//! $-a \bar z_s + \bar z_e + p^{-1} \bar z_\mu = (c - c') b_j$ and the same for $b'_j$. Times $2 / (c - c')$, of $\ell_1$ norm at most N,
//! $$ 2 b_j = -a s^* + e^* + p^{-1} \mu^*, \quad 2 b'_j = -a' s^* + e'^*, \quad |s^*| \le 2 N \gamma_s, \quad |e^*| \le 2 N \gamma_e + N, \quad |e'^*| \le 2 N \gamma_{e'}, $$
//! with **one** $s^*$ for both rows and no slack in the plaintext. The extractor does so for every column. [`Budget::amortised`](muse_he::budget::Budget::amortised)
//! counts twice these norms. As in [`wellformed`](crate::wellformed) only $2b$ is opened, so the only result are rows that have been doubled.
//!
//! A prover that cannot be extracted found an answer to one of $2^{140}$ challenges (at N = 8192) by hashing, as often as it likes: at most $2^{-128}$ times
//! something that no prover can afford. Tries need no counting.

mod challenge;
mod name;
mod proven;
mod prover;
mod responses;
mod shape;
mod statement;
mod verifier;

pub use name::Name;
pub use proven::{Proven, Rows};
pub use prover::prove;
pub use responses::Proof;
pub use shape::ProofShape;
pub use verifier::verify;
