//! Processor time of processes, where the system tells.

use std::{fs, path::PathBuf};

/// Counts what all threads of some processes have worked.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    processes: Vec<u32>,
}

impl Clock {
    pub(crate) fn new(processes: impl IntoIterator<Item = u32>) -> Self {
        Self { processes: processes.into_iter().collect() }
    }

    /// Seconds of all threads that are alive; none where the system does not tell, as on others than Linux.
    pub(crate) fn seconds(&self) -> Option<f64> {
        self.processes.iter().map(|&process| seconds(process)).sum()
    }
}

/// The first number of every thread's `schedstat`: nanoseconds on a processor.
fn seconds(process: u32) -> Option<f64> {
    let tasks = fs::read_dir(PathBuf::from(format!("/proc/{process}/task"))).ok()?;
    let mut nanos = 0u64;
    for task in tasks.flatten() {
        // A thread that has just ended has no file any more.
        if let Ok(text) = fs::read_to_string(task.path().join("schedstat")) {
            nanos += text.split(' ').next()?.parse::<u64>().ok()?;
        }
    }
    Some(nanos as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn work_is_counted_and_processes_that_are_none_are_not() {
        let clock = Clock::new([std::process::id()]);
        let before = clock.seconds();
        let mut x = 1u64;
        for i in 0..30_000_000u64 {
            x = core::hint::black_box(x.wrapping_mul(i | 1));
        }
        // Kernels may be built without these numbers.
        if let (Some(before), Some(after)) = (before, clock.seconds()) {
            assert!(after > before || after == 0.0, "{before} {after}");
        }
        assert_eq!(Clock::new([u32::MAX]).seconds(), None);
    }
}
