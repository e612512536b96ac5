//! What a protocol run reports to an observer, and how to end it early. A command line draws progress bars from the first and binds the
//! second to Ctrl-C. Most callers need neither.

use crate::accounts::{Component, Phase};

pub use crate::cancel::Cancel;

/// What the units of a step are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// Bytes sent or received.
    Bytes,
    /// Ciphertexts made, or evaluated and returned.
    Ciphertexts,
    /// Correlated OTs.
    Transfers,
    /// ReLUs garbled or evaluated.
    Relus,
    /// Layers of the network.
    Layers,
}

impl Unit {
    /// In words, plural.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Ciphertexts => "ciphertexts",
            Self::Transfers => "transfers",
            Self::Relus => "ReLUs",
            Self::Layers => "layers",
        }
    }
}

/// A stretch of work with a length known before it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    /// The phase it is part of.
    pub phase: Phase,
    /// What is worked on.
    pub component: Component,
    /// What is counted.
    pub unit: Unit,
}

/// Listens to progress. Every method has a default that does nothing; none may block for long. Called from the thread
/// that runs the protocol, or from several.
pub trait Observer: Send + Sync {
    /// From here on bytes and time belong to this phase and component; to none while a session rests between phases.
    fn entered(&self, at: Option<(Phase, Component)>) {
        let _ = at;
    }

    /// `step` starts and has `total` units.
    fn started(&self, step: Step, total: u64) {
        let _ = (step, total);
    }

    /// `units` more of `step` are done.
    fn advanced(&self, step: Step, units: u64) {
        let _ = (step, units);
    }

    /// `step` ended, complete or not.
    fn finished(&self, step: Step) {
        let _ = step;
    }
}

/// The observer that does nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {}

/// Reports one step: starts it when made and finishes it when dropped, on errors too.
pub struct Progress<'a> {
    observer: &'a dyn Observer,
    step: Step,
}

impl core::fmt::Debug for Progress<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Progress").field("step", &self.step).finish_non_exhaustive()
    }
}

impl<'a> Progress<'a> {
    /// Announces a step of `total` units.
    #[must_use]
    pub fn start(
        observer: &'a dyn Observer,
        phase: Phase,
        component: Component,
        unit: Unit,
        total: u64,
    ) -> Self {
        let step = Step { phase, component, unit };
        observer.started(step, total);
        Self { observer, step }
    }

    /// Reports `units` more.
    pub fn advance(&self, units: u64) {
        self.observer.advanced(self.step, units);
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        self.observer.finished(self.step);
    }
}
