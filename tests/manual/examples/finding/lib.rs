//! The manual's address book: names are looked up in a company's directory.

use std::io;

use mapi_provider::LogonError;
use mapi_provider::abi::PR_BUSINESS_TELEPHONE_NUMBER_W;
use mapi_provider::address_book::{AddressBook, Container, Entry, Found, LookupError, Query, What};

mapi_provider::provider!("examples/finding/provider.toml");

/// A client of the directory, which a team has already.
struct Client {
    server: String,
}

/// What the directory knows of somebody.
struct Record {
    id: String,
    name: String,
    mail: String,
    phone: String,
    is_group: bool,
}

/// What the directory can look for.
enum Filter {
    Everybody,
    Words(Vec<String>),
    NameBegins(String),
    Mail(String),
}

impl Client {
    fn look(&self, filter: &Filter, most: usize) -> io::Result<Vec<Record>> {
        if self.server.is_empty() {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let all = [("1", "Ann Lee", false), ("2", "Sales", true)];
        let record = |(id, name, is_group): (&str, &str, bool)| Record {
            id: id.to_owned(),
            name: name.to_owned(),
            mail: format!("{id}@{}", self.server),
            phone: "+1 555".to_owned(),
            is_group,
        };
        let is_meant = |record: &Record| match filter {
            Filter::Everybody => true,
            Filter::Words(words) => words.iter().all(|word| record.name.contains(&**word)),
            Filter::NameBegins(prefix) => record.name.starts_with(&**prefix),
            Filter::Mail(mail) => record.mail == *mail,
        };
        let all = all.into_iter().map(record).filter(is_meant);
        Ok(all.take(most).collect())
    }

    fn by_id(&self, id: &str) -> io::Result<Option<Record>> {
        let all = self.look(&Filter::Everybody, usize::MAX)?;
        Ok(all.into_iter().find(|record| record.id == id))
    }

    fn members(&self, _group: &str) -> io::Result<Vec<Record>> {
        self.look(&Filter::Everybody, 1)
    }
}

/// The company's directory.
pub struct Directory {
    client: Client,
}

fn entry(record: Record) -> Entry {
    let entry = match record.is_group {
        true => Entry::list(record.id, record.name),
        false => Entry::user(record.id, record.name),
    };
    entry
        .smtp(record.mail)
        .set(PR_BUSINESS_TELEPHONE_NUMBER_W.0, record.phone)
}

impl AddressBook for Directory {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        let server = settings.server;
        Ok(Self {
            client: Client { server },
        })
    }

    fn containers(&self) -> Vec<Container> {
        vec![Container {
            key: "staff".to_owned(),
            name: "Contoso".to_owned(),
            parent: None,
        }]
    }

    fn search(&self, query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
        let filter = match query.what {
            What::Words(words) => Filter::Words(words.to_vec()),
            What::Prefix(prefix) => Filter::NameBegins(prefix.to_owned()),
            What::Address(address) => Filter::Mail(address.value.clone()),
            _ => Filter::Everybody,
        };
        let records = self.client.look(&filter, query.limit)?;
        if records.len() == query.limit {
            found.incomplete(); // there may be more
        }
        for record in records {
            found.push(entry(record))?; // an error when it is enough
        }
        Ok(())
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
        Ok(self.client.by_id(key)?.map(entry))
    }

    fn members(&self, key: &str, found: &mut Found<'_>) -> Result<(), LookupError> {
        for record in self.client.members(key)? {
            found.push(entry(record))?;
        }
        Ok(())
    }
}
