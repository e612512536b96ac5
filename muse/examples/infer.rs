//! A client: has a digit classified by the example `serve`, with progress, and gives up when it takes too long.
//!
//! ```sh
//! cargo run --release -p muse-inference --example infer
//! ```

#![allow(clippy::print_stdout, reason = "an example for people")]

extern crate alloc;

use alloc::sync::Arc;
use core::time::Duration;
use muse::{
    Client, ClientConfig, Image,
    model::shipped,
    progress::{Observer, Step},
};

/// Prints the steps as they start.
struct Steps;

impl Observer for Steps {
    fn started(&self, step: Step, total: u64) {
        println!("{}, {}: {total} {}", step.phase.name(), step.component.name(), step.unit.name());
    }
}

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let mut config = ClientConfig::default();
    config.observer = Arc::new(Steps);
    // From a button, a signal handler, or as here a clock.
    let cancel = config.cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(60));
        cancel.cancel();
    });

    let mut client = Client::connect("127.0.0.1:7878", config)?;
    // The slow part, before there is an image.
    let ticket = client.preprocess()?;

    let samples = shipped::mnist_samples();
    let image = Image::new(1, 28, 28, samples.image(0).to_vec())?;
    let logits = client.infer(ticket, &image)?;
    let class = &client.architecture().classes()[logits.argmax_vartime()];
    println!("it is a {class}; the label is {}", samples.label(0));
    client.close();
    Ok(())
}
