//! Labels, the global offset, zero labels and active labels.

use core::fmt;
use core::ops::{BitXor, BitXorAssign};

use alloc::vec::Vec;
use muse_field::mask::Mask;
use muse_field::wire::{Decode, DecodeError, Encode, Reader, Writer, message};
use rand_core::CryptoRng;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{DefaultIsZeroes, Zeroize, ZeroizeOnDrop};

message! {
    /// 128 bits: a label, an offset, a row of a garbled table, or an element of GF(2^128).
    ///
    /// On the wire 16 bytes, little-endian; bit `i` of the integer is bit `i` of the string. `Block` itself is neither secret
    /// nor public: secrecy belongs to the type that holds it.
    #[repr(transparent)]
    #[derive(Clone, Copy, PartialEq, Eq, Default)]
    pub struct Block(pub u128);
}

impl Block {
    /// Bytes of a block on the wire.
    pub const BYTES: usize = 16;
    /// All bits zero.
    pub const ZERO: Self = Self(0);

    /// A uniform block.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        Self::from_bytes(bytes)
    }

    /// Reads little-endian bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_le_bytes(bytes))
    }

    /// Writes little-endian bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.to_le_bytes()
    }

    /// The colour of a label: its lowest bit, as 0 or 1.
    #[inline]
    #[must_use]
    pub const fn colour(self) -> u8 {
        (self.0 & 1) as u8
    }

    /// All ones if the colour is 1, else zero: the mask form of the colour, for branch-free selection.
    #[inline]
    #[must_use]
    pub fn colour_mask(self) -> Self {
        Self(Mask::of_bit(self.0 as u64).to_u128())
    }

    /// `self` where `bit` is 1, zero where it is 0, without a branch. Only the lowest bit of `bit` counts.
    #[inline]
    #[must_use]
    pub fn masked(self, bit: u8) -> Self {
        Self(Mask::of_bit(bit.into()) & self.0)
    }
}

impl BitXor for Block {
    type Output = Self;

    #[inline]
    fn bitxor(self, other: Self) -> Self {
        Self(self.0 ^ other.0)
    }
}

impl BitXorAssign for Block {
    #[inline]
    fn bitxor_assign(&mut self, other: Self) {
        self.0 ^= other.0;
    }
}

impl core::ops::BitAnd for Block {
    type Output = Self;

    #[inline]
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl ConstantTimeEq for Block {
    fn ct_eq(&self, other: &Self) -> Choice {
        let difference = self.0 ^ other.0;
        ((difference as u64) | ((difference >> 64) as u64)).ct_eq(&0)
    }
}

impl subtle::ConditionallySelectable for Block {
    fn conditional_select(a: &Self, b: &Self, choice: Choice) -> Self {
        *a ^ (*a ^ *b).masked(choice.unwrap_u8())
    }
}

impl DefaultIsZeroes for Block {}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Block({:#034x})", self.0)
    }
}

/// The global offset of free XOR: the two labels of every wire differ by it. Its lowest bit is 1.
///
/// Secret of the garbler and sender of correlated OTs. One value serves a whole session.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Delta(Block);

impl Delta {
    /// A uniform offset with lowest bit 1.
    #[must_use]
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        Self::from_block(Block::random(rng))
    }

    /// `block` with its lowest bit set to 1.
    #[must_use]
    pub const fn from_block(block: Block) -> Self {
        Self(Block(block.0 | 1))
    }

    /// The raw offset. The caller keeps it secret.
    #[inline]
    #[must_use]
    pub const fn block(&self) -> Block {
        self.0
    }
}

impl fmt::Debug for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Delta(redacted)")
    }
}

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Default, Zeroize, ZeroizeOnDrop)]
        pub struct $name(Vec<Block>);

        impl $name {
            /// Takes over a vector of labels.
            #[must_use]
            pub const fn new(labels: Vec<Block>) -> Self {
                Self(labels)
            }

            /// The inputs of a circuit from bundles (labels, bits per instance) that are instance-major each: for every
            /// instance its labels of the first bundle, then of the second, and so on.
            ///
            /// # Panics
            /// If the bundles are not of the same whole number of instances.
            #[must_use]
            pub fn join(bundles: &[(&Self, usize)]) -> Self {
                let instances = bundles.first().map_or(0, |(labels, width)| labels.len() / (*width).max(1));
                let fits = |(labels, width): &(&Self, usize)| instances.checked_mul(*width) == Some(labels.len());
                assert!(bundles.iter().all(fits), "bundles of the same number of instances");
                let mut joined = Vec::with_capacity(bundles.iter().map(|(labels, _)| labels.len()).sum());
                for instance in 0..instances {
                    for (labels, width) in bundles {
                        joined.extend_from_slice(&labels.0[instance * width..(instance + 1) * width]);
                    }
                }
                Self(joined)
            }

            /// How many.
            #[must_use]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Whether there are none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            /// The raw labels.
            #[must_use]
            pub fn as_slice(&self) -> &[Block] {
                &self.0
            }

            /// The raw labels, mutable.
            #[must_use]
            pub fn as_mut_slice(&mut self) -> &mut [Block] {
                &mut self.0
            }

            /// Keeps the first `count` labels and wipes the others. Their memory is given back when all are dropped.
            pub fn truncate(&mut self, count: usize) {
                if let Some(others) = self.0.get_mut(count..) {
                    others.zeroize();
                }
                self.0.truncate(count);
            }
        }

        impl From<Vec<Block>> for $name {
            fn from(labels: Vec<Block>) -> Self {
                Self(labels)
            }
        }

        impl Encode for $name {
            fn encoded_len(&self) -> usize {
                self.0.len() * Block::BYTES
            }

            fn encode(&self, out: &mut Writer<'_>) {
                for label in &self.0 {
                    label.encode(out);
                }
            }
        }

        /// The shape is the number of labels.
        impl Decode for $name {
            type Shape = usize;

            fn len_for(count: usize) -> usize {
                Block::BYTES.saturating_mul(count)
            }

            fn decode(count: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
                // `take` fails before anything is allocated for bytes that are not there.
                let (blocks, _) = r.take(Self::len_for(count))?.as_chunks();
                Ok(Self(blocks.iter().copied().map(Block::from_bytes).collect()))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} redacted)"), self.0.len())
            }
        }
    };
}

labels! {
    /// Labels of the value 0, one per wire: known to the garbler only. The label of 1 is the zero label xor Delta.
    ZeroLabels
}

labels! {
    /// Labels of the actual values, one per wire: what the evaluator holds. Never both labels of a wire.
    ActiveLabels
}

impl ZeroLabels {
    /// `count` uniform labels, for wires whose values the garbler knows (its own inputs).
    #[must_use]
    pub fn random(count: usize, rng: &mut impl CryptoRng) -> Self {
        Self((0..count).map(|_| Block::random(rng)).collect())
    }

    /// The labels of known bits: `label[i] = zero[i] xor bits[i]*Delta`, without branches on the bits.
    ///
    /// # Panics
    /// If `bits` has another length; bits are the lowest bits of the bytes.
    #[must_use]
    pub fn active(&self, bits: &[u8], delta: &Delta) -> ActiveLabels {
        assert_eq!(bits.len(), self.0.len(), "one bit per label");
        ActiveLabels(self.0.iter().zip(bits).map(|(&zero, &bit)| zero ^ delta.block().masked(bit)).collect())
    }

    /// The labels of known integers of `width` bits each, bits least significant first: label `j*width + i` is that of
    /// bit `i` of `values[j]`. No branch on the values.
    ///
    /// # Panics
    /// If there are not `width` labels for each value, or `width` exceeds 64.
    #[must_use]
    pub fn active_integers(&self, values: &[u64], width: usize, delta: &Delta) -> ActiveLabels {
        assert!(width <= 64, "at most 64 bits");
        assert_eq!(values.len() * width, self.0.len(), "a label for each bit");
        let mut labels = Vec::with_capacity(self.0.len());
        for (zeros, &value) in self.0.chunks_exact(width.max(1)).zip(values) {
            labels.extend((0..).zip(zeros).map(|(i, &zero)| zero ^ delta.block().masked((value >> i) as u8)));
        }
        ActiveLabels(labels)
    }
}
