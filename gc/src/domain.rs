//! The domains of all transcripts and hashes of this crate.

muse_field::domains! {
    BASE_OT_GROUP = "muse-gc base ot group";
    BASE_OT_TRANSCRIPT = "muse-gc base ot transcript";
    BASE_OT_PAD = "muse-gc base ot pad";
    TREE_NODE = "muse-gc ot tree node";
    TREE_LEAF = "muse-gc ot tree leaf";
    TREE_PROOF = "muse-gc ot tree proof";
    COT_STREAMS = "muse-gc cot streams";
    COT_CHALLENGE = "muse-gc cot challenge";
    COT_COLUMN_HASHES = "muse-gc cot column hashes";
    TWEAKS = "muse-gc tweaks";
}
