//! Folders, as both sides had them when they were last in step.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::{FolderId, Result, State};
use crate::item::{Flags, FolderKey, LocalFolderKey};
use crate::told::Cursor;

/// A folder that one side has, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FolderRow {
    pub(crate) id: FolderId,
    pub(crate) remote: Option<FolderKey>,
    pub(crate) identity: Option<String>,
    pub(crate) holds_items: bool,
    pub(crate) local: Option<LocalFolderKey>,
    pub(crate) is_fixed: bool,
    /// Parent and name at the server when both were last in step.
    pub(crate) base_remote: (FolderId, String),
    /// The same here.
    pub(crate) base_local: (FolderId, String),
}

impl State {
    pub(crate) fn folders(&self) -> Result<Vec<FolderRow>> {
        let mut statement = self.db().prepare_cached(
            "SELECT id, remote, identity, holds_items, local, is_fixed, remote_parent, remote_name, local_parent,
                 local_name
             FROM twoway_folder ORDER BY id",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(FolderRow {
                id: row.get(0)?,
                remote: row.get::<_, Option<String>>(1)?.map(FolderKey::new),
                identity: row.get(2)?,
                holds_items: row.get(3)?,
                local: row.get::<_, Option<String>>(4)?.map(LocalFolderKey::new),
                is_fixed: row.get(5)?,
                base_remote: (row.get(6)?, row.get(7)?),
                base_local: (row.get(8)?, row.get(9)?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The flags that folders keep which do not keep any.
    pub(crate) fn kept_flags(&self) -> Result<BTreeMap<FolderId, Flags>> {
        let sql = "SELECT id, kept_flags FROM twoway_folder WHERE kept_flags IS NOT NULL";
        let mut statement = self.db().prepare_cached(sql)?;
        let rows = statement.query_map([], |row| {
            Ok((row.get(0)?, Flags::from_text(&row.get::<_, String>(1)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The flags that a folder keeps; none: any.
    pub(crate) fn set_kept_flags(&mut self, id: FolderId, kept: Option<&Flags>) -> Result<()> {
        let kept = kept.map(Flags::to_text);
        self.write(|tx| {
            let sql = "UPDATE twoway_folder SET kept_flags = ?2 WHERE id = ?1";
            tx.execute(sql, params![id, kept])?;
            Ok(())
        })
    }

    /// Where a feed goes on; 0 is the account's.
    pub(crate) fn cursor(&self, feed: FolderId) -> Result<Option<Cursor>> {
        let cursor = if feed == 0 {
            self.db()
                .query_row("SELECT cursor FROM twoway_meta", [], |row| row.get(0))
                .optional()?
        } else {
            self.db()
                .prepare_cached("SELECT cursor FROM twoway_folder WHERE id = ?1")?
                .query_row([feed], |row| row.get(0))
                .optional()?
        };
        Ok(cursor.flatten().map(Cursor))
    }
}

/// Keeps where a feed goes on.
pub(crate) fn set_cursor(tx: &Connection, feed: FolderId, cursor: Option<&Cursor>) -> Result<()> {
    let cursor = cursor.map(|cursor| cursor.0.as_slice());
    if feed == 0 {
        tx.execute("UPDATE twoway_meta SET cursor = ?1", [cursor])?;
    } else {
        tx.execute(
            "UPDATE twoway_folder SET cursor = ?2 WHERE id = ?1",
            params![feed, cursor],
        )?;
    }
    Ok(())
}

/// The number of a new folder, of which nothing is said yet.
pub(crate) fn insert(tx: &Connection) -> Result<FolderId> {
    tx.execute("INSERT INTO twoway_folder DEFAULT VALUES", [])?;
    Ok(tx.last_insert_rowid())
}

/// Writes all facts of some folders. Keys may have changed places, so all are taken out first.
pub(crate) fn update_all(tx: &Connection, rows: &[&FolderRow]) -> Result<()> {
    let mut clear =
        tx.prepare_cached("UPDATE twoway_folder SET remote = NULL, local = NULL WHERE id = ?1")?;
    for row in rows {
        clear.execute([row.id])?;
    }
    let mut write = tx.prepare_cached(
        "UPDATE twoway_folder SET remote = ?2, identity = ?3, holds_items = ?4, local = ?5, is_fixed = ?6,
             remote_parent = ?7, remote_name = ?8, local_parent = ?9, local_name = ?10
         WHERE id = ?1",
    )?;
    for row in rows {
        write.execute(params![
            row.id,
            row.remote.as_ref().map(FolderKey::as_str),
            row.identity,
            row.holds_items,
            row.local.as_ref().map(LocalFolderKey::as_str),
            row.is_fixed,
            row.base_remote.0,
            row.base_remote.1,
            row.base_local.0,
            row.base_local.1,
        ])?;
    }
    Ok(())
}

/// Forgets a folder that neither side has.
pub(crate) fn remove(tx: &Connection, id: FolderId) -> Result<()> {
    tx.execute("DELETE FROM twoway_folder WHERE id = ?1", [id])?;
    Ok(())
}
