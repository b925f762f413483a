//! What the runner is asked for.

use std::path::PathBuf;
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::{Property, Value};
use serde_json::{Value as Json, json};

use super::action::Action;
use super::outbox::Outgoing;

/// What the runner is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) struct Job {
    pub(in crate::host) flags: SyncFlags,
    pub(in crate::host) settings: Vec<Property>,
    pub(in crate::host) profile: Option<PathBuf>,
    pub(in crate::host) timeout: Duration,
    /// The library of the inner provider, if one is named.
    pub(in crate::host) inner: Option<PathBuf>,
    /// The PST file that the store is to be filled from first.
    pub(in crate::host) pst: Option<PathBuf>,
    pub(in crate::host) task: Task,
}

/// What is done with the store.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Task {
    /// A run.
    Synchronise,
    /// It is looked at.
    Show(Look),
    /// It is changed, in this order.
    Edit(Vec<Action>),
    /// Its settings are asked for.
    Configure(Dialog),
    /// There is none: a transport sends a message.
    Send(Outgoing),
    /// There is none: an address book resolves names.
    Resolve(Vec<String>),
}

/// What a user does with the sheet that asks for settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Dialog {
    pub(in crate::host) answers: Vec<Property>,
    pub(in crate::host) cancel: bool,
    pub(in crate::host) read_only: bool,
}

impl Dialog {
    fn to_json(&self) -> Json {
        let answers: Vec<Json> = self.answers.iter().map(setting_to_json).collect();
        json!({"answers": answers, "cancel": self.cancel, "read_only": self.read_only})
    }

    fn parse(json: &Json) -> Option<Self> {
        let answers = json.get("answers")?.as_array()?.iter();
        Some(Self {
            answers: answers.map(setting_from_json).collect::<Option<_>>()?,
            cancel: json.get("cancel")?.as_bool()?,
            read_only: json.get("read_only")?.as_bool()?,
        })
    }
}

/// What is to be done with a store, to messages that are named by their subject or entry ID, and what is then shown of
/// it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Look {
    pub(in crate::host) read: Vec<String>,
    pub(in crate::host) flag: Vec<String>,
    pub(in crate::host) delete: Vec<String>,
    /// The message to show; else all folders.
    pub(in crate::host) message: Option<String>,
    /// Whether digests are wanted, for which every message has to be read.
    pub(in crate::host) digests: bool,
}

impl Look {
    /// Whether anything is to be done with messages.
    pub(in crate::host) fn is_of_messages(&self) -> bool {
        let all = [&self.read, &self.flag, &self.delete];
        self.message.is_some() || all.iter().any(|messages| !messages.is_empty())
    }

    fn to_json(&self) -> Json {
        json!({"read": self.read, "flag": self.flag, "delete": self.delete, "message": self.message,
               "digests": self.digests})
    }

    fn parse(json: &Json) -> Option<Self> {
        let messages = |key: &str| -> Option<Vec<String>> {
            let all = json.get(key)?.as_array()?.iter();
            all.map(|named| named.as_str().map(str::to_owned)).collect()
        };
        Some(Self {
            read: messages("read")?,
            flag: messages("flag")?,
            delete: messages("delete")?,
            message: json.get("message")?.as_str().map(str::to_owned),
            digests: json.get("digests")?.as_bool()?,
        })
    }
}

impl Task {
    fn to_json(&self) -> Json {
        match self {
            Self::Synchronise => json!({}),
            Self::Show(look) => json!({"show": look.to_json()}),
            Self::Edit(actions) => {
                let actions: Vec<Json> = actions.iter().map(Action::to_json).collect();
                json!({"edit": actions})
            }
            Self::Configure(dialog) => json!({"configure": dialog.to_json()}),
            Self::Send(outgoing) => json!({"send": outgoing.to_json()}),
            Self::Resolve(names) => json!({"resolve": names}),
        }
    }

    fn parse(json: &Json) -> Option<Self> {
        if let Some(look) = json.get("show") {
            return Look::parse(look).map(Self::Show);
        }
        if let Some(dialog) = json.get("configure") {
            return Dialog::parse(dialog).map(Self::Configure);
        }
        if let Some(outgoing) = json.get("send") {
            return Outgoing::parse(outgoing).map(Self::Send);
        }
        if let Some(names) = json.get("resolve") {
            let names = names.as_array()?.iter();
            let names = names.map(|name| name.as_str().map(str::to_owned));
            return names.collect::<Option<_>>().map(Self::Resolve);
        }
        let Some(actions) = json.get("edit") else {
            return Some(Self::Synchronise);
        };
        let actions = actions.as_array()?.iter().map(Action::parse);
        actions.collect::<Option<_>>().map(Self::Edit)
    }
}

impl Job {
    /// The job as a line. It goes through a pipe, never a command line: there may be secrets in it.
    pub(in crate::host) fn to_json(&self) -> Json {
        let settings: Vec<Json> = self.settings.iter().map(setting_to_json).collect();
        json!({
            "flags": self.flags.bits(),
            "settings": settings,
            "profile": self.profile,
            "timeout": u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            "inner": self.inner,
            "pst": self.pst,
            "task": self.task.to_json(),
        })
    }

    pub(in crate::host) fn parse(line: &str) -> Option<Self> {
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
            task: Task::parse(json.get("task")?)?,
        })
    }
}

pub(in crate::host) fn setting_to_json(setting: &Property) -> Json {
    let value = match &setting.value {
        Value::Unicode(text) => json!(text),
        Value::Boolean(yes) => json!(yes),
        Value::Long(number) => json!(number),
        _ => Json::Null,
    };
    json!({"id": setting.id, "value": value})
}

pub(in crate::host) fn setting_from_json(json: &Json) -> Option<Property> {
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
            task: Task::Show(Look {
                read: vec!["Lunch?".to_owned()],
                message: Some("Tea?".to_owned()),
                digests: true,
                ..Look::default()
            }),
        };
        assert_eq!(Job::parse(&job.to_json().to_string()), Some(job.clone()));
        let bare = Job {
            profile: None,
            inner: None,
            pst: None,
            task: Task::Synchronise,
            settings: Vec::new(),
            ..job
        };
        assert_eq!(Job::parse(&bare.to_json().to_string()), Some(bare.clone()));
        let edit = Job {
            task: Task::Edit(vec![Action::NewFolder {
                path: "A".to_owned(),
            }]),
            ..bare.clone()
        };
        let configure = Job {
            task: Task::Configure(Dialog {
                answers: vec![Property::with_id(0x67F0, "p")],
                cancel: true,
                read_only: true,
            }),
            ..bare.clone()
        };
        let send = Job {
            task: Task::Send(Outgoing {
                file: "a.eml".into(),
                to: vec!["a@example.org".to_owned()],
            }),
            ..bare.clone()
        };
        let resolve = Job {
            task: Task::Resolve(vec!["ann".to_owned(), "".to_owned()]),
            ..bare
        };
        assert_eq!(Job::parse(&resolve.to_json().to_string()), Some(resolve));
        assert_eq!(Job::parse(&send.to_json().to_string()), Some(send));
        let line = configure.to_json().to_string();
        assert_eq!(Job::parse(&line), Some(configure));
        assert_eq!(Job::parse(&edit.to_json().to_string()), Some(edit));
    }
}
