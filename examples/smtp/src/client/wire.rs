//! Commands and replies. A limit holds for everything of which a server could say too much.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::Problem;
use super::guard::Guard;
use super::reply::{Line, Reply};
use super::stream::Stream;

/// RFC 5321 has 512.
const LONGEST_LINE: usize = 4096;
const MOST_LINES: usize = 200;
/// A message is sent in pieces of this size, each within the time for a reply.
const PIECE: usize = 64 * 1024;
/// How long a server may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

pub(super) struct Wire<'r> {
    stream: Stream<'r>,
    guard: &'r Guard<'r>,
    /// What was read and is no line yet.
    unread: Vec<u8>,
}

impl<'r> Wire<'r> {
    pub(super) fn new(stream: Stream<'r>, guard: &'r Guard<'r>) -> Self {
        Self {
            stream,
            guard,
            unread: Vec::new(),
        }
    }

    /// The stream, if the server has said nothing that is not read yet.
    pub(super) fn into_stream(self) -> Option<Stream<'r>> {
        self.unread.is_empty().then_some(self.stream)
    }

    /// Sends a command, and hears the reply.
    pub(super) fn ask(&mut self, command: &str) -> Result<Reply, Problem> {
        // Nothing that comes from a message can end a command and begin another.
        if command.contains(char::is_control) {
            return Err(Problem::Refused(
                "there are control characters in an address".to_owned(),
            ));
        }
        // An answer to a question that nobody has asked would be taken for that to the next one.
        if !self.unread.is_empty() {
            return Err(nonsense());
        }
        self.guard.within(self.guard.limits.reply);
        self.write(format!("{command}\r\n").as_bytes())?;
        self.reply()
    }

    /// Hears a reply.
    pub(super) fn reply(&mut self) -> Result<Reply, Problem> {
        let mut lines = Vec::new();
        let mut code = None;
        loop {
            let line = self.line()?;
            let line = Line::read(&line).ok_or_else(nonsense)?;
            // All lines of a reply have the same code.
            if *code.get_or_insert(line.code) != line.code || lines.len() == MOST_LINES {
                return Err(nonsense());
            }
            lines.push(line.text);
            if line.is_last {
                let code = line.code;
                return Ok(Reply { code, lines });
            }
        }
    }

    /// Sends a whole message, as `DATA` wants it, and hears the server's word on it.
    pub(super) fn message(&mut self, octets: &[u8]) -> Result<Reply, Problem> {
        let mut text = as_data(octets);
        // The end goes with the last octets, so that no more than one write decides.
        let last = text.split_off(text.len().saturating_sub(PIECE));
        for piece in text.chunks(PIECE) {
            self.guard.within(self.guard.limits.reply);
            self.write(piece)?;
        }
        if self.guard.is_cancelled() {
            return Err(Problem::Cancelled);
        }
        self.guard.sent();
        self.write(&last)?;
        self.reply()
    }

    /// Takes leave. What the server says to that changes nothing.
    pub(super) fn goodbye(mut self) {
        self.guard.within(GOODBYE);
        let _ = self.write(b"QUIT\r\n").and_then(|()| self.reply());
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), Problem> {
        let written = self.stream.write_all(octets);
        let written = written.and_then(|()| self.stream.flush());
        written.map_err(|error| self.lost(&error))
    }

    /// A line without its end.
    fn line(&mut self) -> Result<Vec<u8>, Problem> {
        let mut searched = 0;
        loop {
            let end = self.unread[searched..]
                .iter()
                .position(|octet| *octet == b'\n');
            if let Some(end) = end {
                let mut line: Vec<u8> = self.unread.drain(..=searched + end).collect();
                line.pop();
                line.pop_if(|octet| *octet == b'\r');
                return Ok(line);
            }
            searched = self.unread.len();
            if searched > LONGEST_LINE {
                return Err(nonsense());
            }
            let mut buffer = [0; 1024];
            let read = self.stream.read(&mut buffer);
            match read.map_err(|error| self.lost(&error))? {
                0 => {
                    let text = "the server has closed the connection";
                    return Err(Problem::Network(text.to_owned()));
                }
                count => self.unread.extend_from_slice(&buffer[..count]),
            }
        }
    }

    fn lost(&self, error: &io::Error) -> Problem {
        match self.guard.is_cancelled() {
            true => Problem::Cancelled,
            false => Problem::Network(format!("the connection to the server: {error}")),
        }
    }
}

fn nonsense() -> Problem {
    Problem::Network("what the server says is not SMTP".to_owned())
}

/// A message as `DATA` takes it: each line ends as lines on the Internet do, a dot that begins one is doubled, and a dot
/// alone is the end.
///
/// A bare CR or LF never gets through: servers differ in what they take for a line's end, so that one could hide a second
/// message in a first.
fn as_data(octets: &[u8]) -> Vec<u8> {
    let mut data = Vec::with_capacity(octets.len() + octets.len() / 64 + 5);
    let mut rest = octets;
    while !rest.is_empty() {
        let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
        let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
        if line.starts_with(b".") {
            data.push(b'.');
        }
        data.extend_from_slice(line);
        data.extend_from_slice(b"\r\n");
        let end = match after {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        rest = &after[end..];
    }
    data.extend_from_slice(b".\r\n");
    data
}

#[cfg(test)]
mod tests {
    use super::as_data;

    #[test]
    fn no_line_of_a_message_is_its_end() {
        for (message, data) in [
            ("", ".\r\n"),
            ("a", "a\r\n.\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            ("a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\r.\rb", "a\r\n..\r\nb\r\n.\r\n"),
            ("a\r\n.\nb\n.\r\n", "a\r\n..\r\nb\r\n..\r\n.\r\n"),
            ("\r\n\r\n..a", "\r\n\r\n...a\r\n.\r\n"),
        ] {
            let made = as_data(message.as_bytes());
            assert_eq!(String::from_utf8_lossy(&made), data, "{message:?}");
        }
    }
}
