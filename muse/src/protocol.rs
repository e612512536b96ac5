//! The protocol that a session runs. The server's configuration chooses it.

/// Version of the protocol on the wire; any change of a byte raises it.
pub const VERSION: u16 = 8;

/// The protocol that both parties run: what the server's secrets are protected against and, where labels are disclosed conditionally, how
/// (protocol, section 4.5). Fixed by the server's configuration and bound into the session id; a client needs the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Protocol {
    /// The DELPHI baseline: secure while both parties follow the protocol. A client that does not can extract the
    /// network's weights (MUSE, USENIX Security 2021, section 2).
    SemiHonest = 1,
    /// MUSE: the client may deviate in any way; it learns nothing by that, and is caught except with probability at most 2^-41 a session.
    /// Labels are disclosed from correlated OT: 434 bytes a share.
    #[default]
    ClientMalicious = 2,
    /// The same with the disclosure of labels as MUSE publishes it, from Beaver triples, to measure against: several hundred times the
    /// bytes. It rests on one more assumption and has a larger error (SECURITY.md).
    ClientMaliciousPublished = 3,
}

impl Protocol {
    /// Every protocol there is.
    pub const ALL: [Self; 3] = [Self::SemiHonest, Self::ClientMalicious, Self::ClientMaliciousPublished];

    /// Whether the server's secrets are safe from a client that deviates: shares carry MACs, and everything the client does is checked.
    #[must_use]
    pub const fn is_client_malicious(self) -> bool {
        !matches!(self, Self::SemiHonest)
    }

    /// Whether labels are disclosed from Beaver triples.
    #[must_use]
    pub const fn is_published(self) -> bool {
        matches!(self, Self::ClientMaliciousPublished)
    }

    /// The number in a hello.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// In words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SemiHonest => "semi-honest",
            Self::ClientMalicious => "client-malicious",
            Self::ClientMaliciousPublished => "client-malicious with the published disclosure",
        }
    }

    /// The name of a protocol by its number in a hello.
    pub(crate) fn name_of(number: u8) -> &'static str {
        let known = Self::ALL.into_iter().find(|protocol| protocol.number() == number);
        known.map_or("one that this program does not know", Self::name)
    }
}

/// Why two programs do not talk to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The first bytes are not those of this protocol.
    #[error("the peer does not speak the MUSE protocol")]
    Magic,
    /// Another protocol version.
    #[error(
        "the peer speaks version {theirs} of the protocol, this program version {VERSION}; use the same release on both sides"
    )]
    Version {
        /// The version the peer named.
        theirs: u16,
    },
    /// Another protocol, or one this program does not know.
    #[error(
        "the peer runs another protocol: {}; the server's configuration decides",
        Protocol::name_of(*theirs)
    )]
    Protocol {
        /// The [number](Protocol::number) the peer named.
        theirs: u8,
    },
    /// Other parameters (field, ring, circuits or hash functions).
    #[error("the peer was built with other parameters; use the same release on both sides")]
    Parameters,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_tell_protocols_apart() {
        assert_eq!(Protocol::ALL.map(Protocol::number), [1, 2, 3]);
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::name_of(protocol.number()), protocol.name());
        }
        assert_eq!(Protocol::name_of(4), "one that this program does not know");
        assert_eq!(Protocol::default(), Protocol::ClientMalicious);
    }
}
