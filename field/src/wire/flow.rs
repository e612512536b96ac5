//! Bulk data in caller-owned buffers.

/// A producer of bulk data in whole units.
///
/// The bytes do not depend on the sizes of the buffers they go through.
pub trait Outflow {
    /// Bytes of the smallest indivisible piece; every transfer is a multiple of it.
    const UNIT: usize;

    /// Bytes still to come, a multiple of [`UNIT`](Self::UNIT).
    fn remaining(&self) -> u64;

    /// Writes as many whole units as fit and remain to the front of `out`; returns the number of bytes written.
    /// Zero means that the flow has ended or that `out` is shorter than a unit.
    fn fill(&mut self, out: &mut [u8]) -> usize;
}

/// A consumer of bulk data in whole units.
pub trait Inflow {
    /// Bytes of the smallest indivisible piece; every transfer is a multiple of it.
    const UNIT: usize;
    /// What can be wrong with the peer's bytes.
    type Error;

    /// Bytes still expected, a multiple of [`UNIT`](Self::UNIT).
    fn remaining(&self) -> u64;

    /// Takes the next bytes, whole units and at most [`remaining`](Self::remaining).
    ///
    /// # Errors
    /// If the bytes are malformed, not whole units or too many; the flow is dead afterwards.
    fn absorb(&mut self, rows: &[u8]) -> Result<(), Self::Error>;
}
