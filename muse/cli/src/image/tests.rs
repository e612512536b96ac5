//! Files of every kind, good and hostile.

mod arbitrary;

use super::*;
use core::sync::atomic::{AtomicU32, Ordering};
use muse::model::{Normalisation, Pixels};
use png::{BitDepth, ColorType};
use safetensors::{Dtype, tensor::TensorView};
use std::fs;

const GREY: InputSpec =
    InputSpec { channels: 1, height: 2, width: 3, normalisation: Normalisation::UnitInterval };

const NOTHING: Fitting = Fitting { resize: false, grey: false, background: None };

/// A file that vanishes with this value.
struct Scrap(PathBuf);

impl Scrap {
    fn new(bytes: &[u8]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("muse-image-{}-{number}", std::process::id()));
        fs::write(&path, bytes).expect("temporary folder");
        Self(path)
    }
}

impl Drop for Scrap {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn images(bytes: &[u8], input: &InputSpec) -> Result<Vec<Image>, String> {
    let file = Scrap::new(bytes);
    let inputs = load(core::slice::from_ref(&file.0), NOTHING, &mut Vec::new()).map_err(|e| e.to_string())?;
    let fitted = inputs.into_iter().map(|one| one.fit(input, NOTHING).map_err(|e| e.to_string()));
    let fitted = fitted.collect::<Result<Vec<_>, _>>()?;
    Ok(fitted.into_iter().flatten().map(|one| one.image).collect())
}

fn one(bytes: &[u8], input: &InputSpec) -> Image {
    let mut all = images(bytes, input).expect("good");
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// What is said about a file, without its name.
fn error(bytes: &[u8], input: &InputSpec) -> String {
    let message = images(bytes, input).expect_err("refused");
    assert!(!message.contains(char::is_control), "{message}");
    message.split_once(' ').expect("name first").1.to_owned()
}

fn u8s(image: &Image) -> &[u8] {
    let Pixels::U8(values) = image.pixels() else { panic!("{:?}", image.pixels()) };
    values
}

fn png(width: u32, height: u32, color: ColorType, depth: BitDepth, data: &[u8], palette: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if !palette.is_empty() {
        encoder.set_palette(palette.to_vec());
    }
    encoder.write_header().expect("header").write_image_data(data).expect("data");
    bytes
}

#[test]
fn pictures_of_every_depth() {
    let grey = |depth, data: &[u8]| one(&png(3, 2, ColorType::Grayscale, depth, data, &[]), &GREY);
    assert_eq!(u8s(&grey(BitDepth::Eight, &[0, 1, 2, 253, 254, 255])), [0, 1, 2, 253, 254, 255]);
    assert_eq!(u8s(&grey(BitDepth::One, &[0b1010_0000, 0b0110_0000])), [255, 0, 255, 0, 255, 255]);
    assert_eq!(u8s(&grey(BitDepth::Two, &[0b0001_1011, 0b1110_0000])), [0, 85, 170, 255, 170, 0]);
    assert_eq!(u8s(&grey(BitDepth::Four, &[0x0f, 0x80, 0x12, 0x30])), [0, 255, 136, 17, 34, 51]);
    let wide = grey(BitDepth::Sixteen, &[0, 0, 0, 1, 1, 0, 255, 255, 128, 0, 0, 255]);
    assert!(matches!(wide.pixels(), Pixels::U16(values) if values[..] == [0, 1, 256, 65535, 32768, 255]));
}

#[test]
fn pictures_of_every_colour_type() {
    let input = InputSpec { channels: 3, height: 1, width: 2, ..GREY };
    let rgb = png(2, 1, ColorType::Rgb, BitDepth::Eight, &[1, 2, 3, 4, 5, 6], &[]);
    assert_eq!(u8s(&one(&rgb, &input)), [1, 4, 2, 5, 3, 6]);
    let rgba = png(2, 1, ColorType::Rgba, BitDepth::Eight, &[1, 2, 3, 255, 4, 5, 6, 255], &[]);
    assert_eq!(u8s(&one(&rgba, &input)), [1, 4, 2, 5, 3, 6]);
    let alpha = png(2, 1, ColorType::GrayscaleAlpha, BitDepth::Eight, &[1, 255, 2, 254], &[]);
    assert!(error(&alpha, &input).starts_with("is partly transparent"));
    let indexed = png(2, 1, ColorType::Indexed, BitDepth::Two, &[0b0110_0000], &[0, 0, 0, 1, 2, 3, 4, 5, 6]);
    assert_eq!(u8s(&one(&indexed, &input)), [1, 4, 2, 5, 3, 6]);
    let wide = png(2, 1, ColorType::Rgb, BitDepth::Sixteen, &[1, 0, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6], &[]);
    let wide = one(&wide, &input);
    assert!(matches!(wide.pixels(), Pixels::U16(values) if values[..] == [256, 4, 2, 5, 3, 6]));
}

#[test]
fn damaged_pictures_are_refused_wherever_they_end() {
    let bytes = png(3, 2, ColorType::Grayscale, BitDepth::Eight, &[9; 6], &[]);
    for length in 0..bytes.len() {
        let message = error(&bytes[..length], &GREY);
        assert!(message.starts_with("is "), "{length}: {message}");
    }
    // A palette index that is not there, and any changed byte: no panic, one line.
    let indexed = png(3, 2, ColorType::Indexed, BitDepth::Eight, &[0, 1, 2, 3, 4, 255], &[0, 0, 0, 1, 1, 1]);
    for bytes in [&bytes, &indexed] {
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0x41;
            if let Err(message) = images(&bytes, &GREY) {
                assert!(!message.contains(char::is_control), "{message}");
            }
        }
    }
}

/// A PNG file whose header claims this size.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png(4, 1, ColorType::Grayscale, BitDepth::Eight, &[0; 4], &[]);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = bytes[12..29].iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    bytes[29..33].copy_from_slice(&(!crc).to_be_bytes());
    bytes
}

#[test]
fn pictures_that_claim_to_be_huge_allocate_nothing() {
    let message = error(&claiming(60_000, 60_000), &GREY);
    assert_eq!(message, "has 60000 x 60000 pixels, which is too many; --resize scales it");
    assert!(error(&claiming(u32::MAX >> 1, u32::MAX >> 1), &GREY).starts_with("is not a readable PNG image"));
    for (width, height) in [(5000, 1), (1, 5000), (4096, 4096)] {
        assert!(error(&claiming(width, height), &GREY).contains("too many"), "{width}");
    }
    let file = Scrap::new(&claiming(1 << 14, 1 << 12));
    let failure =
        load(core::slice::from_ref(&file.0), Fitting { resize: true, ..NOTHING }, &mut Vec::new()).err();
    assert!(failure.expect("2^26 pixels").to_string().ends_with("which is too many"));
    // Within the limits, but the pixels are not there; or there are more of them than the header says.
    assert!(error(&claiming(2048, 2048), &GREY).starts_with("is not a readable PNG image"));
    assert!(images(&claiming(3, 1), &GREY).is_err());
}

fn npy_with(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    npy_with(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"), data)
}

#[test]
fn arrays_of_every_type_and_shape() {
    for shape in ["(2, 3)", "(1, 2, 3)", "(1, 1, 2, 3)"] {
        assert_eq!(u8s(&one(&npy("|u1", shape, &[1, 2, 3, 4, 5, 255]), &GREY)), [1, 2, 3, 4, 5, 255]);
        let words: Vec<u8> = [0u16, 1, 256, 65535, 7, 8].iter().flat_map(|v| v.to_le_bytes()).collect();
        let image = one(&npy("<u2", shape, &words), &GREY);
        assert!(matches!(image.pixels(), Pixels::U16(values) if values[..] == [0, 1, 256, 65535, 7, 8]));
        let floats = [0.0, -1.5, 3.25, 1e-40, 7.0, -0.0f32];
        let bytes: Vec<u8> = floats.iter().flat_map(|v| v.to_le_bytes()).collect();
        let image = one(&npy("<f4", shape, &bytes), &GREY);
        assert!(matches!(image.pixels(), Pixels::F32(values) if values[..] == floats));
        let bytes: Vec<u8> = floats.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect();
        let image = one(&npy("<f8", shape, &bytes), &GREY);
        assert!(matches!(image.pixels(), Pixels::F32(values) if values[..] == floats));
    }
    let batch = images(&npy("|u1", "(3, 1, 2, 3)", &(0..18).collect::<Vec<_>>()), &GREY).expect("three");
    let firsts: Vec<u8> = batch.iter().map(|image| u8s(image)[0]).collect();
    assert_eq!(firsts, [0, 6, 12]);
    let mut newer = b"\x93NUMPY\x02\x00".to_vec();
    newer.extend(60u32.to_le_bytes());
    newer.extend(format!("{:<60}", "{'descr':'|u1','fortran_order':False,'shape':(2,3)}").as_bytes());
    newer.extend([7; 6]);
    assert_eq!(u8s(&one(&newer, &GREY)), [7; 6]);
}

/// Every spelling of a type that `numpy.load` takes, either order of bytes, either order of elements: the same image.
#[test]
fn arrays_of_other_writers() {
    let values = [0u16, 1, 256, 65535, 7, 8];
    let (little, big) = (values.map(u16::to_le_bytes).concat(), values.map(u16::to_be_bytes).concat());
    for (types, bytes) in [(&["<u2", "=u2", "u2", "uint16"][..], &little), (&[">u2"], &big)] {
        for name in types {
            let image = one(&npy(name, "(2, 3)", bytes), &GREY);
            assert!(matches!(image.pixels(), Pixels::U16(found) if found[..] == values), "{name}");
        }
    }
    for name in ["|u1", "<u1", ">u1", "=u1", "u1", "uint8"] {
        assert_eq!(
            u8s(&one(&npy(name, "(2L, 3L)", &[1, 2, 3, 4, 5, 255]), &GREY)),
            [1, 2, 3, 4, 5, 255],
            "{name}"
        );
    }
    let floats = [0.0, -1.5, 3.25, 0.5, 7.0, -0.0f32];
    let halves = [0u16, 0xbe00, 0x4280, 0x3800, 0x4700, 0x8000];
    let brain = floats.map(|v| ((v.to_bits() >> 16) as u16).to_le_bytes()).concat();
    for bytes in [
        npy(">f4", "(2, 3)", &floats.map(f32::to_be_bytes).concat()),
        npy(">f8", "(2, 3)", &floats.map(|v| f64::from(v).to_be_bytes()).concat()),
        npy("<f2", "(2, 3)", &halves.map(u16::to_le_bytes).concat()),
        npy(">f2", "(2, 3)", &halves.map(u16::to_be_bytes).concat()),
        tensors(&[("x", Dtype::F16, &[2, 3], &halves.map(u16::to_le_bytes).concat())]),
        tensors(&[("x", Dtype::BF16, &[2, 3], &brain)]),
    ] {
        let image = one(&bytes, &GREY);
        assert!(matches!(image.pixels(), Pixels::F32(found) if found[..] == floats));
    }
    // As numpy.save writes numpy.asfortranarray of 0 to 5 in rows of three, and of two such images.
    let header = |shape: &str| format!("{{'descr': '|u1', 'fortran_order': True, 'shape': {shape}, }}");
    assert_eq!(u8s(&one(&npy_with(&header("(2, 3)"), &[0, 3, 1, 4, 2, 5]), &GREY)), [0, 1, 2, 3, 4, 5]);
    let two = npy_with(&header("(2, 1, 2, 3)"), &[0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11]);
    let two = images(&two, &GREY).expect("two");
    assert_eq!((u8s(&two[0]), u8s(&two[1])), (&[0, 1, 2, 3, 4, 5][..], &[6, 7, 8, 9, 10, 11][..]));
    assert!(error(&npy_with(&header("(2, 4)"), &[0; 6]), &GREY).contains("not those of shape"));
    assert!(error(&npy_with(&header("(0, 1, 2, 3)"), &[]), &GREY).contains("has 0 images"));
}

#[test]
fn hostile_arrays_are_refused() {
    let data = [0; 6];
    for (bytes, part) in [
        (npy("|u1", "(2, 4)", &data), "has 6 bytes of data, which are not those of shape (2, 4)"),
        (npy("|u1", "(2, 2)", &data), "not those of shape"),
        (
            npy("|u1", "(3, 2)", &data),
            "has 1 x 3 x 2 values but the network takes 1 x 2 x 3 (channels x height x width)",
        ),
        (npy("|u1", "(6,)", &data), "has 1 x 1 x 6 values but the network takes 1 x 2 x 3"),
        (npy("|u1", "()", &[0]), "has an array of shape ()"),
        (npy("|u1", "(1, 1, 1, 2, 3)", &data), "has an array of shape (1, 1, 1, 2, 3)"),
        (npy("|u1", "(18446744073709551615, 18446744073709551615)", &data), "not those of shape"),
        (npy("|u1", "(4294967296, 4294967296)", &data), "not those of shape"),
        (npy("|u1", "(1000000000, 1, 0, 3)", &[]), "has 1000000000 images"),
        (npy("|u1", "(0, 1, 2, 3)", &[]), "has 0 images"),
        (npy("|u1", "(5, 0, 2, 3)", &[]), "has no pixels"),
        (npy("|u1", "(1, 6)", &data), "has 1 x 1 x 6 values"),
        (npy("|u1", "(5000, 1)", &[0; 5000]), "cannot be used: input of 1 x 5000 x 1"),
        (npy("<i8", "(2, 3)", &[0; 48]), "has elements of type <i8; save pixels as uint8"),
        (npy("|f4", "(2, 3)", &[0; 24]), "has elements of type |f4"),
        (npy("<f16", "(2, 3)", &[0; 96]), "has elements of type <f16"),
        (npy("<c8", "(2, 3)", &[0; 48]), "has elements of type <c8"),
        (npy("|b1", "(2, 3)", &data), "has truth values; save pixels: (array * 255).astype(numpy.uint8)"),
        (npy("|O", "(2, 3)", &data), "has elements of type |O"),
        (
            npy("<f4", "(2, 3)", &[0xff; 24]),
            "cannot be used: value at channel 0, row 0, column 0 is not finite",
        ),
        (
            npy("<f8", "(1, 1)", &1e300f64.to_le_bytes()),
            "cannot be used: value at channel 0, row 0, column 0 is not finite",
        ),
        (
            npy_with("{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (2, 3)}", &data),
            "has elements of type (several fields)",
        ),
        (npy_with("garbage", &data), "is a damaged .npy file"),
        (npy_with("\u{1b}[2J", &data), "is a damaged .npy file"),
        (b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(), "is a damaged .npy file"),
        (b"\x93NUMPY\x01".to_vec(), "is a damaged .npy file"),
        (b"\x93NUMPY\x09\x00\x00\x00".to_vec(), "is an .npy file of version 9"),
    ] {
        let message = error(&bytes, &GREY);
        assert!(message.starts_with(part) || message.contains(part), "{part}: {message}");
    }
}

fn tensors(entries: &[(&str, Dtype, &[usize], &[u8])]) -> Vec<u8> {
    let views = entries.iter().map(|(name, dtype, shape, data)| {
        (*name, TensorView::new(*dtype, shape.to_vec(), data).expect("valid"))
    });
    safetensors::serialize(views, None).expect("valid")
}

#[test]
fn tensors_are_arrays_too() {
    let data = [1, 2, 3, 4, 5, 6];
    let single = tensors(&[("x", Dtype::U8, &[2, 3], &data)]);
    assert_eq!(u8s(&one(&single, &GREY)), data);
    let named = tensors(&[("images", Dtype::U8, &[1, 1, 2, 3], &data), ("labels", Dtype::U8, &[1], &[0])]);
    assert_eq!(u8s(&one(&named, &GREY)), data);
    for (bytes, part) in [
        (
            tensors(&[("a", Dtype::U8, &[1], &[0]), ("b", Dtype::U8, &[1], &[0])]),
            "has 2 tensors, none of them named",
        ),
        (tensors(&[("x", Dtype::I32, &[1], &[0; 4])]), "has elements of type I32"),
        (tensors(&[("x", Dtype::BOOL, &[2, 3], &data)]), "has truth values"),
        (tensors(&[("x", Dtype::U8, &[6], &data)]), "has 1 x 1 x 6 values but the network takes 1 x 2 x 3"),
        (single[..single.len() - 1].to_vec(), "is a damaged .safetensors file"),
        ([&u64::MAX.to_le_bytes()[..], b"{\"a\":1}"].concat(), "neither a PNG image nor an array"),
        ([&(1u64 << 20).to_le_bytes()[..], b"{\"a\":1}"].concat(), "is a damaged .safetensors file"),
    ] {
        let message = error(&bytes, &GREY);
        assert!(message.contains(part), "{part}: {message}");
    }
}

/// Whatever byte is changed, and wherever the file ends: an image or one line, no panic.
#[test]
fn damaged_arrays_never_panic() {
    let float = |v: f32| v.to_le_bytes();
    let array = npy("<f4", "(2, 1, 1, 2)", &[1.0, 2.0, 3.0, 4.0].map(float).concat());
    let tensor = tensors(&[("images", Dtype::U16, &[1, 2], &[1, 2, 3, 4])]);
    for bytes in [array, tensor] {
        let parsed = |bytes: &[u8]| images_of(Kind::of(bytes), bytes);
        assert!(parsed(&bytes).is_ok());
        for at in 0..bytes.len() {
            for value in [0, 1, b'(', b'9', b'{', b'\'', 0x7f, 0x80, 0xff] {
                let mut bytes = bytes.clone();
                bytes[at] = value;
                let _ = parsed(&bytes);
            }
            assert!(parsed(&bytes[..at]).is_err(), "{at}");
        }
    }
}

#[test]
fn other_files_are_named_for_what_they_are() {
    for (bytes, part) in [
        (&b""[..], "is empty"),
        (b"\xff\xd8\xff\xe0JFIF", "is a JPEG picture: convert it, for example with: convert THIS OUT.png"),
        (b"PK\x03\x04...", "is an archive (zip): unpack it"),
        (b"\x80\x02}", "is a pickle of Python objects: save the array with numpy.save"),
        (b"no image", "is a text: neither a PNG image nor an array"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "is a Git LFS pointer, not the file: git lfs pull",
        ),
    ] {
        assert!(error(bytes, &GREY).starts_with(part), "{part}");
    }
    let absent = std::env::temp_dir().join("muse-no-such-file.png");
    let message = load(&[absent], NOTHING, &mut Vec::new()).err().expect("absent").to_string();
    assert!(message.contains("muse-no-such-file.png: cannot be read: "), "{message}");
}

#[test]
fn files_that_are_too_large_are_not_read() {
    let file = Scrap::new(b"\x93NUMPY");
    // Takes no space where files may have holes.
    fs::File::options().write(true).open(&file.0).and_then(|f| f.set_len(FILE_BYTES + 1)).expect("writable");
    let message =
        load(core::slice::from_ref(&file.0), NOTHING, &mut Vec::new()).err().expect("too large").to_string();
    assert!(message.ends_with(": larger than 268435456 bytes"), "{message}");
}

#[test]
fn folders_stand_for_their_images() {
    let folder = std::env::temp_dir().join(format!("muse-image-{}-folder", std::process::id()));
    fs::create_dir_all(folder.join("sub.png")).expect("temporary folder");
    let empty =
        load(core::slice::from_ref(&folder), NOTHING, &mut Vec::new()).err().expect("no files").to_string();
    assert!(empty.contains("has no .png, .npy or .safetensors files"), "{empty}");
    for (name, bytes) in [
        ("b.NPY", npy("|u1", "(2, 1, 2, 3)", &[2; 12])),
        ("a.png", png(3, 2, ColorType::Grayscale, BitDepth::Eight, &[1; 6], &[])),
        ("c.safetensors", tensors(&[("x", Dtype::U8, &[2, 3], &[3; 6])])),
        (".hidden.png", b"broken".to_vec()),
        ("notes.txt", b"text".to_vec()),
    ] {
        fs::write(folder.join(name), bytes).expect("writable");
    }
    let mut remarks = Vec::new();
    let inputs = load(core::slice::from_ref(&folder), NOTHING, &mut remarks).expect("good files");
    let shown = folder.display();
    let what = "PNG, .npy and .safetensors are read";
    assert_eq!(remarks, [format!("{shown}/: 1 file skipped (notes.txt); {what}")]);
    for name in ["b.jpg", "c.gif", "d.\u{202e}bmp"] {
        fs::write(folder.join(name), b"no image").expect("writable");
    }
    remarks.clear();
    load(&[folder.join(""), folder.join("a.png")], NOTHING, &mut remarks).expect("good files");
    assert_eq!(remarks, [format!("{shown}/: 4 files skipped (b.jpg, c.gif, d.?bmp, ...); {what}")]);
    let names: Vec<&str> = inputs.iter().filter_map(|input| input.name.rsplit('/').next()).collect();
    assert_eq!(names, ["a.png", "b.NPY[0]", "b.NPY[1]", "c.safetensors"]);
    fs::remove_dir_all(folder).expect("it was there");
}

/// Arrays are taken as they are: whoever asks for them to be scaled hears it.
#[test]
fn arrays_are_not_resized_and_the_refusal_says_so() {
    let resize = Fitting { resize: true, ..NOTHING };
    let input = || Input {
        name: "a.npy".into(),
        origin: Origin::File { file: "a.npy".into(), item: 0 },
        content: Content::Array(Image::new(1, 2, 2, vec![0u8; 4]).expect("sane")),
    };
    let vector = InputSpec { channels: 5, height: 1, width: 1, ..GREY };
    for network in [&GREY, &vector] {
        let told = input().fit(network, resize).map(|_| ()).expect_err("another size").to_string();
        assert!(told.contains("--resize scales PNG images"), "{told}");
        let told = input().fit(network, NOTHING).map(|_| ()).expect_err("another size").to_string();
        assert!(!told.contains("--resize"), "{told}");
    }
}
