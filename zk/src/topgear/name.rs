//! What names a batch of ciphertexts, its masks and its proof.

use muse_field::id::{RunId, SessionId};
use muse_field::transcript::Transcript;
use muse_he::encrypt::RowId;
use muse_he::keyed::Masks;
use muse_he::ring::Ring;
use muse_mac::spdz::Party;

use crate::domain;
use crate::error::Error;

/// A batch of keyed ciphertexts: of which session and number, encrypted by whom, after which setup.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Name {
    /// The batch. A session never gives a number twice.
    pub run: RunId,
    /// Who encrypts and proves.
    pub party: Party,
    /// A digest of what both parties sent when the session began.
    pub setup: [u8; 32],
}

impl Name {
    /// The masks of all ciphertexts of the batch. No other batch has them, nor any other row.
    ///
    /// Costs two uniform polynomials.
    ///
    /// # Errors
    /// None: the rows of a batch are numbers 0 and 1.
    pub fn masks(&self, ring: &Ring) -> Result<Masks, Error> {
        Ok(Masks::new(ring, self.row())?)
    }

    /// The row that the masks are named by.
    pub(super) fn row(&self) -> RowId {
        RowId { run: RunId::new(self.rows(), self.run.number), index: 0 }
    }

    /// The session under which the masks are named.
    pub(super) fn rows(&self) -> SessionId {
        let mut transcript = Transcript::new(domain::TOPGEAR_ROWS);
        transcript
            .append("session", self.run.session.as_bytes())
            .append_u64("party", self.party.number())
            .append("setup", &self.setup);
        SessionId::from_bytes(transcript.digest("session"))
    }

    /// Binds a transcript to the name.
    pub(super) fn bind(&self, transcript: &mut Transcript) {
        // Check: the amortised proof binds session, direction, batch, setup, all rows.
        self.run.bind(transcript).append_u64("party", self.party.number()).append("setup", &self.setup);
        transcript.append("rows", self.rows().as_bytes());
    }
}
