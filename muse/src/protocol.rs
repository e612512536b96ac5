//! What the server's configuration fixes: the mode and, in the client-malicious one, how labels are disclosed.

/// Version of the protocol on the wire; any change of a byte raises it.
pub const VERSION: u16 = 7;

/// What the server's secrets are protected against. Fixed by the server's configuration and bound into the session id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Mode {
    /// The DELPHI baseline: secure while both parties follow the protocol. A client that does not can extract the
    /// network's weights (MUSE, USENIX Security 2021, section 2).
    SemiHonest = 1,
    /// MUSE: the client may deviate in any way; it learns nothing by that, and is caught but for a chance of at most 2^-41 a session.
    #[default]
    ClientMalicious = 2,
}

impl Mode {
    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SemiHonest => "semi-honest",
            Self::ClientMalicious => "client-malicious",
        }
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
    /// Another mode or disclosure, or one this program does not know.
    #[error(
        "the peer runs another security mode: {}; the server's configuration decides, and a client needs the same --mode and --cds",
        Protocol::name_of(*theirs)
    )]
    Mode {
        /// The [number](Protocol::number) the peer named.
        theirs: u8,
    },
    /// Other parameters (field, ring, circuits or hash functions).
    #[error("the peer was built with other parameters; use the same release on both sides")]
    Parameters,
}

/// How the client gets labels for exactly the bits of its authenticated shares (protocol, section 4.5). Fixed by the server's
/// configuration and bound into the session id. The published one rests on one more assumption and has
/// a larger error (SECURITY.md); the baseline has neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cds {
    /// From correlated OT: 434 bytes a share.
    #[default]
    Correlated,
    /// As MUSE publishes it, from Beaver triples, to measure against: several hundred times the bytes.
    Published,
}

/// The mode and, if there is one, the disclosure. Both parties need the same.
///
/// Every [`Mode`] by itself stands for its default: `Protocol::from(Mode::ClientMalicious)` discloses from correlated OT.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Protocol {
    mode: Mode,
    cds: Cds,
}

impl Protocol {
    /// Every protocol there is.
    pub const ALL: [Self; 3] = [
        Self { mode: Mode::SemiHonest, cds: Cds::Correlated },
        Self { mode: Mode::ClientMalicious, cds: Cds::Correlated },
        Self { mode: Mode::ClientMalicious, cds: Cds::Published },
    ];

    /// `cds` has no meaning in the baseline, where there is nothing to disclose conditionally.
    #[must_use]
    pub const fn new(mode: Mode, cds: Cds) -> Self {
        match mode {
            Mode::SemiHonest => Self { mode, cds: Cds::Correlated },
            Mode::ClientMalicious => Self { mode, cds },
        }
    }

    /// What the server's secrets are protected against.
    #[must_use]
    pub const fn mode(self) -> Mode {
        self.mode
    }

    /// How labels are disclosed; the default in the baseline.
    #[must_use]
    pub const fn cds(self) -> Cds {
        self.cds
    }

    /// The number in a hello.
    #[must_use]
    pub const fn number(self) -> u8 {
        match (self.mode, self.cds) {
            (mode, Cds::Correlated) => mode as u8,
            (_, Cds::Published) => 3,
        }
    }

    /// In words, with what the command line calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self.cds {
            Cds::Correlated => self.mode.name(),
            Cds::Published => "client-malicious with --cds published",
        }
    }

    /// The name of a protocol by its number in a hello.
    pub(crate) fn name_of(number: u8) -> &'static str {
        let known = Self::ALL.into_iter().find(|protocol| protocol.number() == number);
        known.map_or("one that this program does not know", Self::name)
    }
}

impl Cds {
    /// The name used on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Correlated => "correlated",
            Self::Published => "published",
        }
    }
}

impl From<Mode> for Protocol {
    fn from(mode: Mode) -> Self {
        Self::new(mode, Cds::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_tell_protocols_apart() {
        let numbers = Protocol::ALL.map(Protocol::number);
        assert_eq!(numbers, [1, 2, 3]);
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::new(protocol.mode(), protocol.cds()), protocol);
            assert_eq!(Protocol::name_of(protocol.number()), protocol.name());
        }
        assert_eq!(Protocol::name_of(4), "one that this program does not know");
        assert_eq!(Protocol::new(Mode::SemiHonest, Cds::Published), Mode::SemiHonest.into());
        assert_eq!(Protocol::default(), Mode::ClientMalicious.into());
    }
}
