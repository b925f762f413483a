//! A row a property, as mail stores on SQLite often have it, beside the narrow row of a message: what ADR 16 decides
//! between.
//!
//! Both sides are SQL by hand. The other one has no more than what a list of mail shows, and of each message its folder:
//! with all properties of a message its table would be several times as large.

use std::error::Error;
use std::path::Path;

use benches::measure::{Pair, measure, processor_timed};
use mapi_provider_mailbox::database::Store;
use mapi_provider_mailbox::logic::Mailbox;
use rusqlite::Connection;

use crate::bare::{self, Bare, READERS_CACHE};
use crate::folder::PAGE;
use crate::mails::LARGE;
use crate::tables::SLOW;

/// The columns of the narrow row that are properties here, by the numbers of their tags.
const PROPERTIES: [(&str, u32); 9] = [
    ("delivered", 0x0E06),
    ("subject", 0x0037),
    ("sender", 0x0042),
    ("display_to", 0x0E04),
    ("class", 0x001A),
    ("size", 0x0E08),
    ("flags", 0x0E07),
    ("attachments", 0x0E1B),
    ("importance", 0x0017),
];

/// Sorts the same mail by time, and shows the first 50 of it. `large` is a store, whose folder `Large` has 100,000 messages.
pub(crate) fn measure_properties(place: &Path, large: &Path) -> Result<(), Box<dyn Error>> {
    let folder = Mailbox::new(Store::open(large)?).folder_at(LARGE)?;
    let folder = i64::try_from(folder.ok_or("there is no such folder")?.number())?;
    let narrow = Bare::new(large, folder)?;
    let apart = made(&place.join("properties.db"), large)?;
    let of = |id: u32| format!("(SELECT value FROM property WHERE message = m.id AND id = {id})");
    let shown: Vec<String> = PROPERTIES.iter().map(|(_, id)| of(*id)).collect();
    let sql = format!(
        "SELECT m.id, {} FROM message m JOIN property t ON t.message = m.id AND t.id = {}
         WHERE m.folder = ?1 ORDER BY t.value DESC, m.id DESC LIMIT ?2",
        shown.join(", "),
        PROPERTIES[0].1
    );
    let first = || {
        let mut select = apart.prepare_cached(&sql).expect("it went well before");
        let rows = select.query_map((folder, PAGE), |row| row.get(0));
        let ids: Vec<i64> = rows
            .expect("a query")
            .collect::<Result<_, _>>()
            .expect("rows");
        ids
    };
    let of_narrow = || narrow.first("delivered DESC, id DESC", PAGE);
    let expected: Vec<i64> = of_narrow().iter().map(|row| row.id).collect();
    assert_eq!(first(), expected, "both find the same");
    let pair = Pair {
        name: "a row a property, by time, beside the narrow row with its index",
        bar: f64::INFINITY,
        ours: processor_timed(|times| (0..times).for_each(|_| drop(first()))),
        other: processor_timed(|times| (0..times).for_each(|_| drop(of_narrow()))),
    };
    measure(pair, SLOW).print()?;
    let pair = Pair {
        name: "the same, beside the narrow row without an index for it",
        bar: f64::INFINITY,
        ours: processor_timed(|times| (0..times).for_each(|_| drop(first()))),
        other: processor_timed(|times| {
            // An order that no index has.
            (0..times).for_each(|_| drop(narrow.first("+delivered DESC, id DESC", PAGE)));
        }),
    };
    Ok(measure(pair, SLOW).print()?)
}

/// The same mail, a row a property.
fn made(path: &Path, large: &Path) -> Result<Connection, Box<dyn Error>> {
    let connection = bare::connect(path, READERS_CACHE)?;
    connection.execute_batch(
        "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL;
         CREATE TABLE message (id INTEGER PRIMARY KEY, folder INTEGER NOT NULL);
         CREATE INDEX message_folder ON message (folder);
         CREATE TABLE property (
           message INTEGER NOT NULL, id INTEGER NOT NULL, value, PRIMARY KEY (message, id)
         ) WITHOUT ROWID;",
    )?;
    let large = large.to_str().ok_or("the path is not UTF-8")?;
    connection.execute("ATTACH ?1 AS large", [large])?;
    let one = |(column, id): &(&str, u32)| {
        format!("SELECT id AS message, {id} AS id, {column} AS value FROM large.message")
    };
    let all: Vec<String> = PROPERTIES.iter().map(one).collect();
    connection.execute_batch(&format!(
        "BEGIN; INSERT INTO message SELECT id, folder FROM large.message;
         INSERT INTO property SELECT * FROM ({}) WHERE value IS NOT NULL ORDER BY message, id;
         COMMIT; DETACH large;",
        all.join(" UNION ALL ")
    ))?;
    Ok(connection)
}
