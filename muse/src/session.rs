//! What lives as long as a session (protocol 4.0): keys, base OTs, Delta, alpha. An error consumes it, so that no check can be tried
//! twice and nothing that a failed check may have told about Delta or alpha is ever used again.

use crate::Error;
use muse_field::{id::SessionId, prg::Prg};
use muse_gc::ot::softspoken::{CotReceiver, CotSender};
use muse_he::{
    encrypt::Witness,
    keys::{ReceivedPublicKey, SecretKey},
    reply::ReplyKey,
};
use muse_mac::MacKey;
use muse_zk::wellformed::Tries;

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
    /// The public key and its error: a part of every proof.
    pub(crate) public_key: (ReceivedPublicKey, Witness),
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
    /// The client's public key as it came. Every inference's batch of ciphertexts is proven together with it.
    pub(crate) public_key: ReceivedPublicKey,
    /// The sender of correlated OTs. Holds Delta, their correlation and the free-XOR offset of every circuit.
    pub(crate) transfer: CotSender,
    /// The next inference's id.
    pub(crate) next_inference: u64,
    /// What the client-malicious mode adds; `None` in the baseline.
    pub(crate) authentication: Option<Authentication>,
}

/// The server's part of authenticating a client's values. Lives per session.
#[derive(Debug)]
pub(crate) struct Authentication {
    /// alpha.
    pub(crate) key: MacKey,
    /// Tries of proofs the client has left.
    pub(crate) tries: Tries,
}

impl ServerSession {
    /// alpha, unless this is the baseline.
    pub(crate) fn mac_key(&self) -> Option<&MacKey> {
        self.authentication.as_ref().map(|authentication| &authentication.key)
    }
}

/// A generator seeded by the operating system.
pub(crate) fn system_prg() -> Result<Prg, Error> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)?;
    Ok(Prg::from_seed(*seed))
}
