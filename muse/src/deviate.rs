//! Where a client may deviate from the protocol: for tests and for demonstrations of attacks.
//!
//! The values that a client computes with pass these points before they are encrypted, proven, hashed or sent. An honest client leaves
//! all of them as they are. Keys, proofs, and bytes on the wire in general are altered by a
//! [`Transport`](crate::transport::Transport) that wraps another one.

use muse_field::Fp;
use muse_gc::label::Block;
use muse_he::encrypt::FreshCiphertext;

/// A client's deviations. Every method does nothing unless it is overridden.
///
/// Layers are numbered from 0 in the order of the network; a non-linear layer has the number of the linear layer before it.
pub trait Deviate: Send + Sync {
    /// The plaintext of ciphertext `tile` of a layer's mask: N coefficients, padding and copies included.
    fn packed_mask(&self, layer: usize, tile: usize, coefficients: &mut [Fp]) {
        let _ = (layer, tile, coefficients);
    }

    /// A ciphertext before it is sent and proven.
    fn ciphertext(&self, layer: usize, tile: usize, ciphertext: FreshCiphertext) -> FreshCiphertext {
        let _ = (layer, tile);
        ciphertext
    }

    /// MACs of the coefficients that must be zero, and differences of the MACs of those that must be equal, before they are hashed.
    fn structure(&self, layer: usize, macs: &mut [Fp]) {
        let _ = (layer, macs);
    }

    /// MACs of the shares y of all layers but the last, before labels for their bits are disclosed.
    fn share_macs(&self, macs: &mut [Fp]) {
        let _ = macs;
    }

    /// The integers below 2^44 whose bits the client asks labels for: the shares y of all layers but the last.
    fn choices(&self, values: &mut [u64]) {
        let _ = values;
    }

    /// What the client puts into the published disclosure: for every share its 44 bits and the helper of the range proof
    /// ([`muse_cds::published::inputs`]), a run of shares at a time.
    fn disclosure_inputs(&self, inputs: &mut [Fp]) {
        let _ = inputs;
    }

    /// Labels of the bits of a non-linear layer's shares, before the circuits are evaluated with them.
    fn labels(&self, layer: usize, labels: &mut [Block]) {
        let _ = (layer, labels);
    }

    /// What the client opens after a non-linear layer, and (unless the mode is semi-honest, where there are none) the MACs that prove it.
    fn opened(&self, layer: usize, values: &mut [Fp], macs: &mut [Fp]) {
        let _ = (layer, values, macs);
    }
}

/// A client that deviates nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Honest;

impl Deviate for Honest {}
