//! Values that several commands take.

use crate::failure::Failure;
use clap::ValueEnum;
use core::time::Duration;
use muse::Protocol;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ModeArg {
    /// MUSE: a client that cheats in any way gets nothing but an abort
    ClientMalicious,
    /// DELPHI: secure while both parties follow the protocol; A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS
    SemiHonest,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CdsArg {
    /// From correlated OT: 434 bytes a share
    #[default]
    Correlated,
    /// As MUSE publishes it, from Beaver triples, to measure against: as secure, several hundred times the bytes
    Published,
}

/// The protocol of a mode and a disclosure, unless the mode has none.
pub fn protocol(mode: ModeArg, cds: CdsArg) -> Result<Protocol, Failure> {
    match (mode, cds) {
        (ModeArg::ClientMalicious, CdsArg::Correlated) => Ok(Protocol::ClientMalicious),
        (ModeArg::ClientMalicious, CdsArg::Published) => Ok(Protocol::ClientMaliciousPublished),
        (ModeArg::SemiHonest, CdsArg::Correlated) => Ok(Protocol::SemiHonest),
        (ModeArg::SemiHonest, CdsArg::Published) => Err(Failure::general(
            "mode semi-honest discloses nothing conditionally: leave out --cds published, or --mode semi-honest",
        )),
    }
}

/// A count. All have a maximum, so that a slip of the finger is refused at once.
pub fn up_to<const MOST: usize>(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("a whole number from 1 to {MOST}, please"))
}

/// A host and a port: `localhost:7878`, `192.0.2.7:7878`, `[::1]:7878`.
pub fn address(text: &str) -> Result<String, String> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok()?)));
    match parts {
        Some((host, port)) if port > 0 && is_host(host) => Ok(text.to_owned()),
        _ => {
            Err("an address and a port, please, as in 127.0.0.1:7878, localhost:7878 or [::1]:7878"
                .to_owned())
        }
    }
}

/// A name or an address; IPv6 addresses, which have colons, in brackets.
fn is_host(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(v6) => v6.contains(':') && !v6.contains(char::is_whitespace),
        None => {
            !host.is_empty() && !host.contains([':', '/', '[', ']']) && !host.contains(char::is_whitespace)
        }
    }
}

/// A time from 0.1 second to a day.
pub fn seconds(text: &str) -> Result<Duration, String> {
    seconds_from(0.1, text)
}

/// A time from 0 to a day.
pub fn any_seconds(text: &str) -> Result<Duration, String> {
    seconds_from(0.0, text)
}

fn seconds_from(least: f64, text: &str) -> Result<Duration, String> {
    let allowed = least..=86_400.0;
    let number: Option<f64> = text.parse().ok().filter(|number| allowed.contains(number));
    number
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("a number of seconds from {least} to 86400, please"))
}

/// Milliseconds of a round trip, from a time such as `21ms`, `0.5s` or `21`.
pub fn round_trip(text: &str) -> Result<f64, String> {
    let units = [("ms", 1.0), ("us", 1e-3), ("s", 1e3), ("", 1.0)];
    with_unit(
        text,
        &units,
        0.0..=60_000.0,
        "a time such as 21ms or 0.5s (without a unit: milliseconds), up to 60s",
    )
}

/// Megabits a second, from a rate such as `100Mbit/s`, `1Gbit/s` or `100`.
pub fn bandwidth(text: &str) -> Result<f64, String> {
    let units = [
        ("Mbit/s", 1.0),
        ("Gbit/s", 1e3),
        ("kbit/s", 1e-3),
        ("Mbps", 1.0),
        ("Gbps", 1e3),
        ("kbps", 1e-3),
        ("", 1.0),
    ];
    let wanted = "a rate such as 100Mbit/s or 1Gbit/s (without a unit: Mbit/s), from 1kbit/s to 1000Gbit/s";
    with_unit(text, &units, 0.001..=1e6, wanted)
}

fn with_unit(
    text: &str,
    units: &[(&str, f64)],
    allowed: core::ops::RangeInclusive<f64>,
    wanted: &str,
) -> Result<f64, String> {
    let number = units.iter().find_map(|(unit, factor)| {
        let number = text.strip_suffix(unit)?.trim_end();
        number.parse::<f64>().ok().map(|number| number * factor)
    });
    number.filter(|number| allowed.contains(number)).ok_or_else(|| format!("{wanted}, please"))
}
