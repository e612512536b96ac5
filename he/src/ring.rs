//! The ring `R_q = Z_q[X] / (X^N + 1)` in residue-number form.
//!
//! Everything here is constant time over the values of polynomials: no branch, index or division depends on them. The
//! degree N, the moduli and the widths of random numbers are public.
//!
//! | module | what it does |
//! |---|---|
//! | `modulus` | arithmetic modulo one 43-bit prime |
//! | `ntt` | negacyclic number-theoretic transform modulo one prime, portable |
//! | `backend` | AVX2 kernels of the transform and of pointwise loops; byte for byte the portable results |
//! | `tables` | the tables of all primes for one degree |
//! | `poly` | polynomials, by coefficients or by evaluations |
//! | `uniform` | the public uniform polynomial that both parties expand from a seed |
//! | `small` | secrets and noise: ternary and centred binomial polynomials |
//! | `flood` | uniform flooding of up to 210 bits |
//! | `plaintext` | the short plaintext representative `p^-1 [-q m]_p` |
//! | `switch` | modulus switching to `q_0 q_1` and truncation to 58 bits |
//! | `two_limb` | the reply ring modulo `q_0 q_1`: phase and decryption |

#[allow(unsafe_code, reason = "vector instructions; nowhere else in this crate")]
mod backend;
mod flood;
mod modulus;
pub(crate) mod ntt;
mod plaintext;
mod poly;
mod small;
mod switch;
mod tables;
mod two_limb;
mod uniform;

pub use flood::FloodBound;
pub(crate) use plaintext::short;
pub use plaintext::{lift_plaintext, lift_short};
pub use poly::{CoeffPoly, Coefficients, Domain, Evaluations, NttPoly, Poly};
pub use small::SmallPoly;
pub use switch::{MAX_REPLY_WORD, switch_and_truncate, switch_and_truncate_at};
pub use tables::Ring;
pub use two_limb::TwoLimbKey;
