//! `muse infer`.

mod answer;
mod drawing;
mod session;

pub use answer::class;

use super::{
    args::InferArgs,
    console::Console,
    failure::Failure,
    image::{self, Input, Origin},
    report,
};
use answer::Answer;
use core::time::Duration;
use muse::{
    Image,
    model::{Architecture, Normalisation, Pixels, bounds, shipped},
};
use session::Session;
use std::{
    io::{self, IsTerminal},
    time::Instant,
};

/// Has every image classified and prints the classes.
pub fn run(args: &InferArgs, console: Console) -> Result<(), Failure> {
    // Every image is looked at before anybody is connected to, and compared with the network before the first costs anything.
    let mut remarks = Vec::new();
    let mut inputs = image::load(&args.images, args.fitting(), &mut remarks)?;
    remarks.iter().for_each(|remark| console.remark(&format!("muse: note: {remark}")));
    if !args.sample.is_empty() {
        inputs.extend(image::samples(&shipped::mnist_samples(), &args.sample)?);
    }
    let mut session = Session::open(args, console)?;
    let architecture = session.architecture().clone();
    let fit = |input: Input| input.fit(architecture.input(), args.fitting());
    let images = inputs.into_iter().map(fit).collect::<Result<Vec<_>, _>>()?;
    if !note_unnormalised(&architecture, &images, console) {
        note_levels(&architecture, &images, console);
    }

    let mut progress = Progress::new(images.len(), console);
    for (name, origin, image) in &images {
        let answer;
        (session, answer) = session.classify(image)?;
        console.result(&shown(args, &architecture, (name, origin, image), &answer, console))?;
        progress.one_more();
    }
    if args.stats {
        let stats = session.stats();
        console.result(&format!("\n{}", report::render("client", images.len() as u64, &stats)))?;
        console.result(report::LEGEND.trim_end())?;
    }
    session.close();
    Ok(())
}

/// What is printed for one image.
fn shown(
    args: &InferArgs,
    architecture: &Architecture,
    (name, origin, image): (&str, &Origin, &Image),
    answer: &Answer,
    console: Console,
) -> String {
    if args.json {
        return answer.json(architecture, name, origin, args.top);
    }
    let mut lines = Vec::new();
    if args.show {
        lines.push(drawing::draw(image, console.columns(), console.style()));
    }
    lines.push(answer.line(architecture, name));
    if let Some(count) = args.top {
        lines.push(answer.ranking(architecture, count));
    }
    if args.logits {
        lines.push(answer.listing(architecture));
    }
    lines.join("\n")
}

/// A remark about the first array of floats outside what pixels give: the usual mistake is not to have normalised them. Whether there
/// was one.
fn note_unnormalised(
    architecture: &Architecture,
    images: &[(String, Origin, Image)],
    console: Console,
) -> bool {
    let scale = f64::from(architecture.frac_bits()).exp2();
    let ranges = bounds::input_range(architecture);
    for (name, _, image) in images {
        let Pixels::F32(values) = image.pixels() else { continue };
        let planes = values.chunks_exact(image.height() * image.width());
        for (plane, range) in planes.zip(&ranges) {
            // One unit in the last place of slack, for whoever normalises with other roundings.
            let (low, high) = ((range.low as f64 - 1.0) / scale, (range.high as f64 + 1.0) / scale);
            // No value is shown: it would be one of the client's secrets.
            if plane.iter().any(|&value| !(low..=high).contains(&f64::from(value))) {
                console.remark(&format!(
                    "muse: note: {name} has values outside of {:.3} to {:.3}, which is what pixels give in this network; \
                     floats must be normalised, bytes (uint8) need not",
                    range.low as f64 / scale,
                    range.high as f64 / scale
                ));
                return true;
            }
        }
    }
    false
}

/// A remark about the first array of floats that look like levels from 0 to 1, where the network wants them normalised.
fn note_levels(architecture: &Architecture, images: &[(String, Origin, Image)], console: Console) {
    if architecture.input().normalisation == Normalisation::UnitInterval {
        return;
    }
    let levels = |image: &Image| matches!(image.pixels(), Pixels::F32(values) if values.iter().all(|value| (0.0..=1.0).contains(value)));
    if let Some((name, ..)) = images.iter().find(|(_, _, image)| levels(image)) {
        console.remark(&format!(
            "muse: note: {name}: floats are taken as normalised already (uint8 would not be)"
        ));
    }
}

/// How many of several images are done, now and then, for whoever does not see the results appear.
struct Progress {
    done: usize,
    count: usize,
    console: Console,
    last: Instant,
}

impl Progress {
    fn new(count: usize, console: Console) -> Self {
        Self { done: 0, count, console, last: Instant::now() }
    }

    fn one_more(&mut self) {
        self.done += 1;
        let due = self.done == self.count || self.last.elapsed() >= INTERVAL;
        if due && self.count > 1 && !io::stdout().is_terminal() {
            self.console.remark(&format!("{} of {} images", self.done, self.count));
            self.last = Instant::now();
        }
    }
}

const INTERVAL: Duration = Duration::from_secs(2);
