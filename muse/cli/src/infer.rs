//! `muse infer`.

mod answer;
mod drawing;
mod remarks;
mod session;

pub use answer::class;

use super::{
    args::InferArgs,
    console::Console,
    failure::Failure,
    image::{self, Fitted, Input},
    report,
};
use answer::{Answer, Refused};
use core::time::Duration;
use muse::model::{Architecture, shipped};
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
    let images: Vec<_> = inputs.into_iter().flat_map(|input| fitted(input, &architecture, args)).collect();

    let mut progress = Progress::new(images.iter().filter(|image| image.is_ok()).count(), console);
    let (count, mut refused) = (images.len(), Vec::new());
    for image in images {
        match image {
            Ok(mut fitted) => {
                let answer;
                (session, answer) = session.classify(&fitted.image)?;
                fitted.remarks.extend(answer.tie(&architecture));
                console.result(&shown(args, &architecture, &fitted, &answer, console))?;
                progress.one_more();
            }
            Err(input) => {
                if args.json {
                    console.result(&input.json())?;
                }
                // The only one is the failure itself.
                if count > 1 {
                    console.warn(&format!("muse: {}", input.reason));
                }
                refused.push(input.reason);
            }
        }
    }
    if args.stats {
        let stats = session.stats();
        console.result(&format!("\n{}", report::render("client", (count - refused.len()) as u64, &stats)))?;
        console.result(report::LEGEND.trim_end())?;
    }
    session.close();
    match refused.pop() {
        None => Ok(()),
        Some(reason) if count == 1 => Err(reason),
        Some(_) => Err(Failure::general(format!("{} of {count} inputs were refused", refused.len() + 1))),
    }
}

/// What the network takes of an input, with what has to be said about it; or why it takes nothing.
fn fitted(input: Input, architecture: &Architecture, args: &InferArgs) -> Vec<Result<Fitted, Refused>> {
    let (name, origin) = (input.name.clone(), input.origin.clone());
    let check = |mut fitted: Fitted| match remarks::check(architecture, &mut fitted, args.allow_wrapping) {
        Ok(()) => Ok(fitted),
        Err(reason) => Err(Refused { name: fitted.name, origin: fitted.origin, reason }),
    };
    match input.fit(architecture.input(), args.fitting()) {
        Ok(images) => images.into_iter().map(check).collect(),
        Err(reason) => vec![Err(Refused { name, origin, reason })],
    }
}

/// What is printed for one image.
fn shown(
    args: &InferArgs,
    architecture: &Architecture,
    fitted: &Fitted,
    answer: &Answer,
    console: Console,
) -> String {
    if args.json {
        return answer.json(architecture, fitted, args.top);
    }
    let mut lines = Vec::new();
    if args.show {
        lines.push(drawing::draw(&fitted.image, console.columns(), console.style()));
    }
    lines.push(answer.line(architecture, &fitted.name));
    // With the result, wherever it goes and however quiet the user wants it.
    lines.extend(fitted.remarks.iter().map(|remark| format!("  note: {remark}")));
    if let Some(count) = args.top {
        lines.push(answer.ranking(architecture, count));
    }
    if args.logits {
        lines.push(answer.listing(architecture));
    }
    lines.join("\n")
}

/// How many of several images are done, now and then, for users who do not see the results appear.
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
