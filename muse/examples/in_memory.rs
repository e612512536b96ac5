//! Both parties in one process: one digit, and what each phase cost the client.
//!
//! ```sh
//! cargo run --release --example in_memory
//! ```

#![allow(clippy::print_stdout, reason = "an example for people")]

use muse::{
    Client, ClientConfig, Image, Server, ServerConfig, accounts::Phase, model::shipped, transport::memory,
};

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let (ours, mut theirs) = memory::pair();
    let server = Server::new(shipped::mnist(), ServerConfig::default())?;
    let serving = std::thread::spawn(move || server.serve_connection(&mut theirs));

    let mut client = Client::over(ours, ClientConfig::default())?;
    let ticket = client.preprocess()?;
    let samples = shipped::mnist_samples();
    let image = Image::new(1, 28, 28, samples.image(0).to_vec())?;
    let logits = client.infer(ticket, &image)?;
    println!("predicted {}, the label is {}", logits.argmax_vartime(), samples.label(0));
    assert_eq!(logits.integers(), samples.logits(0), "equal to the plaintext network, bit for bit");

    for row in client.stats().rows() {
        let c = row.counters;
        println!(
            "{:14} {:20} {:>9.1?} {:>9} B up {:>9} B down",
            row.phase.name(),
            row.component.name(),
            c.time,
            c.sent,
            c.received
        );
    }
    for phase in Phase::ALL {
        let c = client.stats().phase(phase);
        println!("{:14} {:>30.1?} {:>9.2} MB", phase.name(), c.time, c.bytes() as f64 / 1e6);
    }
    client.close();
    serving.join().expect("the server thread does not panic")?;
    Ok(())
}
