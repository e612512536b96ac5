//! Every try of a proof is a chance for a cheater: they are counted.

use crate::{
    common::{limits, tiny},
    harness::recorded,
};
use muse::{
    Client, ClientConfig, Error, Fault, Protocol,
    channel::Channel,
    plan::Plan,
    transport::{Framed, Tag, Transport, TransportError},
};
use muse_field::{Fp, wire::Decode};
use muse_test_support::forward;
use muse_zk::wellformed::{Challenge, ProofShape};
use std::sync::OnceLock;

/// Asks for another try whatever the challenge is.
struct Rejecting<T> {
    inner: T,
    silent: bool,
}

impl<T: Transport> Transport for Rejecting<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        if tag != Tag::ProofResponses {
            return self.inner.begin_send(tag, len);
        }
        // The honest part believes that it has answered; until the server has had enough, it hears of rejections. (If it never has,
        // this gives up.)
        self.silent = true;
        for _ in 0..200 {
            self.inner.send(Tag::ProofRejected, &[])?;
            self.inner.send(Tag::ProofCommitment, &[7; 32])?;
            self.inner.recv_tag(&[Tag::ProofChallenge])?;
            let mut challenge = vec![0; challenge_bytes()];
            self.inner.read(&mut challenge)?;
        }
        Err(TransportError::PeerAborted)
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        if self.silent { Ok(()) } else { self.inner.write(part) }
    }

    forward!(recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Rejecting<T> {
    forward!(begin_phase, cancel_with);
}

fn challenge_bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        let plan = Plan::new(Protocol::ClientMalicious, tiny().architecture().clone()).unwrap();
        Challenge::len_for(ProofShape::new(plan.budget()).unwrap())
    })
}

#[test]
fn a_proof_has_64_tries() {
    let (mine, serving, sent) = recorded(tiny(), limits());
    let link = Rejecting { inner: Framed::new(mine, limits()), silent: false };
    let mut client = Client::over(link, ClientConfig::default()).unwrap();
    assert!(client.preprocess().is_err());
    let error = serving.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Peer(Fault::Proof(muse_zk::Check::Tries))), "{error}");
    assert_eq!(challenges(&sent.lock().unwrap()), 64);
}

fn challenges(sent: &[Tag]) -> usize {
    sent.iter().filter(|&&tag| tag == Tag::ProofChallenge).count()
}

/// Wastes 40 tries of every proof before its honest part begins.
struct Wasteful<T> {
    inner: T,
    wasted: bool,
}

impl<T: Transport> Transport for Wasteful<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        if tag == Tag::Preprocess {
            self.wasted = false;
        }
        if tag == Tag::ProofCommitment && !self.wasted {
            self.wasted = true;
            for _ in 0..40 {
                self.inner.send(Tag::ProofCommitment, &[7; 32])?;
                self.inner.recv_tag(&[Tag::ProofChallenge])?;
                self.inner.read(&mut vec![0; challenge_bytes()])?;
                self.inner.send(Tag::ProofRejected, &[])?;
            }
        }
        self.inner.begin_send(tag, len)
    }

    forward!(write, recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Wasteful<T> {
    forward!(begin_phase, cancel_with);
}

/// Tries are counted over the whole session, not only for each proof: about 95 inferences that waste 40 each use up all 4,096.
#[test]
fn a_session_has_4096_tries() {
    let (mine, serving, sent) = recorded(tiny(), limits());
    let link = Wasteful { inner: Framed::new(mine, limits()), wasted: false };
    let mut client = Client::over(link, ClientConfig::default()).unwrap();
    let input = [Fp::ONE; 6];
    while client.preprocess().and_then(|ticket| client.infer_elements(ticket, &input)).is_ok() {}
    let error = serving.join().unwrap().unwrap_err();
    assert!(matches!(error, Error::Peer(Fault::Proof(muse_zk::Check::Tries))), "{error}");
    assert_eq!(challenges(&sent.lock().unwrap()), 4096);
}
