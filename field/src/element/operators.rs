//! Operators, iterator folds, conversions and printing for [`Fp`].

use super::Fp;
use core::fmt;
use core::iter::{Product, Sum};
use core::ops::{Add, AddAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// Implements one binary operator for every mixture of values and references (ark-ff asks for `&mut` too).
macro_rules! binary_operator {
    ($Op:ident, $op:ident, $OpAssign:ident, $op_assign:ident, $kernel:ident) => {
        impl $Op<Fp> for Fp {
            type Output = Fp;
            #[inline]
            fn $op(self, other: Fp) -> Fp {
                self.$kernel(other)
            }
        }
        impl $Op<Fp> for &Fp {
            type Output = Fp;
            #[inline]
            fn $op(self, other: Fp) -> Fp {
                self.$kernel(other)
            }
        }
        impl $OpAssign<Fp> for Fp {
            #[inline]
            fn $op_assign(&mut self, other: Fp) {
                *self = self.$kernel(other);
            }
        }
        binary_operator!(@by_reference $Op, $op, $OpAssign, $op_assign, $kernel, &'a Fp);
        binary_operator!(@by_reference $Op, $op, $OpAssign, $op_assign, $kernel, &'a mut Fp);
    };
    (@by_reference $Op:ident, $op:ident, $OpAssign:ident, $op_assign:ident, $kernel:ident, $Rhs:ty) => {
        impl<'a> $Op<$Rhs> for Fp {
            type Output = Fp;
            #[inline]
            fn $op(self, other: $Rhs) -> Fp {
                self.$kernel(*other)
            }
        }
        impl<'a> $Op<$Rhs> for &Fp {
            type Output = Fp;
            #[inline]
            fn $op(self, other: $Rhs) -> Fp {
                self.$kernel(*other)
            }
        }
        impl<'a> $OpAssign<$Rhs> for Fp {
            #[inline]
            fn $op_assign(&mut self, other: $Rhs) {
                *self = self.$kernel(*other);
            }
        }
    };
}

binary_operator!(Add, add, AddAssign, add_assign, add_const);
binary_operator!(Sub, sub, SubAssign, sub_assign, sub_const);
binary_operator!(Mul, mul, MulAssign, mul_assign, mul_const);

impl Neg for Fp {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self::ZERO.sub_const(self)
    }
}

impl Neg for &Fp {
    type Output = Fp;
    #[inline]
    fn neg(self) -> Fp {
        Fp::ZERO.sub_const(*self)
    }
}

impl Sum<Self> for Fp {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Self::add_const)
    }
}

impl<'a> Sum<&'a Self> for Fp {
    fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().sum()
    }
}

impl Product<Self> for Fp {
    fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ONE, Self::mul_const)
    }
}

impl<'a> Product<&'a Self> for Fp {
    fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().product()
    }
}

/// Integers that embed through one of the reducing constructors.
macro_rules! from_integer {
    ($($Int:ty => $make:ident as $Wide:ty),+ $(,)?) => {$(
        impl From<$Int> for Fp {
            #[inline]
            fn from(v: $Int) -> Self {
                Self::$make(<$Wide>::from(v))
            }
        }
    )+};
}

from_integer! {
    bool => new as u64, u8 => new as u64, u16 => new as u64, u32 => new as u64, u64 => new as u64,
    u128 => from_u128 as u128,
    i8 => from_i64 as i64, i16 => from_i64 as i64, i32 => from_i64 as i64, i64 => from_i64 as i64,
}

impl From<i128> for Fp {
    /// The residue class of a signed 128-bit integer, constant time.
    fn from(v: i128) -> Self {
        // Reduce v + 2^127, an unsigned integer, and take the offset off again.
        Self::from_u128((v as u128) ^ (1 << 127)) - Self::from_u128(1 << 127)
    }
}

impl From<Fp> for u64 {
    #[inline]
    fn from(v: Fp) -> Self {
        v.to_u64()
    }
}

impl fmt::Debug for Fp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Fp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
