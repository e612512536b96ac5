//! Where things are measured: two processes and a socket, each setting once.

use super::row::Spread;
use crate::measure::{Measurement, Record};
use crate::{overdrive::Work, rehearsal::Rehearsal};
use alloc::sync::Arc;
use core::time::Duration;
use indicatif::ProgressBar;
use muse::{
    Protocol,
    accounts::{Component, Counters, Phase, Stats},
    progress::Cancel,
    transport::Link,
};
use muse_cli::{
    args::LinkArgs,
    bars::style,
    child::{Process, ServerProcess, Source, options, this_program},
    connect::describe,
    console::Console,
    failure::Failure,
    table::counted,
};
use std::{
    io::{self, IsTerminal},
    process::Command,
};

/// A network to measure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// As in tables; for a shipped network its name.
    pub(crate) name: String,
    pub(crate) source: Source,
}

/// What is to be measured.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    pub(crate) subject: Subject,
    pub(crate) protocol: Protocol,
    /// What a run is.
    pub(crate) job: Job,
    pub(crate) link: Link,
    /// Of each party.
    pub(crate) threads: usize,
}

/// What two processes do in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    /// An inference of the subject.
    Inference,
    /// Triples or inputs in a session of the protocol.
    Rehearsal(Rehearsal),
    /// Triples or inputs between two parties of whom either may be malicious.
    Overdrive(Work),
}

impl Job {
    /// In words, if it is not about the subject.
    const fn name(self) -> Option<&'static str> {
        match self {
            Self::Inference => None,
            Self::Rehearsal(Rehearsal::Triples(_)) => Some("triples"),
            Self::Rehearsal(Rehearsal::Inputs(_)) => Some("inputs"),
            Self::Overdrive(Work::Triples(_)) => Some("Overdrive's triples"),
            Self::Overdrive(Work::Inputs(_)) => Some("Overdrive's inputs"),
            Self::Overdrive(Work::Infer) => Some("Overdrive's inference"),
            Self::Overdrive(Work::InferClientMalicious) => Some("client-malicious Overdrive's inference"),
        }
    }

    /// What takes long is done once: a run of millions of triples.
    const fn is_long(self) -> bool {
        match self {
            Self::Inference | Self::Rehearsal(Rehearsal::Inputs(_)) | Self::Overdrive(Work::Inputs(_)) => {
                false
            }
            Self::Rehearsal(Rehearsal::Triples(_)) | Self::Overdrive(_) => true,
        }
    }
}

/// Sessions that ran, so that experiments which share a setting share its measurement.
pub(crate) struct Lab {
    runs: u16,
    console: Console,
    cancel: Cancel,
    bar: Option<ProgressBar>,
    done: Vec<(Setting, Arc<Measured>)>,
}

/// A session and its inferences.
#[derive(Clone, Debug)]
pub(crate) struct Measured {
    setup: Record,
    runs: Vec<Record>,
}

/// What one part of a phase took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) seconds: Option<Spread>,
    pub(crate) cpu_seconds: Option<Spread>,
    pub(crate) bytes: Option<Spread>,
    pub(crate) round_trips: Option<Spread>,
}

impl Lab {
    pub(crate) fn new(runs: u16, console: Console, cancel: Cancel) -> Self {
        let bar = !console.is_quiet() && io::stderr().is_terminal();
        let bar = bar.then(|| {
            let bar = ProgressBar::no_length()
                .with_style(style("{spinner} {msg} [{bar:20}] {pos}/{len} {elapsed}"));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { runs, console, cancel, bar, done: Vec::new() }
    }

    /// The measurement of a setting: made now, or before.
    pub(crate) fn measure(&mut self, setting: &Setting) -> Result<Arc<Measured>, Failure> {
        if let Some((_, measured)) = self.done.iter().find(|(done, _)| done == setting) {
            return Ok(measured.clone());
        }
        let title = format!(
            "{}, {}, {}, {}",
            setting.job.name().unwrap_or(&setting.subject.name),
            setting.protocol.name(),
            describe(setting.link),
            counted(setting.threads, "thread"),
        );
        match &self.bar {
            Some(bar) => {
                bar.set_length(self.runs_of(setting).into());
                bar.set_position(0);
                bar.set_message(title);
            }
            None => {
                self.console.remark(&format!("measuring {title}: {}", counted(self.runs_of(setting), "run")));
            }
        }
        let measured = Arc::new(self.run(setting)?);
        self.done.push((setting.clone(), measured.clone()));
        Ok(measured)
    }

    /// Nothing more is measured.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// What takes minutes is done once, the published disclosure, too.
    fn runs_of(&self, setting: &Setting) -> u16 {
        let published = setting.job == Job::Inference && setting.protocol.is_published();
        if setting.job.is_long() || published { 1 } else { self.runs }
    }

    fn run(&self, setting: &Setting) -> Result<Measured, Failure> {
        let Setting { subject, protocol, job, link, threads } = setting;
        let server = match job {
            Job::Inference => ServerProcess::start(&subject.source, *protocol, Some(*threads))?,
            Job::Rehearsal(_) => {
                let mut command = this_program(&["rehearse", "--quiet"], Some(*threads))?;
                command.args(subject.source.arguments());
                ServerProcess::listening(command)?
            }
            Job::Overdrive(work) => {
                let mut command = self.overdrive(setting, *work)?;
                let second = ServerProcess::listening(self.overdrive(setting, *work)?)?;
                command.args(["--connect", second.address(), "--peer", &second.id().to_string()]);
                return self.watch(&mut command, second);
            }
        };
        let mut command = this_program(&["measure", "--quiet"], Some(*threads))?;
        command.args(options(*protocol)).args([
            "--connect",
            server.address(),
            "--server",
            &server.id().to_string(),
        ]);
        command.args(["--runs", &self.runs_of(setting).to_string()]);
        match job {
            Job::Rehearsal(Rehearsal::Triples(batches)) => command.args(["--triples", &batches.to_string()]),
            Job::Rehearsal(Rehearsal::Inputs(batches)) => command.args(["--inputs", &batches.to_string()]),
            Job::Inference | Job::Overdrive(_) => &mut command,
        };
        command.args(LinkArgs::arguments(*link)).args(subject.source.arguments());
        self.watch(&mut command, server)
    }

    /// One party of Overdrive.
    fn overdrive(&self, setting: &Setting, work: Work) -> Result<Command, Failure> {
        let mut command = this_program(&["overdrive", "--quiet"], Some(setting.threads))?;
        command.args(["--runs", &self.runs_of(setting).to_string()]).args(work.arguments());
        command.args(setting.subject.source.arguments());
        Ok(command)
    }

    /// Starts the party that reports, and takes its records down.
    fn watch(&self, command: &mut Command, server: ServerProcess) -> Result<Measured, Failure> {
        let mut client: Process<Measurement> = Process::spawn(command, "client")?;
        let mut measured = Measured { setup: Record::default(), runs: Vec::new() };
        loop {
            match client.next_unless(&self.cancel)? {
                Measurement::Setup(record) => measured.setup = record,
                Measurement::Inference(record) => {
                    measured.runs.push(record);
                    if let Some(bar) = &self.bar {
                        bar.inc(1);
                    }
                }
                Measurement::Done => break,
            }
        }
        // Its accounts are the mirror image of the client's; that it has no error to report is what matters.
        server.finish()?;
        Ok(measured)
    }
}

impl Measured {
    /// What some components of a phase took, in every run.
    pub(crate) fn part(&self, phase: Phase, components: &[Component]) -> Part {
        let runs = if phase == Phase::Setup { core::slice::from_ref(&self.setup) } else { &self.runs[..] };
        let sum = |of: &dyn Fn(&Stats, Component) -> f64| {
            Spread::of(runs.iter().map(|run| components.iter().map(|&part| of(&run.stats, part)).sum()))
        };
        let cpu: Option<Vec<f64>> = runs
            .iter()
            .map(|run| {
                let times = run.cpu.as_ref()?.iter();
                let wanted = times.filter(|(of, part, _)| *of == phase && components.contains(part));
                Some(wanted.map(|(.., seconds)| seconds).sum())
            })
            .collect();
        Part {
            seconds: sum(&|stats, part| stats.get(phase, part).time.as_secs_f64()),
            cpu_seconds: cpu.and_then(Spread::of),
            bytes: sum(&|stats, part| stats.get(phase, part).bytes() as f64),
            round_trips: sum(&|stats, part| stats.get(phase, part).round_trips()),
        }
    }

    /// All of a phase.
    pub(crate) fn whole(&self, phase: Phase) -> Part {
        self.part(phase, &Component::ALL)
    }

    /// What a phase would take over `link`: the median over these runs' bytes and flights, with the time that each component took in
    /// `direct`, where the same was measured over a link that is free. How often a proof is tried is a matter of chance; so times are taken for
    /// each flight, of which every try has as many, and it is the same tries that are predicted and measured.
    pub(crate) fn predict(&self, direct: &Self, phase: Phase, link: Link) -> Option<f64> {
        let runs = self.runs.iter().map(|run| {
            let mut stats = Stats::default();
            for component in Component::ALL {
                let counted = run.stats.get(phase, component);
                let seconds = direct.seconds_with(phase, component, counted.flights);
                let time = Duration::from_secs_f64(seconds);
                *stats.entry(phase, component) = Counters { time, ..counted };
            }
            link.predict(&stats, phase).total()
        });
        Spread::of(runs).map(|spread| spread.median)
    }
}

impl Measured {
    /// What a component takes if it has so many flights: the median.
    fn seconds_with(&self, phase: Phase, component: Component, flights: u64) -> f64 {
        let runs = self.runs.iter().map(|run| {
            let counters = run.stats.get(phase, component);
            let scale = if counters.flights == 0 { 1.0 } else { flights as f64 / counters.flights as f64 };
            counters.time.as_secs_f64() * scale
        });
        Spread::of(runs).map_or(0.0, |spread| spread.median)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(millis: u64, bytes: u64, cpu: Option<f64>) -> Record {
        let mut stats = Stats::default();
        for (component, times) in [(Component::Linear, 1), (Component::Proofs, 2), (Component::Garbling, 10)]
        {
            *stats.entry(Phase::Preprocessing, component) = Counters {
                sent: times * bytes,
                received: 0,
                flights: times,
                time: Duration::from_millis(u64::from(times as u32) * millis),
                waited: Duration::ZERO,
            };
        }
        let cpu = cpu.map(|seconds| {
            vec![
                (Phase::Preprocessing, Component::Linear, seconds),
                (Phase::Preprocessing, Component::Garbling, 100.0),
                (Phase::Online, Component::Linear, 1000.0),
            ]
        });
        Record { stats, cpu }
    }

    #[test]
    fn parts_are_summed_in_each_run_and_spread_over_runs() {
        let runs = vec![run(100, 7, Some(1.5)), run(300, 7, Some(0.5)), run(200, 9, Some(1.0))];
        let measured = Measured { setup: run(5, 1, None), runs };
        let part = measured.part(Phase::Preprocessing, &[Component::Linear, Component::Proofs]);
        let seconds = part.seconds.expect("runs");
        assert!((seconds.median - 0.6).abs() < 1e-9 && (seconds.max - 0.9).abs() < 1e-9, "{seconds:?}");
        assert_eq!(part.bytes, Some(Spread { median: 21.0, min: 21.0, max: 27.0 }));
        assert_eq!(part.round_trips, Some(Spread::exactly(1.5)));
        assert_eq!(part.cpu_seconds, Some(Spread { median: 1.0, min: 0.5, max: 1.5 }));
        assert_eq!(measured.whole(Phase::Online).bytes, Some(Spread::exactly(0.0)));

        // 13 times 200 ms of the one; 13 flights of 50 ms each, and what 13 times 250 bytes take beyond the work, of the other.
        let link = Link { round_trip_seconds: 0.1, bits_per_second: 1e4 };
        let shaped = Measured { setup: Record::default(), runs: vec![run(900, 250, None)] };
        let predicted = shaped.predict(&measured, Phase::Preprocessing, link).expect("runs");
        assert!((predicted - (2.6 + 0.65)).abs() < 1e-9, "{predicted}");
        let link = Link { bits_per_second: 5e3, ..link };
        let predicted = shaped.predict(&measured, Phase::Preprocessing, link).expect("runs");
        assert!((predicted - (5.2 + 0.65)).abs() < 1e-9, "{predicted}");

        // Twice the flights, as of twice the tries of a proof, are twice the work.
        assert!((measured.seconds_with(Phase::Preprocessing, Component::Proofs, 4) - 0.8).abs() < 1e-9);

        // Where one run has no processor time, none is claimed.
        let measured = Measured { runs: vec![run(1, 1, Some(1.0)), run(1, 1, None)], ..measured };
        assert_eq!(measured.whole(Phase::Preprocessing).cpu_seconds, None);
    }
}
