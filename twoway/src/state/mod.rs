//! The common state and the journal, in SQLite.

mod failure;
mod folder;
mod journal;
mod marks;
mod pair;
mod told;
mod twin;

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use crate::item::PairId;
use crate::outcome::{Stop, Trouble};

pub(crate) use failure::Subject;
pub(crate) use folder::{
    FolderRow, insert as insert_folder, remove as remove_folder, set_cursor,
    update_all as update_folders,
};
pub(crate) use journal::{
    IS_SUPERSEDED, Intent, JournalRow, forget_feed, insert as insert_journal,
    remove as remove_journal, supersede,
};
pub(crate) use pair::{
    NewPair, Pair, forget_keys, insert as insert_pair, remove as remove_pair, set_revision,
    update as update_pair, with_no_key as pairs_with_no_key,
};
pub(crate) use told::{
    ToldLocal, ToldRemote, answered, ask_again, folders_to_text, forget_gone, forget_local,
    forget_remote, keep_local, set_print, write_gone_local, write_local, write_remote,
};

/// The version of the tables.
const SCHEMA: i64 = 2;
/// Each makes the next version of the one before.
const MIGRATIONS: [&str; SCHEMA as usize] =
    [include_str!("schema.sql"), include_str!("schema_2.sql")];

/// Number of a folder in the state; 0 is none: the top, or the account's feed.
pub(crate) type FolderId = i64;

/// The state can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// SQLite says why.
    #[error("the state of the synchronisation can't be used: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A newer version of this crate has written it.
    #[error(
        "the state of the synchronisation has version {found}, and this program knows {SCHEMA}: update it"
    )]
    Newer {
        /// Its version.
        found: i64,
    },
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Self {
        Self::Fatal(error.to_string())
    }
}

impl From<StateError> for Trouble {
    fn from(error: StateError) -> Self {
        Self::Stop(error.into())
    }
}

pub(crate) type Result<T> = std::result::Result<T, StateError>;

/// What both sides last had in common, what they have told since, and what is under way.
///
/// If it is lost, the next run is as the first one over two full sides: it merges, and deletes nothing.
#[derive(Debug)]
pub struct State {
    db: Connection,
}

impl State {
    /// The state in a file of its own, which is made if it is not there. Nobody else may use it meanwhile.
    ///
    /// # Errors
    ///
    /// The file can't be opened, is none of ours, or a newer program has written it. It is as it was.
    pub fn open(path: &Path) -> std::result::Result<Self, StateError> {
        let db = Connection::open(path)?;
        db.busy_timeout(std::time::Duration::from_secs(5))?;
        // A token has to be on the disk before anything is sent.
        db.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        db.pragma_update(None, "synchronous", "FULL")?;
        Self::with(db)
    }

    /// The state within another database, in tables of its own: a mailbox's. How that is set up stays as it is, and
    /// `user_version` is its owner's.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn with(mut db: Connection) -> std::result::Result<Self, StateError> {
        migrate(&mut db)?;
        db.set_prepared_statement_cache_capacity(64);
        db.execute_batch(
            "CREATE TEMP TABLE IF NOT EXISTS heard (
                 key TEXT PRIMARY KEY, what INTEGER NOT NULL, folder INTEGER NOT NULL DEFAULT 0,
                 folders TEXT NOT NULL DEFAULT '', flags TEXT NOT NULL DEFAULT '', date INTEGER NOT NULL DEFAULT 0,
                 size INTEGER, version TEXT, identity TEXT, pair TEXT, title TEXT NOT NULL DEFAULT '',
                 listing INTEGER NOT NULL DEFAULT 0
             ) WITHOUT ROWID;",
        )?;
        Ok(Self { db })
    }

    /// The connection again.
    pub fn into_connection(self) -> Connection {
        self.db
    }

    pub(crate) fn db(&self) -> &Connection {
        &self.db
    }

    /// One transaction. No foreign code runs in it.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        let tx = self
            .db
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// Begins a run of these two sides, with the mark that the store has. A state of any others is forgotten, and one of the
    /// same store at another time: what both have is found again, and nothing is taken as gone (TWOWAY-06).
    pub(crate) fn begin_run(
        &mut self,
        account: &str,
        store: &str,
        mark: Option<&str>,
    ) -> Result<Begun> {
        self.write(|tx| {
            let whose = tx
                .query_row("SELECT account, store FROM twoway_meta", [], |row| {
                    Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
                })
                .optional()?;
            // TWOWAY-06
            let is_theirs = whose.is_some_and(|(a, s)| a == account && s == store);
            let is_of_now = !is_theirs || marks::fit(tx, mark)?;
            if !is_theirs || !is_of_now {
                for table in TABLES {
                    tx.execute(&format!("DELETE FROM {table}"), [])?;
                }
                tx.execute(
                    "INSERT INTO twoway_meta (one, account, store, mark) VALUES (1, ?1, ?2, ?3)",
                    [account, store, mark.unwrap_or_default()],
                )?;
            }
            let run = tx.query_row(
                "UPDATE twoway_meta SET run = run + 1 RETURNING run",
                [],
                |row| row.get(0),
            )?;
            Ok(Begun { run, is_of_now })
        })
    }

    /// The number of the next listing of the server: what it tells is known to be so from then on.
    pub(crate) fn next_listing(&mut self) -> Result<i64> {
        Ok(self.db.query_row(
            "UPDATE twoway_meta SET listings = listings + 1 RETURNING listings",
            [],
            |row| row.get(0),
        )?)
    }

    /// Whether everything local was told once.
    pub(crate) fn is_local_known(&self) -> Result<bool> {
        Ok(self
            .db
            .query_row("SELECT local_known FROM twoway_meta", [], |row| row.get(0))?)
    }

    /// A new name for a pair.
    pub(crate) fn new_pair_id(&self) -> Result<PairId> {
        let hex: String = self
            .db
            .prepare_cached("SELECT lower(hex(randomblob(16)))")?
            .query_row([], |row| row.get(0))?;
        Ok(PairId::new(hex))
    }

    /// How many rows a query counts.
    pub(crate) fn count(&self, sql: &str, params: impl rusqlite::Params) -> Result<u64> {
        let count: i64 = self
            .db
            .prepare_cached(sql)?
            .query_row(params, |row| row.get(0))?;
        Ok(count.max(0).unsigned_abs())
    }
}

/// How a run begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    /// Its number.
    pub(crate) run: i64,
    /// False: the state was of the same store, as it was at another time.
    pub(crate) is_of_now: bool,
}

const TABLES: [&str; 7] = [
    "twoway_meta",
    "twoway_folder",
    "twoway_pair",
    "twoway_told_remote",
    "twoway_told_local",
    "twoway_journal",
    "twoway_failure",
];

fn migrate(db: &mut Connection) -> Result<()> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Not `user_version`: where the tables lie in a mailbox, that is the mailbox's.
    tx.execute_batch(
        "CREATE TABLE IF NOT EXISTS twoway_version (version INTEGER NOT NULL) STRICT;",
    )?;
    let found = tx
        .query_row("SELECT version FROM twoway_version", [], |row| {
            row.get::<_, i64>(0)
        })
        .optional()?
        .unwrap_or(0);
    if found > SCHEMA {
        return Err(StateError::Newer { found });
    }
    let done = usize::try_from(found).unwrap_or(0);
    for migration in &MIGRATIONS[done..] {
        tx.execute_batch(migration)?;
    }
    if found < SCHEMA {
        tx.execute("DELETE FROM twoway_version", [])?;
        tx.execute("INSERT INTO twoway_version VALUES (?1)", [SCHEMA])?;
    }
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> State {
        State::with(Connection::open_in_memory().expect("memory")).expect("new")
    }

    #[test]
    fn a_state_is_opened_again_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.db");
        let mut state = State::open(&path).expect("new");
        assert_eq!(state.begin_run("a", "s", None).expect("begun").run, 1);
        drop(state);
        let mut state = State::open(&path).expect("there");
        assert_eq!(state.begin_run("a", "s", None).expect("begun").run, 2);
    }

    #[test]
    fn a_newer_state_is_refused_and_stays_as_it_is() {
        let db = state().into_connection();
        db.execute("UPDATE twoway_version SET version = 99", [])
            .expect("written");
        assert!(matches!(
            State::with(db),
            Err(StateError::Newer { found: 99 })
        ));
    }

    #[test]
    fn twoway_06_a_state_of_other_sides_is_forgotten() {
        let mut state = state();
        state.begin_run("ann", "store", None).expect("begun");
        state
            .db
            .execute("INSERT INTO twoway_folder (remote) VALUES ('x')", [])
            .expect("written");
        assert_eq!(state.begin_run("ann", "copy", None).expect("begun").run, 1);
        let left = state.count("SELECT count(*) FROM twoway_folder", []);
        assert_eq!(left.expect("counted"), 0);
    }

    #[test]
    fn a_file_that_is_no_state_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.db");
        std::fs::write(&path, [b'x'; 4096]).expect("written");
        assert!(State::open(&path).is_err());
        assert_eq!(std::fs::read(&path).expect("there"), [b'x'; 4096]);
    }
}
