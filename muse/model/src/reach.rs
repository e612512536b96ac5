//! For which inputs a network is exact: no value on the way leaves the signed range, where it would wrap around modulo p.

use super::{Architecture, bounds};
use muse_field::{Fp, ct};

/// What the owner of the weights promises of a network, by interval arithmetic over the integers: see `bounds::reach`.
///
/// It is on the card. It tells about the weights what a magnitude tells, rounded to a power of two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// No input that pixels give leaves the range: see [`bounds::input_range`], with one unit in the last place besides.
    pub pixels: bool,
    /// No input all of whose elements are below 2 to this power in magnitude leaves the range. At most [`Reach::MAX_BITS`]; `None` if nothing
    /// is promised.
    pub bits: Option<u32>,
}

/// What is known before an input is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outlook {
    /// No value leaves the range.
    InRange,
    /// The input is as pixels give it, but the network cannot promise that for all such inputs.
    NetworkMayWrap,
    /// The input is larger than what pixels give, and than what the network promises to be exact for.
    InputMayWrap,
}

impl Reach {
    /// All of the range.
    pub const MAX_BITS: u32 = 43;

    /// The least magnitude, in real numbers, from which on nothing is promised for floats that are given as the network's own values.
    #[must_use]
    pub fn limit(self, frac_bits: u32) -> Option<f64> {
        self.bits.map(|bits| (f64::from(bits) - f64::from(frac_bits)).exp2())
    }
}

impl Architecture {
    /// What is known of this input, channel by channel as [`encode`](Self::encode) makes it. For the client, who owns it.
    #[must_use]
    pub fn outlook(&self, input: &[Fp]) -> Outlook {
        let reach = self.reach();
        let magnitude = |largest: i128, value: &Fp| largest.max(i128::from(value.to_signed()).abs());
        let largest = input.iter().fold(0, magnitude);
        let small = |bits: u32| largest < 1 << bits.min(Reach::MAX_BITS);
        // One bit in each case, and the client's own: it sends the input or it does not.
        if reach.bits.is_some_and(|bits| ct::disclosed(small(bits))) {
            return Outlook::InRange;
        }
        let plane = (self.input().height * self.input().width).max(1);
        let mut inside = true;
        for (plane, range) in input.chunks(plane).zip(bounds::input_range(self)) {
            for value in plane {
                let value = i128::from(value.to_signed());
                inside &= (range.low - 1 <= value) & (value <= range.high + 1);
            }
        }
        let of_pixels = ct::disclosed(inside);
        match (of_pixels, reach.pixels) {
            (true, true) => Outlook::InRange,
            (true, false) => Outlook::NetworkMayWrap,
            (false, _) => Outlook::InputMayWrap,
        }
    }
}
