//! What `serve` reports, as text for people or as lines of JSON for programs.

use super::clock;
use muse::accounts::{Counters, Stats};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// One line of `serve --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Report {
    /// Clients may connect.
    Listening {
        /// Address and port.
        address: String,
        /// The network's name.
        network: String,
    },
    /// Too many connections, too many sessions from one address, or a client there was caught cheating. Once a minute and address;
    /// what comes more often is [`Repeated`](Self::Repeated).
    TurnedAway {
        /// The client's address and port.
        peer: String,
        /// Why.
        reason: String,
    },
    /// A session was set up.
    Started {
        /// The client's address and port.
        peer: String,
    },
    /// An inference is ready for its input.
    Preprocessed {
        /// The client's address and port.
        peer: String,
        /// Its id in the session.
        inference: u64,
    },
    /// An inference was served.
    Inferred {
        /// The client's address and port.
        peer: String,
        /// Its id in the session.
        inference: u64,
    },
    /// What was reported once happened again, since then: a client was turned away, or a connection ended without a hello.
    Repeated {
        /// The address of the clients, for IPv6 of their /64; null for several that are too many to tell apart.
        address: Option<String>,
        /// What happened.
        reason: String,
        /// How often.
        times: u64,
    },
    /// Lines of this log that were lost because nobody read it.
    Dropped {
        /// How many.
        lines: u64,
    },
    /// A session ended.
    Ended {
        /// The client's address and port.
        peer: String,
        /// Why, unless the client said goodbye.
        error: Option<String>,
        /// The server's accounts of it.
        stats: Stats,
    },
}

/// A report as a line of JSON has it.
#[derive(Serialize)]
struct Stamped<'a> {
    /// UTC, as in RFC 3339; null where the clock is before 1970.
    time: Option<String>,
    #[serde(flatten)]
    report: &'a Report,
}

impl Report {
    /// A line for programs.
    pub fn json(&self, now: SystemTime) -> String {
        serde_json::to_string(&Stamped { time: clock::rfc3339(now), report: self }).unwrap_or_default()
    }

    /// A line for people.
    pub fn text(&self, now: SystemTime) -> String {
        match self {
            Self::Listening { .. } => self.words(),
            Self::TurnedAway { .. }
            | Self::Started { .. }
            | Self::Preprocessed { .. }
            | Self::Inferred { .. }
            | Self::Ended { .. }
            | Self::Repeated { .. }
            | Self::Dropped { .. } => {
                format!("{} {}", clock::rfc3339(now).as_deref().unwrap_or("(no time)"), self.words())
            }
        }
    }

    /// What happened, without when.
    pub fn words(&self) -> String {
        match self {
            Self::Listening { address, network } => format!("listening on {address}, network {network}"),
            Self::TurnedAway { peer, reason } => format!("{peer}: turned away, {reason}"),
            Self::Started { peer } => format!("{peer}: session started"),
            Self::Preprocessed { peer, inference } => format!("{peer}: inference {inference} preprocessed"),
            Self::Inferred { peer, inference } => format!("{peer}: inference {inference} served"),
            Self::Repeated { address, reason, times } => {
                let address = address.as_deref().unwrap_or("many addresses");
                let times = if *times == 1 { "once more".to_owned() } else { format!("{times} more times") };
                format!("{address}: {times}: {reason}")
            }
            Self::Dropped { lines } => format!("{lines} lines of the log were lost: nobody read it"),
            Self::Ended { peer, error, stats } => {
                let total = stats.total();
                let why = error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
                if total == Counters::default() {
                    return format!("{peer}: {NO_HELLO}{why}");
                }
                let (sent, received) = (total.sent as f64 / 1e6, total.received as f64 / 1e6);
                format!("{peer}: session ended, {sent:.1} MB sent, {received:.1} MB received{why}")
            }
        }
    }
}

/// A connection that came to nothing: what its line and the sum of further ones both say.
pub const NO_HELLO: &str = "connection ended without a hello";

#[cfg(test)]
mod tests {
    use super::*;
    use muse::accounts::{Component, Phase};

    #[test]
    fn json_is_one_line_with_the_events_name() {
        let report = Report::Listening { address: "127.0.0.1:7878".into(), network: "mnist".into() };
        let line = report.json(SystemTime::UNIX_EPOCH);
        let expected = r#"{"time":"1970-01-01T00:00:00Z","event":"listening","address":"127.0.0.1:7878","network":"mnist"}"#;
        assert_eq!(line, expected);
        assert_eq!(serde_json::from_str::<Report>(&line).expect("parses"), report);
    }

    #[test]
    fn a_clock_before_1970_is_no_time() {
        let early = SystemTime::UNIX_EPOCH - core::time::Duration::from_secs(129_600);
        let report = Report::Dropped { lines: 3 };
        assert_eq!(report.json(early), r#"{"time":null,"event":"dropped","lines":3}"#);
        assert_eq!(report.text(early), "(no time) 3 lines of the log were lost: nobody read it");
    }

    #[test]
    fn sums_say_of_whom() {
        let repeated = |address: Option<&str>| Report::Repeated {
            address: address.map(Into::into),
            reason: "turned away, all places are taken".into(),
            times: 17,
        };
        let words = "127.0.0.2: 17 more times: turned away, all places are taken";
        assert_eq!(repeated(Some("127.0.0.2")).words(), words);
        assert!(repeated(None).words().starts_with("many addresses: 17 more times"));
    }

    /// A sum has the words of the line that came first, so that nobody looks for another one.
    #[test]
    fn a_connection_without_a_hello_and_its_repetition_have_the_same_words() {
        let error = Some("the peer closed the connection while waiting for its hello".to_owned());
        let first = Report::Ended { peer: "127.0.0.1:5".into(), error, stats: Stats::default() };
        let text = "127.0.0.1:5: connection ended without a hello: the peer closed the connection while waiting for its hello";
        assert_eq!(first.words(), text);
        let again = Report::Repeated { address: Some("127.0.0.1".into()), reason: NO_HELLO.into(), times: 1 };
        assert_eq!(again.words(), "127.0.0.1: once more: connection ended without a hello");
    }

    #[test]
    fn text_says_why_a_session_ended() {
        let mut stats = Stats::default();
        stats.entry(Phase::Setup, Component::Handshake).received = 2;
        let mut ended = Report::Ended { peer: "127.0.0.1:5".into(), error: None, stats };
        let text = "1970-01-01T00:00:00Z 127.0.0.1:5: session ended, 0.0 MB sent, 0.0 MB received";
        assert_eq!(ended.text(SystemTime::UNIX_EPOCH), text);
        if let Report::Ended { error, .. } = &mut ended {
            *error = Some("the peer closed the connection".into());
        }
        assert!(ended.words().ends_with("received: the peer closed the connection"));
    }
}
