//! Networks and images inside the binary; tests load all of them, so that they cannot fail to load. Origin and terms: `networks/README.md` of this crate.

use super::{Model, Network, Samples};

/// The shipped MNIST network: two convolutions and two dense layers, 10,340 ReLUs, 99.42 % on the 10,000 test images.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "constant data, loaded by tests")]
pub fn mnist() -> Network {
    let json = include_bytes!("../networks/mnist.json");
    let tensors = include_bytes!("../networks/mnist-fixed.safetensors");
    Network::from_bytes(json, tensors).expect(TESTED)
}

/// The shipped CIFAR-10 network: seven convolutions and a dense layer, 173,056 ReLUs, 81.85 % on the 10,000 test images.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "constant data, loaded by tests")]
pub fn cifar10() -> Network {
    let json = include_bytes!("../networks/cifar10.json");
    let tensors = include_bytes!("../networks/cifar10-fixed.safetensors");
    Network::from_bytes(json, tensors).expect(TESTED)
}

/// [`mnist`] as it was trained, to be quantised at another number of fractional bits.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "constant data, loaded by tests")]
pub fn mnist_float() -> Model {
    let json = include_bytes!("../networks/mnist.json");
    let tensors = include_bytes!("../networks/mnist.safetensors");
    Model::from_bytes(json, tensors).expect(TESTED)
}

/// [`cifar10`] as it was trained, to be quantised at another number of fractional bits.
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "constant data, loaded by tests")]
pub fn cifar10_float() -> Model {
    let json = include_bytes!("../networks/cifar10.json");
    let tensors = include_bytes!("../networks/cifar10.safetensors");
    Model::from_bytes(json, tensors).expect(TESTED)
}

/// A hundred images of the MNIST test set with labels and the exact logits of [`mnist`].
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "constant data, loaded by tests")]
pub fn mnist_samples() -> Samples {
    let tensors = include_bytes!("../networks/mnist-samples.safetensors");
    Samples::from_bytes(tensors, mnist().architecture().input()).expect(TESTED)
}

const TESTED: &str = "the shipped files are valid";
