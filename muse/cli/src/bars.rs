//! Progress on standard error: bars on a terminal, a line for every step of a second or more elsewhere.

use super::{log_queue::Lines, table::count};
use core::{fmt, time::Duration};
use indicatif::{MultiProgress, ProgressBar, ProgressState, ProgressStyle};
use muse::progress::{Observer, Step};
use std::{
    collections::HashMap,
    io::{self, IsTerminal, Write},
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// An observer for humans.
pub enum Bars {
    /// Says nothing.
    Quiet,
    /// Draws bars that vanish when their step ends.
    Terminal(MultiProgress, Mutex<HashMap<Step, ProgressBar>>),
    /// Writes lines, through a thread of their own or at once.
    Plain(Mutex<HashMap<Step, (Instant, u64)>>, Option<Lines>),
}

impl Bars {
    /// Bars, lines or nothing, as the user and standard error allow.
    pub fn new(quiet: bool) -> Self {
        if quiet {
            Self::Quiet
        } else if io::stderr().is_terminal() {
            Self::Terminal(MultiProgress::new(), Mutex::default())
        } else {
            Self::Plain(Mutex::default(), None)
        }
    }

    /// Lines or nothing, for a program that serves several at once.
    pub fn lines(quiet: bool, lines: Lines) -> Self {
        if quiet { Self::Quiet } else { Self::Plain(Mutex::default(), Some(lines)) }
    }
}

impl Observer for Bars {
    fn started(&self, step: Step, total: u64) {
        match self {
            Self::Quiet => {}
            Self::Terminal(all, bars) => {
                let bar =
                    ProgressBar::new(total).with_style(style(TEMPLATE)).with_message(step.component.name());
                let bar = all.add(bar.with_prefix(step.unit.name()));
                bar.enable_steady_tick(Duration::from_millis(200));
                lock(bars).insert(step, bar);
            }
            Self::Plain(steps, _) => {
                lock(steps).insert(step, (Instant::now(), total));
            }
        }
    }

    fn advanced(&self, step: Step, units: u64) {
        if let Self::Terminal(_, bars) = self
            && let Some(bar) = lock(bars).get(&step)
        {
            bar.inc(units);
        }
    }

    fn finished(&self, step: Step) {
        match self {
            Self::Quiet => {}
            Self::Terminal(_, bars) => {
                if let Some(bar) = lock(bars).remove(&step) {
                    bar.finish_and_clear();
                }
            }
            Self::Plain(steps, lines) => {
                if let Some((start, total)) = lock(steps).remove(&step)
                    && let Some(line) = line(step, total, start.elapsed())
                {
                    match lines {
                        Some(lines) => lines.put(line),
                        // Progress that cannot be shown is no reason to stop.
                        None => drop(writeln!(io::stderr().lock(), "{line}")),
                    }
                }
            }
        }
    }
}

/// What a plain log says of a finished step: nothing when it was over before anybody wondered.
fn line(step: Step, total: u64, time: Duration) -> Option<String> {
    let total = count(total);
    (time >= Duration::from_secs(1))
        .then(|| format!("{}: {total} {} in {:.1} s", title(step), step.unit.name(), time.as_secs_f64()))
}

fn title(step: Step) -> String {
    format!("{}, {}", step.phase.name(), step.component.name())
}

/// How the bars of this program look.
pub fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("rate", |state: &ProgressState, out: &mut dyn fmt::Write| {
            // What cannot be shown of progress is no reason to stop; nobody needs fractions of a ciphertext.
            let _ = write!(out, "{}/s", count(state.per_sec() as u64));
        })
        .progress_chars("=> ")
}

/// What is done, of how much, how fast, and how long it still takes.
const TEMPLATE: &str = "{msg:22} [{wide_bar}] {human_pos}/{human_len} {prefix} {rate} eta {eta}";

/// What a panicking thread left is good enough for progress.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use muse::{
        accounts::{Component, Phase},
        progress::Unit,
    };

    const STEP: Step =
        Step { phase: Phase::Preprocessing, component: Component::Garbling, unit: Unit::Relus };

    #[test]
    fn long_steps_get_a_line() {
        let text = line(STEP, 10_340, Duration::from_millis(1260));
        assert_eq!(text.as_deref(), Some("preprocessing, garbled circuits: 10,340 ReLUs in 1.3 s"));
        assert_eq!(line(STEP, 10_340, Duration::from_millis(999)), None);
    }

    #[test]
    fn steps_may_end_without_a_start() {
        for bars in [
            Bars::Quiet,
            Bars::Plain(Mutex::default(), None),
            Bars::Terminal(MultiProgress::new(), Mutex::default()),
        ] {
            bars.advanced(STEP, 1);
            bars.finished(STEP);
        }
    }

    #[test]
    fn the_template_is_valid() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
