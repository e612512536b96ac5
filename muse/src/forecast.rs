//! Predicts every frame of a session: the frames of the steps in their order.
//!
//! The protocol leaves nothing to choose but one thing: how often a proof of well-formed ciphertexts is tried. So the accounts of a
//! session are known in advance, byte for byte; tests compare them with those of real sessions.

use crate::{
    Error,
    accounts::{Phase, Stats},
    frames::{Frame, Script},
    message::Party,
    plan::Plan,
    steps::{circuits, evaluation, handshake, keys, labels, linear, opening, proof, published, request},
};

impl Plan {
    /// The frames of the setup, in order.
    ///
    /// # Errors
    /// [`Error::Card`] if the network's names do not fit a card.
    pub fn setup_frames(&self) -> Result<Vec<Frame>, Error> {
        let mut script = Script::new(Phase::Setup);
        handshake::frames(self, &mut script)?;
        keys::frames(self, &mut script);
        Ok(script.into_frames())
    }

    /// The frames of one preprocessing, in order, if its proof takes `tries` tries, the last of which is the one accepted: at least one.
    /// In the baseline there is no proof, and `tries` makes no difference. Batches of triples (published disclosure) have proofs of their
    /// own: those count as accepted at the first try.
    ///
    /// # Errors
    /// [`Error::Internal`] if there is no proof for that many ciphertexts.
    pub fn preprocessing_frames(&self, tries: u32) -> Result<Vec<Frame>, Error> {
        let mut script = Script::new(Phase::Preprocessing);
        request::frames(&mut script);
        linear::rows::frames(self, &mut script);
        if self.is_authenticated() {
            proof::frames(self, tries, &mut script)?;
        }
        linear::replies::frames(self, &mut script);
        linear::structure::frames(self, &mut script);
        if self.is_published() {
            published::frames(self, &mut script)?;
        } else {
            labels::frames(self, &mut script);
        }
        circuits::frames(self, &mut script);
        request::end_frames(&mut script);
        Ok(script.into_frames())
    }

    /// The frames of one inference with its input, in order.
    #[must_use]
    pub fn online_frames(&self) -> Vec<Frame> {
        let mut script = Script::new(Phase::Online);
        opening::input_frames(self, &mut script);
        for (index, relu) in self.relus() {
            evaluation::frames(index, relu, &mut script);
            opening::activation_frames(self, index, relu, &mut script);
        }
        opening::result_frames(self, &mut script);
        script.into_frames()
    }

    /// The accounts of a session of one inference as this party keeps them, without times.
    ///
    /// # Errors
    /// As [`setup_frames`](Self::setup_frames) and [`preprocessing_frames`](Self::preprocessing_frames).
    pub fn predicted(&self, tries: u32, party: Party) -> Result<Stats, Error> {
        let mut frames = self.setup_frames()?;
        frames.extend(self.preprocessing_frames(tries)?);
        frames.extend(self.online_frames());
        Ok(Frame::account(&frames, party))
    }
}
