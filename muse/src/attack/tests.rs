//! The attack against the plaintext network behind the same interface: exact, whatever the shape.

#![allow(clippy::unwrap_used, reason = "a test that cannot unwrap has failed")]

use super::{Failure, Options, Oracle, Query, Stolen, geometry, run};
use crate::{
    Error,
    model::{Activation, Architecture, InputSpec, Layer, LayerSpec, Network, Normalisation, shipped},
};
use muse_field::{Fp, prg::Prg, sample};
use muse_he::encode::LinearShape;
use proptest::prelude::*;

/// Answers like a server, in the clear.
struct Plain<'a>(&'a Network);

impl Oracle for Plain<'_> {
    fn architecture(&self) -> &Architecture {
        self.0.architecture()
    }

    fn ask(&mut self, query: &Query) -> Result<Vec<Fp>, Error> {
        Ok(query.answer(self.0))
    }
}

fn steal(network: &Network, options: &Options) -> Result<Stolen, Failure> {
    run(&mut Plain(network), options, &mut |_| {})
}

#[track_caller]
fn assert_equal(stolen: &Stolen, network: &Network) {
    for (ours, theirs) in stolen.layers.iter().zip(&network.layers()[stolen.first..]) {
        assert_eq!(ours.bias(), theirs.bias(), "biases of {}", ours.name());
        assert_eq!(ours.weights(), theirs.weights(), "weights of {}", ours.name());
    }
}

#[test]
fn the_shipped_network_is_recovered_exactly() {
    let network = shipped::mnist();
    let stolen = run(&mut Plain(&network), &Options::default(), &mut |event| {
        if !matches!(event, super::Event::Query(_)) {
            println!("{event:?}");
        }
    })
    .unwrap();
    assert_equal(&stolen, &network);
    assert_eq!(stolen.unreachable, 0);
    println!("queries {}", stolen.queries);
    assert!(stolen.queries < 3340 / 2, "{} queries", stolen.queries);
}
