use super::*;

/// A local header of zip whose file has this name.
fn zip(name: &str) -> Vec<u8> {
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend([0; 22]);
    bytes.extend((name.len() as u16).to_le_bytes());
    bytes.extend([0, 0]);
    bytes.extend(name.as_bytes());
    bytes.extend([0; 20]);
    bytes
}

const LFS: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

#[test]
fn every_kind() {
    let wide: Vec<u8> = "\u{feff}{ }".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide_be: Vec<u8> = "\u{feff}<!DOCTYPE html>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut tar = vec![b'x'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let onnx = include_bytes!("../../tests/onnx/matrices.onnx");
    let cases: [(&[u8], Kind); 40] = [
        (b"", Kind::Empty),
        (LFS, Kind::LfsPointer),
        (b"version https://hawser.github.com/spec/v1\n", Kind::LfsPointer),
        (b"/annex/objects/SHA256E-s7--ab.onnx\n", Kind::AnnexPointer),
        (b"../.git/annex/objects/Q1/w2/SHA", Kind::AnnexPointer),
        (b"\n <!doctype HTML><html>", Kind::Html),
        (b"<html lang=en>", Kind::Html),
        (&wide_be, Kind::Html),
        (b"<?xml version=\"1.0\"?><Error>", Kind::Xml),
        (b"\x1f\x8b\x08\0", Kind::Gzip),
        (b"BZh91AY", Kind::Compressed),
        (b"\xfd7zXZ\0\0", Kind::Compressed),
        (b"\x28\xb5\x2f\xfd\0", Kind::Compressed),
        (&tar, Kind::Tar),
        (&zip("images.npy"), Kind::Npz),
        (&zip("net/data.pkl"), Kind::Torch),
        (&zip("archive/.format_version"), Kind::Torch),
        (&zip("metadata.json"), Kind::Keras),
        (&zip("readme.txt"), Kind::Zip),
        (b"PK\x05\x06", Kind::Zip),
        (b"\x80\x02}q", Kind::Pickle),
        (b"\x80\x05\x95", Kind::Pickle),
        (b"\x89HDF\r\n\x1a\n", Kind::Hdf5),
        (b"\x89PNG\r\n\x1a\n\0", Kind::Png),
        (b"\xff\xd8\xff\xe0", Kind::Jpeg),
        (b"GIF89a", Kind::Picture),
        (b"RIFF\x10\0\0\0WEBPVP8 ", Kind::Picture),
        (b"BM\x36\0\x10\0\0\0\0\0\x36", Kind::Picture),
        (b"%PDF-1.7", Kind::Pdf),
        (b"\x93NUMPY\x01\0", Kind::Npy),
        (b"\x40\0\0\0\0\0\0\0{\"a\"", Kind::Safetensors),
        (onnx, Kind::Onnx),
        (b"\x1c\0\0\0TFL3", Kind::TfLite),
        (b" \n{ \"name\"", Kind::Json),
        (b"\xef\xbb\xbf{}", Kind::Json),
        (&wide, Kind::Json),
        (b"[1, 2]", Kind::Json),
        (b"cat\ndog\n", Kind::Text),
        ("Würfel".as_bytes(), Kind::Text),
        (b"\x01\x02\x03", Kind::Unknown),
    ];
    for (bytes, kind) in cases {
        assert_eq!(Kind::of(bytes), kind, "{:?}", bytes.escape_ascii().to_string());
    }
}

/// The head of a large file, cut anywhere, is as good as the whole.
#[test]
fn heads_are_enough() {
    let onnx = include_bytes!("../../networks/mnist.onnx");
    assert_eq!(Kind::of(&onnx[..HEAD]), Kind::Onnx);
    assert_eq!(Kind::of(onnx), Kind::Onnx);
    let json = include_bytes!("../../networks/mnist.json");
    for length in 1..json.len() {
        assert_eq!(Kind::of(&json[..length]), Kind::Json);
    }
    let text = "日本".repeat(5);
    for length in 3..text.len() {
        assert_eq!(Kind::of(&text.as_bytes()[..length]), Kind::Text, "{length}");
    }
}

/// Fields of other messages, and a graph that is not there.
#[test]
fn other_protocol_buffers_are_no_onnx() {
    for bytes in [
        // A SavedModel of TensorFlow, and a frozen graph.
        &b"\x08\x01\x12\x04\x0a\x02\x32\x00"[..],
        b"\x0a\x05\x0a\x01x\x12\x00",
        // A version only; a graph of another type; a length that does not end.
        b"\x08\x08",
        b"\x08\x08\x38\x01",
        b"\x08\x08\x3a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x08",
    ] {
        assert_ne!(Kind::of(bytes), Kind::Onnx, "{:?}", bytes.escape_ascii().to_string());
    }
    assert_eq!(Kind::of(b"\x08\x08\x3a\x00"), Kind::Onnx);
    assert_eq!(Kind::of(b"\x3a\x7f\x0a\x05"), Kind::Onnx);
}

#[test]
fn marks_of_byte_orders() {
    let encode = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}a\nß😀".encode_utf16().flat_map(order).collect()
    };
    let (little, big) = (encode(u16::to_le_bytes), encode(u16::to_be_bytes));
    for bytes in [&little[..], &big, "a\nß😀".as_bytes(), "\u{feff}a\nß😀".as_bytes()] {
        assert_eq!(text(bytes).as_deref(), Some("a\nß😀"));
    }
    // Half a character of 16 bits, half a pair of them, and what is no UTF-8.
    for bytes in [&little[..little.len() - 1], &little[..little.len() - 2], b"\xef\xbb\xbf\xff", b"\xff"] {
        assert_eq!(text(bytes), None);
    }
}

/// One line for everything that may be given where something else is wanted.
#[test]
fn advice_is_one_line_and_names_the_kind() {
    use Wanted::{ExternalData, Image, Names, Network, Samples, Weights};
    for wanted in [Network, Weights, ExternalData, Samples, Image, Names] {
        assert_eq!(Kind::LfsPointer.instead_of(wanted), "is a Git LFS pointer, not the file: git lfs pull");
        for kind in [Kind::Html, Kind::Gzip, Kind::Npz, Kind::Torch, Kind::Json, Kind::Unknown, Kind::Empty] {
            let line = kind.instead_of(wanted);
            assert!(line.starts_with("is ") && line.len() < 300 && !line.contains('\n'), "{line}");
        }
    }
    assert!(Kind::Npy.instead_of(Samples).contains("images (uint8, N x C x H x W) and labels (N)"));
    assert!(Kind::Jpeg.instead_of(Image).contains("convert THIS OUT.png"));
}
