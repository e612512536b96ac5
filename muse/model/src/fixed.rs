//! Fixed point: how pixels, weights and biases become integers.

use super::{ChannelStats, ModelError, limits};
use muse_field::Fp;

/// Numbers with f fractional bits: the real number x is the integer nearest to `x * 2^f`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedPoint {
    frac_bits: u32,
}

impl FixedPoint {
    /// The rules for f fractional bits.
    ///
    /// # Errors
    /// [`ModelError::FracBits`] unless f is 4..=12: below, accuracy is gone; above, values leave the range and the noise budget.
    pub const fn new(frac_bits: u32) -> Result<Self, ModelError> {
        if frac_bits < limits::MIN_FRAC_BITS || frac_bits > limits::MAX_FRAC_BITS {
            return Err(ModelError::FracBits(frac_bits));
        }
        Ok(Self { frac_bits })
    }

    /// The rules for a number of bits that has been checked.
    pub(crate) const fn of_checked(frac_bits: u32) -> Self {
        Self { frac_bits }
    }

    /// f.
    #[must_use]
    pub const fn frac_bits(self) -> u32 {
        self.frac_bits
    }

    /// `(pixel * 2^f + 127) div 255`: pixel / 255 to f fractional bits, rounded to nearest; in `[0, 2^f]`. Constant time.
    #[must_use]
    pub const fn pixel(self, pixel: u8) -> Fp {
        let numerator = ((pixel as u64) << self.frac_bits) + 127;
        // 0x80808081 / 2^39 is 1/255 closely enough for every 32-bit numerator. Pixels are secret: no division.
        Fp::new((numerator * 0x8080_8081) >> 39)
    }

    /// `(pixel * 2^f + 32767) div 65535`: pixel / 65535 to f fractional bits, rounded to nearest; in `[0, 2^f]`. Constant time.
    #[must_use]
    pub const fn pixel_u16(self, pixel: u16) -> Fp {
        let numerator = ((pixel as u64) << self.frac_bits) + 32767;
        // As above: 0x80008001 / 2^47 is 1/65535 closely enough for every 32-bit numerator.
        Fp::new((numerator * 0x8000_8001) >> 47)
    }

    /// A normalised level, `((level - mean) / std) * 2^f`, rounded to the nearest integer, halves to even.
    #[must_use]
    pub fn normalised(self, stats: ChannelStats, level: f64) -> i64 {
        // Multiplying by a power of two is exact, so there is one rounding more than in real numbers.
        (stats.apply(level) * f64::from(1u32 << self.frac_bits)).round_ties_even() as i64
    }

    /// `value * 2^scale_bits` rounded to the nearest integer, halves to even; `None` if that is not finite or not below 2^62.
    #[must_use]
    pub fn round(value: f64, scale_bits: u32) -> Option<i64> {
        // Multiplying by a power of two is exact, so there is one rounding.
        let scaled = (value * (1u64 << scale_bits.min(62)) as f64).round_ties_even();
        (scaled.abs() < (1u64 << 62) as f64).then_some(scaled as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_at_every_precision() {
        for frac_bits in 4..=12 {
            let fixed = FixedPoint::new(frac_bits).unwrap();
            for pixel in 0..=255u8 {
                let want = ((u64::from(pixel) << frac_bits) + 127) / 255;
                assert_eq!(fixed.pixel(pixel).to_u64(), want);
            }
            for pixel in 0..=65535u16 {
                let want = ((u64::from(pixel) << frac_bits) + 32767) / 65535;
                assert_eq!(fixed.pixel_u16(pixel).to_u64(), want);
            }
            assert_eq!(fixed.pixel(255), Fp::new(1 << frac_bits));
            assert_eq!(fixed.pixel_u16(65535), Fp::new(1 << frac_bits));
        }
    }

    #[test]
    fn other_precisions_are_refused() {
        for frac_bits in [0, 3, 13, 22, u32::MAX] {
            assert_eq!(FixedPoint::new(frac_bits), Err(ModelError::FracBits(frac_bits)));
        }
    }

    #[test]
    fn halves_go_to_even() {
        let cases = [(0.5, 0), (1.5, 2), (2.5, 2), (-0.5, 0), (-1.5, -2), (-2.5, -2), (0.75, 1), (-0.25, 0)];
        for (value, want) in cases {
            assert_eq!(FixedPoint::round(value, 0), Some(want), "{value}");
            assert_eq!(FixedPoint::round(value / 1024.0, 10), Some(want), "{value}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, -1e300, (1u64 << 52) as f64] {
            assert_eq!(FixedPoint::round(value, 10), None, "{value}");
        }
        assert_eq!(FixedPoint::round(-1.0, 24), Some(-(1 << 24)));
    }
}
