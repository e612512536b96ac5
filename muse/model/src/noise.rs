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
/// [`LayerFault::Encoding`] or [`LayerFault::Noise`], naming the layer; [`ModelError::Ciphertexts`] if the layer is not to blame.
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
    if budget.scalar_flood().is_err() {
        return Err(ModelError::Ciphertexts(budget.rows() - 1));
    }
    for (index, (layer, layout)) in architecture.layers().iter().zip(&layouts).enumerate() {
        let fits = |l1_bound| fits(&budget, layout, l1_bound, index == last);
        let bound = layer.l1_bound;
        if !fits(bound) {
            let largest = (0..bound.ilog2() + 1).rev().map(|bits| 1 << bits).find(|&bound| fits(bound));
            return Err(LayerFault::Noise { bound, largest }.in_layer(&layer.name));
        }
    }
    Ok(())
}

/// Values and, but for the last layer, MACs of the outputs; those of the inputs are the same for all layers. Whichever the mode: a
/// network that loads can be served in both.
fn fits(budget: &Budget, layout: &Layout, l1_bound: u64, last: bool) -> bool {
    let l1 = layout.max_l1(l1_bound);
    budget.flood(l1).is_ok() && (last || budget.output_mac(l1, layout.max_taps()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Activation, Extent, InputSpec, LayerSpec, Normalisation};

    /// Convolutions of one channel of `side` x `side`, and a dense layer.
    fn network(side: usize, layers: usize, kernel: usize, l1_bound: u64) -> Architecture {
        let input =
            InputSpec { channels: 1, height: side, width: side, normalisation: Normalisation::UnitInterval };
        let mut extent = Extent::of_input(&input);
        let mut specs = Vec::new();
        for index in 0..=layers {
            let shape = if index < layers {
                extent.convolution(1, kernel, 0, 1)
            } else {
                extent.convolution(1, 1, 0, 31)
            };
            let activation = (index < layers).then_some(Activation { shift: 10, sum_pool: None });
            let mut spec = LayerSpec::with_default_bound(format!("layer{index}"), shape, activation, 10);
            if index == 0 {
                spec.l1_bound = l1_bound;
            }
            specs.push(spec);
            extent = Extent::after(&shape);
        }
        Architecture::new("net".into(), input, 10, Vec::new(), specs).expect("layers that fit each other")
    }

    /// Whatever an error advises helps, and nothing smaller does.
    #[test]
    fn the_bound_that_is_named_would_do() {
        let mut named = 0;
        for (side, layers, kernel) in [(8, 1, 3), (1000, 1, 5), (1000, 3, 31), (1400, 2, 31)] {
            for bits in [10, 20, 30, 40] {
                let with = |bound| check(&network(side, layers, kernel, bound));
                match with(1 << bits) {
                    Err(ModelError::Layer { layer, fault: LayerFault::Noise { bound, largest } }) => {
                        if layer != "layer0" {
                            continue;
                        }
                        named += 1;
                        assert_eq!(bound, 1 << bits);
                        let of_first = |result: &Result<(), ModelError>| matches!(result, Err(ModelError::Layer { layer, .. }) if layer == "layer0");
                        let Some(largest) = largest else {
                            assert!(of_first(&with(1)));
                            continue;
                        };
                        assert!(!of_first(&with(largest)) && of_first(&with(2 * largest)), "{largest}");
                    }
                    result => assert!(result.is_ok() || matches!(result, Err(ModelError::Ciphertexts(_)))),
                }
            }
        }
        assert!(named > 0, "some bound is too large");
    }

    /// Many channels of one pixel in much padding, layer after layer.
    #[test]
    fn a_network_of_too_many_ciphertexts_says_so() {
        let input =
            InputSpec { channels: 1127, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
        let mut extent = Extent::of_input(&input);
        let layer = |index: usize| {
            let shape = extent.convolution([61, 1127][index % 2], 31, 30, 31);
            extent = Extent::after(&shape);
            let activation = (index < 63).then_some(Activation { shift: 10, sum_pool: None });
            LayerSpec::with_default_bound(format!("layer{index}"), shape, activation, 10)
        };
        let layers = (0..64).map(layer).collect();
        let architecture =
            Architecture::new("net".into(), input, 10, Vec::new(), layers).expect("within limits");
        let error = check(&architecture).expect_err("thousands of ciphertexts").to_string();
        assert!(error.contains("ciphertexts, so many that no reply would decrypt"), "{error}");
    }
}
