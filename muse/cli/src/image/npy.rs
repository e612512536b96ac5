//! NumPy's `.npy` files: a header that is a dictionary of Python with three known keys, then the elements.

use super::array::{Array, Bytes, Element, wrong_type};
use zeroize::Zeroizing;

/// The array of a file.
///
/// # Errors
/// What is wrong, to be put behind the file's name.
pub fn parse(bytes: &[u8]) -> Result<Array<'_>, String> {
    let damaged = || "is a damaged .npy file".to_owned();
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or_else(damaged)?;
    let (&[major, _], rest) = rest.split_first_chunk().ok_or_else(damaged)?;
    let (length, rest) = match major {
        1 => rest.split_first_chunk().map(|(length, rest)| (u32::from(u16::from_le_bytes(*length)), rest)),
        2 | 3 => rest.split_first_chunk().map(|(length, rest)| (u32::from_le_bytes(*length), rest)),
        _ => return Err(format!("is an .npy file of version {major}, which is not known")),
    }
    .ok_or_else(damaged)?;
    let (header, data) = rest.split_at_checked(length as usize).ok_or_else(damaged)?;
    let header = core::str::from_utf8(header).map_err(|_| damaged())?;
    let Header { element: name, fortran, shape } = Header::parse(header).ok_or_else(damaged)?;
    let (element, big) = element(name).ok_or_else(|| wrong_type(name))?;
    let length = shape.iter().try_fold(element.bytes(), |product, &side| product.checked_mul(side));
    let mut data = Bytes::Borrowed(data);
    // Of another length than its shape says: refused where its images are made.
    if length == Some(data.len()) {
        if big {
            data = reversed(&data, element.bytes());
        }
        if fortran && shape.len() > 1 {
            data = row_major(&data, element.bytes(), &shape);
        }
    }
    Ok(Array { element, shape, data })
}

/// The type of this name, and whether its first byte is the most significant one. NumPy writes `|u1` and `<f4`, and reads any order before
/// bytes, `=` for that of this machine, no order at all, and names.
fn element(name: &str) -> Option<(Element, bool)> {
    let (order, kind) = match name.split_at_checked(1) {
        Some((order @ ("<" | ">" | "=" | "|"), kind)) => (order, kind),
        _ => ("=", name),
    };
    let element = match kind {
        "u1" | "uint8" => Element::U8,
        "u2" | "uint16" => Element::U16,
        "f2" | "float16" => Element::F16,
        "f4" | "float32" => Element::F32,
        "f8" | "float64" => Element::F64,
        _ => return None,
    };
    let big = match order {
        ">" => true,
        "<" => false,
        _ => cfg!(target_endian = "big"),
    };
    // "Not applicable" is said of bytes only.
    (order != "|" || element == Element::U8).then_some((element, big))
}

/// The same words, each from its last byte to its first.
fn reversed<'a>(data: &[u8], word: usize) -> Bytes<'a> {
    let mut bytes = Zeroizing::new(data.to_vec());
    bytes.chunks_exact_mut(word).for_each(<[u8]>::reverse);
    Bytes::Owned(bytes)
}

/// The elements of an array whose first index runs fastest, in the order in which the last one does. Its length is that of the shape.
fn row_major<'a>(data: &[u8], word: usize, shape: &[usize]) -> Bytes<'a> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = word;
    for side in shape {
        strides.push(stride);
        stride *= side;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(data.len()));
    let mut index = vec![0; shape.len()];
    while bytes.len() < data.len() {
        let at: usize = index.iter().zip(&strides).map(|(at, stride)| at * stride).sum();
        bytes.extend_from_slice(&data[at..at + word]);
        for (digit, side) in index.iter_mut().zip(shape).rev() {
            *digit += 1;
            if *digit < *side {
                break;
            }
            *digit = 0;
        }
    }
    Bytes::Owned(bytes)
}

struct Header<'a> {
    element: &'a str,
    fortran: bool,
    shape: Vec<usize>,
}

impl<'a> Header<'a> {
    /// Every key once, in any order, and nothing else.
    fn parse(text: &'a str) -> Option<Self> {
        let mut cursor = Cursor(text);
        let (mut element, mut fortran, mut shape) = (None, None, None);
        cursor.eat("{")?;
        while cursor.eat("}").is_none() {
            let key = cursor.string()?;
            cursor.eat(":")?;
            let twice = match key {
                // A list of fields is no element: it is named, and refused as a type.
                "descr" => element.replace(cursor.string().or_else(|| cursor.list())?).is_some(),
                "fortran_order" => fortran.replace(cursor.truth()?).is_some(),
                "shape" => shape.replace(cursor.tuple()?).is_some(),
                _ => true,
            };
            if twice {
                return None;
            }
            if cursor.eat(",").is_none() {
                cursor.eat("}")?;
                break;
            }
        }
        let header = Self { element: element?, fortran: fortran?, shape: shape? };
        cursor.0.trim().is_empty().then_some(header)
    }
}

/// What is left of the text.
struct Cursor<'a>(&'a str);

impl<'a> Cursor<'a> {
    fn eat(&mut self, word: &str) -> Option<()> {
        self.0 = self.0.trim_start().strip_prefix(word)?;
        Some(())
    }

    /// A string without escapes. Python 2 marks one of Unicode by a `u`.
    fn string(&mut self) -> Option<&'a str> {
        let text = self.0.trim_start();
        let text = text.strip_prefix('u').unwrap_or(text);
        let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
        let (string, rest) = text.get(1..)?.split_once(quote)?;
        self.0 = rest;
        Some(string)
    }

    /// A list, which is skipped.
    fn list(&mut self) -> Option<&'a str> {
        self.eat("[")?;
        let mut depth = 1usize;
        let end = self.0.find(|c| {
            match c {
                '[' => depth += 1,
                ']' => depth -= 1,
                _ => {}
            }
            depth == 0
        });
        self.0 = self.0.get(end? + 1..)?;
        Some("(several fields)")
    }

    fn truth(&mut self) -> Option<bool> {
        self.eat("True").map(|()| true).or_else(|| self.eat("False").map(|()| false))
    }

    fn number(&mut self) -> Option<usize> {
        let text = self.0.trim_start();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, rest) = text.split_at(end);
        // Python 2 marks a long number.
        self.0 = rest.strip_prefix('L').unwrap_or(rest);
        digits.parse().ok()
    }

    /// A tuple of numbers: `()`, `(1,)`, `(1, 2)`.
    fn tuple(&mut self) -> Option<Vec<usize>> {
        let mut numbers = Vec::new();
        self.eat("(")?;
        while self.eat(")").is_none() {
            if numbers.len() == MAX_SIDES {
                return None;
            }
            numbers.push(self.number()?);
            if self.eat(",").is_none() {
                self.eat(")")?;
                break;
            }
        }
        Some(numbers)
    }
}

/// NumPy's own limit.
const MAX_SIDES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(header: &str) -> Option<(String, bool, Vec<usize>)> {
        Header::parse(header).map(|header| (header.element.to_owned(), header.fortran, header.shape))
    }

    #[test]
    fn headers_as_numpy_writes_them() {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 28, 28), }          \n";
        assert_eq!(parsed(header), Some(("<f4".into(), false, vec![1, 28, 28])));
        assert_eq!(
            parsed("{'descr':'|u1','fortran_order':True,'shape':()}"),
            Some(("|u1".into(), true, vec![]))
        );
        let other = "{\"shape\": (7,), \"fortran_order\": False, \"descr\": \"<u2\"}\n";
        assert_eq!(parsed(other), Some(("<u2".into(), false, vec![7])));
        let python2 = "{u'descr': u'|u1', 'fortran_order': False, 'shape': (1L, 8L, 8L), }";
        assert_eq!(parsed(python2), Some(("|u1".into(), false, vec![1, 8, 8])));
        let fields =
            "{'descr': [('a', '<f4'), ('b', [('c', '|u1')])], 'fortran_order': False, 'shape': (3,), }";
        assert_eq!(parsed(fields), Some(("(several fields)".into(), false, vec![3])));
    }

    #[test]
    fn other_headers_are_damaged() {
        for header in [
            "",
            "{}",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2)",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, -2)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1 2)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1LL, 2)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (L, 2)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999999,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (2,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': (2,)}",
            "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)}",
            "{'descr': '<f4, 'fortran_order': False, 'shape': (1,)}",
            "{'descr': [[[, 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} more",
            "{\u{e9}'descr': '<f4', 'fortran_order': False, 'shape': (1,)}",
        ] {
            assert_eq!(parsed(header), None, "{header}");
        }
        let long = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({})}}", "1,".repeat(65));
        assert_eq!(parsed(&long), None);
    }
}
