//! The two messages of base OT.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use alloc::boxed::Box;
use alloc::vec::Vec;

use curve25519_dalek::RistrettoPoint;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use muse_field::DecodeError;
use muse_field::wire::{Decode, Encode, Reader, Writer};

use super::COUNT;

/// A group element other than the identity, with its one encoding.
#[derive(Clone, Debug)]
pub(super) struct Element {
    point: RistrettoPoint,
    bytes: [u8; Self::BYTES],
}

impl Element {
    const BYTES: usize = 32;

    pub(super) fn new(point: RistrettoPoint) -> Self {
        Self { bytes: point.compress().to_bytes(), point }
    }

    /// A point with the encoding that the caller knows to be its own.
    pub(super) const fn from_parts(point: RistrettoPoint, bytes: [u8; Self::BYTES]) -> Self {
        Self { point, bytes }
    }

    pub(super) fn point(&self) -> &RistrettoPoint {
        &self.point
    }

    pub(super) fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.bytes
    }

    fn decode(r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let bytes = r.array()?;
        let point = CompressedRistretto(bytes).decompress().ok_or(DecodeError::NotCanonical)?;
        if point == RistrettoPoint::identity() {
            return Err(DecodeError::OutOfRange);
        }
        Ok(Self { point, bytes })
    }
}

/// First message, receiver to sender: two group elements per OT, 8192 bytes.
///
/// | offset | bytes | content |
/// |---|---|---|
/// | 64 i | 32 | `r_(i,0)` |
/// | 64 i + 32 | 32 | `r_(i,1)` |
///
/// Needs an authentic channel. It says nothing about the choices.
#[derive(Clone, Debug)]
pub struct Request(Box<[[Element; 2]]>);

impl Request {
    pub(super) fn new(elements: Vec<[Element; 2]>) -> Self {
        debug_assert_eq!(elements.len(), COUNT);
        Self(elements.into_boxed_slice())
    }

    /// The elements, `COUNT` pairs.
    pub(super) fn elements(&self) -> &[[Element; 2]] {
        &self.0
    }
}

impl Encode for Request {
    fn encoded_len(&self) -> usize {
        Self::len_for(())
    }

    fn encode(&self, out: &mut Writer<'_>) {
        for element in self.0.as_flattened() {
            out.put(&element.bytes);
        }
    }
}

impl Decode for Request {
    type Shape = ();

    fn len_for((): ()) -> usize {
        const { COUNT * 2 * Element::BYTES }
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let pairs = (0..COUNT).map(|_| Ok([Element::decode(r)?, Element::decode(r)?]));
        Ok(Self(pairs.collect::<Result<_, _>>()?))
    }
}

/// Second message, sender to receiver: one group element, 32 bytes.
///
/// Needs an authentic channel.
#[derive(Clone, Debug)]
pub struct Reply(Element);

impl Reply {
    pub(super) const fn new(element: Element) -> Self {
        Self(element)
    }

    pub(super) const fn element(&self) -> &Element {
        &self.0
    }
}

impl Encode for Reply {
    fn encoded_len(&self) -> usize {
        Self::len_for(())
    }

    fn encode(&self, out: &mut Writer<'_>) {
        out.put(&self.0.bytes);
    }
}

impl Decode for Reply {
    type Shape = ();

    fn len_for((): ()) -> usize {
        Element::BYTES
    }

    fn decode((): (), r: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Element::decode(r).map(Self)
    }
}
