//! The latency and bandwidth to simulate.

use super::values::{bandwidth, round_trip};
use clap::Args;
use muse::transport::Link;

/// A connection that is slowed down on purpose.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct LinkArgs {
    /// Pretend a round trip of this length, such as 21ms
    #[arg(long, value_name = "TIME", value_parser = round_trip)]
    pub rtt: Option<f64>,

    /// Pretend this bandwidth in either direction, such as 100Mbit/s
    #[arg(long, value_name = "RATE", value_parser = bandwidth)]
    pub bandwidth: Option<f64>,
}

impl LinkArgs {
    /// The link, with what was not given as it is.
    pub fn link(self) -> Link {
        let mut link = Link::default();
        if let Some(megabits) = self.bandwidth {
            link.bits_per_second = megabits * 1e6;
        }
        if let Some(millis) = self.rtt {
            link.round_trip_seconds = millis / 1e3;
        }
        link
    }

    /// Arguments that say the same of a link.
    pub fn arguments(link: Link) -> Vec<String> {
        let mut arguments = Vec::new();
        if link.round_trip_seconds > 0.0 {
            arguments.extend(["--rtt".to_owned(), format!("{}ms", link.round_trip_seconds * 1e3)]);
        }
        if link.bits_per_second.is_finite() {
            arguments.extend(["--bandwidth".to_owned(), format!("{}Mbit/s", link.bits_per_second / 1e6)]);
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_survives_its_arguments() {
        let link = |bits_per_second, round_trip_seconds| Link { bits_per_second, round_trip_seconds };
        for link in [Link::default(), link(100e6, 0.021), link(f64::INFINITY, 0.0005), link(2.5e9, 0.0)] {
            let arguments = LinkArgs::arguments(link);
            let mut back = LinkArgs::default();
            for pair in arguments.chunks(2) {
                match pair[0].as_str() {
                    "--rtt" => back.rtt = round_trip(&pair[1]).ok(),
                    _ => back.bandwidth = bandwidth(&pair[1]).ok(),
                }
            }
            let back = back.link();
            assert!((back.round_trip_seconds - link.round_trip_seconds).abs() < 1e-12);
            assert!(back.bits_per_second == link.bits_per_second);
        }
    }
}
