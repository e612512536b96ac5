//! A connection with accounts: what every step of the protocol sends through.

use crate::{
    accounts::{Component, Direction, Meter, Phase, Stats},
    cancel::Cancel,
    channel::Channel,
    message::Tag,
    progress::Observer,
    transport::{HEAD, Transport, TransportError},
};
use alloc::sync::Arc;
use core::fmt;
use std::time::Instant;

/// A [`Channel`] whose bytes, flights and time belong to a phase and a component.
pub trait Connection: Channel {
    /// From here on bytes, flights and time belong to this phase and component.
    fn enter(&mut self, phase: Phase, component: Component);

    /// A phase has ended. The clock stops until the next [`enter`](Self::enter): time outside the protocol is in no account.
    fn pause(&mut self);

    /// The accounts up to now.
    fn stats(&self) -> Stats;
}

/// The accounts of a transport. The clock of setup and handshake starts when it is made.
pub struct Metered<T> {
    inner: T,
    meter: Meter,
    observer: Arc<dyn Observer>,
}

impl<T: Transport> Metered<T> {
    /// `observer` hears what is entered.
    pub fn new(inner: T, observer: Arc<dyn Observer>) -> Self {
        observer.entered(Some((Phase::Setup, Component::Handshake)));
        Self { inner, meter: Meter::new(), observer }
    }

    /// Calls the transport, and counts as waited for how long this side did.
    fn waiting<V>(
        &mut self,
        call: impl FnOnce(&mut T) -> Result<V, TransportError>,
    ) -> Result<V, TransportError> {
        let start = Instant::now();
        let result = call(&mut self.inner);
        self.meter.waited(start.elapsed());
        result
    }
}

impl<T> fmt::Debug for Metered<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metered").field("stats", &self.meter.snapshot()).finish_non_exhaustive()
    }
}

impl<T: Channel> Connection for Metered<T> {
    fn enter(&mut self, phase: Phase, component: Component) {
        self.observer.entered(Some((phase, component)));
        self.meter.enter(phase, component);
    }

    fn pause(&mut self) {
        self.meter.pause();
        self.inner.begin_phase();
        self.observer.entered(None);
    }

    fn stats(&self) -> Stats {
        self.meter.snapshot()
    }
}

impl<T: Transport> Transport for Metered<T> {
    fn begin_send(&mut self, tag: Tag, len: u64) -> Result<(), TransportError> {
        self.waiting(|inner| inner.begin_send(tag, len))?;
        self.meter.frame(Direction::Out);
        self.meter.bytes(Direction::Out, HEAD);
        Ok(())
    }

    fn write(&mut self, part: &[u8]) -> Result<(), TransportError> {
        self.waiting(|inner| inner.write(part))?;
        self.meter.bytes(Direction::Out, part.len());
        Ok(())
    }

    fn recv_tag(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        let tag = self.waiting(|inner| inner.recv_tag(tags))?;
        self.meter.frame(Direction::In);
        self.meter.bytes(Direction::In, HEAD);
        Ok(tag)
    }

    fn recv_request(&mut self, tags: &[Tag]) -> Result<Tag, TransportError> {
        self.meter.pause();
        let tag = self.inner.recv_request(tags)?;
        self.meter.request(HEAD);
        Ok(tag)
    }

    fn read(&mut self, part: &mut [u8]) -> Result<(), TransportError> {
        self.waiting(|inner| inner.read(part))?;
        self.meter.bytes(Direction::In, part.len());
        Ok(())
    }

    fn flush(&mut self) -> Result<(), TransportError> {
        self.waiting(Transport::flush)
    }

    fn abort(&mut self) {
        self.inner.abort();
        self.meter.pause();
    }
}

impl<T: Channel> Channel for Metered<T> {
    fn cancel_with(&mut self, cancel: Cancel) {
        self.inner.cancel_with(cancel);
    }

    fn begin_phase(&mut self) {
        self.inner.begin_phase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{progress::Silent, transport::memory};

    #[test]
    fn accounts_add_up_on_both_sides() {
        let (one, other) = memory::pair();
        let mut one = Metered::new(one, Arc::new(Silent));
        let mut other = Metered::new(other, Arc::new(Silent));
        one.enter(Phase::Setup, Component::Keys);
        one.send(Tag::PublicKey, &[0; 10]).expect("sent");
        one.send(Tag::Trees, &[0; 20]).expect("sent");
        other.enter(Phase::Setup, Component::Keys);
        one.flush().expect("sent");
        other.recv(Tag::PublicKey, 10).expect("received");
        other.recv(Tag::Trees, 20).expect("received");
        other.send(Tag::TicketReady, &[]).expect("sent");
        other.flush().expect("sent");
        one.recv(Tag::TicketReady, 0).expect("received");

        // The server learns from the request which phase begins: the request is accounted there.
        one.enter(Phase::Online, Component::Openings);
        one.send(Tag::Infer, &[0; 8]).expect("sent");
        one.flush().expect("sent");
        assert_eq!(other.recv_request(&[Tag::Preprocess, Tag::Infer]).expect("asked"), Tag::Infer);
        other.enter(Phase::Online, Component::Openings);
        let mut body = [0; 8];
        other.read(&mut body).expect("received");

        let (mine, theirs) = (one.stats(), other.stats());
        let keys = mine.get(Phase::Setup, Component::Keys);
        assert_eq!((keys.sent, keys.received, keys.flights), (12 + 22, 2, 2));
        let openings = theirs.get(Phase::Online, Component::Openings);
        assert_eq!((openings.sent, openings.received, openings.flights), (0, 10, 1));
        for phase in Phase::ALL {
            for component in Component::ALL {
                let (mine, theirs) = (mine.get(phase, component), theirs.get(phase, component));
                assert_eq!(
                    (mine.sent, mine.received),
                    (theirs.received, theirs.sent),
                    "{phase:?} {component:?}"
                );
                assert_eq!(mine.flights, theirs.flights, "{phase:?} {component:?}");
            }
        }
        assert_eq!(mine.total().bytes(), 46);
        assert!(mine.total().time >= mine.total().waited);
    }
}
