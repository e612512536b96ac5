//! A hostile party: one that follows the protocol, but for what a script does to its frames.

use super::input::Input;
use muse::channel::Channel;
use muse::transport::{Tag, Transport, TransportError};

/// What happens to one frame: the one with this tag before which so many with the same tag went.
#[derive(Debug)]
struct Act {
    tag: Tag,
    nth: usize,
    kind: u8,
    at: u32,
    payload: Vec<u8>,
}

/// All that a party does wrong.
#[derive(Debug)]
pub(super) struct Script(Vec<Act>);

impl Script {
    /// Up to eight acts of `tag, nth and kind, at, payload`.
    pub(super) fn new(input: &mut Input<'_>) -> Self {
        let mut acts = Vec::new();
        while !input.is_empty() && acts.len() < 8 {
            let tag = Tag::ALL[usize::from(input.u8()) % Tag::ALL.len()];
            let which = input.u8();
            let (at, count) = (input.u32(), usize::from(input.u8()));
            let payload = input.take(count).to_vec();
            acts.push(Act { tag, nth: usize::from(which >> 4), kind: which & 15, at, payload });
        }
        Self(acts)
    }

    /// Whether the party is honest.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The act on a frame. Each happens once.
    fn next(&mut self, tag: Tag, nth: usize) -> Option<Act> {
        let at = self.0.iter().position(|act| (act.tag, act.nth) == (tag, nth))?;
        Some(self.0.remove(at))
    }
}

/// A transport whose outgoing frames go by the script.
#[derive(Debug)]
pub(super) struct Scripted<T> {
    inner: T,
    script: Script,
    sent: Vec<Tag>,
    /// The frame that is being written, and how long it will be.
    frame: (Tag, Vec<u8>, usize),
    /// A frame that is sent behind the next one.
    held: Option<(Tag, Vec<u8>)>,
    dead: bool,
}

impl<T: Transport> Scripted<T> {
    pub(super) const fn new(inner: T, script: Script) -> Self {
        Self { inner, script, sent: Vec::new(), frame: (Tag::Abort, Vec::new(), 0), held: None, dead: false }
    }

    /// The frame is complete: sends it, or what the script makes of it.
    fn finish(&mut self) -> Result<(), TransportError> {
        let (tag, mut body, _) = core::mem::replace(&mut self.frame, (Tag::Abort, Vec::new(), 0));
        let nth = self.sent.iter().filter(|&&sent| sent == tag).count();
        self.sent.push(tag);
        let before = self.held.take();
        match self.script.next(tag, nth) {
            None => self.inner.send(tag, &body)?,
            Some(act) => {
                let at = if body.is_empty() { 0 } else { act.at as usize % body.len() };
                let changed = body.iter_mut().skip(at).zip(&act.payload);
                match act.kind {
                    0..=3 => changed.for_each(|(byte, change)| *byte ^= change),
                    4 | 5 => changed.for_each(|(byte, new)| *byte = *new),
                    6 if !act.payload.is_empty() => {
                        body = act.payload.iter().copied().cycle().take(body.len()).collect();
                    }
                    7 => body = act.payload.clone(),
                    8 => body.resize(act.at as usize % (2 * body.len() + 16), 0),
                    _ => {}
                }
                let other = Tag::ALL[act.at as usize % Tag::ALL.len()];
                match act.kind {
                    9 => {}
                    10 => {
                        self.inner.send(tag, &body)?;
                        self.inner.send(tag, &body)?;
                    }
                    11 => self.held = Some((tag, body)),
                    12 => self.inner.send(other, &body)?,
                    13 => {
                        self.inner.send(other, &act.payload)?;
                        self.inner.send(tag, &body)?;
                    }
                    14 => {
                        self.inner.begin_send(tag, body.len() as u64)?;
                        self.inner.write(&body[..at])?;
                        self.inner.flush()?;
                        return self.die();
                    }
                    15 => {
                        self.inner.flush()?;
                        return self.die();
                    }
                    _ => self.inner.send(tag, &body)?,
                }
            }
        }
        match before {
            Some((tag, body)) => self.inner.send(tag, &body),
            None => Ok(()),
        }
    }

    fn die(&mut self) -> Result<(), TransportError> {
        self.dead = true;
        self.inner.abort();
        Err(TransportError::Closed { during: "following a script" })
    }
}

impl<T: Transport> Transport for Scripted<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        if self.dead {
            return Err(TransportError::Closed { during: "following a script" });
        }
        self.frame = (tag, Vec::new(), usize::try_from(len).unwrap());
        if len == 0 { self.finish() } else { Ok(()) }
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        if self.dead || part.is_empty() {
            return Ok(());
        }
        let (_, body, len) = &mut self.frame;
        body.extend_from_slice(part);
        if body.len() == *len { self.finish() } else { Ok(()) }
    }

    muse_test_support::forward!(recv_tag, recv_request, read, flush, abort);
}

impl<T: Channel> Channel for Scripted<T> {
    muse_test_support::forward!(begin_phase, cancel_with);
}
