//! Model files.

use super::{decoders::one_line, input::Input};
use muse::{
    FixedPoint, Model, Network,
    card::Card,
    model::{ModelError, plaintext},
};
use muse_field::Fp;

/// `kind, length of the description, description, tensors`, or `kind, two bytes, ONNX`: what is read is within the limits and evaluates;
/// what is refused is refused in a line.
pub fn models(data: &[u8]) {
    let mut input = Input::new(data);
    let (kind, length) = (input.u8(), usize::from(input.u16()));
    if kind % 3 == 2 {
        // Here the number says how many fractional bits.
        let model = refused(Model::from_onnx_bytes(input.rest()));
        return quantize(model, 4 + length as u32 % 9);
    }
    let (json, tensors) = (input.take(length), input.rest());
    if kind % 3 == 0 {
        let _ = refused(Network::from_bytes(json, tensors)).map(|network| evaluate(&network));
    } else {
        quantize(refused(Model::from_bytes(json, tensors)), 8);
    }
}

fn refused<T>(outcome: Result<T, ModelError>) -> Option<T> {
    outcome.inspect_err(|error| one_line(&error.to_string())).ok()
}

fn quantize(model: Option<Model>, frac_bits: u32) {
    let fixed = FixedPoint::new(frac_bits).unwrap();
    if let Some(network) = model.and_then(|model| refused(model.quantize(fixed))) {
        evaluate(&network);
    }
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
