//! Triples and inputs between two parties of which **either** may be malicious: LowGear of Overdrive (Keller, Pastro, Rotaru, Eurocrypt 2018,
//! section 3), over F.
//!
//! Both parties do the same. Values are shared, `x = x1 + x2`, and so are their MACs under a key `alpha = alpha1 + alpha2`
//! ([`spdz`](muse_mac::spdz)). Party i encrypts its $\alpha_i$ once a session and its $a_i$ once a triple; all products come from a ciphertext of one party times a
//! plaintext of the other, less a mask ([`reply`](muse_he::reply)): the one holds the mask, the other what it decrypts.
//!
//! ```text
//! each party i, to the other                                              message
//! Setup, once a session
//!   public key, Enc(alpha_i), proof                                       Keys
//!   x uniform: Enc(alpha_j) x - m                                         Reply
//!   coin; sum chi x of both; MAC check; all thrown away                   below
//! Triples, a batch of U groups of N
//!   a, b, b^ uniform: Enc(a) under a key of its own, U times              FreshKeyed
//!   one proof for all of them (muse_zk::topgear)                          Proof
//!   on Enc(a_j): a_j b, a_j b^; on Enc(alpha_j): alpha_j a, .. b, .. b^   ProductReplies, U times
//!   c = sum of a_i b_j, c^ likewise
//!   on Enc(alpha_j): alpha_j c, alpha_j c^                                MacReplies, U times
//!   coin r; rho = r b - b^ opened; r c - c^ - rho a is zero; MAC check
//! Inputs, a batch of g groups of N, one party only
//!   x uniform: Enc(alpha_j) x - m, g times                                Reply
//!   coin; sum chi x + x_last opened; MAC check
//!
//! Check, the end of each of them
//!   commit to a seed, reveal it: the coin                                 Commitment, Revealed
//!   shares of what is opened                                              Opened
//!   the check of muse_mac::spdz                                           Commitment, Revealed, Commitment, RevealedSigma
//! ```
//!
//! A triple costs 168.5 bytes a party at N = 8192: 53.75 of ciphertext, 7.75 of proof, 7 times 14.5 of replies, 5.5 opened. An input costs its owner
//! 14.5, the other party a constant.
//!
//! # Security
//!
//! - **Keys and ciphertexts** are proven well formed before anything is computed on them: public key and $Enc(\alpha_i)$ by
//!   [`wellformed`](muse_zk::wellformed::fiat_shamir), each batch of $Enc(a)$ by [`topgear`](muse_zk::topgear). The proofs bound the noise that a
//!   malicious encryptor can have put in, and every reply is masked in all coefficients, re-randomised and flooded beyond it: it tells nothing of the other party's
//!   a, b, c. Floods are sized for all replies of a run at once and for 256 runs a session.
//! - **alpha is one value.** A proven ciphertext may hold any polynomial alpha(X), and so a key for every slot; whether a MAC fits would then depend on
//!   single slots. So a session begins with N values x of either party authenticated under the other's $Enc(\alpha)$, coefficient by coefficient, and a joint
//!   random combination chi of all of them checked. What the cheater must name is $\langle \chi, \alpha \cdot x \rangle = \langle M^T \chi, x \rangle$, M being the multiplication by alpha(X); it
//!   knows $\langle \chi, x \rangle$ only, and x is uniform. The one follows from the other iff chi is an eigenvector of $M^T$; for an alpha that is not constant a random chi
//!   is one with a chance of about 1/p, and otherwise the sum is guessed with 1/p. A [`Session`] exists only after this check has passed.
//! - **Products.** c and c^ are fixed, with their MACs, before the coin r. If $c = a b + d$ and $\hat c = a \hat b + \hat d$ then
//!   $r c - \hat c - \rho a = r d - \hat d$ in every slot, zero for at most one r unless $d = \hat d = 0$: 1/p. The same sum catches an a that has one value in its ciphertext and another under
//!   its MAC, $\delta$ apart: $\delta \rho$ is left, and $\rho$ is uniform. It need not be opened: its MAC shares sum to zero, which is a part of the check.
//!   $\rho$ tells nothing, as b^ is uniform and used up.
//! - **Openings** are checked by the MAC check of SPDZ: 2/p. It is over before anything is released: results are locked until then.
//! - **Coins** are tossed by both parties when all that they could be fitted to has arrived, so a party that speaks last gains nothing.
//! - **One guess a session.** Every step consumes the [`Session`], and only the end of a batch gives it back. A check that fails **gives alpha away**: who
//!   changed an opened value learns it from the sigmas. So all holders of the key end together ([`KeyShare`](muse_mac::spdz::KeyShare)): after a failed batch no program of
//!   [`spdz`](crate::spdz) opens anything under it, and the other way round. Material that was made before is worth nothing then. The first thing that a cheater
//!   gets past is what it has gained, so the errors above count once. **Who runs a session must not go back to an earlier one**, and a peer that left in the
//!   middle of a batch has failed it.
//! - **Fairness** there is none: who speaks last may keep a result to itself, as with every protocol of two parties.
//! - Batches have numbers, and proofs, masks of ciphertexts, openings and coins are bound to session, direction, number and a digest of both parties' setup.
//!
//! # Assumptions
//!
//! What a party returns for a ciphertext may be made in any way, and the other party's later behaviour depends on what it decrypts to. As in Overdrive, security rests on
//! the **enhanced CPA security** of the scheme, or equally on its being **linear-only**: a party cannot make from $Enc(x)$ anything but what decrypts to
//! $u x + v$ for u and v that it could name, and hearing whether a check passes tells it nothing else of x. Both parties rely on it, each for its own
//! ciphertexts. Beyond that: ring LWE with ternary secrets, N = 8192, log q = 215 (20 secrets under one matrix in a batch), and the random oracle.

mod check;
#[cfg(any(test, feature = "test-util"))]
pub mod deviate;
#[cfg(not(any(test, feature = "test-util")))]
mod deviate;
mod inputs;
mod respond;
mod session;
mod setup;
mod triples;

use alloc::vec::Vec;

use muse_field::Fp;
use muse_he::budget::{Amortised, Budget};
use muse_he::encode::Slots;
use muse_he::ring::Ring;
use zeroize::Zeroizing;

pub use check::{
    AwaitCoin, AwaitCoinCommitment, AwaitOpened, AwaitSeed, AwaitSeedCommitment, AwaitSigma,
    AwaitSigmaCommitment, Material, Opened,
};
pub use inputs::{Inputs, Receiving, Sending};
pub use session::Session;
pub use setup::{AwaitKeys, AwaitReply, Keys, Trial, keys_shape};
pub use triples::{AwaitProof, Ciphertexts, MacReplies, Macs, ProductReplies, Products, Sacrifice};

use crate::Error;

/// Secret values.
type Column = Zeroizing<Vec<Fp>>;

/// The ring of a session and its slots.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    ring: &'a Ring,
    slots: &'a Slots,
}

impl<'a> Context<'a> {
    /// A ring and its slots.
    ///
    /// # Errors
    /// [`Error::Misuse`] if they have another N.
    pub fn new(ring: &'a Ring, slots: &'a Slots) -> Result<Self, Error> {
        if slots.len() != ring.n() {
            return Err(Error::Misuse("slots of the ring"));
        }
        Ok(Self { ring, slots })
    }

    /// Groups of a batch of triples, U.
    #[must_use]
    pub fn groups(&self) -> usize {
        groups(self.ring.n())
    }

    /// Triples of a batch, U N.
    #[must_use]
    pub fn triples(&self) -> usize {
        self.groups() * self.ring.n()
    }
}

/// Most groups of N inputs in a batch.
pub const MAX_GROUPS: usize = 32;

/// Groups of a batch of triples in a ring of dimension `n`: as many as the proof combines ciphertexts.
#[must_use]
pub const fn groups(n: usize) -> usize {
    Amortised::new(n).ciphertexts
}

/// What the proof of keys and the flooding of replies on them are sized for.
#[must_use]
pub const fn key_budget(n: usize) -> Budget {
    Budget::new(n, KEY_ROWS, returned(n)).with_repetitions(Budget::FIAT_SHAMIR)
}

/// What the proof of a batch of ciphertexts and the flooding of replies on them are sized for.
#[must_use]
pub const fn batch_budget(n: usize) -> Budget {
    Budget::amortised(n, returned(n))
}

/// Replies that a run returns at most, on all ciphertexts together.
const fn returned(n: usize) -> usize {
    let triples = (PRODUCT_REPLIES + MAC_REPLIES) * groups(n);
    if triples > MAX_GROUPS { triples } else { MAX_GROUPS }
}

/// Rows of the proof of keys: the public key and Enc(alpha).
pub(crate) const KEY_ROWS: usize = 2;
/// Replies for a group on Enc(a) and Enc(alpha): a b, a b^, alpha a, alpha b, alpha b^.
pub(crate) const PRODUCT_REPLIES: usize = 5;
/// Replies for a group after the products: alpha c, alpha c^.
pub(crate) const MAC_REPLIES: usize = 2;

// All replies decrypt at full size.
const _: () = assert!(returned(8192) == 140 && groups(8192) == 20);
