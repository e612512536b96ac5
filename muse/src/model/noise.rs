//! Whether a network's replies decrypt: its public bounds against the noise budget of the ciphertexts.

use super::{Architecture, LayerFault, ModelError};
use muse_he::budget::Budget;
use muse_he::encode::Layout;
use muse_he::params::Params;

/// Checks that every layer can be encoded, and that its replies decrypt under the noise that its public l1 bound demands.
///
/// Under a millisecond for the shipped networks.
///
/// # Errors
/// [`LayerFault::Encoding`] or [`LayerFault::Noise`], naming the layer.
pub(crate) fn check(architecture: &Architecture) -> Result<(), ModelError> {
    let n = Params::default().n();
    let last = architecture.layers().len() - 1;
    let layouts = (architecture.layers().iter().enumerate())
        .map(|(index, layer)| {
            Layout::best(n, layer.shape, index == last)
                .map_err(|error| LayerFault::Encoding(error).in_layer(&layer.name))
        })
        .collect::<Result<Vec<_>, _>>()?;
    let budget = Budget::for_layers(n, &layouts);
    for (layer, layout) in architecture.layers().iter().zip(&layouts) {
        budget
            .flood(layout.max_l1(layer.l1_bound))
            .map_err(|error| LayerFault::Noise(error).in_layer(&layer.name))?;
    }
    Ok(())
}
