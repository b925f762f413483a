//! What the process that runs the provider and the one that shows it tell each other: JSON, which goes through the
//! host's [channel](mapi_provider_host::channel).

mod action;
mod book;
mod inside;
mod job;
mod mail;
mod outbox;
mod part;

use std::time::Duration;

use mapi_provider_host::outlook::Event;
use mapi_provider_host::untrusted::Untrusted;
use mapi_provider_host::{Report, Status};
use serde_json::{Map, Value as Json, json};

pub(super) use self::action::{Act, Action, Done, Named, Step};
pub(super) use self::book::{Answer, Book, Listed, Outcome, Person};
pub(super) use self::inside::{Attached, Inside};
pub(super) use self::job::{Dialog, Job, Look, Task, setting_from_json, setting_to_json};
pub(super) use self::mail::Mail;
pub(super) use self::outbox::{Addressee, Fate, Outgoing, Sent};
pub(super) use self::part::{Body, BodyFormat, Head, Line, Part};

/// A provider's texts are cut to this many letters, and its report to this many lines, because each message has to fit
/// into a line of the channel, whatever letters there are.
const LONGEST_TEXT: usize = 500;
const MOST_LINES: usize = 1000;

/// What the runner reports.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// The library is loaded; the text of its manifest, if it has one.
    Manifest(Option<String>),
    /// A folder of the store, and its depth.
    Folder { depth: u64, name: Untrusted },
    /// A message of the last folder.
    Mail(Mail),
    /// A part of the message that is shown alone; or, of the last one, what is in it.
    Part(Part),
    /// How far the actions of `host edit` are.
    Step(Step),
    /// What became of a recipient of the message that was sent.
    Addressee(Addressee),
    /// What became of the message itself.
    Sent(Sent),
    /// A part of what an address book has told.
    Book(Book),
    /// A property sheet that was shown, as text.
    Sheet { lines: Vec<Untrusted> },
    /// All that was to be shown has been reported.
    Shown,
    /// Something in a PST file was left out.
    LeftOut { text: Untrusted },
    /// The store was filled from a PST file: how much was added. Some things that were left out may have had no
    /// message.
    Filled {
        folders: u64,
        messages: u64,
        attachments: u64,
        left_out: u64,
        more_left_out: u64,
    },
    /// How far the run has got.
    Progress {
        text: Untrusted,
        index: u64,
        max: u64,
    },
    /// Something went wrong; a warning if the run still goes on.
    Error {
        warning: bool,
        status: String,
        text: Untrusted,
    },
    /// The run is being cancelled by logging off.
    Cancelling,
    /// The run has ended, that long after it began.
    Done {
        ok: bool,
        cancelled: bool,
        status: String,
        seconds: f64,
    },
    /// There was no run, or none that ended.
    Failure { text: Untrusted, hangs: bool },
    /// What was left behind.
    Report { lines: Vec<Untrusted> },
}

impl Message {
    /// The message as a line; users see most of them with `--json`.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Manifest(text) => json!({"event": "manifest", "text": text}),
            Self::Folder { depth, name } => {
                json!({"event": "folder", "depth": depth, "name": name.raw()})
            }
            Self::Mail(mail) => json!({"event": "mail", "mail": mail.to_json()}),
            Self::Part(part) => json!({"event": "part", "part": part.to_json()}),
            Self::Step(step) => json!({"event": "step", "step": step.to_json()}),
            Self::Addressee(addressee) => {
                json!({"event": "addressee", "addressee": addressee.to_json()})
            }
            Self::Sent(sent) => json!({"event": "sent", "sent": sent.to_json()}),
            Self::Book(book) => json!({"event": "book", "book": book.to_json()}),
            Self::Sheet { lines } => {
                let lines: Vec<&str> = lines.iter().map(Untrusted::raw).collect();
                json!({"event": "sheet", "lines": lines})
            }
            Self::Shown => json!({"event": "shown"}),
            Self::LeftOut { text } => json!({"event": "left-out", "text": text.raw()}),
            Self::Filled {
                folders,
                messages,
                attachments,
                left_out,
                more_left_out,
            } => {
                json!({"event": "filled", "folders": folders, "messages": messages, "attachments": attachments,
                       "left_out": left_out, "more_left_out": more_left_out})
            }
            Self::Progress { text, index, max } => {
                json!({"event": "progress", "text": text.raw(), "index": index, "max": max})
            }
            Self::Error {
                warning,
                status,
                text,
            } => {
                json!({"event": if *warning { "warning" } else { "error" }, "status": status, "text": text.raw()})
            }
            Self::Cancelling => json!({"event": "cancelling"}),
            Self::Done {
                ok,
                cancelled,
                status,
                seconds,
            } => {
                json!({"event": "done", "status": status, "ok": ok, "cancelled": cancelled, "seconds": seconds})
            }
            Self::Failure { text, hangs } => {
                json!({"event": "failure", "text": text.raw(), "hangs": hangs})
            }
            Self::Report { lines } => {
                let lines: Vec<&str> = lines.iter().map(Untrusted::raw).collect();
                json!({"event": "report", "clean": lines.is_empty(), "lines": lines})
            }
        }
    }

    /// Reads what was reported; `None` if it is not a message.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let json: Map<String, Json> = serde_json::from_str(line).ok()?;
        let text = |key: &str| json.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| json.get(key)?.as_u64();
        let yes = |key: &str| json.get(key)?.as_bool();
        let said = |key: &str| json.get(key)?.as_str().map(Untrusted::from);
        let all_said = |key: &str| -> Option<Vec<Untrusted>> {
            let texts = json.get(key)?.as_array()?.iter();
            texts
                .map(|text| text.as_str().map(Untrusted::from))
                .collect()
        };
        Some(match json.get("event")?.as_str()? {
            "manifest" => Self::Manifest(text("text")),
            "folder" => Self::Folder {
                depth: number("depth")?,
                name: said("name")?,
            },
            "mail" => Self::Mail(Mail::parse(json.get("mail")?)?),
            "part" => Self::Part(Part::parse(json.get("part")?)?),
            "step" => Self::Step(Step::parse(json.get("step")?)?),
            "addressee" => Self::Addressee(Addressee::parse(json.get("addressee")?)?),
            "sent" => Self::Sent(Sent::parse(json.get("sent")?)?),
            "book" => Self::Book(Book::parse(json.get("book")?)?),
            "sheet" => Self::Sheet {
                lines: all_said("lines")?,
            },
            "shown" => Self::Shown,
            "left-out" => Self::LeftOut {
                text: said("text")?,
            },
            "filled" => Self::Filled {
                folders: number("folders")?,
                messages: number("messages")?,
                attachments: number("attachments")?,
                left_out: number("left_out")?,
                more_left_out: number("more_left_out")?,
            },
            "progress" => Self::Progress {
                text: said("text")?,
                index: number("index")?,
                max: number("max")?,
            },
            kind @ ("error" | "warning") => Self::Error {
                warning: kind == "warning",
                status: text("status")?,
                text: said("text")?,
            },
            "cancelling" => Self::Cancelling,
            "done" => Self::Done {
                ok: yes("ok")?,
                cancelled: yes("cancelled")?,
                status: text("status")?,
                seconds: json.get("seconds")?.as_f64()?,
            },
            "failure" => Self::Failure {
                text: said("text")?,
                hangs: yes("hangs")?,
            },
            "report" => Self::Report {
                lines: all_said("lines")?,
            },
            _ => return None,
        })
    }

    /// The message for an event of Send/Receive.
    pub(super) fn of_event(event: Event) -> Option<Self> {
        Some(match event {
            Event::Progress { text, index, max } => Self::Progress {
                text: bounded(text),
                index: index.into(),
                max: max.into(),
            },
            Event::Error { status, text } => Self::Error {
                warning: status.is_ok(),
                status: status.to_string(),
                text: bounded(text),
            },
            Event::Cancelling => Self::Cancelling,
            _ => return None,
        })
    }

    /// A run that ended like this, that long after it began.
    pub(super) fn of_status(status: Status, took: Duration) -> Self {
        let cancelled = status.name() == Some("MAPI_E_USER_CANCEL");
        Self::Done {
            ok: status.is_ok(),
            cancelled,
            status: status.to_string(),
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
        }
    }

    /// Why there was no run.
    pub(super) fn of_failure(text: impl Into<String>, hangs: bool) -> Self {
        Self::Failure {
            text: bounded(text),
            hangs,
        }
    }

    /// Something in a PST file that was left out.
    #[cfg(feature = "pst")]
    pub(super) fn of_left_out(text: Untrusted) -> Self {
        Self::LeftOut {
            text: text.cut(LONGEST_TEXT),
        }
    }

    /// A sheet that was shown.
    pub(super) fn of_sheet(text: &str) -> Self {
        let lines = text.lines().take(MOST_LINES);
        Self::Sheet {
            lines: lines.map(bounded).collect(),
        }
    }

    pub(super) fn of_report(report: &Report) -> Self {
        let all = report.lines();
        let more = all.len().saturating_sub(MOST_LINES);
        let more = (more > 0).then(|| format!("and {more} more"));
        let lines = all.into_iter().take(MOST_LINES).chain(more);
        Self::Report {
            lines: lines.map(bounded).collect(),
        }
    }
}

/// A provider's text, or a text that contains one.
pub(super) fn bounded(text: impl Into<String>) -> Untrusted {
    Untrusted::from(text.into()).cut(LONGEST_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_across() {
        let messages = [
            Message::Manifest(None),
            Message::Filled {
                folders: 3,
                messages: 1000,
                attachments: 2,
                left_out: 3,
                more_left_out: 2,
            },
            Message::LeftOut {
                text: "a folder: damaged".into(),
            },
            Message::Folder {
                depth: 2,
                name: "\u{202E}".into(),
            },
            Message::Mail(Mail {
                subject: "s\u{1B}".into(),
                date: Some("1970-01-01T00:00:00Z".to_owned()),
                unread: true,
                ..Mail::default()
            }),
            Message::Part(Part::headers("A: b".to_owned())),
            Message::Sheet {
                lines: vec!["a".into(), "  [b]".into()],
            },
            Message::Addressee(Addressee::default()),
            Message::Sent(Sent::default()),
            Message::Book(Book::Entry(Person::default())),
            Message::Shown,
            Message::Manifest(Some("[provider]\n\"\u{1F980}\"".to_owned())),
            Message::Progress {
                text: "a\tb\n".into(),
                index: 1,
                max: u64::from(u32::MAX),
            },
            Message::Error {
                warning: true,
                status: "S".to_owned(),
                text: "".into(),
            },
            Message::Error {
                warning: false,
                status: "S".to_owned(),
                text: "t".into(),
            },
            Message::Cancelling,
            Message::Done {
                ok: true,
                cancelled: false,
                status: "S_OK (0x00000000)".to_owned(),
                seconds: 0.512,
            },
            Message::Failure {
                text: "no".into(),
                hangs: true,
            },
            Message::Report {
                lines: vec!["a".into(), "b".into()],
            },
        ];
        for message in messages {
            let line = message.to_json().to_string();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Message::parse(&line), Some(message));
        }
    }

    #[test]
    fn what_is_no_message_is_none() {
        for line in [
            "",
            "hello",
            "{}",
            "[1]",
            "{\"event\":\"progress\"}",
            "{\"event\":1}",
            "{\"event\":\"x\"}",
        ] {
            assert_eq!(Message::parse(line), None, "{line}");
        }
    }

    #[test]
    fn a_report_without_end_is_bounded() {
        let violation = mapi_provider_host::Violation {
            rule: "SYNC-01",
            what: "x".repeat(10_000),
        };
        let report = Report {
            violations: vec![violation; MOST_LINES + 5],
            ..Report::default()
        };
        let message = Message::of_report(&report);
        assert!(message.to_json().to_string().len() < mapi_provider_host::channel::LONGEST_LINE);
        let Message::Report { lines } = message else {
            panic!("a report")
        };
        assert_eq!(lines.len(), MOST_LINES + 1);
        assert_eq!(lines[MOST_LINES].raw(), "and 5 more");
    }
}
