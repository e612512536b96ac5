//! A server: one of the shipped networks for whoever connects, with a line for everything that happens.
//!
//! ```sh
//! cargo run --release -p muse-inference --example serve
//! ```
//!
//! and, in another terminal, the example `infer`.

#![allow(clippy::print_stdout, reason = "an example for people")]

extern crate alloc;

use alloc::sync::Arc;
use core::net::SocketAddr;
use muse::{
    Server, ServerConfig,
    model::shipped,
    server::{Event, Monitor},
};
use std::net::TcpListener;

/// Prints what happens to clients.
struct Log;

impl Monitor for Log {
    fn event(&self, peer: SocketAddr, event: &Event<'_>) {
        match event {
            Event::Started => println!("{peer}: connected"),
            Event::Inferred { inference } => println!("{peer}: inference {inference} served"),
            // Only the operator hears which check a client failed; the client hears "aborted".
            Event::Ended { error: Some(error), .. } => println!("{peer}: ended, {error}"),
            Event::Ended { .. } => println!("{peer}: left"),
            Event::TurnedAway { .. } | Event::Preprocessed { .. } | _ => {}
        }
    }
}

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let mut config = ServerConfig::default();
    config.monitor = Arc::new(Log);
    let server = Server::new(shipped::mnist(), config)?;
    let listener = TcpListener::bind("127.0.0.1:7878")?;
    println!("listening on {}", listener.local_addr()?);
    Ok(server.serve(listener)?)
}
