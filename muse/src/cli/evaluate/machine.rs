//! Where and how it was measured: what numbers mean nothing without.

use serde::Serialize;
use std::{fs, path::Path, process::Command, time::SystemTime};

/// Written beside the numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Machine {
    /// UTC.
    pub(crate) time: String,
    pub(crate) processor: String,
    /// As many threads as the system runs at once.
    pub(crate) cores: usize,
    pub(crate) system: String,
    /// Programs that were running when it began, on average of a minute; none where the system does not tell.
    pub(crate) load: Option<f64>,
    /// Of this program.
    pub(crate) version: &'static str,
    /// Of the repository that the program lies in, if it does, with `+` when files differ from it.
    pub(crate) commit: Option<String>,
    /// Of each setting.
    pub(crate) runs: u16,
    /// Of each party, unless a row says otherwise.
    pub(crate) threads: usize,
}

impl Machine {
    /// Looks around.
    pub(crate) fn new(runs: u16, threads: usize, cores: usize) -> Self {
        let load = fs::read_to_string("/proc/loadavg").ok();
        Self {
            time: humantime::format_rfc3339_seconds(SystemTime::now()).to_string(),
            processor: processor().unwrap_or_else(|| format!("{} (model unknown)", std::env::consts::ARCH)),
            cores,
            system: std::env::consts::OS.into(),
            load: load.and_then(|text| text.split(' ').next()?.parse().ok()),
            version: env!("CARGO_PKG_VERSION"),
            commit: commit(),
            runs,
            threads,
        }
    }

    /// In a sentence.
    pub(crate) fn sentence(&self) -> String {
        let Self { time, processor, cores, system, load, version, commit, runs, threads } = self;
        let commit = commit.as_deref().unwrap_or("unknown");
        let load = load.map_or_else(String::new, |load| format!(", load {load:.1} when it began"));
        let plural = if *threads == 1 { "" } else { "s" };
        let runs = if *runs == 1 { "one run".to_owned() } else { format!("medians of {runs} runs") };
        format!(
            "{processor}, {cores} cores shared by both parties, {system}{load}; {threads} thread{plural} for each party; {runs}; \
             muse {version}, commit {commit}, {time}"
        )
    }
}

/// The model of the first processor, as Linux names it.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The commit of the checkout that this program was built in, if it still lies there and `git` is at hand.
fn commit() -> Option<String> {
    let program = std::env::current_exe().ok()?;
    let folder = program.parent()?;
    let git = |arguments: &[&str]| git(folder, arguments);
    let commit = git(&["rev-parse", "--short=12", "HEAD"])?;
    let root = git(&["rev-parse", "--show-toplevel"])?;
    // Somebody may keep all of a home directory under version control.
    Path::new(&root).join("muse/src/cli/evaluate/machine.rs").is_file().then_some(())?;
    let changed = git(&["-C", &root, "status", "--porcelain", "--untracked-files=no"])?;
    Some(commit + if changed.is_empty() { "" } else { "+" })
}

fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A machine that is nobody's.
    pub(crate) fn example() -> Machine {
        Machine {
            time: "2026-01-02T03:04:05Z".into(),
            processor: "Abacus".into(),
            cores: 4,
            system: "linux".into(),
            load: Some(0.25),
            version: "0.1.0",
            commit: None,
            runs: 3,
            threads: 2,
        }
    }

    #[test]
    fn what_is_not_known_is_said() {
        let sentence = example().sentence();
        assert!(sentence.starts_with("Abacus, 4 cores") && sentence.contains("commit unknown"), "{sentence}");
        assert!(!Machine::new(1, 1, 1).sentence().is_empty());
    }
}
