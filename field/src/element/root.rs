//! Square roots of public elements.

use super::{Fp, MODULUS, TRACE};

impl Fp {
    /// The square root of a **public** element that is at most (p-1)/2; `None` if the element is not a square. Variable time.
    ///
    /// Tonelli and Shanks: about 60 products and up to 276 more, as p - 1 has the factor 2^23.
    ///
    /// ```
    /// # use muse_field::Fp;
    /// assert_eq!(Fp::new(9).sqrt_vartime(), Some(Fp::new(3)));
    /// assert_eq!(Fp::GENERATOR.sqrt_vartime(), None);
    /// ```
    #[must_use]
    pub fn sqrt_vartime(self) -> Option<Self> {
        if self == Self::ZERO {
            return Some(Self::ZERO);
        }
        // With p - 1 = 2^s q: the root is right up to a factor whose square is `rest`, of order 2^i below 2^s for a square.
        let half = self.pow_vartime((TRACE - 1) / 2);
        let mut root = self * half;
        let mut rest = root * half;
        let mut unit = Self::TWO_ADIC_ROOT_OF_UNITY;
        let mut order = Self::TWO_ADICITY;
        while rest != Self::ONE {
            let mut i = 0;
            let mut power = rest;
            while power != Self::ONE {
                power = power.square();
                i += 1;
            }
            if i == order {
                return None;
            }
            // `unit` has order 2^order: this power's square has order 2^i, as `rest` has.
            let factor = unit.shift_exponent(order - i - 1);
            root *= factor;
            unit = factor.square();
            rest *= unit;
            order = i;
        }
        Some(if root.0 > MODULUS / 2 { -root } else { root })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::EXTREMES;
    use super::*;
    use proptest::prelude::*;

    /// Euler's criterion.
    fn is_square(a: Fp) -> bool {
        a == Fp::ZERO || a.pow_vartime((MODULUS - 1) / 2) == Fp::ONE
    }

    fn holds(a: Fp) {
        let root = a.sqrt_vartime();
        assert_eq!(root.is_some(), is_square(a), "{a:?}");
        assert!(
            root.is_none_or(|root| root.square() == a && root.to_u64() <= MODULUS / 2),
            "{a:?}: {root:?}"
        );
    }

    #[test]
    fn roots_of_every_order() {
        for extreme in EXTREMES {
            holds(Fp::new(extreme));
            holds(Fp::new(extreme).square());
        }
        // Elements of order 2^i, alone and with an odd part: the loop takes every number of turns.
        let mut unit = Fp::TWO_ADIC_ROOT_OF_UNITY;
        for _ in 0..=Fp::TWO_ADICITY {
            holds(unit);
            holds(unit * Fp::GENERATOR.shift_exponent(Fp::TWO_ADICITY));
            unit = unit.square();
        }
    }

    proptest! {
        #[test]
        fn roots(a in 0..MODULUS) {
            holds(Fp::new(a));
            let square = Fp::new(a).square();
            let root = square.sqrt_vartime().unwrap();
            prop_assert!(root == Fp::new(a) || root == -Fp::new(a));
        }
    }
}
