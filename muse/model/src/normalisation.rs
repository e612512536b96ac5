//! From pixels to the numbers that a network was trained on.

use super::{ModelError, limits};
use core::fmt;

/// How a pixel becomes a number.
///
/// A pixel has a level in `[0, 1]`: its value divided by 255 with 8 bits, by 65,535 with 16. Neither form can leave the range of a
/// network's input, whatever the pixel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Normalisation {
    /// The level itself, in `[0, 1]`; in fixed point `(pixel * 2^f + 127) div 255`, in `[0, 2^f]`.
    #[default]
    UnitInterval,
    /// `(level - mean) / std`, as `PyTorch`'s `transforms.Normalize` does it: one pair for each channel. See
    /// [`mean_std`](Self::mean_std).
    MeanStd(Vec<ChannelStats>),
}

/// Mean and standard deviation of one channel's levels. Values of this type are within [`limits`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelStats {
    mean: f64,
    std: f64,
}

/// Both numbers are finite.
impl Eq for ChannelStats {}

impl Normalisation {
    /// Means and standard deviations, channel by channel.
    ///
    /// # Errors
    /// [`ModelError::Normalisation`] unless there are as many of the one as of the other, and as [`ChannelStats::new`].
    pub fn mean_std(means: &[f64], stds: &[f64]) -> Result<Self, ModelError> {
        if means.len() != stds.len() {
            return Err(COUNT);
        }
        let pairs = means.iter().zip(stds).map(|(&mean, &std)| ChannelStats::new(mean, std));
        Ok(Self::MeanStd(pairs.collect::<Result<_, _>>()?))
    }

    /// Checks that every one of `channels` channels has its numbers.
    pub(crate) const fn check(&self, channels: usize) -> Result<(), ModelError> {
        match self {
            Self::MeanStd(stats) if stats.len() != channels => Err(COUNT),
            Self::UnitInterval | Self::MeanStd(_) => Ok(()),
        }
    }
}

impl ChannelStats {
    /// A mean and a standard deviation.
    ///
    /// # Errors
    /// [`ModelError::Normalisation`] unless both are finite, the mean is at most [`limits::MEAN`] in magnitude and the standard deviation
    /// from [`limits::MIN_STD`] to [`limits::MAX_STD`].
    pub fn new(mean: f64, std: f64) -> Result<Self, ModelError> {
        // A comparison with what is no number is false.
        if !(mean.abs() <= limits::MEAN && (limits::MIN_STD..=limits::MAX_STD).contains(&std)) {
            return Err(ModelError::Normalisation(
                "a mean must be from -1024 to 1024, a standard deviation from 1/4096 to 4096, both of levels from 0 to 1",
            ));
        }
        // There is one zero: -0 becomes it.
        Ok(Self { mean: mean + 0.0, std })
    }

    /// The mean.
    #[must_use]
    pub const fn mean(self) -> f64 {
        self.mean
    }

    /// The standard deviation, above zero.
    #[must_use]
    pub const fn std(self) -> f64 {
        self.std
    }

    /// `(level - mean) / std`.
    #[must_use]
    pub const fn apply(self, level: f64) -> f64 {
        (level - self.mean) / self.std
    }
}

/// For people, in a line.
impl fmt::Display for Normalisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::MeanStd(stats) = self else {
            return f.write_str("pixels / 255");
        };
        f.write_str("(pixels / 255 - mean) / std")?;
        for (i, ChannelStats { mean, std }) in stats.iter().enumerate().take(SHOWN) {
            write!(f, "{} mean {mean} std {std}", if i == 0 { ":" } else { "," })?;
        }
        if stats.len() > SHOWN { f.write_str(", ...") } else { Ok(()) }
    }
}

const COUNT: ModelError =
    ModelError::Normalisation("there must be one mean and one standard deviation for each channel");

/// Channels that `Display` shows.
const SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_numbers_are_taken() {
        for (mean, std) in [(0.0, 1.0), (0.485, 0.229), (-1024.0, 1.0 / 4096.0), (1024.0, 4096.0)] {
            let stats = ChannelStats::new(mean, std).unwrap();
            assert_eq!((stats.mean(), stats.std()), (mean, std));
        }
        let nan = f64::NAN;
        for (mean, std) in [
            (nan, 1.0),
            (0.0, nan),
            (f64::INFINITY, 1.0),
            (0.0, f64::INFINITY),
            (1024.1, 1.0),
            (-1024.1, 1.0),
            (0.0, 0.0),
            (0.0, -0.0),
            (0.0, -1.0),
            (0.0, f64::MIN_POSITIVE),
            (0.0, 1.0 / 4097.0),
            (0.0, 4096.1),
        ] {
            let error = ChannelStats::new(mean, std).unwrap_err();
            assert!(matches!(error, ModelError::Normalisation(_)), "{mean} {std}");
        }
        assert!(ChannelStats::new(-0.0, 1.0).unwrap().mean().is_sign_positive());
    }

    #[test]
    fn one_pair_for_each_channel() {
        assert_eq!(Normalisation::mean_std(&[0.5; 3], &[0.5; 2]), Err(COUNT));
        let three = Normalisation::mean_std(&[0.1, 0.2, 0.3], &[0.5; 3]).unwrap();
        assert_eq!((three.check(3), three.check(2), three.check(4)), (Ok(()), Err(COUNT), Err(COUNT)));
        assert_eq!(Normalisation::UnitInterval.check(7), Ok(()));
    }

    #[test]
    fn displays_in_a_line() {
        let two = Normalisation::mean_std(&[0.485, 0.456], &[0.229, 0.224]).unwrap();
        assert_eq!(
            two.to_string(),
            "(pixels / 255 - mean) / std: mean 0.485 std 0.229, mean 0.456 std 0.224"
        );
        let many = Normalisation::mean_std(&[0.5; 5], &[0.25; 5]).unwrap().to_string();
        assert!(many.ends_with("mean 0.5 std 0.25, ..."), "{many}");
        assert_eq!(Normalisation::UnitInterval.to_string(), "pixels / 255");
    }
}
