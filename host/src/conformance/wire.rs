//! What a scenario's process tells, a line each, between whatever the provider prints.

use std::io::{self, Write};

/// What a line of ours begins with.
const MARK: &str = "\u{1}mapi-conformance";

/// Something that a scenario tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// What is tried next, and for which rule: whoever crashes now has broken it.
    Step { rule: String, what: String },
    /// A store could be logged on to.
    Ready,
    /// A rule was seen to be kept.
    Kept { rule: String },
    /// A rule was broken: what was seen.
    Broken { rule: String, what: String },
    /// A rule could not be seen here: why.
    Skipped { rule: String, why: String },
    /// The scenario could not be played: why.
    Unplayable { why: String },
    /// The scenario is over; the provider may still be at work where it is stuck.
    End { stuck: bool },
}

impl Message {
    fn fields(&self) -> Vec<&str> {
        match self {
            Self::Step { rule, what } => vec!["step", rule, what],
            Self::Ready => vec!["ready"],
            Self::Kept { rule } => vec!["kept", rule],
            Self::Broken { rule, what } => vec!["broken", rule, what],
            Self::Skipped { rule, why } => vec!["skipped", rule, why],
            Self::Unplayable { why } => vec!["unplayable", why],
            Self::End { stuck: false } => vec!["end"],
            Self::End { stuck: true } => vec!["stuck"],
        }
    }

    /// Writes the message on a line of its own, whatever stands on the last one.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let fields: Vec<String> = self.fields().into_iter().map(escape).collect();
        writeln!(out, "\n{MARK}\t{}", fields.join("\t"))?;
        out.flush()
    }

    /// Reads a line; none where it is not one of ours.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let fields: Vec<String> = line
            .strip_prefix(MARK)?
            .strip_prefix('\t')?
            .split('\t')
            .map(unescape)
            .collect();
        let own = |text: &String| text.clone();
        Some(
            match &fields.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                ["step", _, _] => Self::Step {
                    rule: fields.get(1).map(own)?,
                    what: fields.get(2).map(own)?,
                },
                ["ready"] => Self::Ready,
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

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut letters = text.chars();
    let mut plain = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        plain.push(match letter {
            '\\' => match letters.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            letter => letter,
        });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn messages_come_across() {
        let own = str::to_owned;
        let messages = [
            Message::Ready,
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
            let mut written = b"a line that nobody ended".to_vec();
            message
                .write(&mut written)
                .expect("memory can be written to");
            let written = String::from_utf8(written).expect("text");
            let lines: Vec<&str> = written.lines().collect();
            assert_eq!(lines.len(), 2, "{message:?}");
            assert_eq!(Message::parse(lines[1]), Some(message));
        }
    }

    #[test]
    fn what_a_provider_prints_is_none_of_ours() {
        for line in [
            "",
            "kept\tCOM-01",
            "\u{1}mapi-conformance\tkept",
            "\u{1}mapi-conformance",
        ] {
            assert_eq!(Message::parse(line), None, "{line:?}");
        }
    }
}
