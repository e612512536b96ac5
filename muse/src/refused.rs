//! What a server sends in place of its hello when it refuses a session.

/// Why the server refuses a session. Each reason has a code.
///
/// | offset | bytes | field of the message |
/// |---|---|---|
/// | 0 | 1 | code, from 1 to 5 in the order below |
/// | 1 | 4 | little endian: seconds for a rate, the number of the server's protocol for another one, 0 for the rest |
///
/// Displays as a sentence that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Clients at work have all the places.
    #[error("the server is full: clients at work have all its places; try again in a minute")]
    Full,
    /// The client's address has all the places it may have.
    #[error(
        "this address has all the places that it may have at the server; one session takes many inputs: \
         give it all of them instead of running several at once"
    )]
    AddressFull,
    /// The client's address has started all the sessions it may for now.
    #[error(
        "this address has started as many sessions as the server allows; wait {seconds} s; one session takes many inputs"
    )]
    Rate {
        /// Until the next session may start; from 1 to [`MAX_SECONDS`](Refused::MAX_SECONDS).
        seconds: u32,
    },
    /// A client at this address failed a check a while ago.
    #[error(
        "the server refuses this address for a while: a client there failed a check. That happens when a client cheats, or when its connection changes bytes; \
         the server's log says which"
    )]
    Penalty,
    /// The server runs another protocol.
    #[error("the server runs another protocol: {}", crate::protocol::Protocol::name_of(*theirs))]
    Protocol {
        /// The [number](crate::protocol::Protocol::number) of what it runs.
        theirs: u8,
    },
}

impl Refused {
    /// Bytes of the message.
    pub const LEN: usize = 5;

    /// The most seconds that a client is told to wait: an hour.
    pub const MAX_SECONDS: u32 = 3600;

    /// The message. Seconds out of range become the nearest that are not.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let (code, value) = match self {
            Self::Full => (1, 0),
            Self::AddressFull => (2, 0),
            Self::Rate { seconds } => (3, seconds.clamp(1, Self::MAX_SECONDS)),
            Self::Penalty => (4, 0),
            Self::Protocol { theirs } => (5, theirs.into()),
        };
        let mut out = [code; Self::LEN];
        out[1..].copy_from_slice(&value.to_le_bytes());
        out
    }

    /// Reads the message; `None` for bytes that [`to_bytes`](Self::to_bytes) writes for nothing.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; Self::LEN]) -> Option<Self> {
        let [code, value @ ..] = *bytes;
        let value = u32::from_le_bytes(value);
        match (code, value) {
            (1, 0) => Some(Self::Full),
            (2, 0) => Some(Self::AddressFull),
            (3, 1..=Self::MAX_SECONDS) => Some(Self::Rate { seconds: value }),
            (4, 0) => Some(Self::Penalty),
            (5, _) => u8::try_from(value).ok().map(|theirs| Self::Protocol { theirs }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_and_nothing_else_is_one() {
        let all = [
            Refused::Full,
            Refused::AddressFull,
            Refused::Rate { seconds: 1 },
            Refused::Rate { seconds: Refused::MAX_SECONDS },
            Refused::Penalty,
            Refused::Protocol { theirs: 3 },
            Refused::Protocol { theirs: 255 },
        ];
        for refused in all {
            assert_eq!(Refused::from_bytes(&refused.to_bytes()), Some(refused));
        }
        let bytes = [[1, 0, 0, 0, 0], [3, 0x10, 0x0e, 0, 0], [5, 3, 0, 0, 0]];
        assert_eq!([all[0], all[3], all[5]].map(Refused::to_bytes), bytes, "pinned");
        // Every code with values around its bounds: what is read is written as it was.
        for code in 0..=u8::MAX {
            for value in [0, 1, 2, 255, 256, Refused::MAX_SECONDS, Refused::MAX_SECONDS + 1, u32::MAX] {
                let mut bytes = [code; Refused::LEN];
                bytes[1..].copy_from_slice(&value.to_le_bytes());
                if let Some(refused) = Refused::from_bytes(&bytes) {
                    assert_eq!(refused.to_bytes(), bytes);
                    assert!((1..=5).contains(&code));
                }
            }
        }
        for bytes in [
            [0; 5],
            [1, 1, 0, 0, 0],
            [3, 0, 0, 0, 0],
            [3, 0x11, 0x0e, 0, 0],
            [5, 0, 1, 0, 0],
            [6, 0, 0, 0, 0],
        ] {
            assert_eq!(Refused::from_bytes(&bytes), None, "{bytes:?}");
        }
        assert_eq!(Refused::Rate { seconds: 0 }.to_bytes(), Refused::Rate { seconds: 1 }.to_bytes());
    }
}
