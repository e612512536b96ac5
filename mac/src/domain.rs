//! The domains of all transcripts and hashes of this crate.

muse_field::domains! {
    OPENING = "muse-mac opening v1";
    ZERO = "muse-mac zero v1";
    BATCH = "muse-mac batch v1";
    COMMITMENT = "muse-mac commitment v1";
    SPDZ_COIN = "muse-mac spdz coin v1";
    SPDZ_CHECK = "muse-mac spdz check v1";
}
