//! Mail that comes in by the Rust API, beside inserts of the same rows.

use std::error::Error;
use std::path::{Path, PathBuf};

use benches::measure::{Pair, Plan, measure, processor_timed};
use mapi_provider_mailbox::database::Store;
use mapi_provider_mailbox::logic::Mailbox;
use rusqlite::Connection;

use crate::bare::WRITERS_CACHE;
use crate::inserts::{Inserts, by_hand};
use crate::mails::Mail;

const MESSAGES: u64 = 10_000;

const PLAN: Plan = Plan {
    warm_up: 1,
    rounds: 7,
    batch: 1,
};

/// Measures an import. Each is into a file of its own, which is made and opened before; so are the mails, and the rows that
/// the other side inserts: those that the engine has made of the same mails.
pub(crate) fn measure_import(place: &Path) -> Result<(), Box<dyn Error>> {
    let mails: Vec<Mail> = (0..MESSAGES).map(Mail::new).collect();
    let first = place.join("first.db");
    import(&Mailbox::new(Store::open(&first)?), &mails);
    let inserts = Inserts::of(&first)?;
    beside("10,000 messages of 4 KB", 2.0, place, &mails, &inserts)?;
    let less = inserts.without_index_and_log();
    let name = "the same, beside inserts without text index and log";
    beside(name, f64::INFINITY, place, &mails, &less)
}

fn beside(
    name: &'static str,
    bar: f64,
    place: &Path,
    mails: &[Mail],
    inserts: &Inserts,
) -> Result<(), Box<dyn Error>> {
    let pair = Pair {
        name,
        bar,
        ours: Box::new(|times| {
            let (_folder, path) = new_file(place).expect("a folder");
            let mailbox = Mailbox::new(Store::open(&path).expect("a store"));
            processor_timed(|_| import(&mailbox, mails))(times)
        }),
        other: Box::new(|times| {
            let (_folder, path) = new_file(place).expect("a folder");
            let connection: Connection = by_hand(&path, WRITERS_CACHE).expect("a database");
            processor_timed(|_| inserts.insert(&connection).expect("inserted"))(times)
        }),
    };
    Ok(measure(pair, PLAN).print()?)
}

/// A path in a folder that is gone when the first of the two is.
fn new_file(place: &Path) -> std::io::Result<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir_in(place)?;
    let path = folder.path().join("mail.db");
    Ok((folder, path))
}

/// What a synchronisation does with new mail: batches of 500.
fn import(mailbox: &Mailbox, mails: &[Mail]) {
    let inbox = mailbox.inbox().expect("there");
    let mut batch = mailbox.batch();
    for mail in mails {
        let upserted = batch.upsert(inbox, &mail.server_id, |draft| mail.fill(draft));
        upserted.expect("it goes in");
    }
    batch.commit_with(b"all").expect("written");
}
