//! The connection to the server: every wait ends when the run is cancelled, or when the server has been silent for too long.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use mapi_provider::twoway::{Monitor, Stop};
use native_tls::{HandshakeError, TlsConnector, TlsStream};

/// How long one wait of the operating system is; between two of them the run may be cancelled.
const TICK: Duration = Duration::from_millis(100);
/// How long one attempt to connect is.
const ATTEMPT: Duration = Duration::from_millis(900);
/// How long all attempts are.
const CONNECTING: Duration = Duration::from_secs(20);

/// A connection that never waits for ever (TWOWAY-21).
pub(crate) struct Guarded<'r> {
    tcp: TcpStream,
    monitor: &'r dyn Monitor,
    silence: Duration,
}

impl<'r> Guarded<'r> {
    pub(crate) fn connect(
        (server, port): (&str, u16),
        silence: Duration,
        monitor: &'r dyn Monitor,
    ) -> Result<Self, Stop> {
        let lost = |error: io::Error| Stop::Lost(format!("{server}:{port}: {error}"));
        let addresses: Vec<_> = (server, port).to_socket_addrs().map_err(lost)?.collect();
        let began = Instant::now();
        let mut failed = io::Error::other("it has no address");
        while began.elapsed() < CONNECTING {
            for address in &addresses {
                if monitor.is_cancelled() {
                    return Err(Stop::Cancelled);
                }
                match TcpStream::connect_timeout(address, ATTEMPT) {
                    Ok(tcp) => return Self::over(tcp, silence, monitor).map_err(lost),
                    Err(error) => failed = error,
                }
            }
            // Only silence is worth another attempt.
            if failed.kind() != io::ErrorKind::TimedOut {
                break;
            }
        }
        Err(lost(failed))
    }

    fn over(tcp: TcpStream, silence: Duration, monitor: &'r dyn Monitor) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(TICK))?;
        tcp.set_write_timeout(Some(TICK))?;
        Ok(Self {
            tcp,
            monitor,
            silence,
        })
    }

    /// Repeats a call that waits for a tick.
    fn patiently<T>(
        &mut self,
        mut act: impl FnMut(&mut TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        let began = Instant::now();
        loop {
            // TWOWAY-21
            if self.monitor.is_cancelled() {
                return Err(io::Error::other("it was cancelled"));
            }
            match act(&mut self.tcp) {
                Err(error) if is_tick(&error) => {}
                done => return done,
            }
            if began.elapsed() >= self.silence {
                return Err(io::Error::other("the server does not answer"));
            }
        }
    }
}

fn is_tick(error: &io::Error) -> bool {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    matches!(error.kind(), Interrupted | TimedOut | WouldBlock)
}

impl Read for Guarded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.patiently(|tcp| tcp.read(buffer))
    }
}

impl Write for Guarded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.patiently(|tcp| tcp.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.tcp.flush()
    }
}

/// With TLS or without.
pub(crate) enum Stream<'r> {
    Plain(Guarded<'r>),
    Secure(Box<TlsStream<Guarded<'r>>>),
}

impl<'r> Stream<'r> {
    /// Begins TLS. A certificate that is not good for this name ends the run (TWOWAY-24).
    pub(crate) fn secure(
        stream: Guarded<'r>,
        server: &str,
        connector: &TlsConnector,
    ) -> Result<Self, Stop> {
        let monitor = stream.monitor;
        match connector.connect(server, stream) {
            Ok(secure) => Ok(Self::Secure(Box::new(secure))),
            Err(_) if monitor.is_cancelled() => Err(Stop::Cancelled),
            // TWOWAY-24
            Err(HandshakeError::Failure(error)) => Err(Stop::Fatal(format!(
                "there is no safe connection to {server}: {error}"
            ))),
            Err(HandshakeError::WouldBlock(_)) => Err(Stop::Lost("TLS came to no end".to_owned())),
        }
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(plain) => plain.read(buffer),
            Self::Secure(secure) => secure.read(buffer),
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(plain) => plain.write(bytes),
            Self::Secure(secure) => secure.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(plain) => plain.flush(),
            Self::Secure(secure) => secure.flush(),
        }
    }
}
