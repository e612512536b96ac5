//! Recognises the format of a file by its bytes, independent of its name.
//!
//! Every reader of this crate and of the program asks here before it says that a file is damaged, so that a pointer of Git LFS, a web page
//! or a file of another format is called what it is.

mod advice;
mod archive;
mod onnx;

pub use advice::Wanted;

use alloc::borrow::Cow;

/// The kinds of files that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// No bytes at all.
    Empty,
    /// What Git LFS puts in the place of a large file until it is fetched.
    LfsPointer,
    /// The same of git-annex.
    AnnexPointer,
    /// A web page.
    Html,
    /// An XML document, often a server's message that there is no such file.
    Xml,
    /// Compressed by gzip.
    Gzip,
    /// Compressed by another program: bzip2, xz, zstd, 7-Zip.
    Compressed,
    /// An archive of tar.
    Tar,
    /// Several arrays of NumPy.
    Npz,
    /// A checkpoint of PyTorch, or a program of TorchScript.
    Torch,
    /// A network of Keras 3.
    Keras,
    /// Another archive of zip.
    Zip,
    /// Objects of Python.
    Pickle,
    /// HDF5, in which Keras kept networks before.
    Hdf5,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// A picture of another kind: GIF, BMP, WebP, TIFF.
    Picture,
    /// A document for printing.
    Pdf,
    /// An array of NumPy.
    Npy,
    /// Tensors as safetensors keeps them.
    Safetensors,
    /// A network in ONNX.
    Onnx,
    /// A network for TensorFlow Lite.
    TfLite,
    /// An object or a list in JSON.
    Json,
    /// Another text.
    Text,
    /// None of these.
    Unknown,
}

/// How many first bytes of a file are enough for [`Kind::of`].
pub const HEAD: usize = 4096;

impl Kind {
    /// The kind of a file that begins like this: with all of it, or with [`HEAD`] bytes of it.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let at_start = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
        if let Some((_, kind)) = at_start {
            return *kind;
        }
        match head {
            [] => Self::Empty,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => archive::kind(head),
            // Protocols 2 to 5.
            [0x80, 2..=5, ..] => Self::Pickle,
            // The length of a header that is an object of JSON; there is no JSON with zeros in it.
            [_, _, _, _, 0, 0, 0, 0, b'{', ..] => Self::Safetensors,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Picture,
            [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => Self::Picture,
            [_, _, _, _, b'T', b'F', b'L', b'3', ..] => Self::TfLite,
            _ if head.get(257..262) == Some(b"ustar") => Self::Tar,
            _ if onnx::begins(head) => Self::Onnx,
            _ => start_of_text(head).map_or(Self::Unknown, |text| Self::of_text(&text)),
        }
    }

    fn of_text(text: &str) -> Self {
        let start = text.trim_start();
        let begins = |word: &str| start.get(..word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word));
        if begins("version https://git-lfs.github.com/spec/")
            || begins("version https://hawser.github.com/spec/")
        {
            Self::LfsPointer
        } else if begins("/annex/objects/") || (begins("../") && start.contains(".git/annex/objects/")) {
            Self::AnnexPointer
        } else if begins("<!doctype html") || begins("<html") || begins("<head") {
            Self::Html
        } else if begins("<?xml") {
            Self::Xml
        } else if begins("{") || begins("[") {
            Self::Json
        } else {
            Self::Text
        }
    }
}

/// A text without the mark of its byte order, which Windows likes to write: UTF-8 with or without one, UTF-16 with one. `None` if it is no
/// text.
///
/// ```
/// # use muse_model::sniff::text;
/// assert_eq!(text(b"\xef\xbb\xbfcat\n").as_deref(), Some("cat\n"));
/// assert_eq!(text(b"\xff\xfec\0a\0t\0").as_deref(), Some("cat"));
/// assert_eq!(text(b"\xff\xfe\xfd"), None);
/// ```
#[must_use]
pub fn text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => core::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes).map(Cow::Owned),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes).map(Cow::Owned),
        _ => core::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    }
}

/// UTF-16 of whole characters.
fn wide(bytes: &[u8], word: fn([u8; 2]) -> u16) -> Option<String> {
    let (words, rest) = bytes.as_chunks();
    let decoded = char::decode_utf16(words.iter().copied().map(word)).collect::<Result<String, _>>();
    decoded.ok().filter(|_| rest.is_empty())
}

/// The first characters, if these bytes are the start of a text: it may be cut within a character.
fn start_of_text(head: &[u8]) -> Option<Cow<'_, str>> {
    // A character takes at most four bytes; of those that are cut off, fewer are there.
    let whole =
        (0..4).filter(|&cut| cut == 0 || cut < head.len()).find_map(|cut| text(&head[..head.len() - cut]));
    whole.filter(|text| !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')))
}

/// What files begin with.
const MAGIC: [(&[u8], Kind); 16] = [
    (b"\x89PNG\r\n\x1a\n", Kind::Png),
    (b"\xff\xd8\xff", Kind::Jpeg),
    (b"GIF87a", Kind::Picture),
    (b"GIF89a", Kind::Picture),
    (b"II*\0", Kind::Picture),
    (b"MM\0*", Kind::Picture),
    (b"%PDF-", Kind::Pdf),
    (b"\x93NUMPY", Kind::Npy),
    (b"\x89HDF\r\n\x1a\n", Kind::Hdf5),
    (b"\x1f\x8b", Kind::Gzip),
    (b"BZh", Kind::Compressed),
    (b"\xfd7zXZ\0", Kind::Compressed),
    (b"\x28\xb5\x2f\xfd", Kind::Compressed),
    (b"7z\xbc\xaf\x27\x1c", Kind::Compressed),
    (b"\x04\x22\x4d\x18", Kind::Compressed),
    (b"Rar!\x1a\x07", Kind::Compressed),
];

#[cfg(test)]
mod tests;
