//! What an opening is for: bound in its hash.

use muse_field::id::RunId;
use muse_field::transcript::Transcript;

/// The name of an opening. Two openings of one session never share it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpeningId {
    /// What is opened.
    pub purpose: Purpose,
    /// The run, in the session whose key made the MACs.
    pub run: RunId,
    /// The layer within the run; 0 where all layers are opened together.
    pub layer: u32,
}

/// What is opened, one per step of a protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Purpose {
    /// Zeros and copies in the client's packed inputs (protocol section 4.2).
    Structure,
    /// Recomposed bits against shares, in conditional disclosure (protocol section 4.5).
    Disclosure,
    /// Masked activations, online (protocol section 5).
    Activations,
    /// A masked input (protocol section 6).
    Input,
    /// Masked factors of a multiplication (protocol section 6).
    Factors,
    /// A step of another protocol, by a name that no other step of it has.
    Custom(&'static str),
}

impl OpeningId {
    /// A name from its parts.
    #[must_use]
    pub const fn new(purpose: Purpose, run: RunId, layer: u32) -> Self {
        Self { purpose, run, layer }
    }

    /// A transcript that starts with this name.
    pub(crate) fn transcript(&self, domain: &'static str) -> Transcript {
        let mut transcript = Transcript::new(domain);
        transcript.append("purpose", self.purpose.name().as_bytes());
        // Check: a digest binds session, inference, layer, purpose, count.
        self.run.bind(&mut transcript).append_u64("layer", u64::from(self.layer));
        if let Purpose::Custom(name) = self.purpose {
            transcript.append("custom purpose", name.as_bytes());
        }
        transcript
    }
}

impl Purpose {
    /// Part of the protocol, never changes.
    const fn name(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Disclosure => "disclosure",
            Self::Activations => "activations",
            Self::Input => "input",
            Self::Factors => "factors",
            Self::Custom(_) => "custom",
        }
    }
}
