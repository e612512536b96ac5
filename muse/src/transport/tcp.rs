//! TCP between two processes.

use super::{Framed, Limits, Pipe, TransportError};
use core::{net::SocketAddr, time::Duration};
use std::{
    io::{self, Read, Write},
    net::{Shutdown, TcpStream, ToSocketAddrs},
    time::Instant,
};

/// A framed TCP connection. Neither encrypted nor authenticated: for loopback, or inside a channel that is both.
pub type Tcp = Framed<TcpPipe>;

impl Tcp {
    /// Connects to `address`, such as `127.0.0.1:7878` or `[::1]:7878`; tries each address that a name stands for.
    ///
    /// # Errors
    /// [`TransportError::Resolve`] for a name that stands for no address; [`TransportError::Connect`] with the last address's reason.
    pub fn connect(address: &str, limits: Limits) -> Result<Self, TransportError> {
        Ok(Self::new(TcpPipe::connect(address, limits)?, limits))
    }

    /// Frames over a connection that a listener accepted.
    ///
    /// # Errors
    /// The connection broke already.
    pub fn from_stream(stream: TcpStream, limits: Limits) -> Result<Self, TransportError> {
        Self::after_hello(stream, limits, &[])
    }

    /// The same for a connection of which `received` was read before: a hello.
    pub(crate) fn after_hello(
        stream: TcpStream,
        limits: Limits,
        received: &[u8],
    ) -> Result<Self, TransportError> {
        let pipe = TcpPipe::new(stream)
            .map_err(|source| TransportError::Io { during: "accepting a connection", source })?;
        Ok(Self::after(pipe, limits, received))
    }
}

/// A TCP stream with its time-outs.
#[derive(Debug)]
pub struct TcpPipe {
    stream: TcpStream,
    peer: SocketAddr,
    /// What the socket's time-outs stand at: setting them costs a system call.
    read_timeout: Duration,
    write_timeout: Duration,
}

impl TcpPipe {
    /// Tries each address that a name stands for.
    pub(super) fn connect(address: &str, limits: Limits) -> Result<Self, TransportError> {
        let failed = |source| TransportError::Connect { address: address.to_owned(), source };
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        let unknown = |source| TransportError::Resolve { address: address.to_owned(), source };
        for candidate in address.to_socket_addrs().map_err(unknown)? {
            match TcpStream::connect_timeout(&candidate, limits.connect).and_then(Self::new) {
                Ok(pipe) => return Ok(pipe),
                Err(e) => last = e,
            }
        }
        Err(failed(last))
    }

    /// A second handle of the same connection, for the other direction.
    pub(super) fn try_clone(&self) -> io::Result<Self> {
        Self::new(self.stream.try_clone()?)
    }

    /// Small messages leave at once: the protocol waits for each.
    fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_nonblocking(false)?;
        let peer = stream.peer_addr()?;
        Ok(Self { stream, peer, read_timeout: Duration::ZERO, write_timeout: Duration::ZERO })
    }

    /// The peer's address.
    #[must_use]
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }
}

impl Pipe for TcpPipe {
    fn read(&mut self, out: &mut [u8], patience: Duration) -> io::Result<usize> {
        let patience = round_up(patience);
        if self.read_timeout != patience {
            self.stream.set_read_timeout(Some(patience))?;
            self.read_timeout = patience;
        }
        self.stream.read(out)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> io::Result<usize> {
        let patience = round_up(patience);
        if self.write_timeout != patience {
            self.stream.set_write_timeout(Some(patience))?;
            self.write_timeout = patience;
        }
        self.stream.write(bytes)
    }

    /// Closes so that the last frame arrives: with bytes unread, the system would reset the connection and the
    /// peer might lose what it has not read yet. So this side ends its stream, then reads a little of what comes.
    fn close(&mut self) {
        if self.stream.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let deadline = Instant::now() + LINGER;
        let mut scrap = [0; 16 * 1024];
        while Instant::now() < deadline && self.read(&mut scrap, LINGER).is_ok_and(|n| n > 0) {}
        // The peer may have closed first.
        let _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// Time-outs in steps, so that what is left of an allowance does not change the socket's at every call.
fn round_up(patience: Duration) -> Duration {
    let step = 50;
    let millis = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX - step);
    Duration::from_millis((millis + 1).div_ceil(step) * step)
}

/// How long a closing side reads on.
const LINGER: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_not_found_is_told_from_a_server_that_is_not_there() {
        // No name has a blank in it, so no name server is asked.
        let told = Tcp::connect("no such host:7878", Limits::default()).map(|_| ()).expect_err("no host");
        assert!(
            matches!(&told, TransportError::Resolve { address, .. } if address == "no such host:7878"),
            "{told}"
        );
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a socket");
        let address = listener.local_addr().expect("bound").to_string();
        drop(listener);
        let told = Tcp::connect(&address, Limits::default()).map(|_| ()).expect_err("nobody there");
        assert!(matches!(told, TransportError::Connect { .. }), "{told}");
    }
}
