//! Writing a card.

use super::{
    CONVOLUTION, DENSE, FORMAT, MEAN_STD, NOTHING, OWN_BYTES, OWN_LEVELS, OWN_UNKNOWN, RELU, RELU_AND_POOL,
    UNIT_INTERVAL,
};
use crate::model::{Architecture, InputSpec, LayerSpec, Normalisation, Reach, Units};

/// The encoding of a valid architecture, whose numbers fit their fields because of its limits.
pub(super) fn architecture(architecture: &Architecture) -> Vec<u8> {
    let mut out = vec![FORMAT];
    string(&mut out, architecture.name());
    out.push(narrow(architecture.frac_bits()));
    let InputSpec { channels, height, width, normalisation } = architecture.input();
    out.push(match normalisation {
        Normalisation::UnitInterval => UNIT_INTERVAL,
        Normalisation::MeanStd(_) => MEAN_STD,
        Normalisation::InNetwork { units: Units::Levels, .. } => OWN_LEVELS,
        Normalisation::InNetwork { units: Units::Bytes, .. } => OWN_BYTES,
        Normalisation::InNetwork { units: Units::Unknown, .. } => OWN_UNKNOWN,
    });
    [channels, height, width].into_iter().for_each(|size| word(&mut out, *size));
    if let Normalisation::MeanStd(stats) | Normalisation::InNetwork { stats, .. } = normalisation {
        let numbers = stats.iter().flat_map(|stats| [stats.mean(), stats.std()]);
        numbers.for_each(|number| out.extend(number.to_le_bytes()));
    }
    out.extend(narrow::<_, u16>(architecture.classes().len()).to_le_bytes());
    architecture.classes().iter().for_each(|class| string(&mut out, class));
    out.push(narrow(architecture.layers().len()));
    architecture.layers().iter().for_each(|spec| layer(&mut out, spec));
    let Reach { pixels, bits } = architecture.reach();
    out.extend([u8::from(pixels), bits.map_or(0, |bits| narrow(bits.min(Reach::MAX_BITS) + 1))]);
    out.push(u8::from(architecture.is_lossy()));
    out
}

fn layer(out: &mut Vec<u8>, spec: &LayerSpec) {
    string(out, &spec.name);
    let shape = &spec.shape;
    if spec.is_dense() {
        out.push(DENSE);
        word(out, shape.out_channels);
    } else {
        out.push(CONVOLUTION);
        word(out, shape.out_channels);
        out.extend([shape.kernel, shape.padding, shape.stride].map(narrow::<_, u8>));
    }
    match spec.activation {
        None => out.push(NOTHING),
        Some(activation) => {
            out.push(if activation.sum_pool.is_some() { RELU_AND_POOL } else { RELU });
            out.push(narrow(activation.shift));
        }
    }
    out.extend(spec.l1_bound.to_le_bytes());
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(narrow(text.len()));
    out.extend(text.as_bytes());
}

fn word(out: &mut Vec<u8>, value: usize) {
    out.extend(narrow::<_, u32>(value).to_le_bytes());
}

fn narrow<T, U: TryFrom<T>>(value: T) -> U {
    U::try_from(value).ok().expect("within the limits of every architecture")
}
