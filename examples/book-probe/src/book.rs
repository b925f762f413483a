//! What the address book has: containers, and people and lists in them.

use std::collections::HashMap;

use mapi_provider::abi::PR_BUSINESS_TELEPHONE_NUMBER_W;
use mapi_provider::address_book::{Address, Container, Entry, Found, LookupError, What};
use serde_json::Value;

/// Containers and entries.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The containers, in their order.
    pub containers: Vec<Container>,
    /// Everybody, in the order in which they are found.
    pub people: Vec<Person>,
}

/// A user or a list.
#[derive(Clone, Debug, Default)]
pub struct Person {
    /// What tells it from all others.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its address; none of a list that has none.
    pub address: Option<String>,
    /// The type of the address, where it is not the manifest's.
    pub address_type: Option<String>,
    /// A short name.
    pub alias: Option<String>,
    /// What it is.
    pub kind: Kind,
    /// The key of the container that it is in.
    pub container: String,
    /// The keys of a list's members.
    pub members: Vec<String>,
    /// A telephone number.
    pub phone: Option<String>,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    #[default]
    User,
    /// A list.
    List,
}

impl Book {
    /// Reads a file's text.
    ///
    /// # Errors
    ///
    /// It is not JSON. What lacks a key is left out.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let file: Value = serde_json::from_str(text)?;
        let list = |name: &str| file[name].as_array().map_or(&[][..], Vec::as_slice);
        let containers = list("containers").iter().filter_map(container);
        let people = list("entries").iter().filter_map(Person::from_json);
        Ok(Self {
            containers: containers.collect(),
            people: people.collect(),
        })
    }

    /// Finds the entries of a container.
    ///
    /// # Errors
    ///
    /// It is enough.
    pub fn search(
        &self,
        container: &str,
        what: &What<'_>,
        found: &mut Found<'_>,
    ) -> Result<(), LookupError> {
        let there = self.people.iter();
        let there = there.filter(|person| person.container == container && person.is(what));
        for person in there {
            found.push(person.entry())?;
        }
        Ok(())
    }

    /// The entry with this key.
    pub fn get(&self, key: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.key == key)
    }

    /// Who is on a list.
    ///
    /// # Errors
    ///
    /// It is enough.
    pub fn members(&self, key: &str, found: &mut Found<'_>) -> Result<(), LookupError> {
        let Some(list) = self.get(key) else {
            return Ok(());
        };
        // The first of a key is the one. Lists are long: nobody is looked for one by one.
        let mut people = HashMap::with_capacity(self.people.len());
        for person in &self.people {
            people.entry(&*person.key).or_insert(person);
        }
        for member in list.members.iter().filter_map(|key| people.get(&**key)) {
            found.push(member.entry())?;
        }
        Ok(())
    }
}

impl Person {
    fn from_json(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let members = value["members"].as_array().into_iter().flatten();
        Some(Self {
            key: text("key")?,
            name: text("name")?,
            address: text("address"),
            address_type: text("type"),
            alias: text("alias"),
            kind: match value["kind"].as_str() {
                Some("list") => Kind::List,
                _ => Kind::User,
            },
            container: text("container").unwrap_or_default(),
            members: members
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            phone: text("phone"),
        })
    }

    /// As the address book gives it out.
    pub fn entry(&self) -> Entry {
        let entry = match self.kind {
            Kind::User => Entry::user(&self.key, &self.name),
            Kind::List => Entry::list(&self.key, &self.name),
        };
        let entry = match (&self.address, &self.address_type) {
            (Some(address), Some(kind)) => entry.addressed(Address {
                kind: kind.clone(),
                value: address.clone(),
            }),
            (Some(address), None) => entry.address(address),
            (None, _) => entry,
        };
        let entry = match &self.alias {
            Some(alias) => entry.alias(alias),
            None => entry,
        };
        match &self.phone {
            Some(phone) => entry.set(PR_BUSINESS_TELEPHONE_NUMBER_W.0, phone),
            None => entry,
        }
    }

    fn is(&self, what: &What<'_>) -> bool {
        match what {
            What::Words(words) => words.iter().all(|word| self.has_word(word)),
            What::Prefix(prefix) => folded(&self.name).starts_with(&folded(prefix)),
            What::Address(address) => self.has_address(address),
            // Whatever else may be asked for: the runtime leaves out what does not match.
            _ => true,
        }
    }

    /// Whether a word of the name, the alias or the address begins so; what stands behind a dot or a hyphen is a word too.
    fn has_word(&self, word: &str) -> bool {
        let word = folded(word);
        let texts = [Some(&self.name), self.alias.as_ref(), self.address.as_ref()];
        let begins = |text: &String| {
            let text = folded(text);
            let starts = text.char_indices().filter(|(at, _)| {
                let before = text[..*at].chars().next_back();
                before.is_none_or(|before| !before.is_alphanumeric())
            });
            starts
                .into_iter()
                .any(|(at, _)| text[at..].starts_with(&word))
        };
        texts.into_iter().flatten().any(begins)
    }

    fn has_address(&self, address: &Address) -> bool {
        let own = self.address.as_deref().unwrap_or_default();
        let kind = self.address_type.as_deref().unwrap_or("SMTP");
        folded(own) == folded(&address.value) && kind.eq_ignore_ascii_case(&address.kind)
    }
}

fn container(value: &Value) -> Option<Container> {
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    Some(Container {
        key: text("key")?,
        name: text("name").unwrap_or_default(),
        parent: text("parent"),
    })
}

fn folded(text: &str) -> String {
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use mapi_provider::address_book::{Address, What};

    use super::Book;

    const FILE: &str = r#"{
        "containers": [{"key": "all", "name": "All"}, {"key": "west", "name": "West", "parent": "all"}],
        "entries": [
            {"key": "1", "name": "Ann-Marie O'Brien", "address": "ann@example.org", "alias": "amo", "kind": "user",
             "container": "all", "phone": "12"},
            {"key": "2", "name": "Sales", "kind": "list", "container": "west", "members": ["1"]},
            {"name": "of no key"}
        ]
    }"#;

    #[test]
    fn a_file_is_read_and_looked_through() {
        let book = Book::from_json(FILE).expect("JSON");
        assert_eq!(book.containers[1].parent.as_deref(), Some("all"));
        assert_eq!(book.people.len(), 2);
        let ann = &book.people[0];
        for word in ["ann", "MAR", "o'b", "amo", "example"] {
            assert!(ann.is(&What::Words(&[word.to_owned()])), "{word}");
        }
        let words = ["ann".to_owned(), "rie".to_owned()];
        assert!(!ann.is(&What::Words(&words)));
        assert!(ann.is(&What::Prefix("aNN")) && !ann.is(&What::Prefix("O")));
        assert!(ann.is(&What::Address(&Address::smtp("ANN@example.org"))));
        assert_eq!(book.get("2").map(|list| list.members.len()), Some(1));
        assert!(Book::from_json("{").is_err());
    }

    #[test]
    fn ten_thousand_entries_are_read() {
        let entry = |number: usize| {
            format!(
                r#"{{"key": "{number}", "name": "Person {number}", "address": "p{number}@example.org", "container": "all"}}"#
            )
        };
        let entries: Vec<String> = (0..10_020).map(entry).collect();
        let text = format!(
            r#"{{"containers": [], "entries": [{}]}}"#,
            entries.join(",")
        );
        let book = Book::from_json(&text).expect("JSON");
        assert_eq!(book.people.len(), 10_020);
    }
}
