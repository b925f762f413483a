//! What has happened in the store, whoever did it, in order (STORE-39, STORE-41).

use rusqlite::Connection;

use super::error::Result;
use super::id::{FolderId, MessageId, ObjectId};
use super::store::Store;
use super::transaction::{By, Reader};

/// Something that has happened. It was committed before anybody can read of it.
///
/// A change of a message also changes the counts of its folders: `folder`, and `old_folder` where it moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its number: later ones have greater ones.
    pub seq: u64,
    /// The commit: changes of the same commit happened at once.
    pub commit: u64,
    /// What happened.
    pub what: What,
    /// With which object; none for the store itself.
    pub object: Option<ObjectId>,
    /// Whether that is an associated message.
    pub associated: bool,
    /// The folder that the object is in, or was in when it was deleted; the search folder of a hit.
    pub folder: Option<FolderId>,
    /// Who did it.
    pub by: By,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// It is new.
    Created,
    /// It is new, and a copy.
    Copied {
        /// Of which object.
        from: ObjectId,
    },
    /// A message was saved again, or properties of a folder or of the store were changed.
    Saved,
    /// A message was marked as read or unread.
    Read,
    /// It was moved. Its ID stayed.
    Moved {
        /// The folder that it was in.
        from: FolderId,
    },
    /// It is gone.
    Deleted,
    /// `PR_MSG_STATUS` or bits of `PR_MESSAGE_FLAGS` changed without a save.
    Marked,
    /// A message came into a search folder.
    Found,
    /// A message left a search folder.
    Lost,
    /// A message came into the outgoing queue.
    Queued,
    /// A message in the queue was locked, unlocked or changed.
    QueueChanged,
    /// A message left the queue.
    Unqueued,
    /// Criteria or state of a search folder changed.
    Search,
    /// All that there is was searched: from now on the search follows what changes.
    SearchComplete,
}

/// What has happened since a number.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// All of it, in order.
    pub list: Vec<Change>,
    /// The number of the last change there is: where to go on.
    pub last: u64,
    /// Older ones than those in the list are missing, since nobody asked for too long: everything may be different.
    pub lost: bool,
}

impl Change {
    fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Self>> {
        let (what, kind, id): (i64, i64, i64) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let object = |id: i64| match kind {
            0 => ObjectId::Folder(FolderId::new(id)),
            _ => ObjectId::Message(MessageId::new(id)),
        };
        let what = match what {
            1 => What::Created,
            2 => What::Copied {
                from: object(row.get(7)?),
            },
            3 => What::Saved,
            4 => What::Read,
            5 => What::Moved { from: row.get(6)? },
            6 => What::Deleted,
            7 => What::Marked,
            8 => What::Found,
            9 => What::Lost,
            10 => What::Queued,
            11 => What::QueueChanged,
            12 => What::Unqueued,
            13 => What::Search,
            14 => What::SearchComplete,
            // Of a later version that changes nothing else.
            _ => return Ok(None),
        };
        Ok(Some(Self {
            seq: row.get(0)?,
            commit: row.get(1)?,
            what,
            object: (kind != 3).then(|| object(id)),
            associated: kind == 2,
            folder: row.get(5)?,
            by: if row.get::<_, i64>(8)? == 0 {
                By::Client
            } else {
                By::Logic
            },
        }))
    }
}

impl Reader<'_> {
    /// The number of the last change.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn last_change(&self) -> Result<u64> {
        last_change(self.connection)
    }

    /// What has happened since a change.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn changes_since(&self, seq: u64) -> Result<Changes> {
        changes_since(self.connection, seq, None)
    }

    /// The first of what has happened since a change: where there is more, `last` is the last of these.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(crate) fn first_changes_since(&self, seq: u64, most: usize) -> Result<Changes> {
        changes_since(self.connection, seq, Some(most))
    }
}

/// All numbers are kept in SQLite's own table, also those of rows that are gone.
fn last_change(connection: &Connection) -> Result<u64> {
    let mut find = connection.prepare_cached(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'change'), 0)",
    )?;
    Ok(find.query_row([], |row| row.get(0))?)
}

fn changes_since(connection: &Connection, seq: u64, most: Option<usize>) -> Result<Changes> {
    let last = last_change(connection)?;
    if last <= seq {
        return Ok(Changes {
            last,
            ..Changes::default()
        });
    }
    let mut select = connection.prepare_cached(
        "SELECT seq, txn, what, kind, id, folder, old_folder, old_id, by FROM change WHERE seq > ?1 ORDER BY seq
         LIMIT ?2",
    )?;
    // To SQLite, -1 is no limit.
    let limit = most.map_or(-1, |most| i64::try_from(most).unwrap_or(i64::MAX));
    let rows = select.query_map((seq.cast_signed(), limit), |row| {
        Ok((row.get::<_, u64>(0)?, Change::of_row(row)?))
    })?;
    let rows: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    let last = match rows.last() {
        Some((some, _)) if most == Some(rows.len()) => *some,
        _ => last,
    };
    Ok(Changes {
        lost: rows.first().is_none_or(|(first, _)| *first > seq + 1),
        list: rows.into_iter().filter_map(|(_, change)| change).collect(),
        last,
    })
}

/// Follows the changes of a store, those of this process and of others alike: whoever notifies asks it after each
/// commit, and every 250 ms for what others do.
///
/// To ask costs some microseconds where nothing has happened.
pub struct Feed {
    store: Store,
    /// Its own, so that SQLite's count of others' commits includes this process's. None of a store in memory.
    connection: Option<Connection>,
    data_version: Option<i64>,
    last: u64,
}

impl Store {
    /// Follows the changes from now on.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn feed(&self) -> Result<Feed> {
        let connection = self.0.connect()?;
        let mut feed = Feed {
            store: self.clone(),
            connection,
            data_version: None,
            last: 0,
        };
        feed.data_version = feed.version()?;
        feed.last = match &feed.connection {
            Some(connection) => last_change(connection)?,
            None => self.read(|reader| reader.last_change())?,
        };
        Ok(feed)
    }
}

impl Feed {
    /// What has happened since the last time, in order.
    ///
    /// # Errors
    ///
    /// The store can't be read. The next time tells it.
    pub fn poll(&mut self) -> Result<Changes> {
        let version = self.version()?;
        if version.is_some() && version == self.data_version {
            return Ok(Changes {
                last: self.last,
                ..Changes::default()
            });
        }
        let changes = match &self.connection {
            Some(connection) => {
                let snapshot = connection.unchecked_transaction()?;
                changes_since(&snapshot, self.last, None)?
            }
            None => self.store.read(|reader| reader.changes_since(self.last))?,
        };
        self.data_version = version;
        self.last = changes.last;
        Ok(changes)
    }

    /// The number of the last change that was told.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// Changes when another connection has committed.
    fn version(&self) -> Result<Option<i64>> {
        let Some(connection) = &self.connection else {
            return Ok(None);
        };
        let mut pragma = connection.prepare_cached("PRAGMA data_version")?;
        Ok(Some(pragma.query_row([], |row| row.get(0))?))
    }
}
