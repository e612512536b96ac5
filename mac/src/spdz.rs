//! The two-sided form: both parties hold a share of every value, of its MAC and of the key.
//!
//! A value `x = x1 + x2` has MAC shares `m1 + m2 = alpha * x` under a key `alpha = a1 + a2` of which either party knows one
//! share (Damgård, Pastro, Smart, Zakarias, CRYPTO 2012; in the form of Overdrive: Keller, Pastro, Rotaru, Eurocrypt 2018). Either
//! party may be malicious.
//!
//! The one-sided form of this crate is a special case: the client holds `(x, m)`, the server `(0, -k)`, the client's share of the
//! key is zero. [`Authenticated::into_shares`](crate::Authenticated::into_shares) and
//! [`Keys::into_shares`](crate::Keys::into_shares) go there, [`Shares::into_authenticated`] and
//! [`Shares::into_keys`] back, all without a message.
//!
//! # Opening and checking
//!
//! Either party sends its share of the values ([`Shares::reveal`]); the sums are [`Unchecked`](crate::check::Unchecked) until
//! a check of the whole batch has passed:
//!
//! ```text
//! each party, to the other                                              message
//! Batch::commit                 commit to a seed                        Commitment, 32 bytes
//! AwaitSeedCommitment           reveal it                               Revealed, 64 bytes
//! AwaitSeed                     sigma_i = sum chi_j (m_ij - a_i x_j),
//!                               commit to it                            Commitment, 32 bytes
//! AwaitSigmaCommitment          reveal it                               RevealedSigma, 38 bytes
//! AwaitSigma                    accept iff sigma_1 + sigma_2 = 0        -> Checked
//! ```
//!
//! The coefficients are independent and come from both seeds, so neither party chooses them. Without the commitment to sigma the
//! second party to speak would just send minus what it heard. Commitments name their party and step, so none can be sent back.
//! A linear combination that must be **zero** is checked in the same batch without being opened ([`Batch::assert_zero`]): its MAC shares sum to zero.
//! Coefficients for such combinations come from a [`toss()`] of both parties.
//!
//! Error about 2/p = 2^-43 (zero combination, or a guess of the other's key share).

mod check;
mod commitment;
mod key;
mod shares;
mod toss;

pub use check::{AwaitSeed, AwaitSeedCommitment, AwaitSigma, AwaitSigmaCommitment, Batch, Pending};
pub use commitment::{Commitment, Revealed, RevealedSigma};
pub use key::{KeyShare, Party};
pub use shares::Shares;
pub use toss::{AwaitToss, AwaitTossCommitment, toss};
