//! What the process that runs the provider and the one that shows it tell each other: JSON, a line each.

use std::path::PathBuf;
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::outlook::Event;
use mapi_provider_host::{Property, Report, Status, Value};
use serde_json::{Map, Value as Json, json};

/// What the runner tells.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// The library is loaded; the text of its manifest, where it has one.
    Manifest(Option<String>),
    /// The store was filled from a PST file: with how much, and what was left out.
    Filled {
        folders: u64,
        messages: u64,
        skipped: Vec<String>,
    },
    /// Where the run stands.
    Progress { text: String, index: u64, max: u64 },
    /// Something went wrong; a warning where the run goes on all the same.
    Error {
        warning: bool,
        status: String,
        text: String,
    },
    /// The run is being cancelled by logging off.
    Cancelling,
    /// The run has ended.
    Done {
        ok: bool,
        cancelled: bool,
        status: String,
    },
    /// There was no run, or none that ended.
    Failure { text: String, hangs: bool },
    /// What was left behind.
    Report { lines: Vec<String> },
}

impl Message {
    /// The message as a line; users see most of them with `--json`.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Manifest(text) => json!({"event": "manifest", "text": text}),
            Self::Filled {
                folders,
                messages,
                skipped,
            } => {
                json!({"event": "filled", "folders": folders, "messages": messages, "skipped": skipped})
            }
            Self::Progress { text, index, max } => {
                json!({"event": "progress", "text": text, "index": index, "max": max})
            }
            Self::Error {
                warning,
                status,
                text,
            } => {
                json!({"event": if *warning { "warning" } else { "error" }, "status": status, "text": text})
            }
            Self::Cancelling => json!({"event": "cancelling"}),
            Self::Done {
                ok,
                cancelled,
                status,
            } => {
                json!({"event": "done", "status": status, "ok": ok, "cancelled": cancelled})
            }
            Self::Failure { text, hangs } => {
                json!({"event": "failure", "text": text, "hangs": hangs})
            }
            Self::Report { lines } => {
                json!({"event": "report", "clean": lines.is_empty(), "lines": lines})
            }
        }
    }

    /// Reads a line; none where it is not one of ours, but something that the provider printed.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let json: Map<String, Json> = serde_json::from_str(line).ok()?;
        let text = |key: &str| json.get(key)?.as_str().map(str::to_owned);
        let number = |key: &str| json.get(key)?.as_u64();
        let yes = |key: &str| json.get(key)?.as_bool();
        let texts = |key: &str| -> Option<Vec<String>> {
            let texts = json.get(key)?.as_array()?.iter();
            texts.map(|text| text.as_str().map(str::to_owned)).collect()
        };
        Some(match json.get("event")?.as_str()? {
            "manifest" => Self::Manifest(text("text")),
            "filled" => Self::Filled {
                folders: number("folders")?,
                messages: number("messages")?,
                skipped: texts("skipped")?,
            },
            "progress" => Self::Progress {
                text: text("text")?,
                index: number("index")?,
                max: number("max")?,
            },
            kind @ ("error" | "warning") => Self::Error {
                warning: kind == "warning",
                status: text("status")?,
                text: text("text")?,
            },
            "cancelling" => Self::Cancelling,
            "done" => Self::Done {
                ok: yes("ok")?,
                cancelled: yes("cancelled")?,
                status: text("status")?,
            },
            "failure" => Self::Failure {
                text: text("text")?,
                hangs: yes("hangs")?,
            },
            "report" => Self::Report {
                lines: texts("lines")?,
            },
            _ => return None,
        })
    }

    /// The message that an event of Send/Receive makes.
    pub(super) fn of_event(event: Event) -> Option<Self> {
        Some(match event {
            Event::Progress { text, index, max } => Self::Progress {
                text,
                index: index.into(),
                max: max.into(),
            },
            Event::Error { status, text } => Self::Error {
                warning: status.is_ok(),
                status: status.to_string(),
                text,
            },
            Event::Cancelling => Self::Cancelling,
            _ => return None,
        })
    }

    pub(super) fn of_status(status: Status) -> Self {
        let cancelled = status.name() == Some("MAPI_E_USER_CANCEL");
        Self::Done {
            ok: status.is_ok(),
            cancelled,
            status: status.to_string(),
        }
    }

    pub(super) fn of_report(report: &Report) -> Self {
        Self::Report {
            lines: report.lines(),
        }
    }
}

/// What the runner is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Job {
    pub(super) flags: SyncFlags,
    pub(super) settings: Vec<Property>,
    pub(super) profile: Option<PathBuf>,
    pub(super) timeout: Duration,
    /// The library of the provider inside, where one is named.
    pub(super) inner: Option<PathBuf>,
    /// The PST file that the store is to be filled from first.
    pub(super) pst: Option<PathBuf>,
}

impl Job {
    /// The job as a line. It goes through a pipe, never a command line: there may be secrets in it.
    pub(super) fn to_json(&self) -> Json {
        let settings: Vec<Json> = self.settings.iter().map(setting_to_json).collect();
        json!({
            "flags": self.flags.bits(),
            "settings": settings,
            "profile": self.profile,
            "timeout": u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            "inner": self.inner,
            "pst": self.pst,
        })
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(line).ok()?;
        let settings = json
            .get("settings")?
            .as_array()?
            .iter()
            .map(setting_from_json)
            .collect::<Option<_>>()?;
        let flags = json.get("flags")?.as_u64()?.try_into().ok()?;
        let path = |key: &str| json.get(key)?.as_str().map(PathBuf::from);
        Some(Self {
            flags: SyncFlags::from_bits_retain(flags),
            settings,
            profile: path("profile"),
            timeout: Duration::from_millis(json.get("timeout")?.as_u64()?),
            inner: path("inner"),
            pst: path("pst"),
        })
    }
}

pub(super) fn setting_to_json(setting: &Property) -> Json {
    let value = match &setting.value {
        Value::Unicode(text) => json!(text),
        Value::Boolean(yes) => json!(yes),
        Value::Long(number) => json!(number),
        _ => Json::Null,
    };
    json!({"id": setting.id, "value": value})
}

pub(super) fn setting_from_json(json: &Json) -> Option<Property> {
    let id = json.get("id")?.as_u64()?.try_into().ok()?;
    let value = match json.get("value")? {
        Json::String(text) => Value::from(text.as_str()),
        Json::Bool(yes) => Value::from(*yes),
        Json::Number(number) => Value::from(i32::try_from(number.as_i64()?).ok()?),
        _ => return None,
    };
    Some(Property { id, value })
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
                skipped: vec!["a folder: damaged".to_owned()],
            },
            Message::Manifest(Some("[provider]\n\"\u{1F980}\"".to_owned())),
            Message::Progress {
                text: "a\tb\n".to_owned(),
                index: 1,
                max: u64::from(u32::MAX),
            },
            Message::Error {
                warning: true,
                status: "S".to_owned(),
                text: String::new(),
            },
            Message::Error {
                warning: false,
                status: "S".to_owned(),
                text: "t".to_owned(),
            },
            Message::Cancelling,
            Message::Done {
                ok: true,
                cancelled: false,
                status: "S_OK (0x00000000)".to_owned(),
            },
            Message::Failure {
                text: "no".to_owned(),
                hangs: true,
            },
            Message::Report {
                lines: vec!["a".to_owned(), "b".to_owned()],
            },
        ];
        for message in messages {
            let line = message.to_json().to_string();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Message::parse(&line), Some(message));
        }
    }

    #[test]
    fn what_a_provider_prints_is_no_message() {
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
    fn jobs_come_across() {
        let job = Job {
            flags: SyncFlags::from_bits_retain(0xF000_00C3),
            settings: vec![
                Property::with_id(0x6601, "mail"),
                Property::with_id(0x6602, true),
                Property::with_id(0x67F0, -5),
            ],
            profile: Some(PathBuf::from("a b")),
            timeout: Duration::from_millis(1500),
            inner: Some(PathBuf::from("inner")),
            pst: Some(PathBuf::from("a.pst")),
        };
        assert_eq!(Job::parse(&job.to_json().to_string()), Some(job.clone()));
        let bare = Job {
            profile: None,
            inner: None,
            pst: None,
            settings: Vec::new(),
            ..job
        };
        assert_eq!(Job::parse(&bare.to_json().to_string()), Some(bare));
    }
}
