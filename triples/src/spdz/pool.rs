//! What is made before inputs are known, used up from the end.

use muse_mac::spdz::{Party, Shares};

use crate::error::POOL;
use crate::{Error, InputMasks, SharedTriples};

/// One party's half of what a program uses up: triples, and masks that one of the parties knows.
#[derive(Debug)]
pub struct Preprocessed {
    triples: SharedTriples,
    masks: [Shares; 2],
}

impl Preprocessed {
    /// Triples, uniform values that the first party knows, and such that the second one knows; nothing else uses them. The share of who does not know
    /// them is zero.
    ///
    /// # Errors
    /// [`Error::Misuse`] if masks are not of the party of their place: what they mask would be seen by the other one.
    pub fn new(triples: SharedTriples, first: InputMasks, second: InputMasks) -> Result<Self, Error> {
        if first.owner() != Party::First || second.owner() != Party::Second {
            return Err(Error::Misuse("masks of the first party, then of the second"));
        }
        Ok(Self { triples, masks: [first.into_shares(), second.into_shares()] })
    }

    /// Number of triples left. Public.
    #[must_use]
    pub fn triples(&self) -> usize {
        self.triples.len()
    }

    /// Number of masks left for what is put in by the party, or given to it. Public.
    #[must_use]
    pub fn masks(&self, owner: Party) -> usize {
        self.masks[index(owner)].len()
    }

    /// Takes the last triples out.
    pub(super) fn take_triples(&mut self, count: usize) -> Result<SharedTriples, Error> {
        self.triples.take(count).ok_or(Error::Exhausted(POOL))
    }

    /// Takes the last masks of a party out.
    pub(super) fn take_masks(&mut self, owner: Party, count: usize) -> Result<Shares, Error> {
        let masks = &mut self.masks[index(owner)];
        let rest = masks.len().checked_sub(count).ok_or(Error::Exhausted(POOL))?;
        Ok(masks.split_off(rest))
    }
}

const fn index(party: Party) -> usize {
    match party {
        Party::First => 0,
        Party::Second => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn masks_of_the_wrong_party_are_refused() {
        let made = |owners: [Party; 2]| {
            let nothing = || Shares::concat(Vec::new());
            let [first, second] = owners.map(|owner| InputMasks::new(owner, nothing()));
            Preprocessed::new(SharedTriples::new(nothing(), nothing(), nothing()), first, second).map(drop)
        };
        let (first, second) = (Party::First, Party::Second);
        assert_eq!(made([first, second]), Ok(()));
        for owners in [[second, first], [first, first], [second, second]] {
            assert!(matches!(made(owners), Err(Error::Misuse(_))), "{owners:?}");
        }
    }
}
