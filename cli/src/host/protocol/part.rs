//! One message of a store, part by part: each fits into a line of the channel's.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use super::inside::{Attached, Inside};
use super::mail::Mail;

/// Texts are cut to so many letters.
const LONGEST_HEADERS: usize = 100_000;
const LONGEST_BODY: usize = 500_000;

/// A part of a message.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) enum Part {
    /// What lists of mail have, and more of it. Comes first.
    Head(Box<Head>),
    /// Somebody whom it goes to.
    Recipient {
        line: Line,
        name: Untrusted,
        address: Untrusted,
    },
    /// Something that is attached.
    Attached(Attached),
    /// Keywords and digests.
    Inside(Inside),
    /// The header as it came over the Internet.
    Headers(Untrusted),
    /// The text.
    Body(Body),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Head {
    pub(in crate::host) mail: Mail,
    pub(in crate::host) from_address: Untrusted,
    pub(in crate::host) sent: Option<String>,
    pub(in crate::host) received: Option<String>,
    /// The folders around it.
    pub(in crate::host) place: Vec<Untrusted>,
}

/// In which line a recipient stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::host) enum Line {
    To,
    Cc,
    Bcc,
}

#[derive(Clone, Debug, PartialEq)]
pub(in crate::host) struct Body {
    pub(in crate::host) format: BodyFormat,
    /// As it is, but for its length.
    pub(in crate::host) text: Untrusted,
    /// Whether it was longer.
    pub(in crate::host) cut: bool,
}

/// What a text was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::host) enum BodyFormat {
    Text,
    Html,
    /// It is not read.
    Rtf,
}

impl Line {
    const ALL: [(Self, &'static str); 3] = [(Self::To, "to"), (Self::Cc, "cc"), (Self::Bcc, "bcc")];

    /// What programs call it.
    pub(in crate::host) fn key(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(line, _)| *line == self)
            .map_or("", |(_, key)| key)
    }
}

impl BodyFormat {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Text, "text"),
        (Self::Html, "html"),
        (Self::Rtf, "rtf"),
    ];

    /// What programs call it.
    pub(in crate::host) fn key(self) -> &'static str {
        let mut all = Self::ALL.into_iter();
        all.find(|(format, _)| *format == self)
            .map_or("", |(_, key)| key)
    }
}

impl Part {
    /// The header, not longer than a line of the channel's may be.
    pub(in crate::host) fn headers(text: String) -> Self {
        Self::Headers(Untrusted::from(text).cut(LONGEST_HEADERS))
    }

    /// The text, not longer either.
    pub(in crate::host) fn body(format: BodyFormat, text: String) -> Self {
        let cut = text.chars().nth(LONGEST_BODY).is_some();
        let text = Untrusted::from(text).cut(LONGEST_BODY);
        Self::Body(Body { format, text, cut })
    }

    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Head(head) => {
                let place: Vec<&str> = head.place.iter().map(Untrusted::raw).collect();
                json!({"part": "head", "mail": head.mail.to_json(), "from_address": head.from_address.raw(),
                       "sent": head.sent, "received": head.received, "place": place})
            }
            Self::Recipient {
                line,
                name,
                address,
            } => {
                json!({"part": "recipient", "line": line.key(), "name": name.raw(), "address": address.raw()})
            }
            Self::Attached(attached) => json!({"part": "attached", "attached": attached.to_json()}),
            Self::Inside(inside) => json!({"part": "inside", "inside": inside.to_json()}),
            Self::Headers(text) => json!({"part": "headers", "text": text.raw()}),
            Self::Body(body) => {
                json!({"part": "body", "format": body.format.key(), "text": body.text.raw(), "cut": body.cut})
            }
        }
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let said = |key: &str| json.get(key)?.as_str().map(Untrusted::from);
        let time = |key: &str| json.get(key)?.as_str().map(str::to_owned);
        let yes = |key: &str| json.get(key)?.as_bool();
        Some(match json.get("part")?.as_str()? {
            "head" => Self::Head(Box::new(Head {
                mail: Mail::parse(json.get("mail")?)?,
                from_address: said("from_address")?,
                sent: time("sent"),
                received: time("received"),
                place: {
                    let names = json.get("place")?.as_array()?.iter();
                    names
                        .map(|name| name.as_str().map(Untrusted::from))
                        .collect::<Option<_>>()?
                },
            })),
            "recipient" => Self::Recipient {
                line: {
                    let key = json.get("line")?.as_str()?;
                    let mut all = Line::ALL.into_iter();
                    all.find(|(_, name)| *name == key)?.0
                },
                name: said("name")?,
                address: said("address")?,
            },
            "attached" => Self::Attached(Attached::parse(json.get("attached")?)?),
            "inside" => Self::Inside(Inside::parse(json.get("inside")?)?),
            "headers" => Self::Headers(said("text")?),
            "body" => Self::Body(Body {
                format: {
                    let key = json.get("format")?.as_str()?;
                    let mut all = BodyFormat::ALL.into_iter();
                    all.find(|(_, name)| *name == key)?.0
                },
                text: said("text")?,
                cut: yes("cut")?,
            }),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_across() {
        let head = Head {
            mail: Mail {
                entry_id: "00ff".to_owned(),
                ..Mail::default()
            },
            sent: Some("2026-03-06T08:12:44Z".to_owned()),
            place: vec!["Inbox\n".into(), "a".into()],
            ..Head::default()
        };
        let recipients = Line::ALL.map(|(line, _)| Part::Recipient {
            line,
            name: "Ada\u{1B}".into(),
            address: "".into(),
        });
        let bodies = BodyFormat::ALL.map(|(format, _)| Part::body(format, "x\r\ny".to_owned()));
        let mut parts = vec![
            Part::Head(Box::new(head)),
            Part::headers("A: b\r\n".to_owned()),
            Part::Attached(Attached::default()),
            Part::Inside(Inside::default()),
        ];
        parts.extend(recipients);
        parts.extend(bodies);
        for part in parts {
            assert_eq!(Part::parse(&part.to_json()), Some(part));
        }
        assert_eq!(Part::parse(&json!({"part": "foot"})), None);
        assert_eq!(Part::parse(&json!({"part": "body", "text": ""})), None);
    }

    #[test]
    fn texts_without_end_are_bounded() {
        for letter in ["\u{1}", "\u{1F980}", "é"] {
            let text = letter.repeat(2_000_000);
            for part in [
                Part::headers(text.clone()),
                Part::body(BodyFormat::Text, text),
            ] {
                let line = part.to_json().to_string();
                assert!(line.len() < mapi_provider_host::channel::LONGEST_LINE);
                assert!(!matches!(part, Part::Body(Body { cut: false, .. })));
            }
        }
        let whole = Part::body(BodyFormat::Text, "x".repeat(LONGEST_BODY));
        assert!(matches!(whole, Part::Body(Body { cut: false, .. })));
    }
}
