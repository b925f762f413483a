//! A message that is to be sent, and what became of it.

use std::path::PathBuf;

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

/// A message in the Outbox.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Outgoing {
    /// A file of Internet mail.
    pub(in crate::host) file: PathBuf,
    /// Whom it goes to instead of those whom the file names, if anybody.
    pub(in crate::host) to: Vec<String>,
}

impl Outgoing {
    pub(super) fn to_json(&self) -> Json {
        json!({"file": self.file, "to": self.to})
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let to = json.get("to")?.as_array()?.iter();
        Some(Self {
            file: json.get("file")?.as_str()?.into(),
            to: to
                .map(|one| one.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
        })
    }
}

/// What became of a recipient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::host) enum Fate {
    /// The transport has taken the responsibility for him.
    Taken,
    /// It has reported that he has the message.
    Delivered,
    /// It has reported that he will never get it.
    Refused,
    /// It has not: he is the Outbox’s.
    #[default]
    Left,
}

/// A recipient, after `SubmitMessage`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Addressee {
    /// `to`, `cc` or `bcc`
    pub(in crate::host) line: String,
    pub(in crate::host) name: Untrusted,
    pub(in crate::host) address: Untrusted,
    pub(in crate::host) fate: Fate,
    /// What the report says, if there is one.
    pub(in crate::host) text: Option<Untrusted>,
}

/// What the spooler has seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Sent {
    /// What `SubmitMessage` has answered.
    pub(in crate::host) status: String,
    pub(in crate::host) ok: bool,
    /// When the Outbox is to try again, in seconds.
    pub(in crate::host) retry_after: Option<u64>,
    /// How long `SubmitMessage` took.
    pub(in crate::host) seconds: f64,
    /// How often the message was saved.
    pub(in crate::host) saves: u64,
    /// How often `StatusRecips` was called.
    pub(in crate::host) reports: u64,
    /// How often `SpoolerYield` was called.
    pub(in crate::host) yields: u64,
    /// Whether the transport has said that it is of no use any more.
    pub(in crate::host) critical_error: bool,
    /// The text of its status row.
    pub(in crate::host) row: Untrusted,
}

impl Fate {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Taken, "taken"),
        (Self::Delivered, "delivered"),
        (Self::Refused, "refused"),
        (Self::Left, "left"),
    ];

    /// Its name in JSON.
    pub(in crate::host) fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(fate, _)| *fate == self);
        known.map_or("", |(_, name)| name)
    }

    fn parse(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known)| *known == name);
        known.map(|(fate, _)| *fate)
    }
}

impl Addressee {
    /// The recipient as users see him with `--json`, too.
    pub(in crate::host) fn to_json(&self) -> Json {
        json!({
            "line": self.line,
            "name": self.name.raw(),
            "address": self.address.raw(),
            "outcome": self.fate.name(),
            "text": self.text.as_ref().map(Untrusted::raw),
        })
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let said = |key: &str| json.get(key)?.as_str().map(Untrusted::from);
        Some(Self {
            line: json.get("line")?.as_str()?.to_owned(),
            name: said("name")?,
            address: said("address")?,
            fate: Fate::parse(json.get("outcome")?.as_str()?)?,
            text: said("text"),
        })
    }
}

impl Sent {
    /// What users see with `--json`, too.
    pub(in crate::host) fn to_json(&self) -> Json {
        json!({
            "status": self.status,
            "ok": self.ok,
            "retry_after": self.retry_after,
            "seconds": self.seconds,
            "spooler": {
                "saves": self.saves,
                "reports": self.reports,
                "yields": self.yields,
                "critical_error": self.critical_error,
                "status_row": self.row.raw(),
            },
        })
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let spooler = json.get("spooler")?;
        let count = |key: &str| spooler.get(key)?.as_u64();
        Some(Self {
            status: json.get("status")?.as_str()?.to_owned(),
            ok: json.get("ok")?.as_bool()?,
            retry_after: json.get("retry_after")?.as_u64(),
            seconds: json.get("seconds")?.as_f64()?,
            saves: count("saves")?,
            reports: count("reports")?,
            yields: count("yields")?,
            critical_error: spooler.get("critical_error")?.as_bool()?,
            row: spooler.get("status_row")?.as_str()?.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_became_of_a_message_comes_across() {
        for (fate, _) in Fate::ALL {
            let addressee = Addressee {
                line: "cc".to_owned(),
                name: "A\u{1b}".into(),
                address: "a@example.org".into(),
                fate,
                text: (fate == Fate::Refused).then(|| "no such user".into()),
            };
            assert_eq!(Addressee::parse(&addressee.to_json()), Some(addressee));
        }
        for retry_after in [None, Some(60)] {
            let sent = Sent {
                status: "MAPI_E_WAIT".to_owned(),
                ok: retry_after.is_none(),
                retry_after,
                seconds: 0.25,
                saves: 1,
                reports: 2,
                yields: 3,
                critical_error: true,
                row: "Online".into(),
            };
            assert_eq!(Sent::parse(&sent.to_json()), Some(sent));
        }
        assert_eq!(Sent::parse(&json!({"ok": true})), None);
        assert_eq!(Addressee::parse(&json!({"outcome": "lost"})), None);
    }
}
