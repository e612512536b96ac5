//! The masks of one try.

use muse_field::prg::Prg;
use muse_field::sample;
use rand_core::CryptoRng;

use super::ProofShape;
use super::responses::Vectors;
use crate::short::fill;
use muse_field::parallel;

impl Vectors {
    /// Fresh masks: $y_s$ uniform in $\pm\gamma_s$, $y_e$ uniform in $\pm\gamma_e$, $y_\mu$ uniform modulo p.
    ///
    /// Every vector has its own stream of randomness, so threads do not change a mask.
    pub(super) fn random(shape: &ProofShape, rng: &mut impl CryptoRng) -> Self {
        let randomness = Prg::from_rng(rng);
        let mut masks = Self::zero(shape);
        let (secrets, rows) = masks.split_mut(shape);
        parallel::map(secrets, |repetition, secret| {
            fill(secret, &shape.secret, &mut randomness.substream(repetition as u64));
        });
        parallel::map(rows, |index, row| {
            let mut rng = randomness.substream((shape.repetitions + index) as u64);
            fill(row.error, &shape.error, &mut rng);
            sample::fill_uniform(row.plaintext, &mut rng);
        });
        masks
    }
}
