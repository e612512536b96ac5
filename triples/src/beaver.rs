//! Beaver triples at multiplicative depth one, without a sacrifice (protocol section 6).
//!
//! Shares are $a = a_c + a_s$ and so on; only the client's carry MACs. The client sends its $a_c$, $b_c$ and $e_c = a_c b_c$
//! encrypted, N of each in the [slots](muse_he::encode::Slots) of a ciphertext, and proves the ciphertexts well formed. The
//! server returns MACs of all three, the cross terms $y = a_c b_s + b_c a_s - \rho$ and their MAC. The client proves $e_c = a_c b_c$
//! over F, and then $c = e_c + y + (a_s b_s + \rho)$.
//!
//! ```text
//! client                                               server
//! Client::start
//!   a_c, b_c uniform, e_c = a_c b_c   Enc(a_c), Enc(b_c), Enc(e_c), g times
//!                                  --------------------------------------------->  Batch::verifier
//! Client::prover                      proof of well-formed rows (muse_zk::wellformed)
//!                                  <-------------------------------------------->  AwaitResponses::verify
//! Client::proven                      Replies, g times, each                       Server::start, Server::replies
//!                                     Enc(alpha a_c - u), .. b_c .., .. e_c ..       a_s, b_s uniform
//!                                     Enc(a_c b_s + b_c a_s - rho)
//!                                     Enc(alpha (a_c b_s + b_c a_s) - t)
//! AwaitReplies::on_replies         <---------------------------------------------
//!                                     Coin, 32 bytes
//!                                  <---------------------------------------------  Server::challenge
//! AwaitReplies::on_seed               Message, 11 bytes
//!   ClientTriples                  --------------------------------------------->  AwaitProof::on_proof
//!                                                                                    ServerTriples
//! ```
//!
//! The MAC of the cross terms multiplies by $\alpha b_s$ and $\alpha a_s$ modulo p as one plaintext each, so that no ciphertext is
//! multiplied twice. The published protocol multiplies ciphertexts, for which the client would have to send evaluation keys that nobody proves.
//!
//! # Security
//!
//! - Before the proof has passed the server computes nothing on the client's rows: [`Server::start`] takes what only
//!   [`AwaitResponses::verify`](muse_zk::wellformed::AwaitResponses::verify) gives. What it returns is masked, re-randomised and
//!   flooded for the batch's [`Budget`] and for multipliers of any size, so it tells neither $a_s, b_s$ nor alpha.
//! - A wrong $e_c$, also one that differs from the product in a single slot, fails the product proof but for $3/p$ a session
//!   ([`product`](muse_zk::product)); all replies and the mask are fixed before its seed is drawn.
//! - $a_s, b_s, \rho$ are uniform and the client's view of them is masked; what the client chooses of its own shares (not uniform,
//!   repeated) harms only itself: the sums are uniform.
//! - A batch has a number of its own in the session ([`RunId`]); rows, proofs and coefficients are bound to it.
//!
//! **Ids.** Flooding is sized for 256 batches or inferences of a session together, and rows of ciphertexts are named by session and id:
//! take the ids of batches and inferences from one counter.

mod client;
mod server;

use alloc::vec::Vec;

use muse_field::id::RunId;
use muse_field::parallel;
use muse_he::budget::Budget;
use muse_he::encode::Slots;
use muse_he::encrypt::{FreshCiphertext, RowId};
use muse_he::keys::ReceivedPublicKey;
use muse_he::ring::Ring;
use muse_zk::wellformed::Verifier;

pub use client::{AwaitReplies, Client};
pub use server::{AwaitProof, Server};

use crate::Error;
use crate::error::POOL;

/// The public numbers of a batch: its name, its ring, and g groups of N triples.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    pub(crate) ring: &'a Ring,
    pub(crate) slots: &'a Slots,
    id: RunId,
    groups: usize,
}

impl<'a> Batch<'a> {
    /// Most groups of a batch: the proof and the flooding of more need bits that the modulus does not have.
    pub const MAX_GROUPS: usize = 8;

    /// A batch of `groups` times N triples.
    ///
    /// # Errors
    /// [`Error::Misuse`] unless there are 1 to [`MAX_GROUPS`](Self::MAX_GROUPS) groups and the slots are those of the ring;
    /// [`Error::Exhausted`] for a number from [`RunId::MAX_RUNS`] on.
    pub fn new(ring: &'a Ring, slots: &'a Slots, id: RunId, groups: usize) -> Result<Self, Error> {
        if id.number >= RunId::MAX_RUNS {
            return Err(Error::Exhausted(POOL));
        }
        if groups == 0 || groups > Self::MAX_GROUPS {
            return Err(Error::Misuse("1 to 8 groups of triples"));
        }
        if slots.len() != ring.n() {
            return Err(Error::Misuse("slots of the ring"));
        }
        Ok(Self { ring, slots, id, groups })
    }

    /// Groups of N triples.
    #[must_use]
    pub const fn groups(&self) -> usize {
        self.groups
    }

    /// Triples of the batch, g N.
    #[must_use]
    pub fn triples(&self) -> usize {
        self.groups * self.ring.n()
    }

    /// The client's ciphertexts, 3 g.
    #[must_use]
    pub const fn ciphertexts(&self) -> usize {
        CIPHERTEXTS * self.groups
    }

    /// The ring dimension: the shape of every ciphertext and of [`Replies`].
    #[must_use]
    pub fn n(&self) -> usize {
        self.ring.n()
    }

    /// What the proof and the flooding are sized for: 3 g rows and the public key, 5 g replies.
    #[must_use]
    pub fn budget(&self) -> Budget {
        budget(self.ring.n(), self.groups)
    }

    /// Server: what has to be proven about the client's `ciphertexts`, group by group in the order a, b, e.
    ///
    /// # Errors
    /// [`Error::Misuse`] for another number of ciphertexts than [`ciphertexts`](Self::ciphertexts), or of another ring.
    pub fn verifier(
        &self,
        public_key: &'a ReceivedPublicKey,
        ciphertexts: Vec<FreshCiphertext>,
    ) -> Result<Verifier<'a>, Error> {
        let rows = parallel::map(ciphertexts, |index, sent| sent.receive(self.ring, self.row(index)?));
        let rows = rows.into_iter().collect::<Result<Vec<_>, _>>()?;
        Ok(Verifier::new(self.ring, &self.budget(), self.statement(), public_key, rows)?)
    }

    /// The name of a ciphertext.
    pub(crate) fn row(&self, index: usize) -> Result<RowId, muse_he::Error> {
        RowId { run: self.id, index: 0 }.nth(index)
    }

    /// The name of the proof of well-formed rows.
    pub(crate) const fn statement(&self) -> RunId {
        self.id
    }

    /// The name of the product proof.
    pub(crate) const fn products(&self) -> RunId {
        self.id
    }
}

/// What the proof and the flooding of a batch of `groups` groups of `n` triples are sized for.
#[must_use]
pub const fn budget(n: usize, groups: usize) -> Budget {
    Budget::new(n, CIPHERTEXTS * groups + 1, REPLIES * groups)
}

/// The server's replies for one group: MACs of a, b and e, the cross terms, their MAC.
pub type Replies = crate::replies::Replies<REPLIES>;

/// Ciphertexts of a group: a, b, e.
pub(crate) const CIPHERTEXTS: usize = 3;
/// Replies for a group: MACs of a, b, e; the cross terms, their MAC.
pub(crate) const REPLIES: usize = 5;
