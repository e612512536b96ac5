//! What lives as long as a session (protocol 4.0): keys, base OTs, Delta. An error consumes it, so that no check can be tried
//! twice and nothing that a failed check may have told about Delta is ever used again.

use crate::Error;
use muse_field::{id::SessionId, prg::Prg};
use muse_gc::ot::softspoken::{CotReceiver, CotSender};
use muse_he::{
    keys::{PublicKey, SecretKey},
    reply::ReplyKey,
};

/// Inferences a session serves at most, begun ones included: the flooding of every reply is sized for their union.
pub const MAX_INFERENCES: u64 = 256;

/// The client's half of a session. Never leaves this process.
#[derive(Debug)]
pub(crate) struct ClientSession {
    pub(crate) id: SessionId,
    /// s, ternary.
    pub(crate) key: SecretKey,
    /// 2s, under which the replies are.
    pub(crate) reply_key: ReplyKey,
    /// The receiver of correlated OTs; its choices are bits of the client's shares.
    pub(crate) transfer: CotReceiver,
    /// Inference ids below this were used: rows of ciphertexts are named by them, and no name may repeat.
    pub(crate) next_inference: u64,
}

impl ClientSession {
    /// Whether no further inference may begin.
    pub(crate) const fn is_exhausted(&self) -> bool {
        self.next_inference >= MAX_INFERENCES
    }
}

/// The server's half of a session. Never leaves this process.
#[derive(Debug)]
pub(crate) struct ServerSession {
    pub(crate) id: SessionId,
    /// The client's public key, doubled on receipt: it refreshes every reply.
    pub(crate) public_key: PublicKey,
    /// The sender of correlated OTs. Holds Delta, their correlation and the free-XOR offset of every circuit.
    pub(crate) transfer: CotSender,
    /// The next inference's id.
    pub(crate) next_inference: u64,
}

/// A generator seeded by the operating system.
pub(crate) fn system_prg() -> Result<Prg, Error> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)?;
    Ok(Prg::from_seed(*seed))
}
