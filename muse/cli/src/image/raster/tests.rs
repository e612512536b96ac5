//! Conversions against Pillow, and what is refused.

use super::*;
use muse::model::{Normalisation, Pixels};

const fn taking(channels: usize, height: usize, width: usize) -> InputSpec {
    InputSpec { channels, height, width, normalisation: Normalisation::UnitInterval }
}

const NOTHING: Fitting = Fitting { resize: false, grey: false, background: None };

fn picture(width: usize, colors: usize, alpha: bool, samples: &[u16]) -> Raster {
    let height = samples.len() / width / (colors + usize::from(alpha));
    Raster::from_interleaved(width, height, colors, alpha, false, samples)
}

fn bytes(image: &Image) -> &[u8] {
    let Pixels::U8(bytes) = image.pixels() else { panic!("{image:?} has other samples") };
    bytes
}

#[test]
fn pixels_become_planes() {
    let rgb = picture(2, 3, false, &[1, 2, 3, 4, 5, 6]).fit(&taking(3, 1, 2), NOTHING).expect("as it is");
    assert_eq!(bytes(&rgb), [1, 4, 2, 5, 3, 6]);
    let grey = picture(2, 1, false, &[7, 8]).fit(&taking(3, 1, 2), NOTHING).expect("three times grey");
    assert_eq!(bytes(&grey), [7, 8, 7, 8, 7, 8]);
    let wide = Raster::from_interleaved(1, 2, 1, false, true, &[1, 65535]);
    let wide = wide.fit(&taking(1, 2, 1), NOTHING).expect("as it is");
    assert!(matches!(wide.pixels(), Pixels::U16(words) if words[..] == [1, 65535]));
}

/// Pillow 13: `Image.convert("L")`.
#[test]
fn colours_become_grey_when_allowed() {
    let colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 12, 200, 77, 255, 255, 255];
    let refused = picture(5, 3, false, &colours).fit(&taking(1, 1, 5), NOTHING).expect_err("colours");
    assert_eq!(refused, "is coloured but the network takes grey; --grey converts it");
    let allowed = Fitting { grey: true, ..NOTHING };
    let grey = picture(5, 3, false, &colours).fit(&taking(1, 1, 5), allowed).expect("allowed");
    assert_eq!(bytes(&grey), [76, 150, 29, 130, 255]);
    let equal = picture(2, 3, false, &[9, 9, 9, 200, 200, 200]).fit(&taking(1, 1, 2), NOTHING);
    assert_eq!(bytes(&equal.expect("no colours")), [9, 200]);
    let white = Raster::from_interleaved(1, 1, 3, false, true, &[65535, 65535, 65534]);
    let white = white.fit(&taking(1, 1, 1), allowed).expect("allowed");
    assert!(matches!(white.pixels(), Pixels::U16(words) if words[..] == [65535]));
}

#[test]
fn transparent_pixels_show_a_background() {
    let samples = [200, 255, 200, 128, 200, 0];
    let fit = |background| {
        let fitting = Fitting { background, ..NOTHING };
        picture(3, 1, true, &samples).fit(&taking(1, 1, 3), fitting)
    };
    assert!(fit(None).expect_err("transparent").starts_with("is partly transparent; say what is behind it"));
    assert_eq!(bytes(&fit(Some(Background::Black)).expect("black")), [200, 100, 0]);
    assert_eq!(bytes(&fit(Some(Background::White)).expect("white")), [200, 227, 255]);
    let opaque = picture(2, 1, true, &[3, 255, 4, 255]).fit(&taking(1, 1, 2), NOTHING).expect("opaque");
    assert_eq!(bytes(&opaque), [3, 4]);
    for (sample, alpha) in [(65535, 65535), (65535, 1), (0, 65534)] {
        let wide = Raster::from_interleaved(1, 1, 1, true, true, &[sample, alpha]);
        let fitting = Fitting { background: Some(Background::White), ..NOTHING };
        let wide = wide.fit(&taking(1, 1, 1), fitting).expect("white");
        let (s, a) = (f64::from(sample) / 65535.0, f64::from(alpha) / 65535.0);
        let want = ((s * a + 1.0 - a) * 65535.0).round() as u16;
        assert!(matches!(wide.pixels(), Pixels::U16(words) if words[..] == [want]));
    }
}

#[test]
fn sizes_are_the_networks_or_scaled() {
    let refused = picture(2, 1, false, &[0; 6]).fit(&taking(1, 2, 2), NOTHING).expect_err("3 rows");
    assert_eq!(refused, "has 2 x 3 pixels but the network takes 2 x 2; --resize scales it");
    let refused = picture(2, 1, false, &[0; 4]).fit(&taking(4, 2, 2), NOTHING).expect_err("4 planes");
    assert!(refused.contains("takes 4 planes"), "{refused}");
    let resize = Fitting { resize: true, ..NOTHING };
    let scaled = picture(2, 1, false, &[50; 6]).fit(&taking(3, 7, 1), resize).expect("allowed");
    assert_eq!(bytes(&scaled), [50; 21]);
}

/// Pillow 13: `Image.resize(to, Image.BILINEAR)`, which rounds between the two passes and so may be off by one.
#[test]
fn scaling_is_pillows() {
    type Size = (usize, usize);
    let cases: [(Size, Size, &[u8]); 5] = [
        ((7, 5), (3, 2), &[103, 119, 123, 119, 121, 121]),
        (
            (3, 2),
            (7, 5),
            &[
                0, 5, 21, 37, 53, 69, 74, 9, 14, 30, 47, 63, 79, 84, 46, 51, 68, 85, 102, 119, 125, 82, 88,
                106, 123, 141, 159, 165, 91, 97, 115, 133, 151, 169, 175,
            ],
        ),
        ((8, 8), (4, 4), &[89, 121, 115, 127, 121, 120, 119, 155, 109, 123, 142, 157, 109, 122, 144, 145]),
        ((5, 1), (1, 4), &[74, 74, 74, 74]),
        ((2, 9), (5, 3), &[82, 86, 104, 121, 125, 108, 108, 108, 108, 108, 134, 132, 122, 111, 109]),
    ];
    for (from, to, want) in cases {
        let at = |i: usize| {
            let (x, y) = (i % from.0, i / from.0);
            ((x * 37 + y * 91 + x * y * 5) % 256) as u16
        };
        let plane: Vec<u16> = (0..from.0 * from.1).map(at).collect();
        let found = resize(&plane, from, to);
        assert_eq!(found.len(), want.len());
        let close = |(a, b): (&u16, &u8)| a.abs_diff(u16::from(*b)) <= 1;
        assert!(found.iter().zip(want).all(close), "{from:?} {to:?}: {:?}", &found[..]);
    }
    for value in [0, 1, 65535] {
        for to in [(1, 1), (2, 9), (31, 5)] {
            assert!(resize(&[value; 63], (9, 7), to).iter().all(|&v| v == value));
        }
    }
}
