//! How the program fails: one line on standard error, and an exit code.

use core::fmt;
use muse::model::{ModelError, names::plain};
use std::process::ExitCode;

/// What kind of failure, for scripts: the exit code. 2 is taken by wrong arguments, which clap reports itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// A file, an image, the system.
    General = 1,
    /// The other party: not there, not in time, or not following the protocol.
    Peer = 3,
    /// A secure result that differs from the plaintext one: a bug in this program.
    Mismatch = 4,
    /// The server caught a client that attacks.
    Refused = 5,
    /// The server takes no session from this address now.
    TurnedAway = 6,
    /// Ctrl-C, as shells report it.
    Interrupted = 130,
    /// Standard output was closed by its reader (the exit code that shells use for it).
    Unread = 141,
}

/// The end of the program, with one line that says what happened and what to do.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    message: String,
}

impl Failure {
    /// A failure outside the protocol.
    pub fn general(message: impl Into<String>) -> Self {
        Self { kind: Kind::General, message: one_line(message.into()) }
    }

    /// A failure of the protocol or the connection.
    pub fn peer(message: impl Into<String>) -> Self {
        Self { kind: Kind::Peer, message: one_line(message.into()) }
    }

    /// An attack that the server did not allow.
    pub fn refused(message: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, message: one_line(message.into()) }
    }

    /// The user does not want to wait any longer.
    pub fn interrupted() -> Self {
        Self {
            kind: Kind::Interrupted,
            message: "interrupted; the session and its preprocessing are gone".into(),
        }
    }

    /// A wrong result.
    pub fn mismatch(message: impl Into<String>) -> Self {
        Self { kind: Kind::Mismatch, message: one_line(message.into()) }
    }

    /// The reader of the results has closed them, which needs no message.
    pub const fn unread() -> Self {
        Self { kind: Kind::Unread, message: String::new() }
    }

    /// Whether there is nothing to say.
    pub const fn is_silent(&self) -> bool {
        self.message.is_empty()
    }

    /// The number for the shell.
    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.kind as u8)
    }
}

impl From<muse::Error> for Failure {
    fn from(error: muse::Error) -> Self {
        use muse::Error as E;
        let message = format!("{error}{}", in_options(&error));
        if matches!(error, E::Cancelled) {
            return Self::interrupted();
        }
        if matches!(error, E::TurnedAway(Some(_))) {
            return Self { kind: Kind::TurnedAway, message: one_line(message) };
        }
        let peer = matches!(
            error,
            E::Transport(_)
                | E::TurnedAway(None)
                | E::Handshake(_)
                | E::Card(_)
                | E::Peer(_)
                | E::Exhausted
                | E::SessionOver
        );
        if peer { Self::peer(message) } else { Self::general(message) }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        Self::general(error.to_string())
    }
}

/// What the options of the command line have to do with it: the library knows none.
#[expect(clippy::wildcard_enum_match_arm, reason = "most errors have nothing to do with options")]
const fn in_options(error: &muse::Error) -> &'static str {
    use muse::{
        Error as E,
        handshake::{HandshakeError as H, Refused as R},
    };
    match error {
        E::TurnedAway(Some(R::Full)) => "; its --max-connections allows more",
        E::TurnedAway(Some(R::AddressFull)) => {
            "; one `muse infer` takes many images and folders; the server's --max-per-address allows more"
        }
        E::TurnedAway(Some(R::Rate { .. })) => {
            "; one `muse infer` takes many images and folders; the server's --max-sessions-per-minute allows more"
        }
        E::TurnedAway(Some(R::Penalty)) => "; its --penalty says for how long",
        E::TurnedAway(Some(R::Protocol { .. })) | E::Handshake(H::Protocol { .. }) => {
            "; a client needs the same --mode and --cds"
        }
        E::TooManyBatches { .. } => "; leave out --cds published",
        _ => "",
    }
}

/// Messages may quote what others wrote; they stay one line, without characters that act on a terminal.
fn one_line(message: String) -> String {
    plain(&message.trim().replace(['\n', '\r', '\t'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_was_turned_away_hears_what_to_do() {
        use muse::{Error, handshake::Refused};
        for (refused, advice) in [
            (Refused::Full, &["try again in a minute", "--max-connections"][..]),
            (Refused::AddressFull, &["many images and folders", "--max-per-address"]),
            (
                Refused::Rate { seconds: 17 },
                &["wait 17 s", "many images and folders", "--max-sessions-per-minute"],
            ),
            (Refused::Penalty, &["failed a check", "--penalty"]),
        ] {
            let failure = Failure::from(Error::TurnedAway(Some(refused)));
            assert_eq!(failure.kind, Kind::TurnedAway);
            let text = failure.to_string();
            assert!(advice.iter().all(|advice| text.contains(advice)), "{text}");
        }
        assert_eq!(Failure::from(Error::TurnedAway(None)).kind, Kind::Peer);
    }

    #[test]
    fn messages_stay_one_line() {
        assert_eq!(Failure::general("a\nb\u{1b}[2J\u{202e}c\n").to_string(), "a b?[2J?c");
    }
}
