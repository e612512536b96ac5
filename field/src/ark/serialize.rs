//! arkworks' canonical serialization: 44 bits in 6 little-endian bytes, flags in the top bits of the last byte (a
//! seventh byte if they need more than 4 bits).

use crate::Fp;
use ark_serialize::{
    CanonicalDeserialize, CanonicalDeserializeWithFlags, CanonicalSerialize, CanonicalSerializeWithFlags,
    Compress, EmptyFlags, Flags, Read, SerializationError, Valid, Validate, Write, buffer_byte_size,
};

/// Bytes of an element with flags of at most 8 bits: 6 or 7.
pub(super) const fn len_with_flags(flag_bits: usize) -> usize {
    buffer_byte_size(44 + flag_bits)
}

impl CanonicalSerializeWithFlags for Fp {
    fn serialize_with_flags<W: Write, F: Flags>(
        &self,
        mut writer: W,
        flags: F,
    ) -> Result<(), SerializationError> {
        if F::BIT_SIZE > 8 {
            return Err(SerializationError::NotEnoughSpace);
        }
        let len = len_with_flags(F::BIT_SIZE);
        let mut bytes = self.to_u64().to_le_bytes();
        bytes[len - 1] |= flags.u8_bitmask();
        Ok(writer.write_all(&bytes[..len])?)
    }

    fn serialized_size_with_flags<F: Flags>(&self) -> usize {
        len_with_flags(F::BIT_SIZE)
    }
}

impl CanonicalSerialize for Fp {
    fn serialize_with_mode<W: Write>(&self, writer: W, _: Compress) -> Result<(), SerializationError> {
        self.serialize_with_flags(writer, EmptyFlags)
    }

    fn serialized_size(&self, _: Compress) -> usize {
        len_with_flags(0)
    }
}

impl CanonicalDeserializeWithFlags for Fp {
    fn deserialize_with_flags<R: Read, F: Flags>(mut reader: R) -> Result<(Self, F), SerializationError> {
        if F::BIT_SIZE > 8 {
            return Err(SerializationError::NotEnoughSpace);
        }
        let len = len_with_flags(F::BIT_SIZE);
        let mut bytes = [0; 8];
        reader.read_exact(&mut bytes[..len])?;
        let flags =
            F::from_u8_remove_flags(&mut bytes[len - 1]).ok_or(SerializationError::UnexpectedFlags)?;
        let value = Self::from_canonical(u64::from_le_bytes(bytes)).ok_or(SerializationError::InvalidData)?;
        Ok((value, flags))
    }
}

impl CanonicalDeserialize for Fp {
    /// Refuses values of p or more whatever `validate` says.
    fn deserialize_with_mode<R: Read>(
        reader: R,
        _: Compress,
        _: Validate,
    ) -> Result<Self, SerializationError> {
        Self::deserialize_with_flags::<R, EmptyFlags>(reader).map(|(v, _)| v)
    }
}

impl Valid for Fp {
    const TRIVIAL_CHECK: bool = true;

    fn check(&self) -> Result<(), SerializationError> {
        Ok(())
    }
}
