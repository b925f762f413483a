//! The rows of an import, inserted by hand.

use std::error::Error;
use std::path::Path;

use mapi_provider_mailbox::database::Store;
use mapi_provider_mailbox::text::loose;
use rusqlite::types::Value;
use rusqlite::{CachedStatement, Connection, params_from_iter};

use crate::bare;

/// How many messages the engine writes in a transaction.
const BATCH: usize = 500;

/// A row of a table.
type Row = Vec<Value>;

/// All that an import has written: of each message its rows, of which there are as many of each as recipients say.
pub(crate) struct Inserts {
    folder: i64,
    messages: Vec<Rows>,
}

/// The rows of a message.
#[derive(Clone)]
struct Rows {
    message: Row,
    rest: Row,
    recipients: Vec<Row>,
    remote: Row,
    /// The log of changes, and what the text index is given.
    more: Option<(Row, Row)>,
}

/// The rows of a table in an order.
fn read(connection: &Connection, table: &str, order: &str) -> rusqlite::Result<Vec<Row>> {
    let mut select = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
    let columns = select.column_count();
    let rows = select.query_map([], |row| {
        (0..columns).map(|column| row.get(column)).collect()
    })?;
    rows.collect()
}

fn places(count: usize) -> String {
    vec!["?"; count].join(", ")
}

impl Inserts {
    /// What is in a file that was filled by one import.
    pub(crate) fn of(path: &Path) -> Result<Self, Box<dyn Error>> {
        let connection = bare::connect(path, bare::READERS_CACHE)?;
        let mut rest = read(&connection, "rest", "id")?.into_iter();
        let mut recipients = read(&connection, "recipient", "message, place")?
            .into_iter()
            .peekable();
        let mut remote = read(&connection, "remote", "id")?.into_iter();
        let mut log = read(&connection, "change WHERE kind = 1", "id")?.into_iter();
        let texts = connection
            .prepare("SELECT subject, sender, display_to FROM message ORDER BY id")?
            .query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?
            .collect::<rusqlite::Result<Vec<[Option<String>; 3]>>>()?;
        let mut messages = Vec::new();
        for (message, texts) in read(&connection, "message", "id")?.into_iter().zip(texts) {
            let id = message[0].clone();
            let is_its = |row: &Row| row[0] == id;
            let text = |text: Option<String>| text.map_or(Value::Null, |text| loose(&text).into());
            let text = std::iter::once(id.clone()).chain(texts.map(text)).collect();
            let missing = || format!("message {id:?} lacks a row");
            messages.push(Rows {
                rest: rest.next().filter(is_its).ok_or_else(missing)?,
                recipients: std::iter::from_fn(|| recipients.next_if(is_its)).collect(),
                remote: remote.next().filter(is_its).ok_or_else(missing)?,
                more: Some((log.next().ok_or_else(missing)?, text)),
                message,
            });
        }
        let folder = connection.query_row("SELECT folder FROM message", [], |row| row.get(0))?;
        Ok(Self { folder, messages })
    }

    /// The same for a program that has no search and tells nobody of changes.
    pub(crate) fn without_index_and_log(&self) -> Self {
        let without = |rows: &Rows| Rows {
            more: None,
            ..rows.clone()
        };
        Self {
            folder: self.folder,
            messages: self.messages.iter().map(without).collect(),
        }
    }

    /// Inserts everything, in transactions as large as the engine's, and counts the folder once in each.
    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        for batch in self.messages.chunks(BATCH) {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let mut to = Statements::prepare(connection, &batch[0])?;
            for rows in batch {
                to.insert(rows)?;
            }
            drop(to);
            connection.execute(
                "UPDATE folder SET total = total + ?2 WHERE id = ?1",
                (self.folder, batch.len()),
            )?;
            connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }
}

/// A statement for each table.
struct Statements<'c> {
    message: CachedStatement<'c>,
    rest: CachedStatement<'c>,
    recipient: CachedStatement<'c>,
    remote: CachedStatement<'c>,
    change: CachedStatement<'c>,
    text: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    fn prepare(connection: &'c Connection, rows: &Rows) -> rusqlite::Result<Self> {
        let insert = |table: &str, count: usize| {
            connection.prepare_cached(&format!("INSERT INTO {table} VALUES ({})", places(count)))
        };
        Ok(Self {
            message: insert("message", rows.message.len())?,
            rest: insert("rest", rows.rest.len())?,
            recipient: insert("recipient", 4)?,
            remote: insert("remote", rows.remote.len())?,
            change: insert("change", 9)?,
            text: insert("text (rowid, subject, sender, display_to)", 4)?,
        })
    }

    fn insert(&mut self, rows: &Rows) -> rusqlite::Result<()> {
        self.message.execute(params_from_iter(&rows.message))?;
        self.rest.execute(params_from_iter(&rows.rest))?;
        for recipient in &rows.recipients {
            self.recipient.execute(params_from_iter(recipient))?;
        }
        self.remote.execute(params_from_iter(&rows.remote))?;
        if let Some((change, text)) = &rows.more {
            self.text.execute(params_from_iter(text))?;
            self.change.execute(params_from_iter(change))?;
        }
        Ok(())
    }
}

/// A file with the engine's tables and indexes and none of its triggers, and with nothing in it but the folders that every
/// store has. Its log of changes begins where that of a new store does.
pub(crate) fn by_hand(path: &Path, cache: i32) -> Result<Connection, Box<dyn Error>> {
    drop(Store::open(path)?);
    let connection = bare::connect(path, cache)?;
    let triggers = connection
        .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")?
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for trigger in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}"))?;
    }
    Ok(connection)
}
