//! `subtle` and `zeroize` for [`Fp`].

use super::Fp;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::DefaultIsZeroes;

impl ConstantTimeEq for Fp {
    #[inline]
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl ConditionallySelectable for Fp {
    #[inline]
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        Self(u64::conditional_select(&a.0, &b.0, choice))
    }
}

impl DefaultIsZeroes for Fp {}

#[cfg(test)]
mod tests {
    use super::*;
    use subtle::ConditionallyNegatable;
    use zeroize::Zeroize;

    #[test]
    fn selection_negation_and_wiping() {
        let (a, b) = (Fp::new(5), Fp::new(9));
        assert_eq!(Fp::conditional_select(&a, &b, Choice::from(0)), a);
        assert_eq!(Fp::conditional_select(&a, &b, Choice::from(1)), b);
        assert!(bool::from(a.ct_eq(&a)) && !bool::from(a.ct_eq(&b)));
        let mut c = a;
        c.conditional_negate(Choice::from(1));
        assert_eq!(c, -a);
        c.zeroize();
        assert_eq!(c, Fp::ZERO);
    }
}
