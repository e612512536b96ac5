//! Two machines that run against each other in one process.

use core::mem;

use muse_field::ct;
use muse_triples::Error;
use muse_triples::program::{Machine, Progress};

/// Changes a message: the sender (0 or 1), the number of its messages before, the bytes.
pub type Hook<'h> = dyn FnMut(usize, usize, &mut Vec<u8>) + 'h;

/// How two programs ended, and what they sent.
#[derive(Debug)]
pub struct Run<T> {
    /// `None` for a party that still waits.
    pub results: [Option<Result<T, Error>>; 2],
    /// The messages of either party, as it sent them.
    pub sent: [Vec<Vec<u8>>; 2],
    /// Messages one after the other: what the run takes on a line without anything but delay.
    pub rounds: usize,
}

impl<T> Run<T> {
    /// The results of a run without an error.
    pub fn unwrap(self) -> [T; 2] {
        self.results.map(|result| result.expect("both end").unwrap())
    }

    /// Bytes of either party.
    pub fn bytes(&self) -> [usize; 2] {
        [0, 1].map(|party| self.sent[party].iter().map(Vec::len).sum())
    }

    /// What a party ended with, which has not ended well.
    pub fn error(&self, party: usize) -> Option<Error> {
        self.results[party].as_ref().and_then(|result| result.as_ref().err().copied())
    }
}

/// One end.
struct End<'m, T> {
    machine: Machine<'m, T>,
    /// Bytes that have arrived and were not taken.
    inbox: Vec<u8>,
    /// Bytes after each message that has arrived, and when it did.
    arrivals: Vec<(usize, usize)>,
    taken: usize,
    clock: usize,
    expect: usize,
    result: Option<Result<T, Error>>,
}

impl<'m, T> End<'m, T> {
    const fn new(machine: Machine<'m, T>) -> Self {
        Self { machine, inbox: Vec::new(), arrivals: Vec::new(), taken: 0, clock: 0, expect: 0, result: None }
    }

    /// Goes on as far as the bytes reach; what it sends.
    fn step(&mut self) -> Option<Vec<u8>> {
        if self.result.is_some() || self.inbox.len() < self.expect {
            return None;
        }
        let rest = self.inbox.split_off(self.expect);
        self.taken += self.expect;
        let last = self.arrivals.iter().find(|(bytes, _)| *bytes >= self.taken);
        if let Some(&(_, time)) = last.filter(|_| self.expect > 0) {
            self.clock = self.clock.max(time);
        }
        match self.machine.step(&mem::replace(&mut self.inbox, rest)) {
            Ok(Progress::Waiting { send, expect }) => {
                self.expect = expect;
                Some(send)
            }
            Ok(Progress::Done { send, result }) => {
                self.result = Some(Ok(result));
                Some(send)
            }
            Err(error) => {
                self.result = Some(Err(error));
                None
            }
        }
    }
}

/// Runs both until neither can go on.
pub fn connect<T>(machines: [Machine<'_, T>; 2], hook: &mut Hook<'_>) -> Run<T> {
    let mut ends = machines.map(End::new);
    let mut sent = [Vec::new(), Vec::new()];
    loop {
        let mut idle = true;
        for party in [0, 1] {
            let Some(mut bytes) = ends[party].step() else { continue };
            idle = false;
            if bytes.is_empty() {
                continue;
            }
            ct::public(&bytes[..]);
            sent[party].push(bytes.clone());
            hook(party, sent[party].len() - 1, &mut bytes);
            let time = ends[party].clock + 1;
            let peer = &mut ends[1 - party];
            peer.inbox.extend_from_slice(&bytes);
            let before = peer.arrivals.last().map_or(0, |last| last.0);
            peer.arrivals.push((before + bytes.len(), time));
        }
        if idle {
            break;
        }
    }
    let rounds = ends.iter().map(|end| end.clock).max().unwrap_or(0);
    Run { results: ends.map(|end| end.result), sent, rounds }
}
