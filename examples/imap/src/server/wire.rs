//! Commands and responses of IMAP, as far as they are the same for all.
//!
//! What the server says is read into a tree of values that knows nothing of what they mean, so that no odd attribute
//! hides a message. A limit holds for everything of which a server could say too much (TWOWAY-27).

use std::io::{Read, Write};

use mapi_provider::twoway::{Answer, Monitor, Stop, Trouble};

use super::stream::Stream;
use super::value::{self, Response};

/// `SEARCH ALL` of a million messages is one line.
const LONGEST_LINE: usize = 16 * 1024 * 1024;
/// Contents are asked for in parts that are much smaller.
const LARGEST_LITERAL: usize = 64 * 1024 * 1024;
/// One response has several literals.
const LARGEST_RESPONSE: usize = 128 * 1024 * 1024;

/// A part of a command.
pub(crate) enum Piece<'a> {
    Text(String),
    /// Octets that are sent as they are.
    Literal(&'a [u8]),
}

/// How a command ended.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    /// `OK`, `NO` or `BAD`.
    pub(crate) status: String,
    /// What is in brackets: `APPENDUID 1 2`.
    pub(crate) code: String,
    pub(crate) text: String,
}

impl Done {
    pub(crate) fn is_ok(&self) -> bool {
        self.status == "OK"
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        let first = self.code.split(' ').next();
        first.is_some_and(|first| first.eq_ignore_ascii_case(code))
    }
}

/// Hears the responses to a command.
pub(crate) type Hear<'h> = &'h mut dyn FnMut(Response) -> Answer<()>;

pub(crate) struct Wire<'r> {
    stream: Option<Stream<'r>>,
    monitor: &'r dyn Monitor,
    buffer: Vec<u8>,
    read: usize,
    tags: u32,
    /// The server takes literals without being asked whether it is ready.
    pub(crate) takes_literals: bool,
    /// How many messages the open folder has, by `EXISTS` and `EXPUNGE`.
    pub(crate) exists: u32,
}

impl<'r> Wire<'r> {
    pub(crate) fn new(stream: Stream<'r>, monitor: &'r dyn Monitor) -> Self {
        Self {
            stream: Some(stream),
            monitor,
            buffer: Vec::new(),
            read: 0,
            tags: 0,
            takes_literals: false,
            exists: 0,
        }
    }

    /// The stream, if the server has said nothing that was not asked for.
    pub(crate) fn into_stream(mut self) -> Option<Stream<'r>> {
        let is_clean = self.read == self.buffer.len();
        self.stream.take().filter(|_| is_clean)
    }

    /// What has happened is not known any more: nothing can be said on this connection again.
    fn broken(&mut self, stop: Stop) -> Trouble {
        self.stream = None;
        if self.monitor.is_cancelled() {
            return Stop::Cancelled.into();
        }
        stop.into()
    }

    fn stream(&mut self) -> Answer<&mut Stream<'r>> {
        let stream = self.stream.as_mut();
        stream.ok_or_else(|| Trouble::lost("it is closed"))
    }

    fn write(&mut self, bytes: &[u8]) -> Answer<()> {
        let written = self.stream()?.write_all(bytes);
        written.map_err(|error| self.broken(Stop::Lost(error.to_string())))
    }

    fn fill(&mut self) -> Answer<()> {
        if self.read > 0 {
            self.buffer.drain(..self.read);
            self.read = 0;
        }
        let mut some = [0; 16 * 1024];
        match self.stream()?.read(&mut some) {
            Ok(0) => Err(self.broken(Stop::Lost("the server has closed it".to_owned()))),
            Ok(count) => {
                self.buffer.extend_from_slice(&some[..count]);
                Ok(())
            }
            Err(error) => Err(self.broken(Stop::Lost(error.to_string()))),
        }
    }

    /// Moves a line, with its end, to `into`.
    fn line(&mut self, into: &mut Vec<u8>) -> Answer<()> {
        let mut searched = 0;
        loop {
            let rest = &self.buffer[self.read..];
            let end = rest[searched..].iter().position(|byte| *byte == b'\n');
            if let Some(end) = end {
                let end = searched + end + 1;
                into.extend_from_slice(&rest[..end]);
                self.read += end;
                return Ok(());
            }
            searched = rest.len();
            if searched > LONGEST_LINE {
                return Err(self.too_much("a line"));
            }
            self.fill()?;
        }
    }

    fn octets(&mut self, count: usize, into: &mut Vec<u8>) -> Answer<()> {
        let mut missing = count;
        while missing > 0 {
            let rest = &self.buffer[self.read..];
            let some = rest.len().min(missing);
            into.extend_from_slice(&rest[..some]);
            self.read += some;
            missing -= some;
            if missing > 0 {
                self.fill()?;
            }
        }
        Ok(())
    }

    // TWOWAY-27
    fn too_much(&mut self, what: &str) -> Trouble {
        self.broken(Stop::Fatal(format!(
            "the server sends {what} that is too long"
        )))
    }

    /// The next response: its lines, and the literals between them.
    pub(crate) fn response(&mut self) -> Answer<Response> {
        let mut raw = Vec::new();
        loop {
            let before = raw.len();
            self.line(&mut raw)?;
            let literal = match value::has_literals(&raw) {
                true => value::literal_after(&raw[before..]),
                false => None,
            };
            let Some(count) = literal else { break };
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            if count > LARGEST_LITERAL || raw.len() + count > LARGEST_RESPONSE {
                return Err(self.too_much("a literal"));
            }
            self.octets(count, &mut raw)?;
        }
        let response = value::parse(&raw);
        if let Response::Numbered { number, word, .. } = &response {
            match word.as_str() {
                "EXISTS" => self.exists = *number,
                "EXPUNGE" => self.exists = self.exists.saturating_sub(1),
                _ => {}
            }
        }
        if let Response::Status { status, text, .. } = &response
            && status == "BYE"
        {
            let text = format!("the server says goodbye: {text}");
            return Err(self.broken(Stop::Lost(text)));
        }
        Ok(response)
    }

    /// Sends a command and hears what is said until it has ended.
    pub(crate) fn run(&mut self, command: &[Piece<'_>], hear: Hear<'_>) -> Answer<Done> {
        let tag = self.next_tag();
        let mut pending = format!("{tag} ").into_bytes();
        for piece in command {
            match piece {
                Piece::Text(text) => pending.extend_from_slice(text.as_bytes()),
                Piece::Literal(octets) => {
                    let sign = if self.takes_literals { "+" } else { "" };
                    pending.extend_from_slice(format!("{{{}{sign}}}\r\n", octets.len()).as_bytes());
                    self.write(&std::mem::take(&mut pending))?;
                    if !self.takes_literals
                        && let Some(done) = self.hear_until(&tag, true, hear)?
                    {
                        return Ok(done);
                    }
                    self.write(octets)?;
                }
            }
        }
        pending.extend_from_slice(b"\r\n");
        self.write(&pending)?;
        self.end(&tag, hear)
    }

    /// A command that is text alone.
    pub(crate) fn ask(&mut self, command: &str, hear: Hear<'_>) -> Answer<Done> {
        self.run(&[Piece::Text(command.to_owned())], hear)
    }

    /// A command whose responses say nothing that is needed.
    pub(crate) fn tell(&mut self, command: &str) -> Answer<Done> {
        self.ask(command, &mut |_| Ok(()))
    }

    /// Sends several commands at once: one round trip. Each response is heard with the number of the command.
    pub(crate) fn ask_all(
        &mut self,
        commands: &[String],
        hear: &mut dyn FnMut(usize, Response) -> Answer<()>,
    ) -> Answer<Vec<Done>> {
        let tags: Vec<String> = commands.iter().map(|_| self.next_tag()).collect();
        let lines = tags.iter().zip(commands);
        let lines: String = lines
            .map(|(tag, command)| format!("{tag} {command}\r\n"))
            .collect();
        self.write(lines.as_bytes())?;
        let numbered = tags.iter().enumerate();
        numbered
            .map(|(number, tag)| self.end(tag, &mut |response| hear(number, response)))
            .collect()
    }

    fn next_tag(&mut self) -> String {
        self.tags += 1;
        format!("m{}", self.tags)
    }

    fn end(&mut self, tag: &str, hear: Hear<'_>) -> Answer<Done> {
        match self.hear_until(tag, false, hear)? {
            Some(done) => Ok(done),
            None => Err(Trouble::lost("the server asks for something")),
        }
    }

    /// Hears responses until the command has ended; or, with `ready`, until the server waits for a literal, which is
    /// `None`.
    fn hear_until(&mut self, tag: &str, ready: bool, hear: Hear<'_>) -> Answer<Option<Done>> {
        loop {
            match self.response()? {
                Response::Continue if ready => return Ok(None),
                Response::Tagged { tag: one, done } if one == tag => return Ok(Some(done)),
                Response::Tagged { .. } | Response::Continue => {
                    let text = "the server answers what was not asked".to_owned();
                    return Err(self.broken(Stop::Lost(text)));
                }
                // Whoever stops listening in the middle can't go on with this connection.
                response => hear(response).inspect_err(|_| self.stream = None)?,
            }
        }
    }
}

impl Drop for Wire<'_> {
    fn drop(&mut self) {
        let tag = self.next_tag();
        if let Some(stream) = &mut self.stream {
            // Nobody waits for the answer.
            let _ = stream.write_all(format!("{tag} LOGOUT\r\n").as_bytes());
        }
    }
}
