//! Every constant that both programs must share, and their digest, which a hello carries (protocol, section 4.0).
//!
//! Each crate lists its own beside their declarations. Two builds that differ in one of them cannot start a session.

use crate::{
    card,
    message::Tag,
    model::limits,
    plan::{RUN, ReluPlan, chunks},
    session::MAX_INFERENCES,
    transport::{FRAME_VERSION, HEAD},
};
use muse_field::{parameters::Parameters, transcript::Transcript};

/// A hash of every constant that both programs must share: two builds that differ in one cannot start a session.
#[must_use]
pub fn parameter_digest() -> [u8; 32] {
    fold(&all())
}

/// The parameters of all crates, this one last.
const fn all() -> [Parameters<'static>; 9] {
    [
        muse_field::parameters::PARAMETERS,
        muse_mac::parameters::PARAMETERS,
        muse_he::parameters::PARAMETERS,
        muse_gc::parameters::PARAMETERS,
        muse_zk::parameters::PARAMETERS,
        muse_cds::parameters::PARAMETERS,
        muse_triples::parameters::PARAMETERS,
        Parameters { owner: "muse", numbers: NUMBERS, names: SUITES },
        Parameters { owner: "messages", numbers: TAGS, names: &[] },
    ]
}

fn fold(all: &[Parameters<'_>]) -> [u8; 32] {
    let mut transcript = Transcript::new("muse parameters v2");
    transcript.append_u64("crates", all.len() as u64);
    for parameters in all {
        parameters.append_to(&mut transcript);
    }
    transcript.digest("parameters")
}

const NUMBERS: &[(&str, u64)] = &[
    ("version of frames", FRAME_VERSION as u64),
    ("bytes of a frame's head", HEAD as u64),
    ("format of the card", card::FORMAT as u64),
    ("bytes of a card", card::Card::MAX_BYTES as u64),
    ("inferences a session", MAX_INFERENCES),
    ("bits of a share", ReluPlan::BITS as u64),
    ("instances garbled together", chunks::INSTANCES as u64),
    ("ciphertexts made together", chunks::CIPHERTEXTS as u64),
    ("random values made together", chunks::RANDOMS as u64),
    ("shares of a run of the published disclosure", RUN as u64),
    ("layers", limits::LAYERS as u64),
    ("pixels of a side", limits::SIDE as u64),
    ("channels", limits::CHANNELS as u64),
    ("side of a kernel", limits::KERNEL as u64),
    ("elements of a layer", limits::ELEMENTS as u64),
    ("weights of a layer", limits::WEIGHTS as u64),
    ("ReLUs", limits::RELUS as u64),
    ("shift", limits::SHIFT as u64),
    ("least fractional bits", limits::MIN_FRAC_BITS as u64),
    ("most fractional bits", limits::MAX_FRAC_BITS as u64),
    ("bound of weights", limits::L1_BOUND),
    ("largest weight", limits::WEIGHT as u64),
    ("bytes of a name", limits::NAME_BYTES as u64),
    ("classes", limits::CLASSES as u64),
];

/// Names and numbers of all messages.
const TAGS: &[(&str, u64)] = &{
    let mut tags = [("", 0); Tag::ALL.len()];
    let mut index = 0;
    while index < tags.len() {
        tags[index] = (Tag::ALL[index].name(), Tag::ALL[index] as u64);
        index += 1;
    }
    tags
};

/// The choices that are code rather than numbers, in words.
const SUITES: &[&str] = &[
    "garbling: half-gates, AES-128 re-keyed per half gate and instance, sigma",
    "labels to shares: one row a bit, 128 bits reduced mod p",
    "correlated OT: SoftSpoken, repetition code",
    "base OT: endemic, ristretto255",
    "rows: p^-1 [-q m]_p, doubled on receipt",
    "well-formed rows: sigma protocol, monomial challenges, public key in every batch",
    "openings: one BLAKE3 digest of all MACs",
    "canonical range: QuickSilver over GF(2^128)",
    "published disclosure: Delta drawn by the server",
    "muse session v1",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that is listed, with one entry changed: another digest each time.
    #[test]
    fn changing_any_parameter_changes_the_digest() {
        let all = all();
        let mut digests = alloc::collections::BTreeSet::from([parameter_digest()]);
        let mut changes = 1;
        let mut check = |position: usize, changed: Parameters<'_>| {
            let mut all: Vec<Parameters<'_>> = all.to_vec();
            all[position] = changed;
            assert!(digests.insert(fold(&all)), "{} of {changed:?}", all[position].owner);
            changes += 1;
        };
        for (position, parameters) in all.iter().enumerate() {
            for index in 0..parameters.numbers.len() {
                let mut numbers = parameters.numbers.to_vec();
                numbers[index].1 ^= 1;
                check(position, Parameters { numbers: &numbers, ..*parameters });
                numbers[index] = ("renamed", parameters.numbers[index].1);
                check(position, Parameters { numbers: &numbers, ..*parameters });
            }
            for index in 0..parameters.names.len() {
                let mut names = parameters.names.to_vec();
                names[index] = "renamed";
                check(position, Parameters { names: &names, ..*parameters });
            }
            check(position, Parameters { owner: "another", ..*parameters });
        }
        assert_eq!(digests.len(), changes);
        assert!(changes > 250, "{changes} changes");
    }

    /// A new value here is a new protocol: the version in `protocol.rs` goes up with it.
    #[test]
    fn the_digest_is_pinned_with_the_version() {
        let digest = parameter_digest();
        let start = u64::from_le_bytes(core::array::from_fn(|i| digest[i]));
        assert_eq!((crate::protocol::VERSION, start), (8, 0xffa2_feef_7bb0_176b), "{start:#018x}");
    }

    /// What the two parties once could differ in without noticing.
    #[test]
    fn what_both_must_share_is_listed() {
        let all = all();
        let listed = |owner: &str, name: &str| {
            let of = all.iter().find(|parameters| parameters.owner == owner);
            let found = of.and_then(|of| of.numbers.iter().find(|(found, _)| *found == name));
            found.unwrap_or_else(|| panic!("{name} of {owner}")).1
        };
        for (owner, name, value) in [
            ("muse-zk", "tries of a proof", u64::from(muse_zk::wellformed::Tries::PER_PROOF)),
            ("muse-zk", "tries of a session", u64::from(muse_zk::wellformed::Tries::PER_SESSION)),
            ("muse-he", "repetitions, interactive", muse_he::budget::Budget::INTERACTIVE as u64),
            ("muse-he", "flooding bits", u64::from(muse_he::params::SIGMA_FLOOD)),
            ("muse-cds", "published: values of a group", muse_cds::published::GROUP as u64),
            ("muse-triples", "triples: groups of a batch", muse_triples::beaver::Batch::MAX_GROUPS as u64),
            ("muse-triples", "random values: groups of a batch", muse_triples::random::MAX_GROUPS as u64),
            ("muse", "instances garbled together", chunks::INSTANCES as u64),
            ("muse", "ciphertexts made together", chunks::CIPHERTEXTS as u64),
            ("muse", "random values made together", chunks::RANDOMS as u64),
            ("muse", "shares of a run of the published disclosure", RUN as u64),
        ] {
            assert_eq!(listed(owner, name), value, "{name}");
        }
        for parameters in all {
            let mut names: Vec<_> = parameters.numbers.iter().map(|(name, _)| *name).collect();
            names.extend(parameters.names);
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count, "{}: two of a name", parameters.owner);
        }
    }
}
