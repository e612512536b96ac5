//! Random small networks and inputs, extremes included.

use crate::{Activation, InputSpec, Layer, LayerSpec, Network, Normalisation, limits};
use muse_field::{Fp, MODULUS};
use muse_he::encode::LinearShape;
use proptest::prelude::*;

/// What a network is made from; everything fits by construction.
#[derive(Clone, Debug)]
pub struct Recipe {
    pub channels: usize,
    pub height: usize,
    pub width: usize,
    pub frac_bits: u32,
    pub steps: Vec<Step>,
    pub last_is_dense: bool,
    pub outputs: usize,
    pub seed: u64,
}

/// One layer but the last, as far as the image allows it.
#[derive(Clone, Debug)]
pub struct Step {
    pub dense: bool,
    pub out_channels: usize,
    pub kernel: usize,
    pub padding: usize,
    pub stride: usize,
    pub shift: u32,
    pub pool: bool,
}

pub fn recipe() -> impl Strategy<Value = Recipe> {
    let step = (any::<bool>(), 1..5usize, 1..5usize, 0..4usize, 1..4usize, 0..=22u32, any::<bool>());
    let step = step.prop_map(|(dense, out_channels, kernel, padding, stride, shift, pool)| Step {
        dense,
        out_channels,
        kernel,
        padding,
        stride,
        shift: if shift > 14 && shift < 22 { shift - 14 } else { shift },
        pool,
    });
    let size = (1..4usize, 1..10usize, 1..10usize, 4..=12u32);
    (size, prop::collection::vec(step, 0..4), any::<bool>(), 1..6usize, any::<u64>()).prop_map(
        |((channels, height, width, frac_bits), steps, last_is_dense, outputs, seed)| Recipe {
            channels,
            height,
            width,
            frac_bits,
            steps,
            last_is_dense,
            outputs,
            seed,
        },
    )
}

/// The network of a recipe: weights of up to 31 bits and biases up to the ends of the range, both with many extremes.
pub fn network(recipe: &Recipe) -> Network {
    let mut random = Random(recipe.seed);
    let mut size = (recipe.channels, recipe.height, recipe.width);
    let mut layers = Vec::new();
    let last = Step {
        dense: recipe.last_is_dense,
        out_channels: recipe.outputs,
        kernel: 2,
        padding: 1,
        stride: 1,
        shift: 0,
        pool: false,
    };
    let count = recipe.steps.len();
    for (index, step) in recipe.steps.iter().chain([&last]).enumerate() {
        let shape = shape(step, size);
        let (height, width) = (shape.out_height(), shape.out_width());
        let pools = step.pool && height >= 2 && width >= 2;
        let activation =
            (index < count).then(|| Activation { shift: step.shift, sum_pool: pools.then_some(2) });
        let spec = LayerSpec { name: format!("layer{index}"), shape, activation, l1_bound: limits::L1_BOUND };
        let weights = (0..shape.out_channels * shape.taps()).map(|_| random.weight()).collect();
        let bias = (0..shape.out_channels).map(|_| random.element().to_signed()).collect();
        layers.push(Layer::new(spec, weights, bias).expect("within the limits"));
        size = if pools {
            (step.out_channels, height / 2, width / 2)
        } else {
            (step.out_channels, height, width)
        };
    }
    let (channels, height, width) = (recipe.channels, recipe.height, recipe.width);
    let normalisation = normalisation(channels, &mut random);
    let input = InputSpec { channels, height, width, normalisation };
    Network::new("random".into(), input, recipe.frac_bits, Vec::new(), layers).expect("layers that fit")
}

/// Nothing, or numbers on either side of zero, extremes included.
fn normalisation(channels: usize, random: &mut Random) -> Normalisation {
    if random.word().is_multiple_of(2) {
        return Normalisation::UnitInterval;
    }
    let mut pick = |numbers: [f64; 5]| -> Vec<f64> {
        (0..channels).map(|_| numbers[random.word() as usize % numbers.len()]).collect()
    };
    let means = pick([0.0, 0.485, 2.0, -1.0, -limits::MEAN]);
    let stds = pick([1.0, 0.229, 1.0 / 255.0, limits::MIN_STD, limits::MAX_STD]);
    Normalisation::mean_std(&means, &stds).expect("within the limits")
}

/// An input of the network of a recipe, any elements of the field.
pub fn input(recipe: &Recipe) -> Vec<Fp> {
    let mut random = Random(!recipe.seed);
    (0..recipe.channels * recipe.height * recipe.width).map(|_| random.element()).collect()
}

fn shape(step: &Step, (channels, height, width): (usize, usize, usize)) -> LinearShape {
    if step.dense {
        return LinearShape::dense(channels * height * width, step.out_channels);
    }
    let kernel = step.kernel.min(height).min(width);
    let padding = step.padding.min(kernel - 1);
    let (in_channels, out_channels, stride) = (channels, step.out_channels, step.stride);
    LinearShape { in_channels, height, width, out_channels, kernel, padding, stride }
}

/// SplitMix64.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn weight(&mut self) -> i64 {
        let extremes = [0, 1, -1, limits::WEIGHT - 1, 1 - limits::WEIGHT];
        let word = self.word();
        match word % 4 {
            0 => extremes[(word >> 8) as usize % extremes.len()],
            1 => (word as i64) >> 52,
            _ => ((word as i64) >> 32).max(1 - limits::WEIGHT),
        }
    }

    fn element(&mut self) -> Fp {
        let half = MODULUS / 2;
        let extremes = [0, 1, half - 1, half, half + 1, MODULUS - 1, MODULUS - 2, 1 << 43, 1 << 22];
        let word = self.word();
        match word % 3 {
            0 => Fp::new(extremes[(word >> 8) as usize % extremes.len()]),
            1 => Fp::from_i64((word as i64) >> 40),
            _ => Fp::new(word % MODULUS),
        }
    }
}
