//! Numbers as protocol buffers have them, for files that no library would write.

/// Seven bits a byte, the least first; all but the last have their top bit set.
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
