//! The domains of all transcripts and hashes of this crate.

muse_field::domains! {
    RANDOM = "muse-triples random v1";
    SERVER_ROWS = "muse-triples server rows v1";
    OVERDRIVE_ROWS = "muse-triples overdrive rows v1";
    OVERDRIVE_SETUP = "muse-triples overdrive setup v1";
    OVERDRIVE_SACRIFICE = "muse-triples overdrive sacrifice v1";
    OVERDRIVE_COMBINATION = "muse-triples overdrive combination v1";
    ENGINE_OPEN = "engine open v1";
    ENGINE_OPEN_TO_SERVER = "engine open to server v1";
    ENGINE_FACTORS = "engine factors v1";
    ENGINE_BITS = "engine bits v1";
    ENGINE_COMPARE = "engine compare v1";
    ENGINE_FLUSH = "engine flush v1";
    SPDZ_OPENINGS = "two-sided engine openings v1";
    SPDZ_OUTPUT = "two-sided engine output v1";
}
