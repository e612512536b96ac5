//! `muse evaluate`: the published evaluation, measured here, beside the published numbers.
//!
//! | module | what it holds |
//! |---|---|
//! | [`published`] | the published numbers, as data |
//! | [`lab`] | both parties as processes: runs, and what they took |
//! | [`experiment`] | what is measured and with what it is compared, one file each |
//! | [`row`] | what an experiment finds |
//! | [`machine`] | where it was measured |
//! | [`table`], [`files`], [`chart`], [`document`] | the same as text, CSV, JSON, figures, and a page that people may write in |

mod chart;
mod document;
mod experiment;
mod files;
mod lab;
mod machine;
mod published;
mod row;
mod table;

use crate::args::{EvaluateArgs, What};
use document::Block;
use experiment::{Experiment, Scope};
use files::Folder;
use lab::{Lab, Subject};
use machine::Machine;
use muse::model::Network;
use muse_cli::{args::Shipped, child::Source, console::Console, failure::Failure, interrupt, model_args};
use std::{path::Path, thread};

/// Runs the experiments, shows and writes what they find.
pub(crate) fn run(args: &EvaluateArgs, threads: Option<usize>, console: Console) -> Result<(), Failure> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut link = args.link;
    link.rtt.get_or_insert(PUBLISHED_ROUND_TRIP);
    let scope = Scope {
        subjects: subjects(args)?,
        link: link.link(),
        threads: threads.unwrap_or(cores),
        cores,
        quick: args.quick,
    };
    // What cannot be written is known before anything is measured.
    let folder = args.out.as_deref().map(Folder::open).transpose()?;
    let page = args.document.as_deref().map(document::read).transpose()?;
    let runs = args.runs.unwrap_or(if args.quick { 3 } else { 5 });
    let machine = Machine::new(runs, scope.threads, cores);
    console.result(&machine.sentence())?;

    let mut lab = Lab::new(runs, console, interrupt::cancel());
    let mut done: Vec<(&Experiment, row::Findings)> = Vec::new();
    for experiment in experiment::ALL.iter().filter(|one| [one.what, What::All].contains(&args.what)) {
        let findings = (experiment.run)(&mut lab, &scope).inspect_err(|_| lab.finish())?;
        lab.finish();
        console.result(&table::terminal(experiment.title, &findings))?;
        if let Some(folder) = &folder {
            folder.figure(experiment.name, chart::draw(&(experiment.panels)(&findings)))?;
        }
        done.push((experiment, findings));
        if let Some(folder) = &folder {
            // Again after each: an evaluation that is interrupted has not been for nothing.
            folder.results(&machine, &done.iter().map(|(_, findings)| findings).collect::<Vec<_>>())?;
        }
    }
    if let (Some(path), Some(page), Some(folder)) = (&args.document, page, &folder) {
        let blocks: Vec<Block> = done
            .iter()
            .map(|(experiment, findings)| {
                let figure =
                    folder.has_figure(experiment.name).then(|| folder.seen_from(path, experiment.name));
                document::block(experiment, &machine, findings, figure)
            })
            .collect();
        document::write(path, &document::renew(page.as_deref(), &blocks)?)?;
    }
    Ok(())
}

/// The networks that the user wants, or those of the paper.
fn subjects(args: &EvaluateArgs) -> Result<Vec<Subject>, Failure> {
    if let Some(path) = &args.model {
        return Ok(vec![Subject { name: name(path)?, source: Source::File(path.clone()) }]);
    }
    let all: &[Shipped] = if args.quick { &[Shipped::Mnist] } else { &[Shipped::Mnist, Shipped::Cifar10] };
    let wanted = if args.networks.is_empty() { all } else { &args.networks };
    let mut subjects: Vec<Subject> = Vec::new();
    for network in wanted {
        let name = match network {
            Shipped::Mnist => published::MNIST,
            Shipped::Cifar10 => published::CIFAR10,
        };
        let subject = Subject { name: name.into(), source: Source::Shipped(name) };
        if !subjects.contains(&subject) {
            subjects.push(subject);
        }
    }
    Ok(subjects)
}

/// A network's name, marked as the user's own: nothing published is about it.
fn name(path: &Path) -> Result<String, Failure> {
    if model_args::is_onnx(path) {
        return Err(Failure::general(
            "--model takes NAME.json; `muse serve` and `muse inspect` take NAME.onnx",
        ));
    }
    Ok(format!("own: {}", Network::open(path)?.architecture().name()))
}

/// Milliseconds between the published machines.
const PUBLISHED_ROUND_TRIP: f64 = 21.0;
