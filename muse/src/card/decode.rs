//! Reading a peer's card.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

use super::{
    CONVOLUTION, CardError, DENSE, FORMAT, MEAN_STD, NOTHING, OWN_BYTES, OWN_LEVELS, OWN_UNKNOWN, RELU,
    RELU_AND_POOL, UNIT_INTERVAL,
};
use crate::model::{
    Activation, Architecture, ChannelStats, Extent, InputSpec, LayerSpec, ModelError, Normalisation, Reach,
    Units, limits,
};
use muse_field::wire::{DecodeError, Reader};

/// The architecture that `bytes` encode.
pub(super) fn architecture(bytes: &[u8]) -> Result<Architecture, CardError> {
    let mut reader = Reader::new(bytes);
    let reader = &mut reader;
    if reader.u8()? != FORMAT {
        return Err(DecodeError::OutOfRange.into());
    }
    let name = string(reader)?;
    let frac_bits = u32::from(reader.u8()?);
    let kind = reader.u8()?;
    let (channels, height, width) = (size(reader)?, size(reader)?, size(reader)?);
    let normalisation = match kind {
        UNIT_INTERVAL => Normalisation::UnitInterval,
        MEAN_STD => Normalisation::MeanStd(stats(reader, channels)?),
        OWN_LEVELS => own(reader, channels, Units::Levels)?,
        OWN_BYTES => own(reader, channels, Units::Bytes)?,
        OWN_UNKNOWN => own(reader, channels, Units::Unknown)?,
        _ => return Err(DecodeError::OutOfRange.into()),
    };
    let input = InputSpec { channels, height, width, normalisation };
    input.check()?;
    // An entry has at least two bytes, a count bounded by what remains bounds the allocation.
    let count = usize::from(reader.u16()?);
    if count > limits::CLASSES || count > reader.remaining() {
        return Err(DecodeError::OutOfRange.into());
    }
    let classes = (0..count).map(|_| string(reader)).collect::<Result<_, _>>()?;
    let layers = layers(reader, &input)?;
    let reach = reach(reader)?;
    let lossy = yes(reader)?;
    reader.clone().finish()?;
    Ok(Architecture::new(name, input, frac_bits, classes, layers)?.with_reach(reach).with_losses(lossy))
}

fn own(reader: &mut Reader<'_>, channels: usize, units: Units) -> Result<Normalisation, CardError> {
    Ok(Normalisation::InNetwork { stats: stats(reader, channels)?, units })
}

fn stats(reader: &mut Reader<'_>, channels: usize) -> Result<Vec<ChannelStats>, CardError> {
    // Grows with the bytes that are there, whatever the number of channels says.
    let mut stats = Vec::new();
    for _ in 0..channels {
        stats.push(channel(reader)?);
    }
    Ok(stats)
}

fn reach(reader: &mut Reader<'_>) -> Result<Reach, DecodeError> {
    let pixels = yes(reader)?;
    let bits = u32::from(reader.u8()?).checked_sub(1);
    if bits.is_some_and(|bits| bits > Reach::MAX_BITS) {
        return Err(DecodeError::OutOfRange);
    }
    Ok(Reach { pixels, bits })
}

fn yes(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    match reader.u8()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(DecodeError::OutOfRange),
    }
}

/// A channel's mean and standard deviation, each in its only encoding: there is no -0.
fn channel(reader: &mut Reader<'_>) -> Result<ChannelStats, CardError> {
    let [mean, std] = [f64::from_bits(reader.u64()?), f64::from_bits(reader.u64()?)];
    let stats = ChannelStats::new(mean, std)?;
    if stats.mean().to_bits() != mean.to_bits() {
        return Err(DecodeError::NotCanonical.into());
    }
    Ok(stats)
}

fn layers(reader: &mut Reader<'_>, input: &InputSpec) -> Result<Vec<LayerSpec>, CardError> {
    let count = usize::from(reader.u8()?);
    if !(1..=limits::LAYERS).contains(&count) {
        return Err(ModelError::LayerCount(count).into());
    }
    let mut extent = Extent::of_input(input);
    let mut layers = Vec::with_capacity(count);
    for _ in 0..count {
        let layer = layer(reader, &extent)?;
        let pool = layer.activation.and_then(|activation| activation.sum_pool);
        extent = Extent::flow(&layer.shape, pool).map_err(|fault| fault.in_layer(&layer.name))?;
        layers.push(layer);
    }
    Ok(layers)
}

fn layer(reader: &mut Reader<'_>, before: &Extent) -> Result<LayerSpec, CardError> {
    let name = string(reader)?;
    let kind = reader.u8()?;
    let outputs = size(reader)?;
    let dense = before.dense(outputs);
    let shape = match kind {
        DENSE => dense,
        CONVOLUTION => {
            let (kernel, padding, stride) = (reader.u8()?, reader.u8()?, reader.u8()?);
            let shape = before.convolution(outputs, kernel.into(), padding.into(), stride.into());
            // A convolution that is a dense layer has one encoding, the other one.
            if shape == dense {
                return Err(DecodeError::NotCanonical.into());
            }
            shape
        }
        _ => return Err(DecodeError::OutOfRange.into()),
    };
    let activation = match reader.u8()? {
        NOTHING => None,
        RELU => Some(Activation { shift: reader.u8()?.into(), sum_pool: None }),
        RELU_AND_POOL => Some(Activation { shift: reader.u8()?.into(), sum_pool: Some(2) }),
        _ => return Err(DecodeError::OutOfRange.into()),
    };
    let l1_bound = reader.u64()?;
    Ok(LayerSpec { name, shape, activation, l1_bound })
}

/// A name. Whether it can be printed is checked with the architecture, before anything could print it.
fn string(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    let length = usize::from(reader.u8()?);
    let bytes = reader.take(length)?;
    core::str::from_utf8(bytes).map(Into::into).map_err(|_| DecodeError::NotCanonical)
}

fn size(reader: &mut Reader<'_>) -> Result<usize, DecodeError> {
    usize::try_from(reader.u32()?).map_err(|_| DecodeError::OutOfRange)
}
