//! Writes lines in a separate thread, so that the threads that log never wait for the reader of the log.

use alloc::sync::Arc;
use core::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};
use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Instant,
};

/// A bounded queue of lines. Those for which there is no room are dropped and counted; the count is written when writing goes on. Clones
/// share the queue.
#[derive(Clone, Debug)]
pub struct Lines {
    queue: SyncSender<Entry>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Entry {
    Line(String),
    /// All before it was written.
    Flushed(SyncSender<()>),
}

impl Lines {
    /// Writes to `out` from a thread of its own. `lost` says how many lines were dropped; `more` has lines of its own when all
    /// others are written: some about once a second, the rest when told `true`, at the end.
    ///
    /// # Errors
    /// The system has no thread.
    pub fn start<W: Write>(
        out: impl FnOnce() -> W + Send + 'static,
        lost: impl Fn(u64) -> String + Send + 'static,
        more: impl Fn(bool) -> Vec<String> + Send + 'static,
    ) -> io::Result<Self> {
        let (queue, entries) = sync_channel(QUEUE);
        let lines = Self { queue, dropped: Arc::default() };
        let dropped = lines.dropped.clone();
        let run = move || write_all(out(), &entries, &dropped, &lost, &more);
        thread::Builder::new().name("log".into()).spawn(run)?;
        Ok(lines)
    }

    /// One more line. Never waits.
    pub fn put(&self, line: String) {
        if self.queue.try_send(Entry::Line(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Waits until all lines up to here are written, but not long: there may be no reader.
    pub fn flush(&self) {
        let (sender, flushed) = sync_channel(1);
        if self.queue.try_send(Entry::Flushed(sender)).is_ok() {
            let _ = flushed.recv_timeout(PATIENCE);
        }
    }
}

fn write_all(
    mut out: impl Write,
    entries: &Receiver<Entry>,
    dropped: &AtomicU64,
    lost: &impl Fn(u64) -> String,
    more: &impl Fn(bool) -> Vec<String>,
) {
    // A stream that is closed takes nothing; nothing depends on it.
    let mut write = |line: &str| drop(writeln!(out, "{line}").and_then(|()| out.flush()));
    let mut ticked = Instant::now();
    loop {
        match entries.recv_timeout(TICK) {
            Ok(Entry::Line(line)) => write(&line),
            Ok(Entry::Flushed(sender)) => {
                more(true).iter().for_each(|line| write(line));
                let _ = sender.try_send(());
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        let count = dropped.swap(0, Ordering::SeqCst);
        if count > 0 {
            write(&lost(count));
        }
        if ticked.elapsed() >= TICK {
            ticked = Instant::now();
            more(false).iter().for_each(|line| write(line));
        }
    }
}

/// Lines that wait at most, one to two kilobytes each.
const QUEUE: usize = 1024;

/// How long the log takes at least to say what it has summed up.
const TICK: Duration = Duration::from_secs(1);

/// How long the end of the program waits for its last lines.
const PATIENCE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Mutex, mpsc};

    /// Takes a line each time it is allowed to, into a list.
    struct Slow(Receiver<()>, Arc<Mutex<Vec<u8>>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            // When nobody allows anything any more, all is allowed.
            let _ = self.0.recv();
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_and_what_is_lost_is_counted() {
        let (allow, allowed) = mpsc::channel();
        let written = Arc::<Mutex<Vec<u8>>>::default();
        let out = Slow(allowed, written.clone());
        let lines = Lines::start(move || out, |count| format!("lost {count}"), |_| Vec::new()).unwrap();
        // From when the first line is written nobody reads: this returns all the same.
        let count = 10 * QUEUE as u64;
        lines.put("0".into());
        while written.lock().unwrap().is_empty() {
            thread::yield_now();
        }
        (1..count).for_each(|number| lines.put(number.to_string()));
        lines.flush();
        drop(allow);
        while lines.dropped.load(Ordering::SeqCst) > 0 {
            thread::yield_now();
        }
        let (sender, flushed) = sync_channel(1);
        lines.queue.send(Entry::Flushed(sender)).unwrap();
        flushed.recv().unwrap();
        let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
        let lost = |line: &str| line.strip_prefix("lost ").map(|count| count.parse::<u64>().unwrap());
        let gaps: u64 = text.lines().filter_map(lost).sum();
        let kept: Vec<u64> = text.lines().filter_map(|line| line.parse().ok()).collect();
        assert!((QUEUE..=QUEUE + 2).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept.len() as u64 + gaps, count);
        assert!(kept.iter().copied().eq(0..kept.len() as u64), "in order");
    }

    #[test]
    fn what_is_summed_up_is_said_at_the_end() {
        let written = Arc::<Mutex<Vec<u8>>>::default();
        struct All(Arc<Mutex<Vec<u8>>>);
        impl Write for All {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let out = All(written.clone());
        let lines = Lines::start(move || out, |_| String::new(), |_| vec!["sum".into()]).unwrap();
        lines.put("line".into());
        let (sender, flushed) = sync_channel(1);
        lines.queue.send(Entry::Flushed(sender)).unwrap();
        flushed.recv().unwrap();
        assert_eq!(written.lock().unwrap().as_slice(), b"line\nsum\n");
    }
}
