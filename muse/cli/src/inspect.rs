//! `muse inspect`: what a network costs before it runs.

mod figure;
mod room;
mod tables;
mod time;
mod unfit;

use super::{
    args::{InspectArgs, Shipped},
    console::Console,
    failure::Failure,
    model_args,
};
use muse::{
    Error, Protocol,
    inspect::{Accuracy, Calibration, Estimate, LabelledImages, Link, Report},
    model::{Architecture, InputSpec},
    plan::Plan,
};
use serde::Serialize;

/// All that is printed.
#[derive(Serialize)]
struct Findings {
    report: Report,
    time: Option<Time>,
    accuracy: Option<Accuracy>,
}

/// How long it may take, and by which measurements.
#[derive(Serialize)]
struct Time {
    calibration: Calibration,
    /// Client-malicious, then semi-honest.
    estimates: Vec<Estimate>,
}

/// Prints tables or JSON, and writes the picture.
pub fn run(args: &InspectArgs, console: Console) -> Result<(), Failure> {
    let network = match model_args::network(&args.model) {
        Ok(network) => network,
        Err(failure) => {
            unfit::report(args, &failure, console)?;
            return Err(failure);
        }
    };
    let report = Report::new(&network)?;
    // Before anything that takes time: a file that is wrong is known at once.
    let (input, outputs) = (network.architecture().input(), network.architecture().outputs());
    let accuracy = accuracy(args, input, outputs, console)?;
    let time = if args.no_time { None } else { Some(Time::new(args, network.architecture())?) };
    if let Some(path) = &args.svg {
        let text = figure::draw(&report);
        std::fs::write(path, text)
            .map_err(|e| Failure::general(format!("cannot write {}: {e}", path.display())))?;
    }
    let findings = Findings { report, time, accuracy };
    if args.json {
        return console.result(&json(&findings)?);
    }
    console.result(findings.text().trim_end_matches('\n'))
}

impl Findings {
    fn text(&self) -> String {
        let mut text = tables::head(&self.report);
        text += &tables::layers(&self.report);
        text += &tables::ciphertexts(&self.report);
        text += &room::render(&self.report);
        text += &tables::bytes(&self.report);
        text += &tables::totals(&self.report);
        if let Some(time) = &self.time {
            text += &time::render(time);
        }
        if let Some(accuracy) = &self.accuracy {
            text += &room::accuracy(accuracy);
        } else {
            text += NO_ACCURACY;
        }
        text
    }
}

impl Time {
    fn new(args: &InspectArgs, architecture: &Architecture) -> Result<Self, Error> {
        let calibration = Calibration::measure()?;
        let link = Link { bits_per_second: args.bandwidth * 1e6, round_trip_seconds: args.latency / 1e3 };
        let estimate =
            |protocol| Estimate::new(&Plan::new(protocol, architecture.clone())?, &calibration, link);
        let estimates = vec![estimate(Protocol::ClientMalicious)?, estimate(Protocol::SemiHonest)?];
        Ok(Self { calibration, estimates })
    }
}

fn json(findings: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(findings)
        .map_err(|e| Failure::general(format!("cannot write the report as JSON: {e}")))
}

/// The accuracy on the images that the arguments name, or on the shipped ones.
fn accuracy(
    args: &InspectArgs,
    input: &InputSpec,
    outputs: usize,
    console: Console,
) -> Result<Option<Accuracy>, Failure> {
    let images = match (&args.samples, args.model.shipped) {
        (Some(path), _) => {
            let images = LabelledImages::open(path, input, outputs)?;
            match args.first {
                Some(count) => images.first(count),
                None => images,
            }
        }
        (None, Some(Shipped::Mnist)) => LabelledImages::shipped_mnist(),
        (None, _) => return Ok(None),
    };
    let model = model_args::float(&args.model)?.ok_or_else(|| {
        Failure::general("accuracy is measured against real weights: NAME.safetensors beside NAME.json, with 32-bit floats")
    })?;
    if args.samples.is_some() {
        console.remark(&format!(
            "measuring accuracy on {} images, ten times over; --first N takes fewer",
            images.len()
        ));
    }
    Ok(Some(Accuracy::measure(&model, &images)?))
}

const NO_ACCURACY: &str =
    "\naccuracy: give labelled images with --samples FILE (images: uint8 N x C x H x W, labels: N)\n";
