//! A server that says what a test wants.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Scripted {
    pub(crate) port: u16,
    said: Arc<Mutex<String>>,
}

type Answers = dyn Fn(&str, &str) -> Vec<u8> + Send + Sync;

impl Scripted {
    /// A server with a greeting. `answer` gets the tag and the rest of each command, and says everything that comes back.
    pub(crate) fn new(
        greeting: &'static [u8],
        answer: impl Fn(&str, &str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let said = Arc::new(Mutex::new(String::new()));
        let log = said.clone();
        let answer: Arc<Answers> = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer) = (log.clone(), answer.clone());
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    let _ = reader.get_mut().write_all(greeting);
                    let mut line = Vec::new();
                    while reader
                        .read_until(b'\n', &mut line)
                        .is_ok_and(|count| count > 0)
                    {
                        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                        log.lock().expect("whole").push_str(&format!("{text}\n"));
                        let (tag, rest) = text.split_once(' ').unwrap_or((&text, ""));
                        if reader.get_mut().write_all(&answer(tag, rest)).is_err() {
                            break;
                        }
                        line.clear();
                    }
                });
            }
        });
        Self { port, said }
    }

    pub(crate) fn said(&self) -> String {
        self.said.lock().expect("whole").clone()
    }
}

/// What an ordinary server says. Its Inbox has one message.
pub(crate) fn ordinary(tag: &str, command: &str) -> Vec<u8> {
    let verb = command.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let text = match verb.as_str() {
        "CAPABILITY" => "* CAPABILITY IMAP4rev1\r\n".to_owned(),
        "LIST \"\"" => "* LIST () \"/\" INBOX\r\n".to_owned(),
        "STATUS \"INBOX\"" => "* STATUS INBOX (MESSAGES 1 UIDNEXT 2 UIDVALIDITY 7)\r\n".to_owned(),
        "SELECT \"INBOX\"" => "* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n".to_owned(),
        "UID FETCH" if command.contains("HEADER.FIELDS") => format!("* 1 FETCH ({})\r\n", described(1)),
        "UID FETCH" if command.contains("BODY.PEEK[]") => {
            "* 1 FETCH (UID 1 BODY[]<0> {15}\r\nSubject: x\r\n\r\ny)\r\n".to_owned()
        }
        "UID FETCH" => "* 1 FETCH (UID 1 FLAGS () INTERNALDATE \" 1-Feb-2026 10:20:30 +0000\" RFC822.SIZE 15)\r\n".to_owned(),
        "UID SEARCH" if command.contains("ALL") => "* SEARCH 1\r\n".to_owned(),
        "UID SEARCH" => "* SEARCH\r\n".to_owned(),
        _ => String::new(),
    };
    format!("{text}{tag} OK done\r\n").into_bytes()
}

/// What is told of a message.
pub(crate) fn described(uid: u32) -> String {
    let header = "Subject: x\r\n\r\n";
    format!(
        "UID {uid} FLAGS () INTERNALDATE \" 1-Feb-2026 10:20:30 +0000\" RFC822.SIZE 15 \
         BODY[HEADER.FIELDS (MESSAGE-ID SUBJECT)] {{{}}}\r\n{header}",
        header.len()
    )
}
