//! Steps 2 and 3 of section 4.2: the replies that the server computes from Enc(r_i) for every layer, and their decryption by the client.
//!
//! Every reply has fresh randomness of its own and flooding (4.4): see `muse_he::linear`.

mod client;
mod server;

#[allow(unused_imports, reason = "for clients made of the same steps")]
pub use client::Opened;
pub use client::client;
pub use server::{Correlations, server};

use crate::{
    accounts::Component,
    frames::Script,
    message::{MaskMacs, Replies},
    plan::Plan,
};

/// What goes over the wire: for every layer its replies, in the client-malicious mode each with the MACs of it, and then the MACs of
/// the layer's own ciphertexts.
pub fn frames(plan: &Plan, script: &mut Script) {
    script.enter(Component::Linear);
    for (index, layer) in plan.layers().iter().enumerate() {
        script.of_layer(index).bulk::<Replies>(layer.reply_bytes());
        if plan.is_authenticated() {
            script.of_layer(index).bulk::<MaskMacs>(layer.mask_mac_bytes());
        }
    }
}

/// Replies of all layers.
fn count(plan: &Plan) -> u64 {
    plan.layers().iter().map(|layer| layer.layout.reply_count() as u64).sum()
}
