//! Round trips, and refusal of everything that is not the one encoding of a value.

use super::*;
use crate::{Fp, MODULUS};
use proptest::prelude::*;

type Message = ((u8, u16), ((u32, u64), (u128, Vec<Fp>)));

fn shape(n: usize) -> <Message as Decode>::Shape {
    (((), ()), (((), ()), ((), n)))
}

#[test]
fn little_endian_in_order() {
    let bytes = to_vec(&((1u8, 0x0203u16), (*b"ab", 0x0405_0607u32)));
    assert_eq!(bytes, [1, 3, 2, b'a', b'b', 7, 6, 5, 4]);
}

#[test]
fn a_failed_read_consumes_nothing() {
    let mut reader = Reader::new(&[0xff; 6]);
    assert_eq!(reader.u64(), Err(DecodeError::Length));
    assert_eq!(reader.elements(1), Err(DecodeError::NotCanonical));
    assert_eq!(reader.elements(usize::MAX), Err(DecodeError::Length));
    assert_eq!(reader.bits(64, usize::MAX), Err(DecodeError::Length));
    assert_eq!(reader.bits(5, 9), Err(DecodeError::NotCanonical));
    assert_eq!(reader.remaining(), 6);
    assert_eq!(reader.clone().finish(), Err(DecodeError::TrailingBytes));
    assert_eq!(reader.bits(6, 8).map(|v| v.len()), Ok(8));
    assert_eq!(reader.finish(), Ok(()));
}

#[test]
#[should_panic(expected = "announced")]
fn an_encoder_that_writes_too_much_is_a_bug() {
    Writer::new(&mut [0; 3]).u32(1);
}

#[test]
#[should_panic(expected = "announced")]
fn an_encoder_that_writes_too_little_is_a_bug() {
    Writer::new(&mut [0; 3]).finish();
}

proptest! {
    #[test]
    fn round_trip(
        a in any::<(u8, u16, u32, u64, u128)>(),
        v in proptest::collection::vec((0..MODULUS).prop_map(Fp::new), 0..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let n = v.len();
        let message: Message = ((a.0, a.1), ((a.2, a.3), (a.4, v)));
        let mut bytes = to_vec(&message);
        prop_assert_eq!(bytes.len(), Message::len_for(shape(n)));
        prop_assert_eq!(from_slice::<Message>(shape(n), &bytes), Ok(message));
        prop_assert_eq!(from_slice::<Message>(shape(n), &bytes[..cut.index(bytes.len())]), Err(DecodeError::Length));
        bytes.push(0);
        prop_assert_eq!(from_slice::<Message>(shape(n), &bytes), Err(DecodeError::TrailingBytes));
    }

    #[test]
    fn what_is_accepted_is_the_encoding(bytes in proptest::collection::vec(any::<u8>(), 0..80), n in 0usize..12) {
        if let Ok(message) = from_slice::<Message>(shape(n), &bytes) {
            prop_assert_eq!(to_vec(&message), bytes);
        }
    }
}
