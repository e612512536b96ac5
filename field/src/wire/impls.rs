//! Encodings of byte arrays, integers, vectors of elements and pairs.

use super::{Decode, DecodeError, Encode, Reader, Writer};
use crate::Fp;
use crate::pack::packed_len;
use alloc::vec::Vec;

impl<const N: usize> Encode for [u8; N] {
    fn encoded_len(&self) -> usize {
        N
    }
    fn encode(&self, out: &mut Writer<'_>) {
        out.put(self);
    }
}

impl<const N: usize> Decode for [u8; N] {
    type Shape = ();
    fn len_for((): ()) -> usize {
        N
    }
    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.array()
    }
}

macro_rules! integers {
    ($($int:ident),+) => {$(
        impl Encode for $int {
            fn encoded_len(&self) -> usize {
                size_of::<Self>()
            }
            fn encode(&self, out: &mut Writer<'_>) {
                out.$int(*self);
            }
        }
        impl Decode for $int {
            type Shape = ();
            fn len_for((): ()) -> usize {
                size_of::<Self>()
            }
            fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
                r.$int()
            }
        }
    )+};
}

integers!(u8, u16, u32, u64, u128);

/// One element, packed: six bytes. Vectors are packed together.
impl Encode for Fp {
    fn encoded_len(&self) -> usize {
        packed_len(1)
    }
    fn encode(&self, out: &mut Writer<'_>) {
        out.elements(&[*self]);
    }
}

impl Decode for Fp {
    type Shape = ();
    fn len_for((): ()) -> usize {
        packed_len(1)
    }
    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut element = [Self::ZERO];
        r.elements_into(&mut element)?;
        Ok(element[0])
    }
}

impl Encode for [Fp] {
    fn encoded_len(&self) -> usize {
        packed_len(self.len())
    }
    fn encode(&self, out: &mut Writer<'_>) {
        out.elements(self);
    }
}

impl Encode for Vec<Fp> {
    fn encoded_len(&self) -> usize {
        self.as_slice().encoded_len()
    }
    fn encode(&self, out: &mut Writer<'_>) {
        self.as_slice().encode(out);
    }
}

/// The shape is the number of elements.
impl Decode for Vec<Fp> {
    type Shape = usize;
    fn len_for(n: usize) -> usize {
        packed_len(n)
    }
    fn decode(n: usize, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        r.elements(n)
    }
}

impl<A: Encode, B: Encode> Encode for (A, B) {
    fn encoded_len(&self) -> usize {
        self.0.encoded_len() + self.1.encoded_len()
    }
    fn encode(&self, out: &mut Writer<'_>) {
        self.0.encode(out);
        self.1.encode(out);
    }
}

impl<A: Decode, B: Decode> Decode for (A, B) {
    type Shape = (A::Shape, B::Shape);
    fn len_for((a, b): Self::Shape) -> usize {
        A::len_for(a).saturating_add(B::len_for(b))
    }
    fn decode((a, b): Self::Shape, r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok((A::decode(a, r)?, B::decode(b, r)?))
    }
}
