//! One message, as it was told, and how it is shown.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use super::held::Held;
use crate::host::protocol::{Attached, Body, BodyFormat, Head, Line, Part};
use crate::{bytes, date};

/// A message in full.
#[derive(Debug, Default)]
pub(super) struct Letter {
    head: Head,
    recipients: Vec<(Line, Untrusted, Untrusted)>,
    held: Held,
    headers: Option<Untrusted>,
    body: Option<Body>,
}

impl Letter {
    /// Takes in a part.
    pub(super) fn take(&mut self, part: &Part) {
        match part.clone() {
            Part::Head(head) => self.head = *head,
            Part::Recipient {
                line,
                name,
                address,
            } => self.recipients.push((line, name, address)),
            part @ (Part::Attached(_) | Part::Inside(_)) => self.held.take(&part),
            Part::Headers(text) => self.headers = Some(text),
            Part::Body(body) => self.body = Some(body),
        }
    }

    /// What a list has, and more beside it.
    pub(super) fn to_json(&self) -> Json {
        let Head {
            mail,
            from_address,
            sent,
            received,
            place,
        } = &self.head;
        let mut all = mail.to_json();
        let place: Vec<&str> = place.iter().map(Untrusted::raw).collect();
        let of = |wanted: Line| -> Vec<Json> {
            let recipients = self.recipients.iter();
            recipients
                .filter(|(line, ..)| *line == wanted)
                .map(|(_, name, address)| json!({"name": name.raw(), "address": address.raw()}))
                .collect()
        };
        let read = |body: &&Body| body.format != BodyFormat::Rtf;
        all["folder"] = json!(place);
        all["from_address"] = json!(from_address.raw());
        all["sent"] = json!(sent);
        all["received"] = json!(received);
        for line in [Line::To, Line::Cc, Line::Bcc] {
            all[line.key()] = json!(of(line));
        }
        all["headers"] = json!(self.headers.as_ref().map(Untrusted::raw));
        let body = self.body.as_ref();
        all["body"] = json!(body.filter(read).map(|body| body.text.raw()));
        all["body_format"] = json!(body.map(|body| body.format.key()));
        all["body_cut"] = json!(body.is_some_and(|body| body.cut));
        self.held.add_to(&mut all);
        all["attached"] = self.held.attached_to_json();
        all
    }

    /// A line for each thing that is to be said, an empty one, and then nothing but what the sender wrote: no text of
    /// his passes for one of the lines.
    pub(super) fn to_text(&self) -> String {
        let head = &self.head;
        let mut text = String::new();
        let mut line = |name: &str, value: &str| {
            let name = match name {
                "" => String::new(),
                name => format!("{name}:"),
            };
            text += format!("{name:<13} {value}").trim_end();
            text += "\n";
        };
        line("Subject", &head.mail.subject.to_string());
        line("From", &address(&head.mail.from, &head.from_address));
        for (name, wanted) in [("To", Line::To), ("Cc", Line::Cc), ("Bcc", Line::Bcc)] {
            let recipients = self.recipients.iter();
            let recipients = recipients.filter(|(line, ..)| *line == wanted);
            let all: Vec<String> = recipients.map(|(_, name, of)| address(name, of)).collect();
            if !all.is_empty() {
                line(name, &all.join(", "));
            }
        }
        for (name, time) in [("Sent", &head.sent), ("Received", &head.received)] {
            if let Some(time) = time {
                line(name, &format!("{} UTC", date::words(time)));
            }
        }
        let place: Vec<String> = head.place.iter().map(Untrusted::to_string).collect();
        line("Folder", &place.join(" / "));
        line("Marks", &self.marks());
        let keywords = self.held.keywords().iter();
        let keywords: Vec<String> = keywords.map(Untrusted::to_string).collect();
        if !keywords.is_empty() {
            line("Keywords", &keywords.join(", "));
        }
        if !head.mail.id.raw().is_empty() {
            line("Message-ID", &head.mail.id.to_string());
        }
        line("Entry ID", &head.mail.entry_id);
        for (index, attached) in self.held.attached.iter().enumerate() {
            let name = if index == 0 { "Attachments" } else { "" };
            line(name, &words(attached));
        }
        text + "\n" + &self.body_text()
    }

    fn marks(&self) -> String {
        let mail = &self.head.mail;
        let marks = [
            (true, if mail.unread { "unread" } else { "read" }),
            (mail.flagged, "flagged"),
            (mail.replied, "replied"),
        ];
        let marks = marks.into_iter().filter(|(set, _)| *set);
        marks.map(|(_, mark)| mark).collect::<Vec<_>>().join(", ")
    }

    fn body_text(&self) -> String {
        match &self.body {
            None => String::new(),
            Some(body) if body.format == BodyFormat::Rtf => {
                "(Its text is kept as RTF alone, which is not read here.)\n".to_owned()
            }
            Some(body) => {
                let text = body.text.raw().replace("\r\n", "\n");
                let end = if body.cut { "\n(It goes on.)\n" } else { "\n" };
                format!("{}{end}", text.trim_end())
            }
        }
    }
}

/// `list.csv, text/csv, 4 bytes`, or what there is of it.
fn words(attached: &Attached) -> String {
    let kind = if attached.is_message {
        "a message".to_owned()
    } else {
        attached.mime_type.to_string()
    };
    let size = attached.size.map(bytes::words).unwrap_or_default();
    let parts = [attached.name.to_string(), kind, size];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}

/// `Ada Example <ada@example.com>`, or what there is of it.
fn address(name: &Untrusted, address: &Untrusted) -> String {
    match (name.raw(), address.raw()) {
        (_, "") => name.to_string(),
        ("", _) => address.to_string(),
        (one, other) if one == other => address.to_string(),
        _ => format!("{name} <{address}>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::protocol::{Inside, Mail};

    fn letter() -> Letter {
        let mut letter = Letter::default();
        let parts = [
            Part::Head(Box::new(Head {
                mail: Mail {
                    subject: "invoice\u{202E}fdp.exe\nFrom: nobody".into(),
                    from: "Ada".into(),
                    entry_id: "00ff".to_owned(),
                    unread: true,
                    ..Mail::default()
                },
                from_address: "ada@example.com".into(),
                sent: Some("2026-03-06T08:12:44Z".to_owned()),
                received: None,
                place: vec!["Inbox".into(), "2026".into()],
            })),
            Part::Recipient {
                line: Line::Cc,
                name: "bo@example.org".into(),
                address: "bo@example.org".into(),
            },
            Part::Attached(Attached {
                name: "a.pdf".into(),
                mime_type: "application/pdf".into(),
                size: Some(12_345),
                sha256: Some("01ef".to_owned()),
                ..Attached::default()
            }),
            Part::Attached(Attached {
                name: "Lunch\u{1B}".into(),
                is_message: true,
                ..Attached::default()
            }),
            Part::Inside(Inside {
                body_sha256: Some("02ef".to_owned()),
                ..Inside::of(["Green".to_owned(), "\u{202E}\nFrom: x".to_owned()])
            }),
            Part::headers("Subject: x\r\n".to_owned()),
            Part::body(BodyFormat::Text, "Hello\r\n\tyou\r\n\r\n".to_owned()),
        ];
        parts.iter().for_each(|part| letter.take(part));
        letter
    }

    #[test]
    fn a_message_looks_like_this() {
        let expected = "\
Subject:      invoice\\u{202e}fdp.exe\\nFrom: nobody
From:         Ada <ada@example.com>
Cc:           bo@example.org
Sent:         6 Mar 2026 08:12 UTC
Folder:       Inbox / 2026
Marks:        unread
Keywords:     Green, \\u{202e}\\nFrom: x
Entry ID:     00ff
Attachments:  a.pdf, application/pdf, 12.3 kB
              Lunch\\u{1b}, a message

Hello
\tyou
";
        assert_eq!(letter().to_text(), expected);
    }

    #[test]
    fn programs_get_it_as_it_is() {
        let json = letter().to_json();
        assert_eq!(json["subject"], "invoice\u{202E}fdp.exe\nFrom: nobody");
        assert_eq!(json["sent"], "2026-03-06T08:12:44Z");
        assert_eq!(json["received"], Json::Null);
        assert_eq!(json["folder"], json!(["Inbox", "2026"]));
        assert_eq!(json["to"], json!([]));
        assert_eq!(
            json["cc"],
            json!([{"name": "bo@example.org", "address": "bo@example.org"}])
        );
        assert_eq!(json["body"], "Hello\r\n\tyou\r\n\r\n");
        assert_eq!(json["body_format"], "text");
        assert_eq!(json["attached"][0]["size"], 12_345);
        assert_eq!(json["attached"][1]["size"], Json::Null);
        assert_eq!(json["attached"][0]["sha256"], "01ef");
        assert_eq!(json["attached"][1]["message"], true);
        assert_eq!(json["attached"][1]["sha256"], Json::Null);
        assert_eq!(json["keywords"], json!(["Green", "\u{202E}\nFrom: x"]));
        assert_eq!(json["body_sha256"], "02ef");
        assert_eq!(json["html_sha256"], Json::Null);
    }

    #[test]
    fn what_is_not_read_or_not_whole_is_said() {
        let mut letter = letter();
        letter.take(&Part::body(BodyFormat::Rtf, String::new()));
        assert!(letter.to_text().ends_with("which is not read here.)\n"));
        assert_eq!(letter.to_json()["body"], Json::Null);
        assert_eq!(letter.to_json()["body_format"], "rtf");
        letter.take(&Part::body(BodyFormat::Text, "x".repeat(600_000)));
        assert!(letter.to_text().ends_with("…\n(It goes on.)\n"));
        letter.body = None;
        assert_eq!(letter.to_json()["body_format"], Json::Null);
    }
}
