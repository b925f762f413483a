//! What is in an address book, as it was reported, and how it is shown.

use serde_json::{Value as Json, json};

use crate::host::protocol::{Book, Listed, Message, Person};

/// What is in an address book.
#[derive(Debug, Default)]
pub(super) struct Containers {
    containers: Vec<(Listed, Vec<Person>)>,
}

impl Containers {
    /// Adds a container, or an entry of the last one.
    pub(super) fn take(&mut self, message: &Message) {
        match message {
            Message::Book(Book::Container(listed)) => {
                self.containers.push((listed.clone(), Vec::new()));
            }
            Message::Book(Book::Entry(entry)) => {
                if let Some((_, entries)) = self.containers.last_mut() {
                    entries.push(entry.clone());
                }
            }
            _ => {}
        }
    }

    /// Whether it is a store that was shown.
    pub(super) fn is_empty(&self) -> bool {
        self.containers.is_empty()
    }

    pub(super) fn to_json(&self) -> Json {
        let container = |(listed, entries): &(Listed, Vec<Person>)| {
            let entries: Vec<Json> = entries.iter().map(Person::to_json).collect();
            json!({
                "depth": listed.depth,
                "name": listed.name.raw(),
                "find_first": listed.find_first,
                "entries": entries,
            })
        };
        json!({"containers": self.containers.iter().map(container).collect::<Vec<_>>()})
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for (listed, entries) in &self.containers {
            let indent = "  ".repeat(usize::try_from(listed.depth).unwrap_or_default());
            let more = match listed.find_first {
                true => ", and asks for a name",
                false => "",
            };
            text += &format!("{indent}{}  ({}{more})\n", listed.name, entries.len());
            for entry in entries {
                text += &format!("{indent}  {entry}\n");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_book_looks_like_this() {
        let mut containers = Containers::default();
        let listed = |depth, name: &str| {
            Message::Book(Book::Container(Listed {
                depth,
                name: name.into(),
                find_first: depth > 0,
            }))
        };
        let entry = Message::Book(Book::Entry(Person {
            name: "Ann".into(),
            ..Person::default()
        }));
        for message in [&listed(0, "All"), &entry, &listed(1, "West"), &entry] {
            containers.take(message);
        }
        let expected = "All  (1)\n  Ann\n  West  (1, and asks for a name)\n    Ann\n";
        assert_eq!(containers.to_text(), expected);
        let json = containers.to_json();
        assert_eq!(json["containers"][1]["entries"][0]["name"], "Ann");
    }
}
