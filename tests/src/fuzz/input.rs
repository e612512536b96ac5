//! Reading a fuzzer's bytes: numbers and bodies, zeros when they run out.

/// A cursor over the input of a target.
#[derive(Clone, Debug)]
pub(super) struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Up to `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, rest) = self.0.split_at(n.min(self.0.len()));
        self.0 = rest;
        head
    }

    pub(super) fn array<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        let head = self.take(N);
        out[..head.len()].copy_from_slice(head);
        out
    }

    pub(super) fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    pub(super) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.array())
    }

    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    /// What remains, as a message of `len` bytes: as it is, cut or filled up with zeros, or repeated, by a byte before it.
    pub(super) fn message(&mut self, len: usize) -> Vec<u8> {
        let how = self.u8();
        let rest = self.take(usize::MAX);
        match how % 4 {
            0 | 1 => {
                let mut bytes = rest[..rest.len().min(len)].to_vec();
                bytes.resize(len, 0);
                bytes
            }
            2 if !rest.is_empty() => rest.iter().copied().cycle().take(len).collect(),
            _ => rest.to_vec(),
        }
    }

    /// An honest message, changed in a way and at a place that the next bytes name. With none left, it stays honest.
    pub(super) fn mutated(&mut self, honest: &[u8]) -> Vec<u8> {
        let mut bytes = honest.to_vec();
        if self.is_empty() {
            return bytes;
        }
        let (how, at, count) = (self.u8(), self.u32() as usize, usize::from(self.u8()));
        let payload = self.take(count);
        let at = if bytes.is_empty() { 0 } else { at % bytes.len() };
        match how % 6 {
            0 => bytes.iter_mut().skip(at).zip(payload).for_each(|(byte, change)| *byte ^= change),
            1 => bytes.iter_mut().skip(at).zip(payload).for_each(|(byte, new)| *byte = *new),
            2 => bytes.truncate(at),
            3 => bytes.extend_from_slice(payload),
            4 if !payload.is_empty() => bytes = payload.iter().copied().cycle().take(honest.len()).collect(),
            5 => bytes.rotate_left(at),
            _ => {}
        }
        bytes
    }
}
