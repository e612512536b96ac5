//! The published numbers, as data: MUSE, USENIX Security 2021, section 6.
//!
//! Two machines with Xeon 8000 processors at 3.6 GHz, 8 threads each, 21 ms round trip; 128-bit computational and 40-bit statistical
//! security; a 44-bit prime; the same two networks. 1 GB is taken as 10^9 bytes.

use serde::Serialize;

/// One published quantity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Published {
    /// Where it stands.
    pub(crate) source: &'static str,
    pub(crate) system: &'static str,
    pub(crate) network: &'static str,
    pub(crate) part: &'static str,
    /// Threads of each party.
    pub(crate) threads: Option<u32>,
    pub(crate) seconds: Option<f64>,
    pub(crate) gigabytes: Option<f64>,
    /// A sum of published numbers instead of one.
    pub(crate) computed: bool,
}

/// Names of the two networks, as shipped.
pub(crate) const MNIST: &str = "mnist";
/// See [`MNIST`].
pub(crate) const CIFAR10: &str = "cifar10";

/// Of Table 3: part, threads, then seconds and GB of the two networks.
type Line = (&'static str, &'static str, u32, [(f64, f64); 2]);

/// Table 3.
const TABLE3: [Line; 10] = [
    (DELPHI, "linear: CG", 1, [(3.93, 0.03), (36.21, 0.05)]),
    (MUSE, "linear: ACG", 1, [(4.74, 0.04), (40.78, 0.07)]),
    (DELPHI, "garbling", 2, [(1.81, 0.18), (19.31, 2.95)]),
    (MUSE, "garbling", 2, [(4.34, 0.51), (62.19, 7.45)]),
    (DELPHI, "oblivious transfer", 8, [(1.67, 0.02), (5.2, 0.35)]),
    (MUSE, "CDS: triple generation", 6, [(7.32, 2.66), (112.51, 44.36)]),
    (MUSE, "CDS: input authentication", 2, [(4.10, 0.43), (59.58, 7.00)]),
    (MUSE, "CDS: evaluation", 2, [(2.17, 0.53), (31.34, 8.79)]),
    (DELPHI, "online", 8, [(0.48, 0.01), (3.74, 0.16)]),
    (MUSE, "online", 8, [(0.80, 0.01), (8.37, 0.23)]),
];

/// The names of the systems.
pub(crate) const DELPHI: &str = "DELPHI";
/// See [`DELPHI`].
pub(crate) const MUSE: &str = "MUSE";

/// Communication of whole inferences or preprocessings that the paper and later ones state, in GB.
const TOTALS: [(&str, &str, &str, f64); 4] = [
    ("SIMC (USENIX Security 2022)", "SIMC", CIFAR10, 2.3),
    ("CrypTFlow2 (CCS 2020), semi-honest", "CrypTFlow2", CIFAR10, 0.3),
    ("MUSE, section 6", MUSE, MNIST, 4.17),
    ("MUSE, section 6", MUSE, CIFAR10, 67.7),
];

/// What Table 3 says of a part.
pub(crate) fn table3(system: &str, network: &str, part: &str) -> Option<Published> {
    let column = column(network)?;
    let &(system, part, threads, numbers) = TABLE3.iter().find(|line| (line.0, line.1) == (system, part))?;
    let (network, (seconds, gigabytes)) = ([MNIST, CIFAR10][column], numbers[column]);
    Some(Published {
        source: "Table 3",
        system,
        network,
        part,
        threads: Some(threads),
        seconds: Some(seconds),
        gigabytes: Some(gigabytes),
        computed: false,
    })
}

/// The sum over the parts of Table 3 whose names start so.
fn sum(
    system: &'static str,
    network: &str,
    part: &'static str,
    within: fn(&str) -> bool,
) -> Option<Published> {
    let column = column(network)?;
    let lines = TABLE3.iter().filter(|line| line.0 == system && within(line.1));
    let (seconds, gigabytes) = lines
        .map(|line| line.3[column])
        .fold((0.0, 0.0), |sum, numbers| (sum.0 + numbers.0, sum.1 + numbers.1));
    Some(Published {
        source: "Table 3, sum",
        system,
        network: [MNIST, CIFAR10][column],
        part,
        threads: None,
        seconds: Some(seconds),
        gigabytes: Some(gigabytes),
        computed: true,
    })
}

/// The three parts of MUSE's CDS together.
pub(crate) fn cds(network: &str) -> Option<Published> {
    sum(MUSE, network, "CDS, together", |part| part.starts_with("CDS"))
}

/// All parts of preprocessing together.
pub(crate) fn preprocessing(system: &'static str, network: &str) -> Option<Published> {
    sum(system, network, "preprocessing", |part| part != "online")
}

/// Communication that is stated for other systems on a network.
pub(crate) fn totals(network: &str) -> impl Iterator<Item = Published> {
    TOTALS.into_iter().filter(move |total| total.2 == network).map(|(source, system, network, gigabytes)| {
        Published {
            source,
            system,
            network,
            part: "communication",
            threads: None,
            seconds: None,
            gigabytes: Some(gigabytes),
            computed: false,
        }
    })
}

/// A ratio of two systems that the text states, as a range over the networks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Ratio {
    pub(crate) source: &'static str,
    pub(crate) what: &'static str,
    pub(crate) range: (f64, f64),
}

/// MUSE's online phase over DELPHI's: time, communication.
pub(crate) const ONLINE_OVER_DELPHI: [Ratio; 2] = [
    Ratio {
        source: "Figure 9, text",
        what: "online time, client-malicious over semi-honest",
        range: (1.7, 2.2),
    },
    Ratio {
        source: "Figure 9, text",
        what: "online bytes, client-malicious over semi-honest",
        range: (1.4, 1.4),
    },
];

/// MUSE against systems that are not measured here.
pub(crate) const OVER_OVERDRIVE: [Ratio; 3] = [
    Ratio { source: "Figure 8, text", what: "preprocessing time, Overdrive over MUSE", range: (13.4, 21.0) },
    Ratio { source: "Figure 8, text", what: "preprocessing bytes, Overdrive over MUSE", range: (2.0, 3.6) },
    Ratio {
        source: "Figure 8, text",
        what: "preprocessing time, client-malicious Overdrive over MUSE",
        range: (6.4, 7.0),
    },
];

/// Figure 10.
pub(crate) const OVER_OVERDRIVE_TRIPLES: Ratio = Ratio {
    source: "Figure 10",
    what: "time for triples, Overdrive (malicious on both sides) over client-malicious",
    range: (8.0, 12.5),
};

/// Table 4, one thread: a million inputs. Which of its two columns is the client's inputs and which the server's cannot be told from our copy.
pub(crate) fn table4() -> impl Iterator<Item = Published> {
    [
        ("Overdrive", "inputs, first column", 12.11, 0.090),
        (MUSE, "inputs, first column", 7.406, 0.320),
        ("Overdrive", "inputs, second column", 12.11, 0.090),
        (MUSE, "inputs, second column", 0.32, 0.020),
    ]
    .into_iter()
    .map(|(system, part, seconds, gigabytes)| Published {
        source: "Table 4",
        system,
        network: "-",
        part,
        threads: Some(1),
        seconds: Some(seconds),
        gigabytes: Some(gigabytes),
        computed: false,
    })
}

fn column(network: &str) -> Option<usize> {
    [MNIST, CIFAR10].iter().position(|name| *name == network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_and_add_up_to_the_published_totals() {
        let garbling = table3(MUSE, CIFAR10, "garbling").expect("in the table");
        assert_eq!(
            (garbling.seconds, garbling.gigabytes, garbling.threads),
            (Some(62.19), Some(7.45), Some(2))
        );
        assert_eq!(table3(MUSE, "mine", "garbling"), None);
        assert_eq!(table3(MUSE, MNIST, "oblivious transfer"), None);
        // The paper states 4.17 GB and 67.7 GB for preprocessing in all.
        for (network, total) in [(MNIST, 4.17), (CIFAR10, 67.7)] {
            let sum =
                preprocessing(MUSE, network).and_then(|sum| sum.gigabytes).expect("a network of theirs");
            assert!((sum - total).abs() < 0.05, "{sum}");
        }
        let cds = cds(MNIST).and_then(|cds| cds.seconds).expect("a network of theirs");
        assert!((cds - 13.59).abs() < 1e-9, "{cds}");
        assert_eq!(totals(CIFAR10).count(), 3);
    }
}
