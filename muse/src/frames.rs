//! The frames that a session will have: who sends what, in which phase and component, and how many bytes.

use crate::{
    accounts::{Component, Counters, Phase, Stats},
    message::{Message, Party, Tag},
    transport::HEAD,
};
use muse_field::wire::Decode;

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Which message.
    pub tag: Tag,
    /// When.
    pub phase: Phase,
    /// What for.
    pub component: Component,
    /// The layer it belongs to, from 0; `None` if it is about all of them.
    pub layer: Option<usize>,
    /// Who sends it.
    pub sender: Party,
    /// Its bytes, head included.
    pub bytes: u64,
}

impl Frame {
    /// The accounts that this party keeps of these frames, without times.
    #[must_use]
    pub fn account(frames: &[Self], party: Party) -> Stats {
        let mut stats = Stats::default();
        let mut before = None;
        for frame in frames {
            let counters = stats.entry(frame.phase, frame.component);
            let flights = u64::from(before.replace(frame.sender) != Some(frame.sender));
            let (sent, received) = if frame.sender == party { (frame.bytes, 0) } else { (0, frame.bytes) };
            *counters += Counters { sent, received, flights, ..Counters::default() };
        }
        stats
    }
}

/// A list of frames under construction. Every step of the protocol adds its own.
pub struct Script {
    phase: Phase,
    component: Component,
    layer: Option<usize>,
    frames: Vec<Frame>,
}

impl Script {
    pub const fn new(phase: Phase) -> Self {
        Self { phase, component: Component::Handshake, layer: None, frames: Vec::new() }
    }

    /// The frames written down.
    pub fn into_frames(self) -> Vec<Frame> {
        self.frames
    }

    /// What follows is for this component.
    pub const fn enter(&mut self, component: Component) {
        self.component = component;
    }

    /// The next frame belongs to this layer.
    pub const fn of_layer(&mut self, index: usize) -> &mut Self {
        self.layer = Some(index);
        self
    }

    /// A message whose body has this shape.
    pub fn message<M>(&mut self, shape: <M::Body as Decode>::Shape)
    where
        M: Message<Body: Decode>,
    {
        self.bulk::<M>(M::Body::len_for(shape));
    }

    /// A message whose body has `body` bytes, from the party that the table names.
    pub fn bulk<M: Message>(&mut self, body: usize) {
        let sender = M::TAG.sender().expect("the table names a sender of every message but two");
        self.from::<M>(sender, body);
    }

    /// A message whose body has `body` bytes, from `sender`; for messages that both parties may send.
    pub fn from<M: Message>(&mut self, sender: Party, body: usize) {
        let (phase, component, layer) = (self.phase, self.component, self.layer.take());
        let bytes = (body as u64).saturating_add(HEAD as u64);
        self.frames.push(Frame { tag: M::TAG, phase, component, layer, sender, bytes });
    }
}
