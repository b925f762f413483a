//! What is done to a store, as its user would, and what comes of it.

use std::path::PathBuf;

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use super::mail::Mail;

/// Something that a user does.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Action {
    /// Something is done to a message.
    ToMessage {
        named: Named,
        act: Act,
    },
    /// A file of Internet mail becomes a message.
    New {
        file: PathBuf,
        folder: String,
        /// Whether it is to be sent, and so has not arrived.
        draft: bool,
    },
    NewFolder {
        path: String,
    },
    RenameFolder {
        path: String,
        name: String,
    },
    DeleteFolder {
        path: String,
    },
}

/// Which message is meant.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Named {
    /// The one with this subject, or this entry ID in hexadecimal digits.
    As(String),
    /// The one that was made last.
    New,
}

/// What is done to a message.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Act {
    Read,
    Unread,
    Flag,
    Unflag,
    Delete,
    Move { to: String },
    Send,
}

/// What the runner reports of actions.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Step {
    /// The next action is begun.
    Begun,
    /// It is done.
    Done(Box<Done>),
    /// One of several messages that may be meant, and the folders around it. Nothing has been changed.
    Candidate {
        mail: Box<Mail>,
        place: Vec<Untrusted>,
    },
}

/// What an action has come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Done {
    /// The message that it was done to, as it was named then; empty where it was done to a folder.
    pub(in crate::host) entry_id: String,
    pub(in crate::host) subject: Untrusted,
    /// The folder that it lay in, or that was dealt with.
    pub(in crate::host) place: Vec<Untrusted>,
    /// What was done, where that is not plain from the action.
    pub(in crate::host) detail: Option<Untrusted>,
}

impl Action {
    /// The action's name in JSON: the option's.
    pub(in crate::host) fn name(&self) -> &'static str {
        match self {
            Self::ToMessage { act, .. } => act.name(),
            Self::New { .. } => "new",
            Self::NewFolder { .. } => "new-folder",
            Self::RenameFolder { .. } => "rename-folder",
            Self::DeleteFolder { .. } => "delete-folder",
        }
    }

    /// The action as people read it.
    pub(in crate::host) fn words(&self) -> String {
        let what = match self {
            Self::ToMessage { named, act } => {
                let message = match named {
                    Named::As(name) => format!("`{name}`"),
                    Named::New => "the new message".to_owned(),
                };
                match act {
                    Act::Move { to } => format!("{message} to {to}"),
                    _ => message,
                }
            }
            Self::New { file, folder, .. } => format!("{} in {folder}", file.display()),
            Self::NewFolder { path } | Self::DeleteFolder { path } => path.clone(),
            Self::RenameFolder { path, name } => format!("{path} to `{name}`"),
        };
        format!("{} {what}", self.name())
    }

    /// The action as users see it with `--json`, too.
    pub(in crate::host) fn to_json(&self) -> Json {
        let name = self.name();
        match self {
            Self::ToMessage { named, act } => {
                let message = match named {
                    Named::As(name) => Some(name),
                    Named::New => None,
                };
                let to = match act {
                    Act::Move { to } => Some(to),
                    _ => None,
                };
                json!({"action": name, "message": message, "to": to})
            }
            Self::New {
                file,
                folder,
                draft,
            } => json!({"action": name, "file": file, "folder": folder, "draft": draft}),
            Self::NewFolder { path } | Self::DeleteFolder { path } => {
                json!({"action": name, "path": path})
            }
            Self::RenameFolder { path, name: new } => {
                json!({"action": name, "path": path, "name": new})
            }
        }
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let text = |key: &str| json.get(key)?.as_str().map(str::to_owned);
        Some(match json.get("action")?.as_str()? {
            "new" => Self::New {
                file: text("file")?.into(),
                folder: text("folder")?,
                draft: json.get("draft")?.as_bool()?,
            },
            "new-folder" => Self::NewFolder {
                path: text("path")?,
            },
            "delete-folder" => Self::DeleteFolder {
                path: text("path")?,
            },
            "rename-folder" => Self::RenameFolder {
                path: text("path")?,
                name: text("name")?,
            },
            act => Self::ToMessage {
                named: text("message").map_or(Named::New, Named::As),
                act: Act::parse(act, text("to"))?,
            },
        })
    }
}

impl Act {
    fn name(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Flag => "flag",
            Self::Unflag => "unflag",
            Self::Delete => "delete",
            Self::Move { .. } => "move",
            Self::Send => "send",
        }
    }

    fn parse(name: &str, to: Option<String>) -> Option<Self> {
        let plain = [
            Self::Read,
            Self::Unread,
            Self::Flag,
            Self::Unflag,
            Self::Delete,
            Self::Send,
        ];
        let moved = to.map(|to| Self::Move { to });
        let mut all = plain.into_iter().chain(moved);
        all.find(|act| act.name() == name)
    }

    /// Whether the message lies elsewhere after that, or nowhere, and may have another entry ID.
    pub(in crate::host) fn takes_it_away(&self) -> bool {
        matches!(self, Self::Delete | Self::Move { .. } | Self::Send)
    }
}

impl Step {
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Begun => json!({"kind": "begun"}),
            Self::Done(done) => json!({
                "kind": "done",
                "entry_id": done.entry_id,
                "subject": done.subject.raw(),
                "place": raw(&done.place),
                "detail": done.detail.as_ref().map(Untrusted::raw),
            }),
            Self::Candidate { mail, place } => {
                json!({"kind": "candidate", "mail": mail.to_json(), "place": raw(place)})
            }
        }
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let said = |key: &str| json.get(key)?.as_str().map(Untrusted::from);
        let place = || -> Option<Vec<Untrusted>> {
            let names = json.get("place")?.as_array()?.iter();
            names
                .map(|name| name.as_str().map(Untrusted::from))
                .collect()
        };
        Some(match json.get("kind")?.as_str()? {
            "begun" => Self::Begun,
            "done" => Self::Done(Box::new(Done {
                entry_id: json.get("entry_id")?.as_str()?.to_owned(),
                subject: said("subject")?,
                place: place()?,
                detail: said("detail"),
            })),
            "candidate" => Self::Candidate {
                mail: Box::new(Mail::parse(json.get("mail")?)?),
                place: place()?,
            },
            _ => return None,
        })
    }
}

fn raw(names: &[Untrusted]) -> Vec<&str> {
    names.iter().map(Untrusted::raw).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_come_across() {
        let acts = [
            Act::Read,
            Act::Unread,
            Act::Flag,
            Act::Unflag,
            Act::Delete,
            Act::Move {
                to: "A/B".to_owned(),
            },
            Act::Send,
        ];
        let to_message = |named: Named| {
            acts.clone().map(|act| Action::ToMessage {
                named: named.clone(),
                act,
            })
        };
        let (path, name) = ("A/B".to_owned(), "C".to_owned());
        let others = [
            Action::New {
                file: "a.eml".into(),
                folder: path.clone(),
                draft: true,
            },
            Action::NewFolder { path: path.clone() },
            Action::DeleteFolder { path: path.clone() },
            Action::RenameFolder { path, name },
        ];
        let all = to_message(Named::New).into_iter().chain(others);
        for action in all.chain(to_message(Named::As("Tea?".to_owned()))) {
            assert_eq!(Action::parse(&action.to_json()), Some(action));
        }
        assert_eq!(Action::parse(&json!({"action": "move"})), None);
    }

    #[test]
    fn steps_come_across() {
        for step in [
            Step::Begun,
            Step::Done(Box::new(Done {
                entry_id: "00ff".to_owned(),
                subject: "Tea?".into(),
                place: vec!["Inbox".into()],
                detail: Some("moved".into()),
            })),
            Step::Done(Box::default()),
            Step::Candidate {
                mail: Box::default(),
                place: vec![],
            },
        ] {
            assert_eq!(Step::parse(&step.to_json()), Some(step));
        }
    }
}
