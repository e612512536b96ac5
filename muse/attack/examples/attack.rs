//! The model-extraction attack of MUSE, section 2, on a small network in one process: the baseline loses it, the default does not.
//!
//! ```sh
//! cargo run --release --example attack
//! ```

#![allow(clippy::print_stdout, reason = "an example for people")]

use muse::{
    Network, Protocol, Server, ServerConfig,
    model::{Activation, InputSpec, Layer, LayerSpec, LinearShape, ModelError, Normalisation},
    transport::memory,
};
use muse_attack::{self as attack, Event, Options, Thief};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    for protocol in [Protocol::SemiHonest, Protocol::ClientMalicious] {
        println!("a server in mode {}", protocol.name());
        let mut config = muse::ClientConfig::default();
        config.protocol = protocol;
        // Every session has a server thread of its own here; a real client would connect to an address.
        let mut thief = Thief::new(config, move || {
            let (ours, mut theirs) = memory::pair();
            let mut settings = ServerConfig::default();
            settings.protocol = protocol;
            let server = Server::new(secret_network()?, settings)?;
            std::thread::spawn(move || server.serve_connection(&mut theirs));
            Ok(ours)
        })?;
        let result = attack::run(&mut thief, &Options::default(), &mut |event| {
            if let Event::Done { layer, weights, queries, .. } = event {
                println!("  layer {layer}: {weights} weights in {queries} queries");
            }
        });
        match result {
            Ok(stolen) => {
                for (layer, equal) in stolen.layers.iter().zip(stolen.equal(&secret_network()?)) {
                    let (name, count) = (layer.name(), layer.weights().len());
                    println!("  {name}: {} of {count} weights equal the original's", equal.weights);
                }
            }
            Err(failure) => println!("  {failure}"),
        }
    }
    Ok(())
}

/// 16 inputs, 8 ReLUs, 5 outputs.
fn secret_network() -> Result<Network, ModelError> {
    let layer = |name: &str, inputs: usize, outputs: usize, activation| {
        let spec =
            LayerSpec::with_default_bound(name.into(), LinearShape::dense(inputs, outputs), activation, 8);
        let weights = (0..inputs * outputs).map(|i| (i as i64 * 7919) % 401 - 200).collect();
        Layer::new(spec, weights, (0..outputs).map(|i| i as i64 * 5000 - 9000).collect())
    };
    let input = InputSpec { channels: 1, height: 4, width: 4, normalisation: Normalisation::UnitInterval };
    let relu = Some(Activation { shift: 8, sum_pool: None });
    let layers = vec![layer("hidden", 16, 8, relu)?, layer("output", 8, 5, None)?];
    Network::new("secret".into(), input, 8, Vec::new(), layers)
}
