//! The linear operations of authenticated vectors.
//!
//! `m = k + alpha * x` is linear, so a public linear map applied to the values, the MACs and the keys alike gives an
//! authenticated vector again, without a message. The types differ in their columns only; [`linear!`](linear) writes the operations
//! once for all of them.

use alloc::vec::Vec;

use muse_field::Fp;
use zeroize::Zeroizing;

/// A secret column of a vector.
pub(crate) type Column = Zeroizing<Vec<Fp>>;

/// The rows `first`, then those of `second`. A new allocation, since growing one would leave an unwiped copy behind.
pub(crate) fn joined(first: &[Fp], second: &[Fp]) -> Column {
    let mut column = Zeroizing::new(Vec::with_capacity(first.len() + second.len()));
    column.extend_from_slice(first);
    column.extend_from_slice(second);
    column
}

/// Splits off the rows from `at` on.
pub(crate) fn split_off(column: &mut Column, at: usize) -> Column {
    let tail = Zeroizing::new(column[at..].to_vec());
    column[at..].fill(Fp::ZERO);
    column.truncate(at);
    tail
}

/// The rows with these numbers.
pub(crate) fn select(column: &[Fp], rows: &[usize]) -> Column {
    Zeroizing::new(rows.iter().map(|&row| column[row]).collect())
}

/// Inherent methods for a struct of [`Column`]s of equal length, all of which are named.
macro_rules! linear {
    ($Type:ident { $first:ident $(, $other:ident)* }) => {
        impl $Type {
            /// Number of elements. Public.
            #[must_use]
            pub fn len(&self) -> usize {
                self.$first.len()
            }

            /// Whether there are no elements.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.$first.is_empty()
            }

            /// `self[i] += other[i]`.
            ///
            /// # Panics
            /// If the lengths differ.
            pub fn add_assign(&mut self, other: &Self) {
                muse_field::vector::add_assign(&mut self.$first, &other.$first);
                $(muse_field::vector::add_assign(&mut self.$other, &other.$other);)*
            }

            /// `self[i] -= other[i]`.
            ///
            /// # Panics
            /// If the lengths differ.
            pub fn sub_assign(&mut self, other: &Self) {
                muse_field::vector::sub_assign(&mut self.$first, &other.$first);
                $(muse_field::vector::sub_assign(&mut self.$other, &other.$other);)*
            }

            /// `self[i] = -self[i]`.
            pub fn neg_assign(&mut self) {
                muse_field::vector::neg_assign(&mut self.$first);
                $(muse_field::vector::neg_assign(&mut self.$other);)*
            }

            /// `self[i] *= factor`, a public factor.
            pub fn scale_assign(&mut self, factor: muse_field::Fp) {
                muse_field::vector::scale_assign(&mut self.$first, factor);
                $(muse_field::vector::scale_assign(&mut self.$other, factor);)*
            }

            /// `self[i] *= factors[i]`, public factors.
            ///
            /// # Panics
            /// If the lengths differ.
            pub fn mul_public_assign(&mut self, factors: &[muse_field::Fp]) {
                muse_field::vector::mul_assign(&mut self.$first, factors);
                $(muse_field::vector::mul_assign(&mut self.$other, factors);)*
            }

            /// `self[i] += factor * other[i]`, a public factor.
            ///
            /// # Panics
            /// If the lengths differ.
            pub fn axpy(&mut self, factor: muse_field::Fp, other: &Self) {
                muse_field::vector::axpy(&mut self.$first, factor, &other.$first);
                $(muse_field::vector::axpy(&mut self.$other, factor, &other.$other);)*
            }

            /// Appends the elements of `other`. Copies both: to join many vectors, use [`concat`](Self::concat).
            pub fn append(&mut self, other: Self) {
                self.$first = $crate::linear::joined(&self.$first, &other.$first);
                $(self.$other = $crate::linear::joined(&self.$other, &other.$other);)*
            }

            /// The elements of all `parts`, in order.
            #[must_use]
            pub fn concat(parts: alloc::vec::Vec<Self>) -> Self {
                let len = parts.iter().map(Self::len).sum();
                let mut $first = zeroize::Zeroizing::new(alloc::vec::Vec::with_capacity(len));
                $(let mut $other = zeroize::Zeroizing::new(alloc::vec::Vec::with_capacity(len));)*
                for part in parts {
                    $first.extend_from_slice(&part.$first);
                    $($other.extend_from_slice(&part.$other);)*
                }
                Self { $first $(, $other)* }
            }

            /// Keeps the elements before `at` and returns the others.
            ///
            /// # Panics
            /// If `at` exceeds the length.
            #[must_use]
            pub fn split_off(&mut self, at: usize) -> Self {
                Self {
                    $first: $crate::linear::split_off(&mut self.$first, at)
                    $(, $other: $crate::linear::split_off(&mut self.$other, at))*
                }
            }

            /// The elements with these (public) indices, in this order, repetitions included.
            ///
            /// # Panics
            /// If an index is not below the length.
            #[must_use]
            pub fn select(&self, indices: &[usize]) -> Self {
                Self {
                    $first: $crate::linear::select(&self.$first, indices)
                    $(, $other: $crate::linear::select(&self.$other, indices))*
                }
            }

            /// The image under a public linear map of vectors (pooling, flattening, a matrix).
            ///
            /// `map` is called once for each column and must be the same F-linear map every time: no constant, no state.
            /// It should not keep copies of what it sees.
            ///
            /// # Panics
            /// If the images of the columns have different lengths, so that `map` is no such map.
            #[must_use]
            pub fn map(&self, map: impl Fn(&[muse_field::Fp]) -> alloc::vec::Vec<muse_field::Fp>) -> Self {
                let $first = zeroize::Zeroizing::new(map(&self.$first));
                $(
                    let $other = zeroize::Zeroizing::new(map(&self.$other));
                    assert_eq!($first.len(), $other.len(), "one linear map for all columns");
                )*
                Self { $first $(, $other)* }
            }
        }

        impl core::fmt::Debug for $Type {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                write!(f, concat!(stringify!($Type), "({} redacted)"), self.len())
            }
        }
    };
}

pub(crate) use linear;
