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
    /// The network does it itself, as part of its graph: `(x - mean) / std` of its input x, one pair for each channel. Floats are that x, as
    /// in every other runtime; pixels become it by [`Units`]. See [`in_network`](Self::in_network).
    InNetwork {
        /// In the units of x.
        stats: Vec<ChannelStats>,
        /// What x is for a pixel.
        units: Units,
    },
}

/// What a network that normalises its input itself takes for a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// The level, from 0 to 1.
    Levels,
    /// From 0 to 255, whatever the bits of the pixel.
    Bytes,
    /// Its constants fit neither: it takes floats only.
    Unknown,
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

    /// What a network does itself; its units are told from the numbers: see [`Units::of`].
    ///
    /// # Errors
    /// As [`mean_std`](Self::mean_std).
    pub fn in_network(means: &[f64], stds: &[f64]) -> Result<Self, ModelError> {
        let Self::MeanStd(stats) = Self::mean_std(means, stds)? else { return Ok(Self::UnitInterval) };
        let units = Units::of(&stats);
        Ok(Self::InNetwork { stats, units })
    }

    /// Whether pixels mean anything to the network; otherwise it takes floats only.
    #[must_use]
    pub const fn takes_pixels(&self) -> bool {
        !matches!(self, Self::InNetwork { units: Units::Unknown, .. })
    }

    /// What a network that normalises its input itself takes for a pixel of level 1: 1 or 255; `None` for any other.
    #[must_use]
    pub const fn of_one(&self) -> Option<f64> {
        if let Self::InNetwork { units, .. } = self { units.scale() } else { None }
    }

    /// Whether these are the means of ImageNet's channels in the order blue, green, red, in either unit. Pictures are given as red, green,
    /// blue.
    #[must_use]
    pub fn is_blue_first(&self) -> bool {
        let (Self::MeanStd(stats) | Self::InNetwork { stats, .. }) = self else { return false };
        let [blue, green, red] = stats.as_slice() else { return false };
        let near = |stats: &ChannelStats, mean: f64, scale: f64| (stats.mean() * scale - mean).abs() < 0.6;
        [1.0, 255.0]
            .into_iter()
            .any(|scale| near(blue, 103.7, scale) && near(green, 116.5, scale) && near(red, 123.7, scale))
    }

    /// Checks that every one of `channels` channels has its numbers.
    pub(crate) const fn check(&self, channels: usize) -> Result<(), ModelError> {
        match self {
            Self::MeanStd(stats) | Self::InNetwork { stats, .. } if stats.len() != channels => Err(COUNT),
            Self::UnitInterval | Self::MeanStd(_) | Self::InNetwork { .. } => Ok(()),
        }
    }
}

impl Units {
    /// The units in which pixels have these means and deviations.
    ///
    /// Levels from 0 to 1 have a mean of at most 1 and a deviation of at most 1/2; up to 2 is taken for that, as bytes would be images all but
    /// black. A mean above 8, or a division by 32 or more, would leave nothing of levels: it is of bytes, if that holds for all channels. What
    /// is neither, or differs between channels, cannot be guessed.
    #[must_use]
    pub fn of(stats: &[ChannelStats]) -> Self {
        let levels = |s: &ChannelStats| (-1.0..=2.0).contains(&s.mean) && s.std <= 2.0;
        let bytes = |s: &ChannelStats| (-255.0..=510.0).contains(&s.mean) && (0.5..=510.0).contains(&s.std);
        let certain = |s: &ChannelStats| s.mean > 8.0 || s.std >= 32.0;
        if stats.iter().all(levels) {
            Self::Levels
        } else if stats.iter().all(|stats| bytes(stats) && certain(stats)) {
            Self::Bytes
        } else {
            Self::Unknown
        }
    }

    /// What a pixel of level 1 is; `None` if pixels mean nothing.
    #[must_use]
    pub const fn scale(self) -> Option<f64> {
        match self {
            Self::Levels => Some(1.0),
            Self::Bytes => Some(255.0),
            Self::Unknown => None,
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
        let (stats, of) = match self {
            Self::UnitInterval => return f.write_str("pixels / 255"),
            Self::MeanStd(stats) | Self::InNetwork { stats, units: Units::Levels } => (stats, "pixels / 255"),
            Self::InNetwork { stats, units: Units::Bytes } => (stats, "pixels"),
            Self::InNetwork { stats, units: Units::Unknown } => (stats, "floats"),
        };
        write!(f, "({of} - mean) / std")?;
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

    /// As in the constants that networks come with.
    #[test]
    fn units_are_told_from_the_constants() {
        let cases: [(&[f64], &[f64], Units); 17] = [
            (&[0.5], &[0.5], Units::Levels),
            (&[0.485, 0.456, 0.406], &[0.229, 0.224, 0.225], Units::Levels),
            (&[0.0], &[1.0 / 255.0], Units::Levels),
            (&[-0.125], &[1.0], Units::Levels),
            (&[103.939, 116.779, 123.68], &[1.0; 3], Units::Bytes),
            (&[103.53, 116.28, 123.675], &[57.375, 57.12, 58.395], Units::Bytes),
            (&[0.0], &[255.0], Units::Bytes),
            (&[0.0], &[128.0], Units::Bytes),
            (&[127.5], &[127.5], Units::Bytes),
            (&[33.3], &[78.6], Units::Bytes),
            (&[0.0, 120.0], &[1.0; 2], Units::Unknown),
            (&[0.485, 116.28, 103.53], &[58.395, 57.12, 0.225], Units::Unknown),
            (&[123.675, 116.28, 0.406], &[58.395, 57.12, 0.225], Units::Unknown),
            (&[123.675], &[0.229], Units::Unknown),
            (&[5.0], &[1.0], Units::Unknown),
            (&[0.0], &[4.0], Units::Unknown),
            (&[-300.0], &[1.0], Units::Unknown),
        ];
        for (means, stds, units) in cases {
            let Normalisation::InNetwork { units: found, .. } =
                Normalisation::in_network(means, stds).unwrap()
            else {
                panic!("{means:?}");
            };
            assert_eq!(found, units, "{means:?} {stds:?}");
        }
    }

    #[test]
    fn blue_before_red_is_known() {
        let blue_first = |means: &[f64]| Normalisation::in_network(means, &[1.0; 3]).unwrap().is_blue_first();
        assert!(blue_first(&[103.939, 116.779, 123.68]) && blue_first(&[103.53, 116.28, 123.675]));
        assert!(!blue_first(&[123.675, 116.28, 103.53]) && !blue_first(&[127.5; 3]));
        assert!(Normalisation::mean_std(&[0.406, 0.456, 0.485], &[0.225; 3]).unwrap().is_blue_first());
        assert!(!Normalisation::mean_std(&[0.485, 0.456, 0.406], &[0.225; 3]).unwrap().is_blue_first());
    }
}
