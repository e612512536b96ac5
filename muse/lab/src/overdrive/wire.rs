//! A connection between two parties that speak at the same time, and what goes over it.
//!
//! Both write before they read. So a thread of its own writes: nobody waits for a peer that waits for him. Messages have no
//! frames, as both parties know what comes next and how long it is.

use core::time::Duration;
use muse::accounts::Counters;
use muse_cli::failure::Failure;
use muse_field::wire::{Decode, Encode, from_slice, to_vec};
use std::{
    io::{BufReader, Read, Write},
    net::TcpStream,
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
    time::Instant,
};

/// One party's end.
#[derive(Debug)]
pub(super) struct Wire {
    reader: BufReader<TcpStream>,
    /// To the thread that writes; none when it has been told to end.
    writer: Option<SyncSender<Vec<u8>>>,
    thread: Option<JoinHandle<()>>,
    counters: Counters,
    since: Instant,
    /// Whether something was sent since the peer was last waited for.
    spoke: bool,
}

impl Wire {
    /// A connection without a message on it yet.
    pub(super) fn new(stream: TcpStream) -> Result<Self, Failure> {
        let failed = |e: std::io::Error| Failure::general(format!("cannot use the connection: {e}"));
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        stream.set_write_timeout(Some(PATIENCE)).map_err(failed)?;
        let mut out = stream.try_clone().map_err(failed)?;
        let (writer, bodies) = sync_channel::<Vec<u8>>(AHEAD);
        let write = move || {
            // A peer that is gone is found out by whoever reads next.
            while let Ok(body) = bodies.recv() {
                if out.write_all(&body).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("wire".into()).spawn(write).map_err(failed)?;
        Ok(Self {
            reader: BufReader::with_capacity(1 << 16, stream),
            writer: Some(writer),
            thread: Some(thread),
            counters: Counters::default(),
            since: Instant::now(),
            spoke: false,
        })
    }

    /// Sends bytes.
    pub(super) fn send_bytes(&mut self, body: Vec<u8>) -> Result<(), Failure> {
        self.counters.sent += body.len() as u64;
        self.spoke = true;
        self.writer.as_ref().and_then(|writer| writer.send(body).ok()).ok_or_else(gone)
    }

    /// Receives as many bytes.
    pub(super) fn receive_bytes(&mut self, len: usize) -> Result<Vec<u8>, Failure> {
        let mut body = vec![0; len];
        let waiting = Instant::now();
        self.reader.read_exact(&mut body).map_err(|_| gone())?;
        self.counters.waited += waiting.elapsed();
        self.counters.received += len as u64;
        // Who speaks and then listens has begun a flight; the peer's goes the other way at the same time.
        self.counters.flights += u64::from(core::mem::take(&mut self.spoke));
        Ok(body)
    }

    /// Sends a message.
    pub(super) fn send(&mut self, message: &impl Encode) -> Result<(), Failure> {
        self.send_bytes(to_vec(message))
    }

    /// Receives a message of a shape.
    pub(super) fn receive<T: Decode>(&mut self, shape: T::Shape) -> Result<T, Failure> {
        let body = self.receive_bytes(T::len_for(shape))?;
        from_slice(shape, &body).map_err(|e| Failure::peer(format!("a message of the peer: {e}")))
    }

    /// What was counted since the last call, and how long it took.
    pub(super) fn take(&mut self) -> Counters {
        let time = core::mem::replace(&mut self.since, Instant::now()).elapsed();
        Counters { time, ..core::mem::take(&mut self.counters) }
    }
}

/// What was sent is written before the connection ends.
impl Drop for Wire {
    fn drop(&mut self) {
        drop(self.writer.take());
        if let Some(thread) = self.thread.take() {
            // It has no result, and panics nowhere.
            let _ = thread.join();
        }
    }
}

fn gone() -> Failure {
    Failure::peer("the other party is gone")
}

/// How long a party may compute before it is taken for dead: measured runs are long.
const PATIENCE: Duration = Duration::from_secs(600);
/// Messages that wait to be written.
const AHEAD: usize = 4;
