//! Resolving names, in the process that runs the provider.

use std::time::Instant;

use mapi_provider_host::{AddressBook, Candidate, Host, Resolved};

use crate::host::book::{in_book, person, said};
use crate::host::child::Tell;
use crate::host::protocol::{Answer, Book, Job, Message, Outcome, bounded};

/// Logs on, resolves the names as Ctrl+K does, logs off, and reports what became of them.
pub(in crate::host) fn carry_out(
    host: Host,
    job: &Job,
    names: &[String],
    tell: Tell<'_>,
) -> Result<(), String> {
    in_book(host, &job.settings, tell, |book, tell| {
        resolve(book, names, tell)
    })
}

fn resolve(book: &AddressBook, names: &[String], tell: Tell<'_>) -> Result<(), String> {
    for name in names {
        // One at a time: one that means several ends the search for all others.
        let begin = Instant::now();
        let answers = book.resolve(&[name]).map_err(said)?;
        let took = begin.elapsed();
        let (outcome, entries) = match answers.into_iter().next() {
            Some(Resolved::One(row)) => (Outcome::One, vec![Candidate::of_row(&row)]),
            Some(Resolved::Several(several)) => (Outcome::Several, several),
            Some(Resolved::Nobody) | None => (Outcome::Nobody, Vec::new()),
        };
        tell(&Message::Book(Book::Answer(Answer {
            name: bounded(name.as_str()),
            outcome,
            milliseconds: took.as_secs_f64() * 1000.0,
        })));
        for entry in entries {
            tell(&Message::Book(Book::Entry(person(entry))));
        }
    }
    Ok(())
}
