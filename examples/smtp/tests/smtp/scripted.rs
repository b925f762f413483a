//! A server that says what a test wants.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use native_tls::{Identity, TlsAcceptor, TlsStream};

/// The certificate of these servers: for `localhost`, signed by nobody.
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("localhost.pem");
const KEY: &[u8] = include_bytes!("localhost.key");

/// What a server does when it has heard a line.
pub(crate) enum Act {
    Say(String),
    /// It says this, and TLS begins.
    BeginTls(String),
    /// It says this again and again, so long after each time.
    Repeat(&'static str, Duration),
    Close,
    /// It never says anything again.
    Hang,
}

/// Says a line.
pub(crate) fn say(line: &str) -> Act {
    Act::Say(format!("{line}\r\n"))
}

/// What was heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard {
    /// Commands, without their ends.
    pub(crate) commands: Vec<String>,
    /// Messages as they came, without the dot at their end.
    pub(crate) messages: Vec<Vec<u8>>,
    pub(crate) connections: usize,
}

pub(crate) struct Scripted {
    pub(crate) port: u16,
    heard: Arc<Mutex<Heard>>,
}

type Answer = dyn Fn(&str) -> Act + Send + Sync;

impl Scripted {
    /// A server. `answer` gets each command, an empty one for the greeting, and `.` for the end of a message.
    pub(crate) fn new(answer: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::with_tls(false, answer)
    }

    /// One that begins with TLS.
    pub(crate) fn secure(answer: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        Self::with_tls(true, answer)
    }

    /// An ordinary server, but for what it says to commands that begin with these.
    pub(crate) fn but(replies: &'static [(&'static str, &'static str)]) -> Self {
        Self::new(move |command| but(replies, command))
    }

    fn with_tls(at_once: bool, answer: impl Fn(&str) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let heard = Arc::<Mutex<Heard>>::default();
        let log = heard.clone();
        let answer: Arc<Answer> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                lock(&log).connections += 1;
                let (log, answer) = (log.clone(), answer.clone());
                thread::spawn(move || {
                    // A client that goes away ends the connection, and that is all.
                    let _ = serve(stream, at_once, &*answer, &log);
                });
            }
        });
        Self { port, heard }
    }

    pub(crate) fn heard(&self) -> Heard {
        lock(&self.heard).clone()
    }

    /// The commands that begin with a word.
    pub(crate) fn commands(&self, word: &str) -> Vec<String> {
        let mut commands = self.heard().commands;
        commands.retain(|command| command.starts_with(word));
        commands
    }
}

fn lock(heard: &Mutex<Heard>) -> std::sync::MutexGuard<'_, Heard> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an ordinary server says.
pub(crate) fn ordinary(command: &str) -> Act {
    let verb = command.split([' ', ':']).next().unwrap_or_default();
    say(match verb {
        "" => "220 test ESMTP",
        "EHLO" => {
            "250-test\r\n250-SIZE 10000000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 AUTH PLAIN LOGIN"
        }
        "AUTH" => "235 welcome",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 ok",
    })
}

/// The same, but for what is said to commands that begin with these.
pub(crate) fn but(replies: &[(&str, &str)], command: &str) -> Act {
    let reply = replies.iter().find(|(begin, _)| match *begin {
        "" => command.is_empty(),
        begin => command.starts_with(begin),
    });
    reply.map_or_else(|| ordinary(command), |(_, reply)| say(reply))
}

enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
    Gone,
}

impl Stream {
    fn secure(self) -> io::Result<Self> {
        let Self::Plain(tcp) = self else {
            return Ok(self);
        };
        let identity = Identity::from_pkcs8(CERTIFICATE, KEY).expect("a certificate");
        let acceptor = TlsAcceptor::new(identity).expect("TLS");
        let stream = acceptor.accept(tcp);
        let stream = stream.map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self::Secure(Box::new(stream)))
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            Self::Secure(stream) => stream.read(buffer),
            Self::Gone => Ok(0),
        }
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.write_all(text.as_bytes()),
            Self::Secure(stream) => stream.write_all(text.as_bytes()),
            Self::Gone => Ok(()),
        }
    }
}

fn serve(tcp: TcpStream, at_once: bool, answer: &Answer, log: &Mutex<Heard>) -> io::Result<()> {
    let mut stream = Stream::Plain(tcp);
    if at_once {
        stream = stream.secure()?;
    }
    let mut unread = Vec::new();
    let mut act = answer("");
    loop {
        let mut is_data = false;
        match act {
            Act::Say(text) => {
                stream.say(&text)?;
                is_data = text.starts_with("354");
            }
            Act::BeginTls(text) => {
                stream.say(&text)?;
                stream = std::mem::replace(&mut stream, Stream::Gone).secure()?;
            }
            Act::Repeat(text, pause) => loop {
                stream.say(text)?;
                thread::sleep(pause);
            },
            Act::Close => return Ok(()),
            Act::Hang => while stream.read(&mut [0; 1024])? > 0 {},
        }
        let mut message = Vec::new();
        loop {
            let Some(line) = line(&mut stream, &mut unread)? else {
                return Ok(());
            };
            if !is_data {
                let command = String::from_utf8_lossy(&line).trim_end().to_owned();
                lock(log).commands.push(command.clone());
                act = answer(&command);
                break;
            }
            if line == b".\r\n" {
                lock(log).messages.push(message);
                act = answer(".");
                break;
            }
            message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
}

/// A line with its end.
fn line(stream: &mut Stream, unread: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let mut searched = 0;
    loop {
        let end = unread[searched..].iter().position(|octet| *octet == b'\n');
        if let Some(end) = end {
            return Ok(Some(unread.drain(..=searched + end).collect()));
        }
        searched = unread.len();
        let mut buffer = vec![0; 64 * 1024];
        match stream.read(&mut buffer)? {
            0 => return Ok(None),
            count => unread.extend_from_slice(&buffer[..count]),
        }
    }
}
