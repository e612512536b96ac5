//! A connection with a chosen latency and bandwidth, simulated in this process.

use super::{Framed, Limits, Link, Pipe, TransportError, error::is_time_out, line::Line, tcp::TcpPipe};
use alloc::sync::Arc;
use core::time::Duration;
use std::{
    io,
    sync::{Condvar, Mutex, PoisonError},
    thread,
};

/// A framed TCP connection with latency and bandwidth added at this end, for both directions.
pub type ShapedTcp = Framed<Shaped>;

impl ShapedTcp {
    /// As [`Tcp::connect`](super::Tcp::connect), over a connection that is slower by `link`. The peer needs to know nothing of it.
    ///
    /// # Errors
    /// As [`Tcp::connect`](super::Tcp::connect); [`TransportError::Io`] for a link without bandwidth or with a latency that is
    /// none (more than two minutes counts as none), or without a thread.
    pub fn connect(address: &str, limits: Limits, link: Link) -> Result<Self, TransportError> {
        let pipe = TcpPipe::connect(address, limits)?;
        let shaped = pipe.try_clone().and_then(|reading| Shaped::new(reading, pipe, link));
        let pipe = shaped.map_err(|source| TransportError::Io { during: "shaping a connection", source })?;
        Ok(Self::new(pipe, limits))
    }
}

/// A pipe over which every byte is as late as over the given [`Link`], on top of what the pipe below takes.
///
/// It belongs at ONE end of a connection that is fast itself, such as loopback, and shapes both directions there: the peer stays as it is. A
/// thread for each direction moves bytes between the pipe and a line that holds them back:
///
/// - What this side writes is stamped when it is written, and goes into the pipe when it would have arrived.
/// - What the peer writes is stamped when it comes out of the pipe, which it does at once, whatever this side is doing, and can be read when
///   it would have arrived. Were it stamped when it is read, latency would start after this side's work instead of beside it.
///
/// Writes that follow each other pay the latency once. A writer may run ahead by what the link holds (bandwidth times latency), 4 MiB, and
/// the system's own buffers; then it waits, as with a real connection. The threads sleep while there is nothing to move. An end and an
/// error arrive after the bytes before them.
///
/// Dropping it lets what was written arrive, for which it waits the latency and a second at most; after that the threads end by themselves.
#[derive(Debug)]
pub struct Shaped {
    outgoing: Arc<Line>,
    incoming: Arc<Line>,
    gone: Arc<Gone>,
    linger: Duration,
}

impl Shaped {
    /// Shapes the connection that `reading` and `writing` are two handles of, each used for its direction.
    ///
    /// # Errors
    /// `InvalidInput` for a link without bandwidth or with an invalid latency; or the system cannot start a thread.
    pub fn new<P: Pipe + Send + 'static>(reading: P, writing: P, link: Link) -> io::Result<Self> {
        let (outgoing, incoming) = (Arc::new(Line::new(link)?), Arc::new(Line::new(link)?));
        let gone = Arc::<Gone>::default();
        let linger = GOODBYE + Duration::from_secs_f64(link.round_trip_seconds);
        // Dropped where a thread is missing: it ends the other one.
        let shaped =
            Self { outgoing: outgoing.clone(), incoming: incoming.clone(), gone: gone.clone(), linger };
        let spawn = |name: &str, pump: Box<dyn FnOnce() + Send>| {
            thread::Builder::new().name(name.into()).spawn(pump).inspect_err(|_| shaped.gone.set())
        };
        spawn("shaped, in", Box::new(move || pump_in(reading, &incoming)))?;
        spawn(
            "shaped, out",
            Box::new(move || {
                pump_out(writing, &outgoing);
                gone.set();
            }),
        )?;
        Ok(shaped)
    }
}

impl Pipe for Shaped {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        self.incoming.read(out, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        self.outgoing.write(bytes, patience)
    }

    fn close(&mut self) {
        self.outgoing.end(None);
        self.gone.wait(self.linger);
        self.outgoing.abandon();
        self.incoming.abandon();
    }
}

impl Drop for Shaped {
    fn drop(&mut self) {
        self.close();
    }
}

/// Moves what arrives into the pipe, then closes it.
fn pump_out<P: Pipe>(mut pipe: P, line: &Line) {
    let mut buffer = vec![0; BUFFER].into_boxed_slice();
    loop {
        match line.read(&mut buffer, SLICE) {
            Ok(0) => break,
            Ok(n) => {
                if let Err(error) = write_all(&mut pipe, &buffer[..n], line) {
                    line.end(Some(error.kind()));
                    line.abandon();
                    break;
                }
            }
            Err(error) if is_time_out(&error) => {}
            Err(_) => break,
        }
    }
    pipe.close();
}

/// Writes all of `bytes`, for as long as it takes: it is the writer whose patience counts, and it notices that the line is full.
/// When the line has ended, the peer has what is the usual time for last words.
fn write_all(pipe: &mut impl Pipe, mut bytes: &[u8], line: &Line) -> io::Result<()> {
    while !bytes.is_empty() {
        match pipe.write(bytes, SLICE) {
            Ok(0) => return Err(io::ErrorKind::BrokenPipe.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if is_time_out(&error) && !line.is_ended() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Moves what comes out of the pipe into the line, until either ends.
fn pump_in<P: Pipe>(mut pipe: P, line: &Line) {
    let mut buffer = vec![0; BUFFER].into_boxed_slice();
    while !line.is_ended() {
        match pipe.read(&mut buffer, SLICE) {
            Ok(0) => line.end(None),
            Ok(n) => {
                let mut bytes = &buffer[..n];
                while !bytes.is_empty() {
                    match line.write(bytes, SLICE) {
                        Ok(n) => bytes = &bytes[n..],
                        // Full, for as long as this side does not read; the peer is held up by that.
                        Err(error) if is_time_out(&error) => {}
                        Err(_) => return,
                    }
                }
            }
            Err(error) if is_time_out(&error) || error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => line.end(Some(error.kind())),
        }
    }
}

/// Whether what was written has left and the pipe is closed.
#[derive(Debug, Default)]
struct Gone {
    state: Mutex<bool>,
    changed: Condvar,
}

impl Gone {
    fn set(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_all();
    }

    fn wait(&self, time: Duration) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // Poisoned or not, in time or not: what could be done has been done.
        drop(self.changed.wait_timeout_while(state, time, |gone| !*gone));
    }
}

/// Bytes moved at once.
const BUFFER: usize = 64 * 1024;

/// How soon a thread notices that its connection has ended while nothing moves.
const SLICE: Duration = Duration::from_millis(200);

/// How long a closing side waits for the last bytes to leave, beside their latency.
const GOODBYE: Duration = Duration::from_secs(1);
