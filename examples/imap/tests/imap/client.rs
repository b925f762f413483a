//! Another client of the same account, which shares no code with ours.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A folder's name as the server has it, a content and flags.
pub(crate) type Seen = (String, String, String);

pub(crate) struct Client {
    reader: BufReader<TcpStream>,
    folder: String,
}

impl Client {
    pub(crate) fn new(port: u16) -> Self {
        Self::of(port, "alice")
    }

    /// One of another user.
    pub(crate) fn of(port: u16, user: &str) -> Self {
        let mut client = Self::connect(port);
        client.say(&format!("LOGIN {user} secret"));
        client
    }

    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        let mut client = Self {
            reader: BufReader::new(stream),
            folder: String::new(),
        };
        client.line();
        client
    }

    pub(crate) fn can_log_on(port: u16, password: &str) -> bool {
        Self::connect(port)
            .try_say(&format!("LOGIN alice {password}"))
            .0
    }

    fn line(&mut self) -> Vec<u8> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).expect("readable");
        line
    }

    /// Says something, which must succeed. Answers all that came back, with literals in it.
    pub(crate) fn say(&mut self, command: &str) -> Vec<u8> {
        let (done, text) = self.try_say(command);
        assert!(done, "{command}: {}", String::from_utf8_lossy(&text));
        text
    }

    pub(crate) fn try_say(&mut self, command: &str) -> (bool, Vec<u8>) {
        write!(self.reader.get_mut(), "c {command}\r\n").expect("writable");
        self.hear()
    }

    fn hear(&mut self) -> (bool, Vec<u8>) {
        let mut all = Vec::new();
        loop {
            let line = self.line();
            assert!(!line.is_empty(), "the server has gone");
            all.extend_from_slice(&line);
            if line.starts_with(b"c ") {
                return (line.starts_with(b"c OK"), all);
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            let literal = text
                .trim_end()
                .strip_suffix('}')
                .and_then(|rest| rest.rsplit_once('{'));
            if let Some(count) = literal.and_then(|(_, count)| count.parse::<usize>().ok()) {
                let mut octets = vec![0; count];
                self.reader.read_exact(&mut octets).expect("readable");
                all.extend_from_slice(&octets);
            }
        }
    }

    pub(crate) fn open(&mut self, folder: &str) {
        if self.folder != folder {
            self.say(&format!("SELECT \"{folder}\""));
            folder.clone_into(&mut self.folder);
        }
    }

    pub(crate) fn put(&mut self, folder: &str, content: &[u8], flags: &str) {
        let length = content.len();
        write!(
            self.reader.get_mut(),
            "c APPEND \"{folder}\" ({flags}) \" 1-Feb-2026 10:20:30 +0000\" {{{length}}}\r\n"
        )
        .expect("writable");
        let ready = self.line();
        assert!(
            ready.starts_with(b"+"),
            "{}",
            String::from_utf8_lossy(&ready)
        );
        self.reader.get_mut().write_all(content).expect("writable");
        self.reader.get_mut().write_all(b"\r\n").expect("writable");
        let (done, text) = self.hear();
        assert!(done, "{}", String::from_utf8_lossy(&text));
    }

    /// The UIDs of what has a subject.
    pub(crate) fn find(&mut self, folder: &str, subject: &str) -> Vec<u32> {
        self.open(folder);
        let text = self.say(&format!("UID SEARCH SUBJECT \"{subject}\""));
        let text = String::from_utf8_lossy(&text).into_owned();
        let line = text
            .lines()
            .find(|line| line.starts_with("* SEARCH"))
            .unwrap_or("");
        line.split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    }

    pub(crate) fn uid(&mut self, folder: &str, subject: &str) -> u32 {
        let found = self.find(folder, subject);
        assert_eq!(found.len(), 1, "{subject} in {folder}");
        found[0]
    }

    pub(crate) fn store(&mut self, folder: &str, subject: &str, change: &str) {
        let uid = self.uid(folder, subject);
        self.say(&format!("UID STORE {uid} {change}"));
    }

    pub(crate) fn remove(&mut self, folder: &str, subject: &str) {
        self.store(folder, subject, "+FLAGS (\\Deleted)");
        self.say("EXPUNGE");
    }

    pub(crate) fn folders(&mut self) -> BTreeSet<String> {
        let text = self.say("LIST \"\" \"*\"");
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines = text
            .lines()
            .filter(|line| line.starts_with("* LIST") && !line.contains("\\Noselect"));
        lines
            .map(|line| {
                let (_, rest) = line.split_once(") ").expect("a list");
                let (_, name) = rest.split_once(' ').expect("a separator");
                name.trim_matches('"').to_owned()
            })
            .collect()
    }

    /// Everything that is there, but for what is marked as deleted.
    pub(crate) fn all(&mut self) -> BTreeSet<Seen> {
        let mut seen = BTreeSet::new();
        for folder in self.folders() {
            // What others have done meanwhile is only seen so.
            self.folder.clear();
            self.say(&format!("EXAMINE \"{folder}\""));
            let (_, text) = self.try_say("UID FETCH 1:* (FLAGS BODY.PEEK[])");
            self.folder.clear();
            for (flags, content) in messages(&text) {
                if flags.contains("\\Deleted") {
                    continue;
                }
                let is_new = seen.insert((folder.clone(), content.clone(), flags));
                assert!(is_new, "twice in {folder}: {content}");
            }
        }
        seen
    }
}

/// Flags and contents of FETCH responses in the order that they were asked for.
fn messages(text: &[u8]) -> Vec<(String, String)> {
    let mut rest = text;
    let mut found = Vec::new();
    while let Some(at) = find(rest, b"FLAGS (") {
        rest = &rest[at + 7..];
        let end = find(rest, b")").expect("a list");
        let flags = String::from_utf8_lossy(&rest[..end]).into_owned();
        let mut flags: Vec<&str> = flags
            .split_whitespace()
            .filter(|flag| *flag != "\\Recent")
            .collect();
        flags.sort_unstable();
        let body = find(rest, b"BODY[] {").expect("a body");
        rest = &rest[body + 8..];
        let close = find(rest, b"}").expect("a length");
        let count: usize = String::from_utf8_lossy(&rest[..close])
            .parse()
            .expect("a length");
        let octets = &rest[close + 3..close + 3 + count];
        found.push((
            flags.join(" "),
            String::from_utf8_lossy(octets).into_owned(),
        ));
        rest = &rest[close + 3 + count..];
    }
    found
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|some| some == wanted)
}
