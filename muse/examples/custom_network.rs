//! A network defined in code instead of read from a file: which half of a picture is brighter? Quantised, evaluated in the clear, then
//! securely.
//!
//! ```sh
//! cargo run --release -p muse-inference --example custom_network
//! ```

#![allow(clippy::print_stdout, reason = "an example for people")]

use muse::{
    Client, ClientConfig, FixedPoint, Image, Model, Server, ServerConfig,
    model::{FloatLayer, InputSpec, LinearShape, Normalisation, plaintext},
    transport::memory,
};

/// Rows and columns of the picture.
const SIDE: usize = 8;

fn main() -> Result<(), Box<dyn core::error::Error>> {
    // The server: two neurons, each the mean of one half, then their difference both ways.
    let pixels = SIDE * SIDE;
    let half = |left: bool| {
        let weight = 2.0 / pixels as f32;
        (0..pixels).map(move |i| if (i % SIDE < SIDE / 2) == left { weight } else { 0.0 })
    };
    let means = FloatLayer {
        name: "halves".into(),
        shape: LinearShape::dense(pixels, 2),
        weights: half(true).chain(half(false)).collect(),
        bias: vec![0.0; 2],
        relu: true,
        average_pool: None,
        l1_bound: None,
    };
    let difference = FloatLayer {
        name: "difference".into(),
        shape: LinearShape::dense(2, 2),
        weights: vec![1.0, -1.0, -1.0, 1.0],
        bias: vec![0.0; 2],
        relu: false,
        average_pool: None,
        l1_bound: None,
    };
    let model = Model {
        name: "brighter-half".into(),
        input: InputSpec {
            channels: 1,
            height: SIDE,
            width: SIDE,
            normalisation: Normalisation::UnitInterval,
        },
        classes: vec!["left".into(), "right".into()],
        layers: vec![means, difference],
    };
    // Rounding to 12 fractional bits; the public bounds are checked here.
    let network = model.quantize(FixedPoint::new(12)?)?;

    // A picture that is a little brighter on the right.
    let picture: Vec<u8> = (0..pixels).map(|i| if i % SIDE < SIDE / 2 { 120 } else { 135 }).collect();
    let image = Image::new(1, SIDE, SIDE, picture)?;
    let clear = plaintext::forward(&network, &network.architecture().encode(&image)?);

    // Both parties, in this process.
    let (ours, mut theirs) = memory::pair();
    let server = Server::new(network, ServerConfig::default())?;
    let serving = std::thread::spawn(move || server.serve_connection(&mut theirs));
    let mut client = Client::over(ours, ClientConfig::default())?;
    let ticket = client.preprocess()?;
    let logits = client.infer(ticket, &image)?;

    let class = &client.architecture().classes()[logits.argmax_vartime()];
    println!("brighter half: {class}");
    assert_eq!(class, "right");
    assert_eq!(logits.elements(), clear, "equal to the plaintext network, bit for bit");
    client.close();
    serving.join().expect("the server thread does not panic")?;
    Ok(())
}
