//! The domains of all transcripts and hashes of this crate.

muse_field::domains! {
    ROW = "muse-he row v1";
}
