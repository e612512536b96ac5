//! Whatever bytes a file has: images, or one line that says why not.

use super::*;
use proptest::prelude::*;

/// What `load` and `fit` do with the bytes of a file.
fn decoded(bytes: &[u8], fitting: Fitting) -> Result<usize, String> {
    let kind = Kind::of(bytes);
    let images = if kind == Kind::Png {
        vec![picture_file::decode(bytes, fitting)?.fit(&GREY, fitting)?]
    } else {
        images_of(kind, bytes)?
    };
    assert!(!images.is_empty() && images.len() <= MAX_IMAGES);
    for image in &images {
        assert_eq!(image.pixels().len(), image.channels() * image.height() * image.width());
    }
    Ok(images.len())
}

/// Good files of every kind.
fn good(number: usize) -> Vec<u8> {
    match number {
        0 => png(3, 2, ColorType::Grayscale, BitDepth::Eight, &[9; 6], &[]),
        1 => png(3, 2, ColorType::Rgba, BitDepth::Sixteen, &[7; 48], &[]),
        2 => {
            png(3, 2, ColorType::Indexed, BitDepth::Two, &[0x1b, 0x1b], &[0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
        }
        3 => npy("|u1", "(2, 1, 2, 3)", &[2; 12]),
        4 => npy("<f8", "(2, 3)", &[0; 48]),
        5 => tensors(&[("images", Dtype::F32, &[1, 1, 2, 3], &[0; 24]), ("labels", Dtype::U8, &[1], &[1])]),
        _ => tensors(&[("x", Dtype::U16, &[2, 3], &[3; 12])]),
    }
}

fn fitting() -> impl Strategy<Value = Fitting> {
    let background = prop_oneof![Just(None), Just(Some(Background::Black)), Just(Some(Background::White))];
    (any::<bool>(), any::<bool>(), background).prop_map(|(resize, grey, background)| Fitting {
        resize,
        grey,
        background,
    })
}

#[test]
fn good_files_are_images() {
    let all = Fitting { resize: true, grey: true, background: Some(Background::Black) };
    for number in 0..7 {
        assert!(decoded(&good(number), all).is_ok(), "{number}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    #[test]
    fn arbitrary_bytes_behind_every_beginning(
        head in prop::sample::select(HEADS),
        body in prop::collection::vec(any::<u8>(), 0..200),
        fitting in fitting(),
    ) {
        let _ = decoded(&[head, &body].concat(), fitting);
    }

    #[test]
    fn good_files_damaged_in_several_places(
        number in 0_usize..7,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
        fitting in fitting(),
    ) {
        let mut bytes = good(number);
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        let _ = decoded(&bytes, fitting);
    }

    /// Numbers of the header that claim other sizes, which is what would make a reader allocate.
    #[test]
    fn headers_that_claim_any_size(shape in "[0-9(), -]{0,40}", kind in "[<>|=]?[a-z][0-9]{1,3}", fitting in fitting()) {
        let _ = decoded(&npy(&kind, &shape, &[0; 16]), fitting);
    }
}

/// How files of every kind begin.
const HEADS: &[&[u8]] = &[
    b"",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    b"\x93NUMPY\x01\0",
    b"\x93NUMPY\x02\0",
    b"\x10\0\0\0\0\0\0\0{",
];
