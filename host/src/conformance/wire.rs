//! What a scenario's process reports, as texts that go through a [channel](crate::channel).

use super::kinds::Kinds;
use crate::escapes::Escapes;

/// Texts longer than this, in letters, are cut.
const LONGEST_TEXT: usize = 1500;

/// Something that a scenario reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// What is tried next, and for which rule: a crash from here on breaks that rule.
    Step { rule: String, what: String },
    /// A provider of each of these kinds could be logged on to.
    Ready(Kinds),
    /// A rule was seen to be kept.
    Kept { rule: String },
    /// A rule was broken: what was seen.
    Broken { rule: String, what: String },
    /// A rule could not be seen here: why.
    Skipped { rule: String, why: String },
    /// The scenario could not be played: why.
    Unplayable { why: String },
    /// The scenario is over; if the provider is stuck, it may still be at work.
    End { stuck: bool },
}

impl Message {
    fn fields(&self) -> Vec<&str> {
        match self {
            Self::Step { rule, what } => vec!["step", rule, what],
            Self::Ready(kinds) => vec!["ready", kinds.name()],
            Self::Kept { rule } => vec!["kept", rule],
            Self::Broken { rule, what } => vec!["broken", rule, what],
            Self::Skipped { rule, why } => vec!["skipped", rule, why],
            Self::Unplayable { why } => vec!["unplayable", why],
            Self::End { stuck: false } => vec!["end"],
            Self::End { stuck: true } => vec!["stuck"],
        }
    }

    /// The message as a text.
    pub(super) fn to_text(&self) -> String {
        let fields: Vec<String> = self.fields().into_iter().map(escape).collect();
        fields.join("\t")
    }

    /// Reads a text; `None` if it is not a message.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<String> = text.split('\t').map(unescape).collect();
        let own = |text: &String| text.clone();
        Some(
            match &fields.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["step", _, _] => Self::Step {
                    rule: fields.get(1).map(own)?,
                    what: fields.get(2).map(own)?,
                },
                ["ready", kinds] => Self::Ready(Kinds::named(kinds)?),
                ["kept", _] => Self::Kept {
                    rule: fields.get(1).map(own)?,
                },
                ["broken", _, _] => Self::Broken {
                    rule: fields.get(1).map(own)?,
                    what: fields.get(2).map(own)?,
                },
                ["skipped", _, _] => Self::Skipped {
                    rule: fields.get(1).map(own)?,
                    why: fields.get(2).map(own)?,
                },
                ["unplayable", _] => Self::Unplayable {
                    why: fields.get(1).map(own)?,
                },
                ["end"] => Self::End { stuck: false },
                ["stuck"] => Self::End { stuck: true },
                _ => return None,
            },
        )
    }
}

/// The separator between fields.
const BETWEEN: Escapes = Escapes(&[('\t', 't')]);

/// A text without the separator. The end of a very long one is cut, because it may quote the provider.
fn escape(text: &str) -> String {
    let cut = text.chars().nth(LONGEST_TEXT).map(|_| '…');
    BETWEEN.escape(text.chars().take(LONGEST_TEXT).chain(cut))
}

fn unescape(text: &str) -> String {
    BETWEEN.unescape(text)
}

#[cfg(test)]
mod tests {
    use super::{Kinds, Message};

    #[test]
    fn messages_come_across() {
        let own = str::to_owned;
        let messages = [
            Message::Ready(Kinds::STORE),
            Message::Ready(Kinds::TRANSPORT),
            Message::Ready(Kinds {
                store: true,
                transport: true,
            }),
            Message::Step {
                rule: own("SYNC-01"),
                what: own("a\tb\\n\r\nc"),
            },
            Message::Kept {
                rule: own("COM-01"),
            },
            Message::Broken {
                rule: own("COM-01"),
                what: String::new(),
            },
            Message::Skipped {
                rule: own("COM-01"),
                why: own("\\"),
            },
            Message::Unplayable { why: own("\n") },
            Message::End { stuck: false },
            Message::End { stuck: true },
        ];
        for message in messages {
            assert_eq!(Message::parse(&message.to_text()), Some(message));
        }
    }

    #[test]
    fn long_texts_are_cut() {
        let why = "ü".repeat(5000);
        let text = Message::Unplayable { why }.to_text();
        let Some(Message::Unplayable { why }) = Message::parse(&text) else {
            panic!("{text}");
        };
        assert_eq!(why, "ü".repeat(1500) + "…");
    }

    #[test]
    fn what_is_no_message_is_none() {
        for text in ["", "kept", "kept\tCOM-01\tCOM-02", "passed\tCOM-01"] {
            assert_eq!(Message::parse(text), None, "{text:?}");
        }
    }
}
