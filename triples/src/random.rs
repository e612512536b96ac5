//! Uniform values that the client knows, authenticated: masks of inputs, of openings and of proofs (protocol section 6).
//!
//! The encryption of protocol 4.2 with its roles exchanged, as the authentication of Overdrive's LowGear does it (Keller, Pastro, Rotaru,
//! Eurocrypt 2018, section 3): the **server** encrypts alpha once a session, under a key of its own, and the client multiplies.
//!
//! ```text
//! client                                               server, alpha
//!                                     Setup: public key, Enc(alpha)
//! Client::on_setup                 <---------------------------------------------  Server::setup
//!
//! Client::start
//!   x, m uniform                      Enc(alpha x - m), g times
//! Sending::replies                 --------------------------------------------->  AwaitReplies::on_replies
//!                                     Coin, 32 bytes                                 k = -(alpha x - m)
//!                                  <---------------------------------------------  AwaitReplies::challenge
//! AwaitSeed::on_seed                  Opening of sum chi_j x_j + x_0, 38 bytes
//!   [x] without x_0                --------------------------------------------->  AwaitOpening::on_opening
//! ```
//!
//! A value costs 14.5 bytes; an input is masked by it for another 5.5 ([`engine`](crate::engine)).
//!
//! # Why not as in protocol 4.2 and 4.3
//!
//! There the client encrypts and proves, and the server multiplies by alpha: 27 bytes of ciphertext, 35 of proof and 14.5 of
//! reply a value, 76 in all. [Triples](crate::beaver) need that, since the server computes on the client's values there. A value that
//! is only authenticated does not: the server is the semi-honest party, so its ciphertext needs no proof, and the client's answer is checked
//! by a random combination. **This departs from the protocol's text and rests on another assumption**, below.
//!
//! # Security
//!
//! - **alpha** is encrypted under a key that is fresh in every session and used for nothing else.
//! - **The client's values.** What the client returns is re-randomised under the server's public key and flooded by 2^50 times the worst noise,
//!   for multipliers of any size, and minus a uniform m. The server learns k, which is uniform.
//! - **One value for each key.** A client may return anything, and the server decrypts it to something. Before a value is used the
//!   client opens one combination with independent coefficients chi, drawn when all replies have arrived, masked by a value that is used for nothing
//!   else. If the keys are not those of values x and MACs m that the client could name, some pair of coefficient vectors that differ in
//!   one place shows it: the differences of what it opened give x and m of that place, and two answers to one chi give alpha. So a client
//!   that passes with more than a chance of 2/p holds `m = k + alpha x` for one x each, which is what every later opening is checked against.
//! - **What the client chooses.** x and m are its own, so it may know k as well (m, for x = 0). So values may mask only what is the client's,
//!   and keys enter nothing but checks: masks of inputs and of proofs are such uses.
//! - **Selective failure.** A reply can be made so that the check passes only if alpha, or the server's key, has some property. That tells
//!   the property to a client that passes, and ends the session of one that does not, alpha with it. As in MASCOT and LowGear, what a guess
//!   gains is what it risks: along the path on which nothing fails, all that the client sees of alpha and the key is Enc(alpha), and
//!   the keys k enter equality checks only. So forging succeeds with about 1/p, if the encryption hides alpha from a client that hears
//!   whether ciphertexts of its own decrypt as it expects and is stopped when they do not: the **enhanced CPA security** that
//!   LowGear assumes of the same scheme. Protocol 4.3 does without that assumption.
//!
//! Every check has an error of 2/p, up to the first that fails, which ends the session.

mod client;
mod server;

use alloc::vec::Vec;

use muse_field::id::{Coin, RunId, SessionId};
use muse_field::sample::fill_uniform;
use muse_field::transcript::Transcript;
use muse_field::wire::message;
use muse_field::{Fp, vector};
use muse_he::budget::Budget;
use muse_he::encrypt::{FreshCiphertext, RowId};
use muse_he::keys::PublicKeyRow;
use muse_he::reply::{Reply, ReplyShape};
use muse_he::ring::{FloodBound, Ring};
use muse_mac::{OpeningId, Purpose};

pub use client::{AwaitSeed, Client, Sending};
pub use server::{AwaitOpening, AwaitReplies, Server};

use crate::Error;
use crate::domain;
use crate::error::POOL;

/// Most groups of N values in a batch.
pub const MAX_GROUPS: usize = 32;

/// Values of a batch of `groups` groups: one is used up by its check.
#[must_use]
pub const fn values(n: usize, groups: usize) -> usize {
    (n * groups).saturating_sub(1)
}

/// The shape of a reply: all N coefficients are wanted.
#[must_use]
pub const fn reply_shape(n: usize) -> ReplyShape {
    ReplyShape { n, wanted: n }
}

message! {
    /// The server's message, once a session.
    pub struct Setup(n: usize), redacted {
        public_key: PublicKeyRow = n,
        alpha: FreshCiphertext = n,
    }
}

/// A batch by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Name {
    session: SessionId,
    batch: u64,
    groups: usize,
}

impl Name {
    /// The next batch of a session. Counts it.
    fn next(session: SessionId, counter: &mut u64, groups: usize) -> Result<Self, Error> {
        if groups == 0 || groups > MAX_GROUPS {
            return Err(Error::Misuse("1 to 32 groups of values"));
        }
        if *counter >= RunId::MAX_RUNS {
            return Err(Error::Exhausted(POOL));
        }
        let batch = *counter;
        *counter += 1;
        Ok(Self { session, batch, groups })
    }

    fn opening(&self) -> OpeningId {
        OpeningId::new(
            Purpose::Custom("authenticated random values"),
            RunId::new(self.session, self.batch),
            0,
        )
    }

    /// The linear map that both parties apply: the combination of all values but the last, plus the last.
    fn combination(&self, seed: &Coin, len: usize) -> impl Fn(&[Fp]) -> Vec<Fp> + use<> {
        let mut transcript = Transcript::new(domain::RANDOM);
        transcript
            .append("session", self.session.as_bytes())
            .append_u64("batch", self.batch)
            .append_u64("values", len as u64)
            .append("seed", seed.as_bytes());
        let mut chi = alloc::vec![Fp::ONE; len];
        if let Some((_, chi)) = chi.split_last_mut() {
            fill_uniform(chi, &mut transcript.prg("coefficients"));
        }
        move |values: &[Fp]| alloc::vec![vector::dot(&chi, values)]
    }
}

/// The session under which the server's rows are named: their masks are not those of the client's rows.
fn server_rows(session: SessionId) -> SessionId {
    let mut transcript = Transcript::new(domain::SERVER_ROWS);
    transcript.append("session", session.as_bytes());
    SessionId::from_bytes(transcript.digest("session"))
}

/// The row of Enc(alpha).
fn alpha_row(session: SessionId) -> RowId {
    RowId { run: RunId::new(server_rows(session), 0), index: 0 }
}

/// Flooding for multipliers of any size. The budget is that of rows that somebody proved; those of an honest server have less noise.
fn flood(ring: &Ring) -> Result<FloodBound, Error> {
    Ok(Budget::new(ring.n(), 2, MAX_GROUPS).slot_flood(1)?)
}

/// Refuses what was decoded for another ring.
fn fits(ring: &Ring, reply: &Reply) -> Result<(), Error> {
    if reply.shape() == reply_shape(ring.n()) { Ok(()) } else { Err(Error::Misuse("replies of the ring")) }
}
