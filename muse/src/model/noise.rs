//! Whether a network's replies decrypt: its public bounds against the noise budget of the ciphertexts.

use super::{Architecture, LayerFault, ModelError};
use muse_he::budget::Budget;
use muse_he::encode::Layout;
use muse_he::params::Params;

/// Checks that every layer can be encoded, and that its replies, MACs included, decrypt under the noise that its public l1 bound
/// demands.
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
    for (index, (layer, layout)) in architecture.layers().iter().zip(&layouts).enumerate() {
        check_layer(&budget, layout, layer.l1_bound, index == last)
            .map_err(|error| LayerFault::Noise(error).in_layer(&layer.name))?;
    }
    Ok(())
}

/// Values, MACs of the inputs and, but for the last layer, MACs of the outputs: a network that loads can be served in every mode.
fn check_layer(budget: &Budget, layout: &Layout, l1_bound: u64, last: bool) -> Result<(), muse_he::Error> {
    let l1 = layout.max_l1(l1_bound);
    budget.flood(l1)?;
    budget.scalar_flood()?;
    if !last {
        budget.output_mac(l1, layout.max_taps())?;
    }
    Ok(())
}
