//! What the packed coefficients of a layer's input say about its elements, and about each other.

use alloc::vec::Vec;
use core::fmt;

use muse_field::Fp;
use zeroize::Zeroizing;

use super::{Layout, Place};

/// The entries of all packed coefficients of a layer's input, sorted by what they stand for: see [`Layout::sort`].
pub struct Sorted {
    /// One entry for every element of the layer's input, in the order of the input. Secret.
    pub elements: Zeroizing<Vec<Fp>>,
    /// One entry for every coefficient that is not an element's first place, in the order of tiles and positions. Secret.
    pub constraints: Zeroizing<Vec<Fp>>,
}

impl fmt::Debug for Sorted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sorted")
            .field("elements", &self.elements.len())
            .field("constraints", &self.constraints.len())
            .finish()
    }
}

impl Layout {
    /// Number of [constraints](Sorted::constraints): all coefficients of all ciphertexts but one for every element.
    #[must_use]
    pub const fn constraint_count(&self) -> usize {
        self.input_count() * self.n - self.shape.inputs()
    }

    /// Sorts one entry per packed coefficient (`tiles[t][i]` belongs to coefficient `i` of ciphertext `t`) into those of the
    /// elements and those of the structure (protocol, section 4.2).
    ///
    /// The map is linear, so it is the same for plaintexts, for their MACs and for the server's keys of them: the element's
    /// entry from its first place; for a [zero](Place::Zero) its entry; for a [copy](Place::Copy) the difference of its entry
    /// and that of the first place. In an honest client's plaintexts all constraints are 0, so those of its MACs equal those of the
    /// server's keys.
    ///
    /// # Panics
    /// If there is not one tile per ciphertext, or if a tile has not N entries.
    #[must_use]
    pub fn sort(&self, tiles: &[Zeroizing<Vec<Fp>>]) -> Sorted {
        assert_eq!(tiles.len(), self.input_count(), "one tile per ciphertext");
        assert!(tiles.iter().all(|tile| tile.len() == self.n), "one entry per coefficient");
        let mut elements = Zeroizing::new(alloc::vec![Fp::ZERO; self.shape.inputs()]);
        let mut constraints = Zeroizing::new(Vec::with_capacity(self.constraint_count()));
        for (tile, entries) in tiles.iter().enumerate() {
            for (place, &entry) in self.places(tile).zip(entries.iter()) {
                match place {
                    Place::Element(element) => elements[element] = entry,
                    Place::Copy { tile, position, .. } => constraints.push(entry - tiles[tile][position]),
                    Place::Zero => constraints.push(entry),
                }
            }
        }
        Sorted { elements, constraints }
    }
}
