//! Whether a network's replies decrypt: its public bounds against the noise budget of the ciphertexts.

use super::{Architecture, LayerFault, LayerSpec, ModelError};
use muse_he::budget::Budget;
use muse_he::encode::Layout;
use muse_he::params::Params;

/// Checks that every layer can be encoded, and that its replies decrypt under the noise that its public l1 bound demands.
///
/// Counts ciphertexts and replies as the client-malicious mode does, the more demanding one. Under a millisecond for the shipped
/// networks.
///
/// # Errors
/// [`LayerFault::Encoding`] or [`LayerFault::Noise`], naming the layer.
pub(crate) fn check(architecture: &Architecture) -> Result<(), ModelError> {
    let n = Params::default().n();
    let last = architecture.layers().len() - 1;
    let (mut layouts, mut inputs, mut replies) = (Vec::new(), 0, 0);
    for (index, layer) in architecture.layers().iter().enumerate() {
        let layout = Layout::best(n, layer.shape, index == last)
            .map_err(|error| LayerFault::Encoding(error).in_layer(&layer.name))?;
        inputs += layout.input_count();
        // A reply per group; its MAC, but for the last layer; the MAC of every input.
        replies += layout.reply_count() * if index == last { 1 } else { 2 } + layout.input_count();
        layouts.push((layer, layout));
    }
    let budget = Budget::new(n, inputs + 1, replies);
    let decrypts = |(layer, layout): &(&LayerSpec, Layout)| match budget.flood(layout.max_l1(layer.l1_bound))
    {
        Ok(_) => Ok(()),
        Err(error) => Err(LayerFault::Noise(error).in_layer(&layer.name)),
    };
    layouts.iter().try_for_each(decrypts)
}
