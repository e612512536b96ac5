//! An input that is refused costs nothing: neither the session nor the ticket.

use muse::{
    Client, ClientConfig, Error, FixedPoint, Image, Model, Server, ServerConfig,
    model::{Architecture, FloatLayer, InputSpec, LinearShape, Normalisation, Pixels, plaintext},
    transport::memory,
};
use muse_field::Fp;

/// Two values, and two sums of them with large weights: floats of a million leave the range.
fn model() -> Model {
    let layer = |name: &str, weights: Vec<f32>, relu| FloatLayer {
        name: name.into(),
        shape: LinearShape::dense(2, 2),
        weights,
        bias: vec![0.0, 0.5],
        relu,
        average_pool: None,
        l1_bound: None,
    };
    let input = InputSpec { channels: 2, height: 1, width: 1, normalisation: Normalisation::UnitInterval };
    let layers =
        vec![layer("one", vec![3.0, -1.0, 0.5, 2.0], true), layer("two", vec![1.0, -1.0, -2.0, 3.0], false)];
    Model { name: "sums".into(), input, classes: vec!["a".into(), "b".into()], layers }
}

fn image(values: impl Into<Pixels>) -> Image {
    Image::new(2, 1, 1, values).expect("two values")
}

/// The server keeps one ticket: another one would be refused, and the session over.
#[test]
fn a_refused_input_leaves_the_ticket() {
    let quantise = || model().quantize(FixedPoint::new(12).unwrap()).unwrap();
    let network = quantise();
    let (ours, mut theirs) = memory::pair();
    let mut config = ServerConfig::default();
    config.max_tickets = 1;
    let server = Server::new(quantise(), config).unwrap();
    let serving = std::thread::spawn(move || server.serve_connection(&mut theirs));
    let mut client = Client::over(ours, ClientConfig::default()).unwrap();
    let mut ticket = client.preprocess().unwrap();
    let before = client.stats().total();
    for (input, length) in
        [(image(vec![1e6f32, -1e6]), None), (image(vec![1e30f32, 0.0]), None), (image(vec![7u8; 2]), Some(3))]
    {
        let error = match length {
            None => client.infer(ticket, &input).unwrap_err(),
            Some(length) => client.infer_elements(ticket, &vec![Fp::ZERO; length]).unwrap_err(),
        };
        assert!(
            matches!(error, Error::InputRange { .. } | Error::Model(_) | Error::InputLength { .. }),
            "{error}"
        );
        ticket = client.preprocess().unwrap();
        let after = client.stats().total();
        assert_eq!((after.sent, after.received), (before.sent, before.received), "nothing is sent");
    }
    let good = image(vec![10u8, 250]);
    let logits = client.infer(ticket, &good).unwrap();
    let expected = plaintext::forward(&network, &network.architecture().encode(&good).unwrap());
    assert_eq!(logits.elements(), expected);
    assert_eq!(Some(logits.argmax_vartime()), Architecture::argmax_vartime(&expected));
    client.close();
    serving.join().unwrap().unwrap();
}

/// A ticket is kept by the session it is of, and by no other.
#[test]
fn a_foreign_ticket_is_not_kept() {
    let clients = [(); 2].map(|()| {
        let (ours, mut theirs) = memory::pair();
        let server =
            Server::new(model().quantize(FixedPoint::new(12).unwrap()).unwrap(), ServerConfig::default());
        let server = server.unwrap();
        let serving = std::thread::spawn(move || server.serve_connection(&mut theirs));
        (Client::over(ours, ClientConfig::default()).unwrap(), serving)
    });
    let [(mut one, serving_one), (mut other, serving_other)] = clients;
    let foreign = one.preprocess().unwrap();
    let refused = image(vec![1e30f32, 0.0]);
    assert!(matches!(other.infer(foreign, &refused), Err(Error::ForeignTicket)));
    let ticket = other.preprocess().unwrap();
    assert!(other.infer(ticket, &image(vec![1u8, 2])).is_ok());
    drop((one, other));
    serving_one.join().unwrap().unwrap();
    serving_other.join().unwrap().unwrap();
}
