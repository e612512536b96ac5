//! Every frame of a session, before there is one: who sends it, in which phase and component, how many bytes.
//!
//! The protocol leaves nothing to choose but one thing: how often a proof of well-formed ciphertexts is tried. So the accounts of a
//! session are known in advance, byte for byte; tests compare them with those of real sessions.

use super::{Plan, ReluPlan};
use crate::{
    Error,
    card::Card,
    handshake::Hello,
    transport::{Component, Counters, HEAD, Phase, Stats, Tag},
};
use muse_cds::correlated;
use muse_field::{Fp, pack::packed_len, wire::Decode};
use muse_gc::{
    label::Block,
    ot::{
        base,
        softspoken::{Answer, Challenge, DEFAULT_K, Trees, column_bytes},
    },
    seal::SealKey,
};
use muse_he::keys::PublicKeyRow;
use muse_mac::{Claimed, Digest};
use muse_zk::{
    range,
    wellformed::{self, Commitment, ProofShape, Responses},
};

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
    /// Whether the client sends it.
    pub from_client: bool,
    /// Its bytes, head included.
    pub bytes: u64,
}

impl Plan {
    /// The frames of the setup, in order.
    ///
    /// # Errors
    /// [`Error::Card`] if the network's names do not fit a card.
    pub fn setup_frames(&self) -> Result<Vec<Frame>, Error> {
        let card = Card::new(self.architecture.clone())?.to_bytes().len();
        let mut script = Script::new(Phase::Setup);
        script.enter(Component::Handshake);
        script.client(Tag::ClientHello, Hello::LEN);
        script.server(Tag::ServerHello, Hello::LEN);
        script.server(Tag::Card, 4 + card);
        script.enter(Component::BaseOt);
        script.server(Tag::BaseOtRequest, base::Request::len_for(()));
        script.enter(Component::Keys);
        script.client(Tag::PublicKey, PublicKeyRow::len_for(self.context.n()));
        script.enter(Component::BaseOt);
        script.client(Tag::Trees, Trees::<DEFAULT_K>::len_for(()));
        Ok(script.frames)
    }

    /// The frames of one preprocessing, in order, if its proof takes `tries` tries, the last of which is the one accepted: at least one.
    /// In the baseline there is no proof, and `tries` makes no difference.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is no proof for that many ciphertexts.
    pub fn preprocessing_frames(&self, tries: u32) -> Result<Vec<Frame>, Error> {
        let mut script = Script::new(Phase::Preprocessing);
        script.enter(Component::Handshake);
        script.client(Tag::Preprocess, 0);
        script.server(Tag::InferenceId, 8);
        script.enter(Component::Linear);
        for (index, layer) in self.layers.iter().enumerate() {
            script.of_layer(index).client(Tag::InputCiphertexts, layer.input_bytes());
        }
        if self.is_authenticated() {
            self.proof(&mut script, tries)?;
        }
        script.enter(Component::Linear);
        for (index, layer) in self.layers.iter().enumerate() {
            script.of_layer(index).server(Tag::Replies, layer.reply_bytes());
            if self.is_authenticated() {
                script.of_layer(index).server(Tag::MaskMacs, layer.mask_mac_bytes());
            }
        }
        if self.is_authenticated() {
            script.client(Tag::StructureDigests, self.layers.len() * Digest::BYTES);
        }
        self.labels(&mut script);
        script.enter(Component::Garbling);
        for (index, relu) in self.relus() {
            script.of_layer(index).server(Tag::GarbledTables, relu.count * relu.table_bytes());
            script.of_layer(index).server(Tag::ShareRows, relu.count * relu.row_bytes());
        }
        script.server(Tag::TicketReady, 0);
        Ok(script.frames)
    }

    /// The frames of one inference with its input, in order.
    #[must_use]
    pub fn online_frames(&self) -> Vec<Frame> {
        let mut script = Script::new(Phase::Online);
        script.enter(Component::Openings);
        script.client(Tag::Infer, 8);
        let inputs = |index: usize| self.architecture.layer(index).inputs();
        script.of_layer(0).client(Tag::MaskedInput, packed_len(inputs(0)));
        for (index, relu) in self.relus() {
            script.enter(Component::Labels);
            let labels = relu.count * ReluPlan::BITS * Block::BYTES;
            script.of_layer(index).server(Tag::OnlineLabels, SealKey::len_for(()) + labels);
            script.enter(Component::Openings);
            let next = inputs(index + 1);
            let opening =
                if relu.is_authenticated() { Claimed::len_for(next) } else { <Vec<Fp>>::len_for(next) };
            script.of_layer(index).client(Tag::MaskedActivations, opening);
        }
        script
            .of_layer(self.layers.len() - 1)
            .server(Tag::LastShare, packed_len(self.architecture.outputs()));
        script.frames
    }

    /// The accounts of a session of one inference as a party keeps them, but for times: the client's, or the server's.
    ///
    /// # Errors
    /// As [`setup_frames`](Self::setup_frames) and [`preprocessing_frames`](Self::preprocessing_frames).
    pub fn predicted(&self, tries: u32, client: bool) -> Result<Stats, Error> {
        let mut frames = self.setup_frames()?;
        frames.extend(self.preprocessing_frames(tries)?);
        frames.extend(self.online_frames());
        Ok(Frame::account(&frames, client))
    }

    fn proof(&self, script: &mut Script, tries: u32) -> Result<(), Error> {
        let shape = ProofShape::new(&self.budget)?;
        script.enter(Component::Proofs);
        for rejected in (1..tries.max(1)).map(|_| true).chain([false]) {
            script.client(Tag::ProofCommitment, Commitment::len_for(()));
            script.server(Tag::ProofChallenge, wellformed::Challenge::len_for(shape));
            if rejected {
                script.client(Tag::ProofRejected, 0);
            } else {
                script.client(Tag::ProofResponses, Responses::len_for(shape));
            }
        }
        Ok(())
    }

    /// Labels for the bits of the client's shares.
    fn labels(&self, script: &mut Script) {
        let values = self.relu_count();
        script.enter(Component::ObliviousTransfer);
        let length = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        if !self.is_authenticated() {
            script.client(Tag::OtColumns, length(column_bytes(DEFAULT_K, values * ReluPlan::BITS)));
            script.server(Tag::OtChallenge, Challenge::len_for(()));
            script.client(Tag::OtAnswer, Answer::len_for(()));
            return;
        }
        script.client(Tag::Disclosure, length(column_bytes(DEFAULT_K, range::count(values))));
        script.server(Tag::Disclosure, Challenge::len_for(()));
        script.client(Tag::Disclosure, Answer::len_for(()));
        if values > 0 {
            script.server(Tag::Disclosure, values * correlated::TAU_BYTES);
        }
        script.server(Tag::Disclosure, range::Seed::len_for(()));
        script.client(Tag::Disclosure, range::Message::BYTES + Digest::BYTES);
    }
}

impl Frame {
    /// The accounts of these frames as one party keeps them, but for times.
    #[must_use]
    pub fn account(frames: &[Self], client: bool) -> Stats {
        let mut stats = Stats::default();
        let mut before = None;
        for frame in frames {
            let counters = stats.entry(frame.phase, frame.component);
            let flights = u64::from(before.replace(frame.from_client) != Some(frame.from_client));
            let (sent, received) =
                if frame.from_client == client { (frame.bytes, 0) } else { (0, frame.bytes) };
            *counters += Counters { sent, received, flights, ..Counters::default() };
        }
        stats
    }
}

/// Frames in the making.
struct Script {
    phase: Phase,
    component: Component,
    layer: Option<usize>,
    frames: Vec<Frame>,
}

impl Script {
    const fn new(phase: Phase) -> Self {
        Self { phase, component: Component::Handshake, layer: None, frames: Vec::new() }
    }

    const fn enter(&mut self, component: Component) {
        self.component = component;
    }

    /// The next frame belongs to this layer.
    const fn of_layer(&mut self, index: usize) -> &mut Self {
        self.layer = Some(index);
        self
    }

    fn client(&mut self, tag: Tag, body: usize) {
        self.frame(tag, body, true);
    }

    fn server(&mut self, tag: Tag, body: usize) {
        self.frame(tag, body, false);
    }

    fn frame(&mut self, tag: Tag, body: usize, from_client: bool) {
        let (phase, component, layer) = (self.phase, self.component, self.layer.take());
        let bytes = (body as u64).saturating_add(HEAD as u64);
        self.frames.push(Frame { tag, phase, component, layer, from_client, bytes });
    }
}
