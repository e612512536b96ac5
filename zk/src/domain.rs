//! The domains of all transcripts and hashes of this crate.

muse_field::domains! {
    WELLFORMED = "muse-zk wellformed v1";
    FIRST_MESSAGES = "muse-zk wellformed first messages v1";
    POLYNOMIAL = "muse-zk wellformed polynomial v1";
    FIAT_SHAMIR = "muse-zk wellformed fiat-shamir v1";
    TOPGEAR = "muse-zk topgear v1";
    TOPGEAR_ROWS = "muse-zk topgear rows v1";
    TOPGEAR_FIRST_MESSAGES = "muse-zk topgear first messages v1";
    TOPGEAR_CHALLENGE = "muse-zk topgear challenge v1";
    RANGE = "muse-zk range v1";
    PRODUCT = "muse-zk product v1";
}
