//! Several weights in one number: digits of a radix that is larger than any of them.

/// How weights are packed into one value: the first times `unit`, the next times `unit * radix`, and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packing {
    /// Weights in a value.
    pub(super) count: usize,
    unit: i64,
    radix: i64,
}

/// Weights seen so far in a layer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) count: usize,
    pub(super) largest: i64,
}

impl Packing {
    /// As many weights as fit, at most `limit`, into values up to `capacity` that are read with an error of at most `error`; `None` if
    /// not even one does. How large weights may be is guessed from those seen: a guess that a check of the whole layer confirms.
    pub(super) fn choose(capacity: f64, error: f64, seen: Seen, limit: usize) -> Option<Self> {
        let unit = (2.0 * error).floor() + 1.0;
        let room = capacity / unit;
        // The odd radix such that `count` digits reach up to `room`.
        let radix = |count: usize| {
            let half = ((2.0 * room + 1.0).powf(1.0 / count as f64) - 1.0) / 2.0;
            2 * (half * (1.0 - 1e-9)).floor() as i64 + 1
        };
        let count = (2..=limit).rev().find(|&count| {
            let wanted = seen.largest as f64 * SLACK;
            seen.count >= ENOUGH * count && (radix(count) / 2) as f64 >= wanted.max(1.0)
        });
        let count = count.unwrap_or(1);
        let radix = radix(count);
        (radix >= 3).then_some(Self { count, unit: unit as i64, radix })
    }

    /// What weight number `index` is multiplied with.
    pub(super) fn scale(&self, index: usize) -> i64 {
        (0..index).fold(self.unit, |scale, _| scale * self.radix)
    }

    /// The weights in a value as it was read, and the value as it must have been. `None` if a weight is so large that this may be wrong.
    pub(super) fn unpack(&self, read: f64) -> Option<(Vec<i64>, i64)> {
        let half = self.radix / 2;
        if read.abs() > (1_i64 << 50) as f64 {
            return None;
        }
        let whole = (read / self.unit as f64).round() as i64;
        let mut rest = whole;
        let mut digits = Vec::with_capacity(self.count);
        for index in 0..self.count {
            let digit =
                if index + 1 == self.count { rest } else { (rest + half).rem_euclid(self.radix) - half };
            rest = (rest - digit) / self.radix;
            digits.push(digit);
        }
        let normal = digits.iter().all(|digit| 8 * digit.abs() <= 7 * half + 7);
        normal.then_some((digits, whole * self.unit))
    }
}

/// How much larger than those seen a weight may be.
const SLACK: f64 = 1.2;

/// Weights seen, for each one packed, before several are packed.
const ENOUGH: usize = 25;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(
            (room, noise, largest) in (10_u32..43, 0_u32..12, 1_i64..2000),
            picks in proptest::collection::vec(-1.0..1.0_f64, 4),
            error in -1.0..1.0_f64,
        ) {
            let (capacity, bound) = (f64::from(room).exp2(), f64::from(noise).exp2() - 1.0);
            let Some(packing) = Packing::choose(capacity, bound, Seen { count: 1000, largest }, 4) else {
                return Ok(());
            };
            let largest = largest.min(packing.radix * 7 / 16);
            let weights: Vec<i64> = picks[..packing.count].iter().map(|p| (p * largest as f64) as i64).collect();
            let sum: i64 = weights.iter().enumerate().map(|(i, w)| packing.scale(i) * w).sum();
            prop_assert!(sum.abs() as f64 <= capacity);
            let (read, exact) = packing.unpack(sum as f64 + error * bound).unwrap();
            prop_assert_eq!(read, weights);
            prop_assert_eq!(exact, sum);
        }
    }

    #[test]
    fn without_experience_nothing_is_packed() {
        let few = Seen { count: ENOUGH, largest: 1 };
        assert_eq!(Packing::choose(1e12, 0.0, few, 4).unwrap().count, 1);
        assert_eq!(Packing::choose(1e12, 0.0, Seen { count: 4 * ENOUGH, largest: 1 }, 4).unwrap().count, 4);
        assert_eq!(Packing::choose(10.0, 100.0, few, 4), None);
    }

    #[test]
    fn a_weight_at_the_edge_is_not_trusted() {
        let packing = Packing::choose(1e6, 0.0, Seen { count: 100, largest: 100 }, 2).unwrap();
        let half = packing.radix / 2;
        assert!(packing.unpack((half * 15 / 16) as f64).is_none(), "it may have wrapped");
        assert!(packing.unpack((half / 2) as f64).is_some());
    }
}
