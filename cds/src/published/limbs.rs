//! Labels as elements of F: three limbs of 43, 43 and 42 bits, least significant first. Every limb is below p.

use muse_field::{Fp, ct};
use muse_gc::label::Block;

use crate::error::Error;

/// Limbs of a label: ceil(128 / 43).
pub(crate) const LIMBS: usize = 3;

/// The limbs of a label.
pub(super) fn split(Block(label): Block) -> [Fp; LIMBS] {
    core::array::from_fn(|i| Fp::new((label >> (WIDTH * i as u32)) as u64 & MASK))
}

/// The label of these limbs.
///
/// # Errors
/// [`Error::Malformed`] if they are those of no label, as an honest server never sends them.
pub(super) fn join(limbs: [Fp; LIMBS]) -> Result<Block, Error> {
    let limbs = limbs.map(Fp::to_u64);
    // No branch before all of them are joined: the excess of each limb, which is zero for a label.
    let excess = (limbs[0] >> WIDTH) | (limbs[1] >> WIDTH) | (limbs[2] >> LAST);
    let label = u128::from(limbs[0]) | u128::from(limbs[1]) << WIDTH | u128::from(limbs[2]) << (2 * WIDTH);
    // Zero for every label, whatever bit it stands for.
    if ct::disclosed(excess == 0) { Ok(Block(label)) } else { Err(Error::Malformed) }
}

/// Bits of a limb: the most that always are an element of F.
pub(crate) const WIDTH: u32 = 43;

/// Bits of the last limb.
const LAST: u32 = 128 - 2 * WIDTH;

const MASK: u64 = (1 << WIDTH) - 1;

#[cfg(test)]
mod tests {
    use super::{join, split};
    use crate::error::Error;
    use muse_field::{Fp, MODULUS};
    use muse_gc::label::Block;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn limbs_make_the_label_again(label: u128) {
            prop_assert_eq!(join(split(Block(label))), Ok(Block(label)));
        }
    }

    #[test]
    fn the_edges_of_limbs() {
        for label in [0, u128::MAX, 1 << 43, (1 << 43) - 1, 1 << 86, (1 << 86) - 1, 1 << 127] {
            assert_eq!(join(split(Block(label))), Ok(Block(label)));
        }
        for at in 0..3 {
            let least = 1 << if at == 2 { 42 } else { 43 };
            for excess in [least, MODULUS - 1] {
                let mut limbs = [Fp::ONE; 3];
                limbs[at] = Fp::new(excess);
                assert_eq!(join(limbs), Err(Error::Malformed));
            }
        }
    }
}
