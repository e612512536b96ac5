//! The answer of an inference.

use crate::model::{Architecture, Outlook};
use muse_field::Fp;
use zeroize::Zeroizing;

/// The outputs of the network's last layer: fixed point with [`scale_bits`](Self::scale_bits) fractional bits, exact.
///
/// The client's private result: `Debug` shows none of it. See [`integers`](Self::integers) and
/// [`argmax_vartime`](Self::argmax_vartime).
#[derive(Clone, PartialEq, Eq)]
pub struct Logits {
    pub(super) values: Zeroizing<Vec<Fp>>,
    pub(super) scale_bits: i32,
    pub(super) outlook: Outlook,
}

impl core::fmt::Debug for Logits {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Logits").field("scale_bits", &self.scale_bits).finish_non_exhaustive()
    }
}

impl Logits {
    /// The outputs as field elements.
    #[must_use]
    pub fn elements(&self) -> &[Fp] {
        &self.values
    }

    /// The outputs as signed integers.
    #[must_use]
    pub fn integers(&self) -> Vec<i64> {
        self.values.iter().map(|value| value.to_signed()).collect()
    }

    /// Fractional bits: the real value of an output is its integer divided by 2 to this power.
    #[must_use]
    pub const fn scale_bits(&self) -> i32 {
        self.scale_bits
    }

    /// Whether a value may have left the signed range on the way, so that the outputs may be meaningless: the network does not promise to be
    /// exact for such inputs.
    #[must_use]
    pub fn may_have_wrapped(&self) -> bool {
        self.outlook != Outlook::InRange
    }

    /// Index of the largest output, the first of them if there are several. Variable time: the result is the client's.
    #[must_use]
    pub fn argmax_vartime(&self) -> usize {
        Architecture::argmax_vartime(&self.values).unwrap_or(0)
    }
}
