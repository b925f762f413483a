//! A message as a list of mail shows it.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

/// A message in the store.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Mail {
    /// In hexadecimal digits; empty where the store tells none.
    pub(in crate::host) entry_id: String,
    pub(in crate::host) subject: Untrusted,
    pub(in crate::host) from: Untrusted,
    /// When it was sent, or else received, as ISO 8601 has it.
    pub(in crate::host) date: Option<String>,
    pub(in crate::host) id: Untrusted,
    pub(in crate::host) unread: bool,
    pub(in crate::host) flagged: bool,
    pub(in crate::host) replied: bool,
    pub(in crate::host) attachments: bool,
}

impl Mail {
    /// The message as users see it with `--json`, too.
    pub(in crate::host) fn to_json(&self) -> Json {
        json!({
            "entry_id": self.entry_id,
            "subject": self.subject.raw(),
            "from": self.from.raw(),
            "date": self.date,
            "message_id": self.id.raw(),
            "unread": self.unread,
            "flagged": self.flagged,
            "replied": self.replied,
            "attachments": self.attachments,
        })
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let said = |key: &str| json.get(key)?.as_str().map(Untrusted::from);
        let yes = |key: &str| json.get(key)?.as_bool();
        Some(Self {
            entry_id: json.get("entry_id")?.as_str()?.to_owned(),
            subject: said("subject")?,
            from: said("from")?,
            date: json.get("date")?.as_str().map(str::to_owned),
            id: said("message_id")?,
            unread: yes("unread")?,
            flagged: yes("flagged")?,
            replied: yes("replied")?,
            attachments: yes("attachments")?,
        })
    }
}
