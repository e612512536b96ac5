//! Images to field elements: every kind of sample against rules computed another way.

use muse_field::{Fp, MODULUS};
use muse_he::encode::LinearShape;
use muse_model::Image;
use muse_model::test_util::Random;
use muse_model::{
    Architecture, ChannelStats, InputSpec, LayerSpec, ModelError, Normalisation, Pixels, bounds,
};
use proptest::prelude::*;

/// A network for images of this size that does next to nothing.
fn taking(
    channels: usize,
    height: usize,
    width: usize,
    f: u32,
    normalisation: Normalisation,
) -> Architecture {
    let shape = LinearShape::dense(channels * height * width, 1);
    let layer = LayerSpec { name: "fc".into(), shape, activation: None, l1_bound: 1 };
    let input = InputSpec { channels, height, width, normalisation };
    Architecture::new("net".into(), input, f, Vec::new(), vec![layer]).expect("within the limits")
}

fn all_bytes() -> Image {
    Image::new(1, 16, 16, (0..=255).collect::<Vec<u8>>()).expect("256 of them")
}

fn all_words() -> Image {
    Image::new(1, 256, 256, (0..=65535).collect::<Vec<u16>>()).expect("65,536 of them")
}

fn unsigned(elements: &[Fp]) -> Vec<u64> {
    elements.iter().map(|element| element.to_u64()).collect()
}

#[test]
fn every_pixel_of_the_unit_interval() {
    for f in 4..=12 {
        let want: Vec<u64> = (0..256u64).map(|pixel| ((pixel << f) + 127) / 255).collect();
        let bytes = taking(1, 16, 16, f, Normalisation::UnitInterval);
        assert_eq!(unsigned(&bytes.encode(&all_bytes()).unwrap()), want);
        let slice: Vec<u8> = (0..=255).collect();
        assert_eq!(unsigned(&bytes.encode_bytes(&slice).unwrap()), want);

        let want: Vec<u64> = (0..65536u64).map(|pixel| ((pixel << f) + 32767) / 65535).collect();
        let words = taking(1, 256, 256, f, Normalisation::UnitInterval);
        assert_eq!(unsigned(&words.encode(&all_words()).unwrap()), want);
    }
}

/// Every pixel under numbers that networks have and under the extreme ones, by sums of `value * (2 * pixel + 1)` modulo 2^64.
#[test]
fn every_pixel_with_mean_and_standard_deviation() {
    let sum = |elements: &[Fp]| {
        let weighted =
            elements.iter().zip(0i64..).map(|(v, pixel)| v.to_signed().wrapping_mul(2 * pixel + 1));
        weighted.fold(0i64, i64::wrapping_add).cast_unsigned()
    };
    for (mean, std, f, bytes, words) in SUMS {
        let normalisation = Normalisation::mean_std(&[mean], &[std]).unwrap();
        let network = taking(1, 16, 16, f, normalisation.clone());
        assert_eq!(sum(&network.encode(&all_bytes()).unwrap()), bytes, "{mean} {std} {f}");
        let network = taking(1, 256, 256, f, normalisation);
        assert_eq!(sum(&network.encode(&all_words()).unwrap()), words, "{mean} {std} {f}");
    }
}

/// Each channel has its own numbers, and the ends of its interval are those of its darkest and brightest pixel.
#[test]
fn channels_are_normalised_one_by_one() {
    let stats = [(0.0, 1.0), (0.5, 0.25), (1.5, 0.5)];
    let normalisation = Normalisation::mean_std(&stats.map(|s| s.0), &stats.map(|s| s.1)).unwrap();
    let network = taking(3, 1, 2, 10, normalisation);
    let signed = |elements: Vec<Fp>| -> Vec<i64> { elements.into_iter().map(Fp::to_signed).collect() };
    let want = [0, 1024, -2048, 2048, -3072, -1024];
    assert_eq!(signed(network.encode_bytes(&[0, 255, 0, 255, 0, 255]).unwrap()), want);
    let words = Image::new(3, 1, 2, vec![0u16, 65535, 0, 65535, 0, 65535]).unwrap();
    assert_eq!(signed(network.encode(&words).unwrap()), want);
    let ends = bounds::input_range(&network).into_iter().flat_map(|range| [range.low, range.high]);
    assert_eq!(ends.collect::<Vec<_>>(), want.map(i128::from));
}

/// `value * 2^f` from the bits of the float, in integers.
fn scaled(value: f32, f: u32) -> i128 {
    let bits = value.to_bits();
    let (exponent, fraction) = ((bits >> 23) & 0xff, i128::from(bits & 0x007f_ffff));
    let (magnitude, exponent) =
        if exponent == 0 { (fraction, -149) } else { (fraction | 1 << 23, exponent.cast_signed() - 150) };
    let exponent = exponent + f.cast_signed();
    let rounded = if exponent >= 0 {
        magnitude << exponent.min(100)
    } else {
        let down = exponent.unsigned_abs().min(100);
        let (floor, rest, half) = (magnitude >> down, magnitude & ((1 << down) - 1), 1i128 << (down - 1));
        floor + i128::from(rest > half || (rest == half && floor & 1 == 1))
    };
    if value.is_sign_negative() { -rounded } else { rounded }
}

fn check_float(value: f32, f: u32) {
    // A second value: an image of which nothing is left would be refused.
    let network = taking(1, 1, 2, f, Normalisation::mean_std(&[0.3], &[0.2]).expect("sane"));
    let want = scaled(value, f);
    let half = i128::from(MODULUS / 2);
    let found = network.encode(&Image::new(1, 1, 2, vec![value, 1.0]).expect("finite"));
    if (-half - 1..half).contains(&want) {
        assert_eq!(i128::from(found.expect("in range")[0].to_signed()), want, "{value} {f}");
    } else {
        assert_eq!(found, Err(ModelError::ImageValue { channel: 0, row: 0, column: 0 }), "{value} {f}");
    }
}

#[test]
fn floats_at_their_extremes() {
    let half = (MODULUS / 2) as f32;
    for f in 4..=12 {
        let ulp = 1.0 / (1u32 << f) as f32;
        for value in
            [0.0, f32::MIN_POSITIVE, f32::from_bits(1), f32::MAX, 0.5 * ulp, 1.5 * ulp, 2.5 * ulp, 1.0]
        {
            check_float(value, f);
            check_float(-value, f);
        }
        let end = half * ulp;
        for bits in end.to_bits() - 2..=end.to_bits() + 2 {
            check_float(f32::from_bits(bits), f);
            check_float(-f32::from_bits(bits), f);
        }
    }
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for at in 0..24 {
            let mut values = vec![0.5; 24];
            values[at] = value;
            let place = ModelError::ImageNotFinite { channel: at / 12, row: at / 4 % 3, column: at % 4 };
            assert_eq!(Image::new(2, 3, 4, values).unwrap_err(), place, "{value}");
        }
    }
}

proptest! {
    #[test]
    fn floats_of_any_bits(bits in any::<u32>(), near in -70000.0..70000.0f32, f in 4..=12u32) {
        let value = f32::from_bits(bits);
        if value.is_finite() {
            check_float(value, f);
        }
        check_float(near, f);
    }

    /// A level between two others has a value between theirs, and the rounding is to the nearest: checked without divisions.
    #[test]
    fn normalised_levels_are_nearest(mean in -3.0..3.0f64, std in 0.004..10.0f64, level in 0.0..=1.0f64, f in 4..=12u32) {
        let stats = ChannelStats::new(mean, std).unwrap();
        let value = muse_model::FixedPoint::new(f).unwrap().normalised(stats, level) as f64;
        let off = (value * std - (level - mean) * f64::from(1u32 << f)).abs();
        prop_assert!(off <= std * (0.5 + 1e-6), "{off}");
    }
}

#[test]
fn images_of_another_size_are_refused() {
    for (channels, height, width) in
        [(0, 1, 1), (1, 0, 1), (1, 1, 4097), (1 << 16, 4096, 4096), (usize::MAX, 1, 1)]
    {
        let error = Image::new(channels, height, width, Vec::<u8>::new()).unwrap_err();
        assert!(matches!(error, ModelError::InputSize { .. }), "{error}");
    }
    let error = Image::new(3, 2, 2, vec![0u16; 11]).unwrap_err();
    assert_eq!(error, ModelError::ImageSize { expected: 12, found: 11 });
    let network = taking(1, 2, 3, 8, Normalisation::UnitInterval);
    let error = network.encode(&Image::new(1, 3, 2, vec![0u8; 6]).unwrap()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "image of 1 x 3 x 2: the network takes 1 x 2 x 3 (channels x height x width)"
    );
    assert_eq!(network.encode_bytes(&[0; 5]), Err(ModelError::ImageSize { expected: 6, found: 5 }));
    let two = Normalisation::mean_std(&[0.0; 2], &[1.0; 2]).unwrap();
    let input = InputSpec { channels: 3, height: 1, width: 1, normalisation: two };
    let layer =
        LayerSpec { name: "fc".into(), shape: LinearShape::dense(3, 1), activation: None, l1_bound: 1 };
    let refused = Architecture::new("net".into(), input, 8, Vec::new(), vec![layer]);
    assert!(matches!(refused, Err(ModelError::Normalisation(_))));
}

#[test]
fn debug_output_shows_no_pixels() {
    let mut random = Random(7);
    let pixels: Vec<f32> = (0..4).map(|_| random.word() as f32).collect();
    let image = Image::new(1, 2, 2, pixels).unwrap();
    assert_eq!(format!("{image:?}"), "Image { channels: 1, height: 2, width: 2, .. }");
    assert_eq!(format!("{:?}", image.pixels()), "F32(..)");
    assert!(matches!(image.pixels(), Pixels::F32(values) if values.len() == 4));
}

/// From Python, whose `round` takes halves to even: `sum(round((p / top - mean) / std * 2.0**f) * (2 * p + 1) for p in range(top + 1))`
/// modulo 2^64, for `top` 255 and 65535.
const SUMS: [(f64, f64, u32, u64, u64); 24] = [
    (0.1307, 0.3081, 4, 0x1bdd7f, 0x1bd5b2cf6c),
    (0.1307, 0.3081, 7, 0xdeeedc, 0xdeab161589),
    (0.1307, 0.3081, 10, 0x6f780bb, 0x6f55862f12e),
    (0.1307, 0.3081, 12, 0x1bde0197, 0x1bd561895d3f),
    (0.485, 0.229, 4, 0xcbdf6, 0xcb1bafca3),
    (0.485, 0.229, 7, 0x65e874, 0x658b61edc5),
    (0.485, 0.229, 10, 0x32f40a2, 0x32c5adb09e5),
    (0.485, 0.229, 12, 0xcbd1185, 0xcb16b6c648a),
    (0.5, 0.5, 4, 0x55600, 0x556000000),
    (0.5, 0.5, 7, 0x2aea80, 0x2aaac00000),
    (0.5, 0.5, 10, 0x156ac00, 0x15555580000),
    (0.5, 0.5, 12, 0x55aa600, 0x55555560000),
    (0.0, 1.0 / 255.0, 4, 0xaa2a800, 0xaa002abfc00),
    (0.0, 1.0 / 255.0, 7, 0x55154000, 0x550015556a80),
    (0.0, 1.0 / 255.0, 10, 0x2a8aa0000, 0x2a800a9fa0600),
    (0.0, 1.0 / 255.0, 12, 0xaa2a80000, 0xaa002a7fc0400),
    (-1024.0, 1.0 / 4096.0, 4, 0x400aad56a80, 0x400aaaaeaaa8000),
    (-1024.0, 1.0 / 4096.0, 7, 0x200556aaac00, 0x20055556ad540000),
    (-1024.0, 1.0 / 4096.0, 10, 0x1002ab5554b00, 0x2aaab555a00000),
    (-1024.0, 1.0 / 4096.0, 12, 0x400aad5556a80, 0xaaaad555400000),
    (1024.0, 4096.0, 4, 0xfffffffffffc0000, 0xfffffffc00000000),
    (1024.0, 4096.0, 7, 0xffffffffffe00000, 0xffffffe000000000),
    (1024.0, 4096.0, 10, 0xffffffffff000000, 0xffffff0000000000),
    (1024.0, 4096.0, 12, 0xfffffffffc00c000, 0xfffffc00c0000000),
];
