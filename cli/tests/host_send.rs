//! `cargo mapi host send` with the transport for tests.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, str};

use serde_json::{Value as Json, json};
use support::library;
use tempfile::TempDir;

const MAIL: &str = "\
From: Somebody <somebody@example.org>\r
To: Ann <a@example.org>, b@example.org\r
Cc: c@example.org\r
Bcc: d@example.org\r
Subject: Hello\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=x\r
\r
--x\r
\r
How are you?\r
--x\r
Content-Type: text/plain; name=a.txt\r
Content-Disposition: attachment; filename=a.txt\r
\r
A file\r
--x--\r
";

/// A file of mail, and what the transport does with it.
struct Outbox {
    folder: TempDir,
    told: Vec<(&'static str, String)>,
}

impl Outbox {
    fn new(mail: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("hello.eml"), mail).expect("writable");
        let told = Vec::new();
        Self { folder, told }
    }

    /// Tells the transport what to do.
    fn tell(mut self, name: &'static str, value: &str) -> Self {
        self.told.push((name, value.to_owned()));
        self
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("hello.eml")
    }

    fn command(&self, library: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command
            .args(["host", "send"])
            .arg(library)
            .arg(self.file())
            .args(arguments)
            .envs(self.told.iter().map(|(name, value)| (name, value)))
            .env("XP_TEST_SENT", self.folder.path().join("sent"))
            .env_remove("RUST_BACKTRACE");
        command.output().expect("the command runs")
    }

    fn send(&self, arguments: &[&str]) -> Output {
        self.command(&library("transport_probe_wait32"), arguments)
    }

    /// What the command prints with `--json`.
    #[track_caller]
    fn json(&self, code: i32) -> Json {
        let output = self.send(&["--json"]);
        assert_eq!(output.status.code(), Some(code), "{}", err(&output));
        serde_json::from_slice(&output.stdout).expect("one object")
    }

    /// What the transport was given.
    fn sent(&self) -> Json {
        let lines = fs::read_to_string(self.folder.path().join("sent")).expect("it was sent");
        serde_json::from_str(&lines).expect("one line")
    }
}

fn out(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("UTF-8")
}

fn err(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("UTF-8")
}

/// The outcome of each recipient.
fn outcomes(json: &Json) -> Vec<(&str, &str)> {
    let all = json["recipients"].as_array().expect("a list").iter();
    all.map(|one| {
        let line = one["line"].as_str().expect("a text");
        (line, one["outcome"].as_str().expect("a text"))
    })
    .collect()
}

#[test]
fn a_message_is_sent_and_everybody_is_told() {
    let outbox = Outbox::new(MAIL);
    let output = outbox.send(&[]);
    assert!(output.status.success(), "{}", err(&output));
    let said = out(&output);
    let recipients = "\
to   a@example.org  taken
to   b@example.org  taken
cc   c@example.org  taken
bcc  d@example.org  taken

SubmitMessage answered S_OK (0x00000000) after ";
    assert!(said.starts_with(recipients), "{said}");
    assert!(said.contains("1 × SaveChanges, 0 × StatusRecips"), "{said}");
    assert!(said.contains("status “Online”"), "{said}");
    assert!(said.ends_with("nothing was left behind\n"), "{said}");
    assert_eq!(
        outbox.sent(),
        json!({
            "envelope": ["a@example.org", "b@example.org", "c@example.org", "d@example.org"],
            "shown": ["a@example.org", "b@example.org", "c@example.org"],
            "sender": "probe@example.org",
            "subject": "Hello",
        })
    );
}

#[test]
fn who_is_refused_and_who_is_left_is_told_to_programs() {
    let outbox = Outbox::new(MAIL)
        .tell("XP_TEST_REFUSE", "b@example.org")
        .tell("XP_TEST_LATER", "d@example.org");
    let json = outbox.json(1);
    let expected = [
        ("to", "taken"),
        ("to", "refused"),
        ("cc", "taken"),
        ("bcc", "left"),
    ];
    assert_eq!(outcomes(&json), expected);
    assert_eq!(json["recipients"][0]["name"], "Ann");
    assert_eq!(json["recipients"][1]["text"], "no such user");
    assert_eq!(json["recipients"][2]["text"], Json::Null);
    assert_eq!(json["status"], "MAPI_E_WAIT (0x80040500)");
    assert_eq!(
        (&json["ok"], &json["retry_after"]),
        (&json!(false), &json!(1))
    );
    assert_eq!(json["spooler"]["reports"], 1);
}

#[test]
fn a_refusal_is_a_failure_of_the_command() {
    let outbox = Outbox::new(MAIL).tell("XP_TEST_REFUSE", "b@example.org");
    let output = outbox.send(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(out(&output).contains("b@example.org  refused: no such user"));
    assert!(err(&output).contains("1 of 4 recipients were refused"));
}

#[test]
fn it_goes_to_somebody_else_if_anybody_is_named() {
    let outbox = Outbox::new(MAIL);
    let output = outbox.send(&["--to", "x@example.org", "--to", "y@example.org"]);
    assert!(output.status.success(), "{}", err(&output));
    let sent = outbox.sent();
    assert_eq!(sent["envelope"], json!(["x@example.org", "y@example.org"]));
    assert_eq!(sent["shown"], sent["envelope"]);
}

#[test]
fn a_message_that_takes_too_long_is_cancelled() {
    let outbox = Outbox::new(MAIL).tell("XP_TEST_SEND_MS", "1900");
    let output = outbox.send(&["--json", "--timeout", "0.1"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Json = serde_json::from_slice(&output.stdout).expect("one object");
    assert_eq!(json["status"], "MAPI_E_USER_CANCEL (0x80040113)");
    assert_eq!(
        outcomes(&json),
        [
            ("to", "left"),
            ("to", "left"),
            ("cc", "left"),
            ("bcc", "left")
        ]
    );
}

#[test]
fn a_dead_transport_says_so() {
    let outbox = Outbox::new(MAIL).tell("XP_TEST_FAIL", "dead");
    let json = outbox.json(1);
    assert_eq!(json["spooler"]["critical_error"], true);
    assert_eq!(json["spooler"]["status_row"], "Failed");
}

#[test]
fn what_can_not_be_sent_is_told() {
    let output = Outbox::new("Subject: Hello\r\n\r\nText\r\n").send(&[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(err(&output).contains("it is to nobody: say `--to ADDRESS`"));
    let output = Outbox::new("Hello").send(&["--to", "a@example.org"]);
    assert!(
        err(&output).contains("no Internet message"),
        "{}",
        err(&output)
    );
    let output = Outbox::new(MAIL).command(&library("probe32"), &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = err(&output);
    assert!(said.contains("the provider has no transport"), "{said}");
}

#[test]
fn a_transport_has_no_store_to_show() {
    for task in ["sync", "show"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command.args(["host", task]);
        command.arg(library("transport_probe_wait32"));
        let output = command.output().expect("it starts");
        let said = err(&output);
        assert!(said.contains("the provider is a transport"), "{said}");
    }
}
