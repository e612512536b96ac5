//! What lives as long as a session (protocol 4.0): keys, base OTs, Delta, alpha. An error consumes it, so that no check can be tried
//! twice and nothing that a failed check may have told about Delta or alpha is ever used again.

use crate::Error;
use muse_field::{
    ct,
    id::{RunId, SessionId},
    prg::Prg,
};
use muse_gc::{
    label::Delta,
    ot::softspoken::{CotReceiver, CotSender},
};
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
pub const MAX_INFERENCES: u64 = RunId::MAX_RUNS;

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
    /// What the labels of its shares come from.
    pub labels: ClientLabels,
    /// Ids below this were used, by inferences and batches of triples: rows of ciphertexts are named by them, and no name may repeat.
    pub next_inference: u64,
}

/// What the labels of the client's shares come from, session by session.
#[derive(Debug)]
pub enum ClientLabels {
    /// The receiver of correlated OTs; its choices are bits of the client's shares.
    Correlated(CotReceiver),
    /// Makes random values for the published disclosure.
    Published(random::Client),
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
    /// What the labels of the client's shares come from.
    pub labels: ServerLabels,
    /// The next inference's id.
    pub next_inference: u64,
    /// What the client-malicious mode adds; `None` in the baseline.
    pub authentication: Option<Authentication>,
}

/// What the labels of the client's shares come from, session by session. Both hold Delta, the free-XOR offset of every circuit.
#[derive(Debug)]
pub enum ServerLabels {
    /// The sender of correlated OTs. Delta is their correlation.
    Correlated(CotSender),
    /// Labels are disclosed by products: there are no OTs, and nothing that the client says touches Delta before.
    Published {
        /// Delta.
        delta: Delta,
        /// Makes random values; `None` after a failed check.
        randoms: Option<random::Server>,
    },
}

/// The server's part of authenticating a client's values. Lives per session.
#[derive(Debug)]
pub struct Authentication {
    /// alpha.
    pub key: MacKey,
    /// Tries of proofs the client has left.
    pub tries: Tries,
}

impl ServerSession {
    /// Delta: lives as long as the session.
    pub const fn delta(&self) -> &Delta {
        match &self.labels {
            ServerLabels::Correlated(transfer) => transfer.delta(),
            ServerLabels::Published { delta, .. } => delta,
        }
    }

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
