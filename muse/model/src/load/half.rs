//! Floats of 16 bits.

/// The value of an IEEE 754 number of 16 bits, which is one of 32 bits, too.
///
/// ```
/// # use muse_model::load::half;
/// assert_eq!([half(0x3c00), half(0xc000), half(0x0001)], [1.0, -2.0, 2f32.powi(-24)]);
/// ```
#[must_use]
pub fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (u32::from(bits >> 10) & 31, u32::from(bits & 0x3ff));
    let magnitude = match exponent {
        // 2^-24 is the least of them.
        0 => fraction as f32 * f32::from_bits((127 - 24) << 23),
        31 => f32::from_bits((255 << 23) | (fraction << 13)),
        _ => f32::from_bits(((exponent + 127 - 15) << 23) | (fraction << 13)),
    };
    if bits >> 15 == 0 { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of them, against the definition.
    #[test]
    fn every_half() {
        for bits in 0..=u16::MAX {
            let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff));
            let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
            let expected = match (exponent, fraction) {
                (0, _) => sign * fraction * 2f64.powi(-24),
                (31, 0.0) => sign * f64::INFINITY,
                (31, _) => {
                    assert!(half(bits).is_nan());
                    continue;
                }
                _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
            };
            assert_eq!(f64::from(half(bits)).to_bits(), expected.to_bits(), "{bits:#x}");
        }
    }
}
