//! Model files.

use super::{decoders::one_line, input::Input};
use muse::{
    Model, Network,
    card::Card,
    model::{ModelError, plaintext},
};
use muse_field::Fp;

/// `kind, length of the description, description, tensors`: what is read is within the limits and evaluates; what is refused is refused
/// in a line.
pub fn models(data: &[u8]) {
    let mut input = Input::new(data);
    let (kind, length) = (input.u8(), usize::from(input.u16()));
    let (json, tensors) = (input.take(length), input.rest());
    if kind & 1 == 0 {
        let _ = refused(Network::from_bytes(json, tensors)).map(|network| evaluate(&network));
    } else {
        let _ = refused(Model::from_bytes(json, tensors));
    }
}

fn refused<T>(outcome: Result<T, ModelError>) -> Option<T> {
    outcome.inspect_err(|error| one_line(&error.to_string())).ok()
}

/// A network that was accepted can be used.
fn evaluate(network: &Network) {
    let architecture = network.architecture();
    if let Ok(card) = Card::new(architecture.clone()) {
        assert_eq!(Card::from_bytes(&card.to_bytes()).unwrap(), card);
    }
    let work: usize =
        (architecture.layers().iter().map(|layer| layer.shape.outputs() * layer.shape.taps())).sum();
    if work < 1 << 22 {
        let inputs = vec![Fp::ONE; architecture.layer(0).inputs()];
        assert_eq!(plaintext::forward(network, &inputs).len(), architecture.outputs());
    }
}
