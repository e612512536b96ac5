//! `muse infer`.

use super::{args::InferArgs, bars::Bars, console::Console, failure::Failure, image, report};
use alloc::sync::Arc;
use muse::{
    Client, ClientConfig, Logits,
    model::{Architecture, InputSpec, shipped},
    transport::Limits,
};

/// Has every image classified and prints the classes.
pub(crate) fn run(args: &InferArgs, console: Console) -> Result<(), Failure> {
    let mut config = ClientConfig::default();
    config.mode = args.mode.into();
    config.limits = Limits { read: args.timeout, write: args.timeout, ..Limits::default() };
    config.observer = Arc::new(Bars::new(console.is_quiet()));
    let mut client = Client::connect(&args.connect, config)?;

    // Every image is looked at before the first costs anything.
    let inputs = inputs(args, client.architecture().input())?;
    for (name, pixels) in &inputs {
        let input =
            client.architecture().encode_image(pixels).map_err(|e| Failure::general(e.to_string()))?;
        let ticket = client.preprocess()?;
        let logits = client.infer_elements(ticket, &input)?;
        console.result(&format!("{name}: {}", class(client.architecture(), logits.argmax_vartime())))?;
        if args.logits {
            console.result(&listing(client.architecture(), &logits))?;
        }
    }
    if args.stats {
        console.result(&format!("\n{}", report::render("client", inputs.len() as u64, &client.stats())))?;
        console.result(report::LEGEND.trim_end())?;
    }
    client.close();
    Ok(())
}

/// Names and pixels.
type Inputs = Vec<(String, Vec<u8>)>;

fn inputs(args: &InferArgs, input: &InputSpec) -> Result<Inputs, Failure> {
    let mut inputs = Inputs::new();
    for path in &args.images {
        inputs.push((path.display().to_string(), image::load(path, input)?));
    }
    if !args.sample.is_empty() {
        let samples = shipped::mnist_samples();
        for &i in &args.sample {
            let pixels = samples.image(i.into());
            if pixels.len() != input.elements() {
                return Err(Failure::general(format!(
                    "--sample images are 1 x 28 x 28 digits but the server's network takes {} x {} x {}; give PNG images instead",
                    input.channels, input.height, input.width
                )));
            }
            let name = format!("sample {i} (labelled {})", samples.label(i.into()));
            inputs.push((name, pixels.to_vec()));
        }
    }
    Ok(inputs)
}

/// A class by name; networks need not have names for all of their outputs.
pub(crate) fn class(architecture: &Architecture, index: usize) -> String {
    architecture.classes().get(index).cloned().unwrap_or_else(|| format!("output {index}"))
}

/// Every class with its value, one a line.
fn listing(architecture: &Architecture, logits: &Logits) -> String {
    let scale = f64::from(logits.scale_bits()).exp2();
    let lines = logits.integers().into_iter().enumerate().map(|(i, value)| {
        format!("  {:<16} {:>12.5}  ({value})", class(architecture, i), value as f64 / scale)
    });
    lines.collect::<Vec<_>>().join("\n")
}
