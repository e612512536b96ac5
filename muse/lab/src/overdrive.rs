//! Overdrive between two processes, to measure it: triples, inputs, and inferences over the engine, in either setting.
//!
//! | module | what it holds |
//! |---|---|
//! | [`wire`] | the connection: both parties may speak at the same time |
//! | [`party`] | either party of `muse_triples::overdrive`, step by step |
//! | [`client_malicious`] | client and server of `muse_triples::{beaver, random}` |
//! | [`infer`] | an inference as a program, in either setting |
//! | `run` | the processes |

mod client_malicious;
mod infer;
mod party;
mod run;
mod wire;

use crate::args::WorkArg;
use muse_triples::overdrive::{self, Inputs};

pub(crate) use infer::Needs;
pub(crate) use run::run;

/// What a run makes and throws away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// So many batches of triples.
    Triples(u8),
    /// So many batches of inputs of the connecting party, and the inputs under them.
    Inputs(u8),
    /// An inference of the subject with its preprocessing, either party malicious.
    Infer,
    /// An inference of the subject with its preprocessing, the client malicious.
    InferClientMalicious,
}

impl Work {
    /// Triples or inputs of a run.
    pub(crate) const fn count(self) -> usize {
        match self {
            Self::Triples(batches) => batches as usize * overdrive::groups(N) * N,
            Self::Inputs(batches) => batches as usize * Inputs::count(N, overdrive::MAX_GROUPS),
            Self::Infer | Self::InferClientMalicious => 1,
        }
    }

    const fn of(work: WorkArg, batches: u8) -> Self {
        match work {
            WorkArg::Triples => Self::Triples(batches),
            WorkArg::Inputs => Self::Inputs(batches),
            WorkArg::Infer => Self::Infer,
            WorkArg::InferClientMalicious => Self::InferClientMalicious,
        }
    }

    /// As arguments of this program.
    pub(crate) fn arguments(self) -> [String; 4] {
        let (work, batches) = match self {
            Self::Triples(batches) => ("triples", batches),
            Self::Inputs(batches) => ("inputs", batches),
            Self::Infer => ("infer", 1),
            Self::InferClientMalicious => ("infer-client-malicious", 1),
        };
        ["--work".into(), work.into(), "--batches".into(), batches.to_string()]
    }
}

/// The ring dimension.
pub(crate) const N: usize = muse_he::params::MAX_DEGREE;
