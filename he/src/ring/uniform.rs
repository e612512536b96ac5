//! The public uniform polynomial `a` of a row, expanded by both parties from the same seed.

use super::modulus::{MODULI, little_endian};
use super::poly::NttPoly;
use super::tables::Ring;
use crate::params::{LIMBS, RESIDUE_BITS};
use muse_field::mask::sign_unguarded;
use muse_field::prg::Prg;
use rand_core::Rng;

impl NttPoly {
    /// The uniform polynomial that `prg` determines, by its evaluations (a uniform vector of evaluations is a uniform polynomial).
    ///
    /// Bit for bit: a candidate is the low 43 bits of the next little-endian 64-bit word of the stream; a candidate below the
    /// prime is the next residue, any other is skipped (chance at most 2^-23). Residues are drawn limb by limb, in the
    /// order of `PRIMES`, position by position. No word is drawn that is not needed.
    ///
    /// The polynomial is public: time depends on which candidates are skipped.
    #[must_use]
    pub fn uniform(ring: &Ring, prg: &mut Prg) -> Self {
        let mut out = Self::zero(ring);
        for (i, m) in MODULI.iter().enumerate().take(LIMBS) {
            let limb = out.limb_mut(i);
            let mut filled = 0;
            while filled < limb.len() {
                // Candidates go to the free places; those accepted move up in order.
                let missing = limb.len() - filled;
                let mut words = [0; 512];
                for start in (0..missing).step_by(64) {
                    let count = (missing - start).min(64);
                    prg.fill_bytes(&mut words[..8 * count]);
                    for word in words[..8 * count].chunks_exact(8) {
                        let word = little_endian(word);
                        let candidate = word & ((1 << RESIDUE_BITS) - 1);
                        limb[filled] = candidate;
                        filled += (sign_unguarded(candidate.wrapping_sub(m.q())) & 1) as usize;
                    }
                }
            }
        }
        out
    }
}
