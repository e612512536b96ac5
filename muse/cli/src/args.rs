//! Arguments and help: one file a command.

mod attack;
mod demo;
mod evaluate;
mod infer;
mod inspect;
mod link;
mod model;
mod serve;
pub mod values;

pub use self::{
    attack::AttackArgs,
    demo::{DemoArgs, DemoNetwork},
    evaluate::EvaluateArgs,
    infer::InferArgs,
    inspect::InspectArgs,
    link::LinkArgs,
    model::{ModelArgs, Shipped},
    serve::ServeArgs,
    values::protocol,
};

use clap::{Parser, Subcommand};
use values::up_to;

/// The most threads that compute.
pub const MAX_THREADS: usize = 1024;

/// Secure neural-network inference between two parties.
#[derive(Debug, Parser)]
#[command(
    name = "muse",
    version,
    max_term_width = 80,
    long_about = "Secure neural-network inference between two parties, after MUSE (USENIX Security 2021).\n\n\
        A server holds a trained network, a client holds an image. The client learns the network's output for its \
        image and nothing else about the weights; the server learns nothing, not even the output.",
    after_help = "Start with `muse demo`. Details of a command: `muse help COMMAND`.",
    after_long_help = concat!(
        "What it protects against, in mode client-malicious (the default): the weights against a client that does whatever it likes; ",
        "it gets an abort, and cheats unnoticed with a chance of at most 2^-41 a session. The image against a server that FOLLOWS THE PROTOCOL; ",
        "a malicious server is never covered. What the predictions themselves tell about the weights is not hidden.\n\n",
        "In mode semi-honest, which is there to measure against, A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS (MUSE, section 2).\n\n",
        "The connection is neither encrypted nor authenticated: use loopback, or a tunnel that is both.\n\n",
        "Start with:\n",
        "  muse demo                                          both parties on this machine, real digits\n\n",
        "Then, in two terminals:\n",
        "  muse serve --shipped mnist\n",
        "  muse infer --connect 127.0.0.1:7878 --sample 0\n\n",
        "Your own network, exported from PyTorch or Keras (Conv2d, Linear, ReLU, AvgPool2d(2), batch normalisation):\n",
        "  muse serve network.onnx --classes names.txt\n\n",
        "Exit codes: 0 success; 1 a file, an image or the system; 2 wrong arguments; 3 the other party is not there, ",
        "not in time, or does not follow the protocol; 4 a secure result differs from the plaintext one (please report it); 5 an attack was refused; ",
        "6 turned away for now (the server is full, this address has used up its sessions, or is refused; the message says which, and what to do); ",
        "130 interrupted; 141 the reader of the output went away, as in | head."
    )
)]
pub struct Cli {
    /// No progress and no remarks: results and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,

    /// Threads that compute, at most 1024 [default: one for each processor core]
    #[arg(long, global = true, value_name = "N", value_parser = up_to::<MAX_THREADS>)]
    pub threads: Option<usize>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Demo(DemoArgs),
    Serve(ServeArgs),
    Infer(InferArgs),
    Inspect(InspectArgs),
    Attack(AttackArgs),
    Evaluate(EvaluateArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn who_gives_nothing_to_classify_hears_what_there_is() {
        let told = parse("muse infer --connect 127.0.0.1:7878").expect_err("nothing to classify").to_string();
        assert!(told.contains("IMAGE") && told.contains("--sample"), "{told}");
        assert!(parse("muse infer --sample 3 digit.png").is_ok(), "both at once");
    }

    #[test]
    fn what_the_help_shows_parses() {
        for line in [
            "muse demo",
            "muse demo --count 100 --network mnist --quiet --threads 2",
            "muse demo --compare",
            "muse demo --mode semi-honest",
            "muse demo --cds published --compare --count 1",
            "muse serve --shipped mnist --cds published",
            "muse infer --sample 0 --cds published",
            "muse serve --shipped mnist",
            "muse serve --shipped mnist --mode client-malicious --penalty 0",
            "muse serve --shipped mnist --mode semi-honest",
            "muse serve a/net.json --listen 127.0.0.1:0 --mode semi-honest --sessions 1 --json",
            "muse serve net.onnx --frac-bits 8 --classes names.txt --mean 0.49,0.48,0.45 --std 0.25,0.24,0.26",
            "muse serve net.onnx --mean=-0.5 --std 1 --l1-bound conv1=262144 --l1-bound a=b=9",
            "muse serve --shipped cifar10 --frac-bits 12",
            "muse infer --connect 127.0.0.1:7878 --sample 0 --sample 99",
            "muse infer --connect localhost:7878 one.png two.png --logits --stats",
            "muse infer --connect [::1]:7878 digit.png --show --top 3",
            "muse infer --resize --grey --background black photos/",
            "muse infer --json --top 3 batch.npy",
            "muse infer --spool /var/tmp photo.png --threads 2",
            "muse demo --spool /var/tmp --compare",
            "muse inspect --shipped mnist",
            "muse inspect net.json --bandwidth 100 --latency 21 --threads 4",
            "muse inspect net.json --samples test.safetensors --first 10 --json --no-time --svg bytes.svg",
            "muse serve net.onnx --mean -0.5,0.25,0 --std 1,0.5,1 --listen 127.0.0.1:0",
            "muse attack --connect 127.0.0.1:7878 --out stolen --compare-shipped mnist",
            "muse attack --layers 2 --pack 1 --json",
            "muse demo --rtt 21ms --bandwidth 100Mbit/s",
            "muse inspect --shipped mnist --latency 0.5s --bandwidth 1Gbit/s",
            "muse evaluate table3 --quick",
            "muse evaluate all --runs 1 --networks mnist,cifar10 --threads 2 --out results",
            "muse evaluate links --model net.json --rtt 40 --bandwidth 50 --out r --document doc.md",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn what_the_documentation_shows_parses() {
        for (page, start, least) in [
            ("README.md", "cargo run --release -- ", 3),
            ("docs/first-steps.md", "muse ", 8),
            ("docs/attack.md", "muse ", 2),
            ("docs/evaluation.md", "muse ", 2),
        ] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(page);
            let text = std::fs::read_to_string(path).expect("a page of this repository");
            let commands: Vec<_> = text.lines().filter_map(|line| line.trim().strip_prefix(start)).collect();
            assert!(commands.len() >= least, "{page}: {commands:?}");
            for command in commands {
                let command = command.split('#').next().unwrap_or_default();
                assert!(parse(&format!("muse {command}")).is_ok(), "{page}: {command}");
            }
        }
    }

    #[test]
    fn what_makes_no_sense_does_not() {
        for line in [
            "muse",
            "muse demo --count 0",
            "muse demo --count 101",
            "muse demo --threads 0",
            "muse demo --threads 1025",
            "muse inspect net.onnx --threads 20000",
            "muse inspect net.onnx --threads 99999999999999",
            "muse inspect net.onnx --threads 99999999999999999999999",
            "muse serve --shipped mnist --max-connections 0",
            "muse serve --shipped mnist --max-connections 4097",
            "muse serve --shipped mnist --max-per-address 4097",
            "muse serve --shipped mnist --max-sessions-per-minute 0",
            "muse serve --shipped mnist --max-sessions-per-minute 1000001",
            "muse serve --shipped mnist --sessions 1000000001",
            "muse serve --shipped mnist --penalty 86401",
            "muse serve --shipped mnist --grace 1e9",
            "muse serve --shipped mnist --hello-timeout 0",
            "muse infer --sample 0 --top 4097",
            "muse inspect net.json --samples s.npy --first 10000001",
            "muse attack --layers 65",
            "muse demo --compare --mode semi-honest",
            "muse serve --mode semi-honest",
            "muse serve --shipped mnist --mode none",
            "muse serve --shipped mnist --cds none",
            "muse serve net.json --shipped mnist --mode semi-honest",
            "muse serve --shipped mnist --mode semi-honest --timeout 0",
            "muse serve --shipped mnist --mode semi-honest --timeout nan",
            "muse serve --shipped mnist --mode semi-honest --sessions 0",
            "muse serve net.onnx --frac-bits 13",
            "muse serve net.onnx --mean 0.5",
            "muse serve net.onnx --std 0.5",
            "muse serve net.onnx --mean a --std b",
            "muse serve net.onnx --l1-bound conv1",
            "muse serve net.onnx --l1-bound conv1=0",
            "muse serve net.onnx --l1-bound conv1=1099511627777",
            "muse serve --shipped mnist --classes names.txt",
            "muse serve --shipped mnist --l1-bound conv1=9",
            "muse infer",
            "muse infer --sample 100",
            "muse infer --sample 0 --top 0",
            "muse infer --sample 0 --json --logits",
            "muse infer --sample 0 --json --show",
            "muse infer --sample 0 --json --stats",
            "muse infer --sample 0 --background green",
            "muse infer --sample 0 --connect nowhere",
            "muse infer --sample 0 --connect :7878",
            "muse infer --sample 0 --connect 127.0.0.1:0",
            "muse infer --sample 0 --connect 127.0.0.1:65536",
            "muse infer --sample 0 --connect ::1:7878",
            "muse infer --sample 0 --connect http://localhost:7878",
            "muse inspect",
            "muse inspect net.json --shipped mnist",
            "muse inspect net.json --first 10",
            "muse inspect net.json --bandwidth 0",
            "muse inspect net.json --bandwidth nan",
            "muse inspect net.json --latency inf",
            "muse inspect net.json --latency 1e300",
            "muse attack --layers 0",
            "muse attack --connect nowhere",
            "muse attack --layers 2 --out stolen",
            "muse demo --rtt fast",
            "muse demo --rtt 21m",
            "muse demo --rtt -1ms",
            "muse demo --bandwidth 0",
            "muse demo --bandwidth 10MB/s",
        ] {
            assert_eq!(parse(line).expect_err(line).exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn the_help_says_what_is_not_protected() {
        let mut command = Cli::command();
        let mut serve = command.find_subcommand("serve").expect("it exists").clone();
        for help in [command.render_long_help(), serve.render_long_help()] {
            // Lines are wrapped to the terminal.
            let text = help.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("A MALICIOUS CLIENT CAN EXTRACT THE WEIGHTS"), "{text}");
        }
    }
}
