//! The connection to the server: every wait ends when the message is cancelled, or when the server has had its time.

use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use native_tls::{HandshakeError, TlsConnector, TlsStream};

use super::Problem;
use super::guard::Guard;

/// How long one wait of the operating system is; between two of them the message may be cancelled.
const TICK: Duration = Duration::from_millis(100);
/// How long one attempt to connect is.
const ATTEMPT: Duration = Duration::from_millis(900);
/// How long all attempts are.
const CONNECTING: Duration = Duration::from_secs(20);

/// A connection that never waits for ever.
pub(super) struct Guarded<'r> {
    tcp: TcpStream,
    guard: &'r Guard<'r>,
}

impl<'r> Guarded<'r> {
    pub(super) fn connect(
        (server, port): (&str, u16),
        guard: &'r Guard<'r>,
    ) -> Result<Self, Problem> {
        let lost = |error: io::Error| Problem::Network(format!("{server}:{port}: {error}"));
        let addresses: Vec<_> = (server, port).to_socket_addrs().map_err(lost)?.collect();
        let began = Instant::now();
        let mut failed = io::Error::other("it has no address");
        while began.elapsed() < CONNECTING {
            for address in &addresses {
                if guard.is_cancelled() {
                    return Err(Problem::Cancelled);
                }
                match TcpStream::connect_timeout(address, ATTEMPT) {
                    Ok(tcp) => return Self::over(tcp, guard).map_err(lost),
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

    fn over(tcp: TcpStream, guard: &'r Guard<'r>) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(TICK))?;
        tcp.set_write_timeout(Some(TICK))?;
        Ok(Self { tcp, guard })
    }

    /// Who this is, for a server that wants to know: the address, because a name that others could look up is rare.
    pub(super) fn hello(&self) -> String {
        match self.tcp.local_addr().map(|address| address.ip()) {
            Ok(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
            Ok(IpAddr::V4(address)) => format!("[{address}]"),
            Err(_) => "[127.0.0.1]".to_owned(),
        }
    }

    /// Repeats a call that waits for a tick.
    fn patiently<T>(
        &mut self,
        mut act: impl FnMut(&mut TcpStream) -> io::Result<T>,
    ) -> io::Result<T> {
        loop {
            self.guard.check()?;
            match act(&mut self.tcp) {
                Err(error) if is_tick(&error) => {}
                done => return done,
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
pub(super) enum Stream<'r> {
    Plain(Guarded<'r>),
    Secure(Box<TlsStream<Guarded<'r>>>),
}

impl<'r> Stream<'r> {
    /// Begins TLS. There is none with a server whose certificate is not good for this name.
    pub(super) fn secure(
        stream: Guarded<'r>,
        server: &str,
        connector: &TlsConnector,
    ) -> Result<Self, Problem> {
        let guard = stream.guard;
        guard.within(guard.limits.reply);
        match connector.connect(server, stream) {
            Ok(secure) => Ok(Self::Secure(Box::new(secure))),
            Err(_) if guard.is_cancelled() => Err(Problem::Cancelled),
            // Another network may lead to the true server.
            Err(HandshakeError::Failure(error)) => Err(Problem::Network(format!(
                "there is no safe connection to {server}: {error}"
            ))),
            Err(HandshakeError::WouldBlock(_)) => {
                Err(Problem::Network("TLS came to no end".to_owned()))
            }
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
