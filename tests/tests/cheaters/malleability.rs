//! What MUSE is about (section 2 of the paper): additive shares are malleable. A client adds a constant to its share before a ReLU and
//! takes it away from its share behind it, and the ReLU is the identity; the network is linear for this query, and linear
//! algebra finds its weights. The baseline lets it happen, the default refuses it at the first changed share.

use crate::common::{client_config, limits, serve_with, server_config, tiny};
use alloc::sync::Arc;
use muse::{
    Error, Fault, Protocol,
    model::{Network, plaintext},
    transport::Framed,
};
use muse_attack::deviate::{self, Deviate};
use muse_field::{Fp, MODULUS};

/// Far above any value of the small network, a multiple of what the ReLU divides by, and far from the sign.
const SHIFT: u64 = 1 << 36;

/// Makes identities of all ReLUs.
struct Linear {
    divisor_bits: u32,
}

impl Deviate for Linear {
    fn choices(&self, values: &mut [u64]) {
        values.iter_mut().for_each(|value| *value = (*value + SHIFT) % MODULUS);
    }

    fn opened(&self, _: usize, values: &mut [Fp], _: &mut [Fp]) {
        values.iter_mut().for_each(|value| *value -= Fp::new(SHIFT >> self.divisor_bits));
    }
}

/// The small network without its ReLUs: it only divides, rounding down.
fn without_relus(network: &Network, input: &[Fp]) -> Vec<Fp> {
    let [first, last] = network.layers() else { panic!("two layers") };
    let bits = first.activation().unwrap().shift;
    let values = plaintext::affine(first, input);
    let halved: Vec<Fp> = values.iter().map(|value| Fp::from_i64(value.to_signed() >> bits)).collect();
    plaintext::affine(last, &halved)
}

fn attack(protocol: Protocol) -> (Result<Vec<Fp>, Error>, Result<(), Error>) {
    let network = tiny();
    let divisor_bits = network.layers()[0].activation().unwrap().shift;
    let (pipe, serving) = serve_with(network, server_config(protocol));
    let deviation = Arc::new(Linear { divisor_bits });
    let link = Framed::new(pipe, limits());
    let mut client = deviate::client(link, client_config(protocol), deviation).unwrap();
    let result = client
        .preprocess()
        .and_then(|ticket| client.infer_elements(ticket, &INPUT))
        .map(|logits| logits.elements().to_vec());
    drop(client);
    (result, serving.join().unwrap())
}

const INPUT: [Fp; 6] = [Fp::new(3), Fp::new(60), Fp::ZERO, Fp::new(17), Fp::new(64), Fp::new(9)];

#[test]
fn the_baseline_evaluates_whatever_network_the_client_likes() {
    let (result, served) = attack(Protocol::SemiHonest);
    served.unwrap();
    let (linear, honest) = (without_relus(&tiny(), &INPUT), plaintext::forward(&tiny(), &INPUT));
    assert_ne!(linear, honest, "some ReLU matters for this input");
    assert_eq!(result.unwrap(), linear, "the attack works where nothing is authenticated");
}

#[test]
fn the_default_refuses_it_at_the_first_changed_share() {
    let (result, served) = attack(Protocol::ClientMalicious);
    assert!(result.is_err());
    let error = served.unwrap_err();
    assert!(matches!(error, Error::Peer(Fault::Disclosure(muse_cds::Check::Value))), "{error}");
}
