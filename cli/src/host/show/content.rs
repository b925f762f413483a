//! What is in a store, as it was reported, and how it is shown.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use super::held::Held;
use crate::date;
use crate::demo::table::{self, Line};
use crate::host::protocol::{Mail, Message};

/// What is in a store.
#[derive(Debug, Default)]
pub(super) struct Content {
    folders: Vec<FolderContent>,
}

#[derive(Debug)]
struct FolderContent {
    depth: u64,
    name: Untrusted,
    messages: Vec<Listed>,
}

/// A message of a list.
#[derive(Debug)]
struct Listed {
    mail: Mail,
    held: Held,
}

impl Content {
    /// Adds a folder, a message in the last one, or what is in the last message.
    pub(super) fn take(&mut self, message: &Message) {
        match message {
            Message::Folder { depth, name } => self.folders.push(FolderContent {
                depth: *depth,
                name: name.clone(),
                messages: Vec::new(),
            }),
            Message::Mail(mail) => {
                if let Some(folder) = self.folders.last_mut() {
                    folder.messages.push(Listed {
                        mail: mail.clone(),
                        held: Held::default(),
                    });
                }
            }
            Message::Part(part) => {
                let last = self.folders.last_mut();
                if let Some(listed) = last.and_then(|folder| folder.messages.last_mut()) {
                    listed.held.take(part);
                }
            }
            _ => {}
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let folder = |folder: &FolderContent| {
            let messages: Vec<Json> = folder.messages.iter().map(Listed::to_json).collect();
            json!({"depth": folder.depth, "name": folder.name.raw(), "messages": messages})
        };
        let folders: Vec<Json> = self.folders.iter().map(folder).collect();
        json!({"folders": folders})
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for folder in &self.folders {
            let indent = "  ".repeat(usize::try_from(folder.depth).unwrap_or_default());
            let unread = folder.messages.iter().filter(|message| message.mail.unread);
            let count = match (folder.messages.len(), unread.count()) {
                (0, _) => String::new(),
                (all, 0) => format!("  ({all})"),
                (all, unread) => format!("  ({all}, {unread} unread)"),
            };
            text += &format!("{indent}{}{count}\n", folder.name);
            if !folder.messages.is_empty() {
                let lines: Vec<Line> = folder.messages.iter().map(|one| line(&one.mail)).collect();
                for line in table::of(&lines, None).lines() {
                    text += &format!("{indent}{line}\n");
                }
            }
        }
        text + "U unread, F flagged, R replied, A with attachments; times are UTC\n"
    }
}

impl Listed {
    fn to_json(&self) -> Json {
        let mut json = self.mail.to_json();
        self.held.add_to(&mut json);
        let whole = self.held.is_whole();
        json["attached"] = json!(whole.then(|| self.held.attached_to_json()));
        json
    }
}

fn line(mail: &Mail) -> Line {
    let flags = [
        (mail.unread, 'U'),
        (mail.flagged, 'F'),
        (mail.replied, 'R'),
        (mail.attachments, 'A'),
    ];
    let flags = flags
        .into_iter()
        .filter_map(|(set, flag)| set.then_some(flag));
    Line {
        flags: flags.collect(),
        date: mail.date.as_deref().map(date::words).unwrap_or_default(),
        from: mail.from.to_string(),
        subject: mail.subject.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::protocol::{Attached, Inside, Part};

    #[test]
    fn nobody_writes_on_the_screen_but_we() {
        let mut content = Content::default();
        content.take(&Message::Folder {
            depth: 1,
            name: "Inbox\u{1B}]0;x\u{7}".into(),
        });
        content.take(&Message::Mail(Mail {
            subject: "invoice\u{202E}fdp.exe\n   U     nobody".into(),
            from: "\u{9B}2J Ada".into(),
            ..Mail::default()
        }));
        let text = content.to_text();
        assert_eq!(text.lines().count(), 4, "{text}");
        assert!(
            text.starts_with("  Inbox\\u{1b}]0;x\\u{7}  (1)\n"),
            "{text}"
        );
        assert!(
            text.contains(r"invoice\u{202e}fdp.exe\n   U     nobody"),
            "{text}"
        );
        assert!(text.contains(r"\u{9b}2J Ada"), "{text}");
        // Programs get it unchanged.
        let subject = &content.to_json()["folders"][0]["messages"][0]["subject"];
        assert_eq!(subject, "invoice\u{202E}fdp.exe\n   U     nobody");
    }

    #[test]
    fn what_is_in_a_message_belongs_to_it() {
        let mut content = Content::default();
        content.take(&Message::Part(Part::Inside(Inside::default())));
        content.take(&Message::Folder {
            depth: 0,
            name: "Inbox".into(),
        });
        let attached = Part::Attached(Attached {
            name: "a.pdf".into(),
            ..Attached::default()
        });
        for whole in [false, true, false] {
            content.take(&Message::Mail(Mail::default()));
            content.take(&Message::Part(attached.clone()));
            if whole {
                content.take(&Message::Part(Part::Inside(Inside::default())));
            }
        }
        let json = content.to_json();
        let messages = &json["folders"][0]["messages"];
        for unread in [&messages[0], &messages[2]] {
            for key in ["keywords", "body_sha256", "html_sha256", "attached"] {
                assert_eq!(unread.get(key), Some(&Json::Null), "{key}");
            }
        }
        assert_eq!(messages[1]["keywords"], json!([]));
        assert_eq!(messages[1]["attached"][0]["name"], "a.pdf");
    }
}
