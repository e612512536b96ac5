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
use muse_cds::{correlated, published};
use muse_field::{Fp, pack::packed_len, wire::Decode};
use muse_gc::{
    label::Block,
    ot::{
        base,
        softspoken::{Answer, Challenge, DEFAULT_K, Trees, column_bytes},
    },
    seal::SealKey,
};
use muse_he::{encrypt::FreshCiphertext, keys::PublicKeyRow, reply::Reply};
use muse_mac::{Claimed, Digest};
use muse_triples::{beaver, random};
use muse_zk::{
    product, range,
    wellformed::{self, Commitment, ProofShape, Responses},
};

/// One of the two that take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// It has the input and gets the result.
    Client,
    /// It has the weights.
    Server,
}

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
        if self.is_published() {
            script.enter(Component::AuthenticatedInputs);
            script.server(Tag::EncryptedKey, random::Setup::len_for(self.context.n()));
        }
        Ok(script.frames)
    }

    /// The frames of one preprocessing, in order, if its proof takes `tries` tries, the last of which is the one accepted: at least one.
    /// In the baseline there is no proof, and `tries` makes no difference. Batches of triples (published disclosure) have proofs of their
    /// own: those count as accepted at the first try.
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
        if self.is_published() {
            self.published(&mut script)?;
        } else {
            self.labels(&mut script);
        }
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

    /// The accounts of a session of one inference as this party keeps them, but for times.
    ///
    /// # Errors
    /// As [`setup_frames`](Self::setup_frames) and [`preprocessing_frames`](Self::preprocessing_frames).
    pub fn predicted(&self, tries: u32, party: Party) -> Result<Stats, Error> {
        let mut frames = self.setup_frames()?;
        frames.extend(self.preprocessing_frames(tries)?);
        frames.extend(self.online_frames());
        Ok(Frame::account(&frames, party))
    }

    fn proof(&self, script: &mut Script, tries: u32) -> Result<(), Error> {
        script.enter(Component::Proofs);
        Self::tries(script, ProofShape::new(&self.budget)?, tries);
        Ok(())
    }

    /// The frames of a proof of well-formed rows.
    fn tries(script: &mut Script, shape: ProofShape, tries: u32) {
        for rejected in (1..tries.max(1)).map(|_| true).chain([false]) {
            script.client(Tag::ProofCommitment, Commitment::len_for(()));
            script.server(Tag::ProofChallenge, wellformed::Challenge::len_for(shape));
            if rejected {
                script.client(Tag::ProofRejected, 0);
            } else {
                script.client(Tag::ProofResponses, Responses::len_for(shape));
            }
        }
    }

    /// Labels for the bits of the client's shares as published, with all that is made for them.
    fn published(&self, script: &mut Script) -> Result<(), Error> {
        let n = self.context.n();
        for run in self.runs() {
            if run.random_groups > 0 {
                script.enter(Component::AuthenticatedInputs);
                let reply = Reply::len_for(random::reply_shape(n));
                script.client(Tag::RandomReplies, run.random_groups * reply);
                script.server(Tag::RandomSeed, product::Seed::len_for(()));
                script.client(Tag::RandomOpening, Claimed::len_for(1));
            }
            script.enter(Component::Triples);
            for groups in run.triple_batches() {
                let rows = 3 * groups;
                script.client(Tag::TripleCiphertexts, rows * FreshCiphertext::len_for(n));
                Self::tries(script, ProofShape::new(&beaver::budget(n, groups))?, 1);
                script.server(Tag::TripleReplies, groups * beaver::Replies::len_for(n));
                script.server(Tag::ProductSeed, product::Seed::len_for(()));
                script.client(Tag::ProductProof, product::Message::BYTES);
            }
            script.enter(Component::ObliviousTransfer);
            for (index, length) in published::messages(run.values).into_iter().enumerate() {
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                if index % 2 == 0 {
                    script.client(Tag::Disclosure, length);
                } else {
                    script.server(Tag::Disclosure, length);
                }
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
    /// The accounts of these frames as this party keeps them, but for times.
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
        self.frame(tag, body, Party::Client);
    }

    fn server(&mut self, tag: Tag, body: usize) {
        self.frame(tag, body, Party::Server);
    }

    fn frame(&mut self, tag: Tag, body: usize, sender: Party) {
        let (phase, component, layer) = (self.phase, self.component, self.layer.take());
        let bytes = (body as u64).saturating_add(HEAD as u64);
        self.frames.push(Frame { tag, phase, component, layer, sender, bytes });
    }
}
