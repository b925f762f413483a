//! What became of names, as it was reported, and how it is shown.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::host::protocol::{Answer, Book, Message, Outcome, Person};

/// What became of all names.
#[derive(Debug, Default)]
pub(super) struct Names {
    answers: Vec<(Answer, Vec<Person>)>,
}

impl Names {
    pub(super) fn take(&mut self, message: &Message) {
        match message {
            Message::Book(Book::Answer(answer)) => self.answers.push((answer.clone(), Vec::new())),
            Message::Book(Book::Entry(entry)) => {
                if let Some((_, entries)) = self.answers.last_mut() {
                    entries.push(entry.clone());
                }
            }
            _ => {}
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let answer = |(answer, entries): &(Answer, Vec<Person>)| {
            let entries: Vec<Json> = entries.iter().map(Person::to_json).collect();
            json!({
                "name": answer.name.raw(),
                "outcome": answer.outcome.name(),
                "milliseconds": answer.milliseconds,
                "entries": entries,
            })
        };
        json!({"names": self.answers.iter().map(answer).collect::<Vec<_>>()})
    }

    pub(super) fn to_text(&self) -> String {
        let lengths = self.answers.iter();
        let lengths = lengths.map(|(answer, _)| answer.name.to_string().chars().count());
        let width = lengths.max().unwrap_or_default();
        let mut text = String::new();
        for (answer, entries) in &self.answers {
            let name = answer.name.to_string();
            let _ = write!(text, "{name:<width$}  ");
            match (answer.outcome, entries.as_slice()) {
                (Outcome::Several, several) => {
                    let _ = writeln!(text, "{}: somebody has to choose", several.len());
                    for one in several {
                        let _ = writeln!(text, "{:width$}    {one}", "");
                    }
                }
                (_, [one, ..]) => {
                    let _ = writeln!(text, "{one}");
                }
                (_, []) => text.push_str("nobody\n"),
            }
        }
        text
    }

    /// How the command ends.
    pub(super) fn verdict(&self) -> Result<(), Failure> {
        let answers = self.answers.iter();
        let open = answers.filter(|(answer, _)| answer.outcome != Outcome::One);
        match (open.count(), self.answers.len()) {
            (0, _) => Ok(()),
            (1, 1) => Err(Failure::new("the name does not resolve")),
            (open, all) => Err(Failure::new(format!(
                "{open} of {all} names do not resolve"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(name: &str, outcome: Outcome) -> Message {
        Message::Book(Book::Answer(Answer {
            name: name.into(),
            outcome,
            ..Answer::default()
        }))
    }

    fn entry(name: &str) -> Message {
        Message::Book(Book::Entry(Person {
            name: name.into(),
            ..Person::default()
        }))
    }

    #[test]
    fn what_became_of_names_looks_like_this() {
        let mut names = Names::default();
        for message in [
            answer("ann", Outcome::One),
            entry("Ann Lee"),
            answer("smith", Outcome::Several),
            entry("Al Smith"),
            entry("Bo Smith"),
            answer("z\u{1B}", Outcome::Nobody),
        ] {
            names.take(&message);
        }
        let expected = "\
ann      Ann Lee
smith    2: somebody has to choose
           Al Smith
           Bo Smith
z\\u{1b}  nobody
";
        assert_eq!(names.to_text(), expected);
        let json = names.to_json();
        assert_eq!(json["names"][1]["outcome"], "several");
        assert_eq!(json["names"][1]["entries"][1]["name"], "Bo Smith");
        let verdict = names.verdict().expect_err("two are open");
        assert_eq!(verdict.sentence(), "2 of 3 names do not resolve");
        names.answers.truncate(1);
        assert!(names.verdict().is_ok());
    }
}
