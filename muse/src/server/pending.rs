//! Connections that have not sent their hello. Each costs a socket and a few bytes, but no thread and no place. Their number is limited,
//! in all and for one address, and so is the time that each may take.
//!
//! When as many wait as may, the longest waiting connection of the address with most of them leaves. So one address pushes out its own
//! connections; many addresses push out an honest client's only if as many as may wait come between its connection and its hello.

use super::address::network_of;
use crate::{
    handshake::Hello,
    message::Tag,
    transport::{FRAME_VERSION, HEAD, TransportError},
};
use alloc::collections::BTreeMap;
use core::{net::IpAddr, net::SocketAddr, time::Duration};
use std::{
    io::{self, Read},
    time::Instant,
};

/// The frame that a client begins with.
pub(super) type HelloFrame = [u8; HEAD + Hello::LEN];

/// The connections.
#[derive(Debug)]
pub(super) struct Pending<S> {
    candidates: Vec<Candidate<S>>,
    patience: Duration,
}

#[derive(Debug)]
struct Candidate<S> {
    stream: S,
    peer: SocketAddr,
    since: Instant,
    /// When to look for bytes, and how long after that again.
    due: Instant,
    pause: Duration,
    bytes: HelloFrame,
    filled: usize,
}

/// A connection that waits no longer.
#[derive(Debug)]
pub(super) struct Leaving<S> {
    pub(super) stream: S,
    pub(super) peer: SocketAddr,
    pub(super) outcome: Outcome,
}

/// Why it leaves.
#[derive(Debug)]
pub(super) enum Outcome {
    /// A frame with the tag and the length of a hello.
    Hello(HelloFrame),
    /// Something else, nothing, or too late.
    Failed(TransportError),
    /// Others needed its place.
    Crowded,
}

impl<S: Read> Pending<S> {
    /// None yet; each will have `patience`.
    pub(super) const fn new(patience: Duration) -> Self {
        Self { candidates: Vec::new(), patience }
    }

    /// One more, whose `stream` does not block; the one that leaves for it, if as many waited as may.
    pub(super) fn add(&mut self, stream: S, peer: SocketAddr, now: Instant) -> Option<Leaving<S>> {
        let leaving = self.surplus(network_of(peer.ip())).map(|index| {
            let Candidate { stream, peer, .. } = self.candidates.remove(index);
            Leaving { stream, peer, outcome: Outcome::Crowded }
        });
        let bytes = [0; HEAD + Hello::LEN];
        self.candidates.push(Candidate {
            stream,
            peer,
            since: now,
            due: now,
            pause: FIRST_PAUSE,
            bytes,
            filled: 0,
        });
        leaving
    }

    /// Who has to leave for one from `address`. Those that came first are first.
    fn surplus(&self, address: IpAddr) -> Option<usize> {
        let networks = self.candidates.iter().map(|candidate| network_of(candidate.peer.ip()));
        let mut counts = BTreeMap::<IpAddr, usize>::new();
        networks.clone().for_each(|network| *counts.entry(network).or_default() += 1);
        // Check: a hello has 5 seconds; so many wait, of an address so many.
        let crowd = if counts.get(&address).is_some_and(|&count| count >= CANDIDATES_PER_ADDRESS) {
            address
        } else if self.candidates.len() >= CANDIDATES {
            let most = counts.values().max()?;
            networks.clone().find(|network| counts.get(network) == Some(most))?
        } else {
            return None;
        };
        networks.clone().position(|network| network == crowd)
    }

    /// When to look again; `None` if none waits.
    pub(super) fn due(&self) -> Option<Instant> {
        self.candidates.iter().map(|candidate| candidate.due).min()
    }

    /// Reads from the connections whose time has come, and removes those that are complete or failed.
    pub(super) fn poll(&mut self, now: Instant) -> Vec<Leaving<S>> {
        let mut leaving = Vec::new();
        let mut index = 0;
        while index < self.candidates.len() {
            let candidate = &mut self.candidates[index];
            match (candidate.due <= now).then(|| candidate.poll(now, self.patience)).flatten() {
                None => index += 1,
                Some(outcome) => {
                    let Candidate { stream, peer, .. } = self.candidates.remove(index);
                    leaving.push(Leaving { stream, peer, outcome });
                }
            }
        }
        leaving
    }

    /// All that are there.
    pub(super) fn into_streams(self) -> impl Iterator<Item = S> {
        self.candidates.into_iter().map(|candidate| candidate.stream)
    }
}

impl<S: Read> Candidate<S> {
    fn poll(&mut self, now: Instant, patience: Duration) -> Option<Outcome> {
        loop {
            match self.stream.read(&mut self.bytes[self.filled..]) {
                Ok(0) => return Some(Outcome::Failed(TransportError::Closed { during: HELLO })),
                Ok(n) => self.filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Some(Outcome::Failed(TransportError::from_io(HELLO, error))),
            }
            // What cannot become a hello is not waited for.
            if let Err(error) = could_be_hello(&self.bytes[..self.filled]) {
                return Some(Outcome::Failed(error));
            }
            if self.filled == self.bytes.len() {
                return Some(Outcome::Hello(self.bytes));
            }
        }
        if now.saturating_duration_since(self.since) >= patience {
            return Some(Outcome::Failed(TransportError::TimedOut { during: HELLO }));
        }
        // A patience beyond the clock has no end.
        let next = now + self.pause;
        self.due = self.since.checked_add(patience).map_or(next, |end| next.min(end));
        self.pause = (2 * self.pause).min(LONGEST_PAUSE);
        None
    }
}

fn could_be_hello(bytes: &[u8]) -> Result<(), TransportError> {
    let expected = Tag::ClientHello;
    match *bytes {
        [version, ..] if version != FRAME_VERSION => Err(TransportError::Version { theirs: version }),
        [_, tag, ..] => match Tag::from_byte(tag) {
            Some(Tag::ClientHello) => Ok(()),
            Some(Tag::Abort) => Err(TransportError::PeerAborted),
            Some(received) => Err(TransportError::Unexpected { expected, received }),
            None => Err(TransportError::UnknownTag { expected, received: tag }),
        },
        _ => Ok(()),
    }
}

/// Connections that wait at once.
const CANDIDATES: usize = 256;

/// Connections of one address that wait at once: an eighth.
const CANDIDATES_PER_ADDRESS: usize = CANDIDATES / 8;

/// Until the second look at a connection. Every pause is twice as long as the one before, so a hello waits no longer than it took to come.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

const HELLO: &str = "waiting for its hello";

#[cfg(test)]
mod tests;
