//! Sessions over connections that are slowed down on purpose.

use super::failure::Failure;
use muse::{
    Client, ClientConfig,
    channel::Channel,
    transport::{Link, ShapedTcp, Tcp},
};

/// A client's transport, whichever it is.
pub type Connection = Box<dyn Channel + Send>;

/// Connects, over `link` as it seems.
pub fn dial(address: &str, config: &ClientConfig, link: Link) -> Result<Connection, Failure> {
    let connected: Result<Connection, _> = if link.is_free() {
        Tcp::connect(address, config.limits).map(|tcp| Box::new(tcp) as Connection)
    } else {
        ShapedTcp::connect(address, config.limits, link).map(|shaped| Box::new(shaped) as Connection)
    };
    connected.map_err(|error| muse::Error::from(error).into())
}

/// Connects, shakes hands, and sets up keys and base OTs.
pub fn over(address: &str, config: ClientConfig, link: Link) -> Result<Client<Connection>, Failure> {
    Ok(Client::over(dial(address, &config, link)?, config)?)
}

/// A link in a few words.
pub fn describe(link: Link) -> String {
    let latency =
        (link.round_trip_seconds > 0.0).then(|| format!("{} ms", round(link.round_trip_seconds * 1e3)));
    let megabits = link.bits_per_second / 1e6;
    let rate = megabits.is_finite().then(|| format!("{} Mbit/s", round(megabits)));
    match (latency, rate) {
        (None, None) => "loopback".into(),
        (Some(one), None) | (None, Some(one)) => one,
        (Some(latency), Some(rate)) => format!("{latency}, {rate}"),
    }
}

/// Without the noise of binary fractions.
fn round(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_read_well() {
        let link = |bits_per_second, round_trip_seconds| Link { bits_per_second, round_trip_seconds };
        assert_eq!(describe(Link::default()), "loopback");
        assert_eq!(describe(link(f64::INFINITY, 0.021)), "21 ms");
        assert_eq!(describe(link(1e8, 0.021)), "21 ms, 100 Mbit/s");
        assert_eq!(describe(link(2.5e6, 0.0)), "2.5 Mbit/s");
    }
}
