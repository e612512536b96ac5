//! What lives as long as a session (protocol 4.0): keys, base OTs, Delta, alpha. An error consumes it, so that no check can be tried
//! twice and nothing that a failed check may have told about Delta or alpha is ever used again.

use crate::Error;
use muse_field::{ct, id::SessionId, prg::Prg};
use muse_gc::ot::softspoken::{CotReceiver, CotSender};
use muse_he::{
    encrypt::Witness,
    keys::{ReceivedPublicKey, SecretKey},
    reply::ReplyKey,
};
use muse_mac::MacKey;
use muse_triples::random;
use muse_zk::wellformed::Tries;

/// Inferences and batches of triples that a session has at most together, begun ones included: the flooding of every
/// reply is sized for their union.
pub const MAX_INFERENCES: u64 = 256;

/// The client's half of a session. Never leaves this process.
#[derive(Debug)]
pub struct ClientSession {
    /// Its id, on which every hash and every proof depends.
    pub id: SessionId,
    /// s, ternary.
    pub key: SecretKey,
    /// 2s, under which the replies are.
    pub reply_key: ReplyKey,
    /// The public key and its error: a part of every proof.
    pub public_key: (ReceivedPublicKey, Witness),
    /// The receiver of correlated OTs; its choices are bits of the client's shares.
    pub transfer: CotReceiver,
    /// Ids below this were used, by inferences and batches of triples: rows of ciphertexts are named by them, and no name may repeat.
    pub next_inference: u64,
    /// Makes random values for the published disclosure, if that is the one.
    pub randoms: Option<random::Client>,
}

impl ClientSession {
    /// Whether no further inference may begin that takes so many ids.
    pub const fn is_exhausted(&self, ids: u64) -> bool {
        !fits(self.next_inference, ids)
    }
}

/// The server's half of a session. Never leaves this process.
#[derive(Debug)]
pub struct ServerSession {
    /// Its id.
    pub id: SessionId,
    /// The client's public key as it came. Every inference's batch of ciphertexts is proven together with it.
    pub public_key: ReceivedPublicKey,
    /// The sender of correlated OTs. Holds Delta, their correlation and the free-XOR offset of every circuit.
    pub transfer: CotSender,
    /// The next inference's id.
    pub next_inference: u64,
    /// What the client-malicious mode adds; `None` in the baseline.
    pub authentication: Option<Authentication>,
}

/// The server's part of authenticating a client's values. Lives per session.
#[derive(Debug)]
pub struct Authentication {
    /// alpha.
    pub key: MacKey,
    /// Tries of proofs the client has left.
    pub tries: Tries,
    /// Makes random values for the published disclosure, if that is the one.
    pub randoms: Option<random::Server>,
}

impl ServerSession {
    /// alpha, unless this is the baseline.
    pub fn mac_key(&self) -> Option<&MacKey> {
        self.authentication.as_ref().map(|authentication| &authentication.key)
    }
}

/// Whether a session that has used the ids below `next` has so many left.
pub const fn fits(next: u64, ids: u64) -> bool {
    ids <= MAX_INFERENCES.saturating_sub(next)
}

/// A generator seeded by the operating system: all secrets that a party draws come from here.
pub fn system_prg() -> Result<Prg, Error> {
    let mut seed = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)?;
    ct::secret(&*seed);
    Ok(Prg::from_seed(*seed))
}
