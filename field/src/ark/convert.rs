//! Division and conversions that only the arkworks traits ask for.

use crate::Fp;
use ark_ff::{BigInt, PrimeField};
use core::ops::{Div, DivAssign};
use core::str::FromStr;
use num_bigint::BigUint;

/// Division by a value or a reference. Constant time except for the panic.
///
/// # Panics
/// If the divisor is zero, as the trait wants it.
macro_rules! division {
    ($($Rhs:ty => |$v:ident| $value:expr),+ $(,)?) => {$(
        impl Div<$Rhs> for Fp {
            type Output = Self;
            #[inline]
            fn div(self, $v: $Rhs) -> Self {
                quotient(self, $value)
            }
        }
        impl DivAssign<$Rhs> for Fp {
            #[inline]
            fn div_assign(&mut self, $v: $Rhs) {
                *self = quotient(*self, $value);
            }
        }
    )+};
}

division!(Fp => |v| v, &Fp => |v| *v, &mut Fp => |v| *v);

fn quotient(a: Fp, b: Fp) -> Fp {
    a * b.invert().expect("division by zero")
}

impl FromStr for Fp {
    type Err = ();

    /// Decimal digits of any integer that fits 128 bits, reduced.
    fn from_str(s: &str) -> Result<Self, ()> {
        s.parse::<u128>().map(Self::from_u128).map_err(|_| ())
    }
}

impl From<BigInt<1>> for Fp {
    /// The residue class.
    fn from(v: BigInt<1>) -> Self {
        Self::new(v.0[0])
    }
}

impl From<Fp> for BigInt<1> {
    fn from(v: Fp) -> Self {
        v.into_bigint()
    }
}

impl From<BigUint> for Fp {
    /// The residue class of an integer of any length.
    fn from(v: BigUint) -> Self {
        let radix = Self::from_u128(1 << 64);
        v.iter_u64_digits().rev().fold(Self::ZERO, |value, digit| value * radix + Self::new(digit))
    }
}

impl From<Fp> for BigUint {
    fn from(v: Fp) -> Self {
        Self::from(v.to_u64())
    }
}
