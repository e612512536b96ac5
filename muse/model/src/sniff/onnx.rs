//! Whether bytes are the start of an ONNX file, which has no magic number: by the fields of its outermost message.

/// Whether these are fields of `ModelProto`, among them its graph, as far as the bytes go.
pub(super) fn begins(mut bytes: &[u8]) -> bool {
    let mut graph = false;
    while !bytes.is_empty() {
        let Some((tag, rest)) = varint(bytes) else { return false };
        let (field, kind) = (tag >> 3, tag & 7);
        bytes = match (field, kind) {
            // Versions: of the format, and of the model.
            (1 | 5, 0) => match varint(rest) {
                Some((_, rest)) => rest,
                None => return false,
            },
            // Texts, the graph, operator sets, metadata, training, functions, configurations.
            (2..=4 | 6..=8 | 14 | 20 | 25 | 26, 2) => {
                let Some((length, rest)) = varint(rest) else { return false };
                graph |= field == 7;
                match usize::try_from(length).ok().and_then(|length| rest.get(length..)) {
                    Some(rest) => rest,
                    // The rest is beyond the head, or the file is cut, which its reader says. Short texts would be there.
                    None => return matches!(field, 6 | 7 | 14 | 20 | 25),
                }
            }
            _ => return false,
        };
    }
    graph
}

/// A number of seven bits a byte, and what follows it.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f).checked_shl(7 * u32::try_from(at).ok()?)?;
        if byte < 0x80 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}
