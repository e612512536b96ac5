//! Where and how it was measured: what numbers mean nothing without.

use muse_cli::{clock, table::counted};
use muse_field::cpu::{self, Features};
use serde::Serialize;
use std::{fs, path::Path, process::Command, time::SystemTime};

/// Written beside the numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Machine {
    /// UTC, or "unknown".
    pub(crate) time: String,
    pub(crate) processor: String,
    /// What the kernels make use of, in words.
    pub(crate) instructions: String,
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
            time: clock::rfc3339(SystemTime::now()).unwrap_or_else(|| "unknown".into()),
            processor: processor().unwrap_or_else(|| format!("{} (model unknown)", std::env::consts::ARCH)),
            instructions: instructions(cpu::features()),
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
        let Self { time, processor, instructions, cores, system, load, version, commit, runs, threads } =
            self;
        let commit = commit.as_deref().unwrap_or("unknown");
        let load = load.map_or_else(String::new, |load| format!(", load {load:.1} when it began"));
        let (cores, threads) = (counted(*cores, "core"), counted(*threads, "thread"));
        let runs = if *runs == 1 { "one run".to_owned() } else { format!("medians of {runs} runs") };
        format!(
            "{processor}, {instructions}; {cores} shared by both parties, {system}{load}; {threads} for each party; {runs}; \
             muse {version}, commit {commit}, {time}"
        )
    }
}

/// The first processor, as Linux names it, with its numbers: in virtual machines the name often says no more than who made it.
fn processor() -> Option<String> {
    named(&fs::read_to_string("/proc/cpuinfo").ok()?)
}

fn named(cpuinfo: &str) -> Option<String> {
    let field = |name: &str| {
        let (_, value) = cpuinfo
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(field, _)| field.trim_end() == name)?;
        Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let name = field("model name")?;
    Some(match (field("cpu family"), field("model")) {
        (Some(family), Some(model)) => format!("{name} (family {family}, model {model})"),
        _ => name,
    })
}

/// The sets of instructions that make a difference.
fn instructions(has: Features) -> String {
    let sets = [
        (has.avx2, "AVX2"),
        (has.aes, "AES-NI"),
        (has.vaes, "VAES"),
        (has.avx512, "AVX-512"),
        (has.avx512ifma, "IFMA"),
    ];
    let sets: Vec<_> = sets.into_iter().filter_map(|(there, name)| there.then_some(name)).collect();
    if sets.is_empty() { "portable kernels".to_owned() } else { format!("with {}", sets.join(", ")) }
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
            instructions: "portable kernels".into(),
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
        assert!(
            sentence.starts_with("Abacus, portable kernels; 4 cores") && sentence.contains("commit unknown"),
            "{sentence}"
        );
        assert!(!Machine::new(1, 1, 1).sentence().is_empty());
    }

    #[test]
    fn processors_are_named_with_their_numbers() {
        let numbers = "processor\t: 0\ncpu family\t: 26\nmodel\t\t: 2\nmodel name\t: AMD  EPYC \n\nprocessor\t: 1\nmodel\t: 3";
        assert_eq!(named(numbers).as_deref(), Some("AMD EPYC (family 26, model 2)"));
        assert_eq!(named("model name : Cortex").as_deref(), Some("Cortex"));
        assert_eq!(named("Hardware : unknown"), None);
    }

    #[test]
    fn instructions_are_those_in_use() {
        let mut has = Features::default();
        assert_eq!(instructions(has), "portable kernels");
        (has.avx2, has.vaes) = (true, true);
        assert_eq!(instructions(has), "with AVX2, VAES");
    }
}
