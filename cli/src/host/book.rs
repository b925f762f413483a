//! An address book that is open for as long as it is asked, in the process that runs the provider.

use mapi_provider_host::abi::{AddressContainerFlags, MAPI_DISTLIST};
use mapi_provider_host::outlook::configure;
use mapi_provider_host::{AddressBook, Candidate, Host, Property};

use super::child::Tell;
use super::protocol::{Book, Listed, Message, Person, bounded};

/// Logs on, does the work, logs off and reports what was left behind.
pub(super) fn in_book(
    host: Host,
    settings: &[Property],
    tell: Tell<'_>,
    work: impl FnOnce(&AddressBook, Tell<'_>) -> Result<(), String>,
) -> Result<(), String> {
    configure(&host, settings).map_err(said)?;
    let worked = log_on(&host, tell, work);
    let report = host.finish();
    worked?;
    tell(&Message::Shown);
    tell(&Message::of_report(&report));
    Ok(())
}

fn log_on(
    host: &Host,
    tell: Tell<'_>,
    work: impl FnOnce(&AddressBook, Tell<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let provider = host.init_address_book().map_err(said)?;
    let worked = provider.logon().map_err(said);
    let worked = worked.and_then(|book| work(&book, tell));
    let shut_down = provider.shutdown().map_err(said);
    worked?;
    shut_down
}

/// Reports all containers, each with the entries that it shows.
pub(super) fn show(book: &AddressBook, tell: Tell<'_>) -> Result<(), String> {
    for container in book.containers().map_err(said)? {
        let find_first = container
            .flags
            .contains(AddressContainerFlags::FIND_ON_OPEN);
        tell(&Message::Book(Book::Container(Listed {
            depth: u64::try_from(container.depth).unwrap_or_default(),
            name: bounded(container.name),
            find_first,
        })));
        let opened = book.open(&container.entry_id).map_err(said)?;
        for entry in opened.entries().map_err(said)? {
            tell(&Message::Book(Book::Entry(person(entry))));
        }
    }
    Ok(())
}

/// An entry as it is reported.
pub(super) fn person(entry: Candidate) -> Person {
    let digits = entry.entry_id.iter().map(|byte| format!("{byte:02X}"));
    Person {
        name: bounded(entry.name),
        is_list: entry.kind == MAPI_DISTLIST,
        address_type: bounded(entry.address_type),
        address: entry.address.map(bounded),
        entry_id: digits.collect(),
    }
}

pub(super) fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
