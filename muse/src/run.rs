//! What every step of the protocol works with: the plan, the connection, the observer, and messages instead of bytes.

use crate::{
    Error,
    accounts::{Component, Phase},
    message::Message,
    metered::Connection,
    plan::Plan,
    progress::{Observer, Progress, Unit},
};
use muse_field::{
    id::RunId,
    prg::Prg,
    wire::{self, Decode, Encode},
};

/// One party's run of a phase of one inference. Steps take it, say what they are for ([`step`](Self::step)), send and receive.
pub struct Run<'a> {
    /// What both parties know.
    pub plan: &'a Plan,
    /// The name of the run. Every hash of the run includes it.
    pub id: RunId,
    /// The phase that the run is in.
    pub phase: Phase,
    /// The connection to the peer.
    pub link: &'a mut dyn Connection,
    /// This party's randomness.
    pub rng: &'a mut Prg,
    /// Receives progress.
    pub observer: &'a dyn Observer,
}

impl<'a> Run<'a> {
    /// Bytes and time from here on are counted for this component.
    pub fn enter(&mut self, component: Component) {
        self.link.enter(self.phase, component);
    }

    /// Enters a component and announces `total` units of work.
    pub fn step(&mut self, component: Component, unit: Unit, total: u64) -> Progress<'a> {
        self.enter(component);
        self.progress(component, unit, total)
    }

    /// Announces `total` units of work.
    pub fn progress(&self, component: Component, unit: Unit, total: u64) -> Progress<'a> {
        Progress::start(self.observer, self.phase, component, unit, total)
    }

    /// Sends a message.
    pub fn send<M>(&mut self, body: &M::Body) -> Result<(), Error>
    where
        M: Message<Body: Encode>,
    {
        send::<M>(self.link, body)
    }

    /// Receives the message `M`, whose body has this shape.
    pub fn receive<M>(&mut self, shape: <M::Body as Decode>::Shape) -> Result<M::Body, Error>
    where
        M: Message<Body: Decode>,
    {
        receive::<M>(self.link, shape)
    }

    /// Starts a bulk message of `len` bytes, which follow through the link.
    pub fn begin<M: Message>(&mut self, len: usize) -> Result<(), Error> {
        Ok(self.link.begin_send(M::TAG, len as u64)?)
    }

    /// Writes the next unit of the bulk message begun last.
    pub fn write<M>(&mut self, unit: &M::Body) -> Result<(), Error>
    where
        M: Message<Body: Encode>,
    {
        Ok(self.link.write(&wire::to_vec(unit))?)
    }

    /// Waits for a bulk message, whose bytes are then read from the link.
    pub fn expect<M: Message>(&mut self) -> Result<(), Error> {
        self.link.recv_tag(&[M::TAG])?;
        Ok(())
    }

    /// Reads the next unit of the bulk message expected last.
    pub fn read<M>(&mut self, shape: <M::Body as Decode>::Shape) -> Result<M::Body, Error>
    where
        M: Message<Body: Decode>,
    {
        Raw::<M>::read(self.link, shape)?.decode()
    }

    /// Reads its next `count` units, all of one shape.
    pub fn read_all<M>(
        &mut self,
        shape: <M::Body as Decode>::Shape,
        count: usize,
    ) -> Result<Vec<M::Body>, Error>
    where
        M: Message<Body: Decode>,
    {
        let mut units = Vec::with_capacity(count);
        for _ in 0..count {
            units.push(self.read::<M>(shape)?);
        }
        Ok(units)
    }
}

/// Sends a message.
pub fn send<M>(link: &mut dyn Connection, body: &M::Body) -> Result<(), Error>
where
    M: Message<Body: Encode>,
{
    send_as::<M>(link, body)
}

/// Sends the message `M` with a body that has another type at its sender than at its receiver.
pub fn send_as<M: Message>(link: &mut dyn Connection, body: &(impl Encode + ?Sized)) -> Result<(), Error> {
    Ok(link.send(M::TAG, &wire::to_vec(body))?)
}

/// Receives the message `M`, whose body has this shape.
pub fn receive<M>(link: &mut dyn Connection, shape: <M::Body as Decode>::Shape) -> Result<M::Body, Error>
where
    M: Message<Body: Decode>,
{
    receive_as::<M, _>(link, shape)
}

/// Receives the message `M` with another body than the table's: in the baseline some come without MACs.
pub fn receive_as<M: Message, T: Decode>(link: &mut dyn Connection, shape: T::Shape) -> Result<T, Error> {
    // Check: a body has the length of its shape, and is canonical.
    let body = link.recv(M::TAG, T::len_for(shape))?;
    wire::from_slice(shape, &body).map_err(|_| Error::malformed(M::TAG.words()))
}

/// A unit of a bulk message as it came, to be decoded by whichever thread works on it.
pub struct Raw<M: Message<Body: Decode>> {
    shape: <M::Body as Decode>::Shape,
    bytes: Vec<u8>,
}

impl<M: Message<Body: Decode>> Raw<M> {
    /// Reads the next unit of the message expected last, which has this shape.
    pub fn read(link: &mut dyn Connection, shape: <M::Body as Decode>::Shape) -> Result<Self, Error> {
        let mut bytes = vec![0; M::Body::len_for(shape)];
        link.read(&mut bytes)?;
        Ok(Self { shape, bytes })
    }

    /// What the peer sent.
    pub fn decode(&self) -> Result<M::Body, Error> {
        // Check: a body has the length of its shape, and is canonical.
        wire::from_slice(self.shape, &self.bytes).map_err(|_| Error::malformed(M::TAG.words()))
    }
}
