//! Folders: what they are, and what reads them.

use std::collections::HashSet;

use mapi_provider_abi::mapi::{PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME};
use mapi_provider_abi::view::FileTime;
use rusqlite::{OptionalExtension, Row};

use super::codec;
use super::error::{Error, Result};
use super::id::{FolderId, Version};
use super::property::PropertySet;
use super::special::Special;
use super::transaction::Reader;
use mapi_provider_table::text::folded;

/// `PR_FOLDER_TYPE`, by MAPI's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FolderKind {
    /// `FOLDER_ROOT`.
    Root = 0,
    /// `FOLDER_GENERIC`.
    Generic = 1,
    /// `FOLDER_SEARCH`.
    Search = 2,
}

impl FolderKind {
    pub(super) fn of_number(number: i64) -> Self {
        match number {
            0 => Self::Root,
            2 => Self::Search,
            _ => Self::Generic,
        }
    }
}

/// A folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Folder {
    /// Its ID.
    pub id: FolderId,
    /// The folder that it is in; none for the root.
    pub parent: Option<FolderId>,
    /// What kind it is of.
    pub kind: FolderKind,
    /// Which of the folders that every store has, if it is one.
    pub special: Option<Special>,
    /// `PR_DISPLAY_NAME`; what isn't a character is U+FFFD. As it was set it stands among the properties.
    pub name: String,
    /// `PR_CONTENT_COUNT` (STORE-03).
    pub total: u64,
    /// `PR_CONTENT_UNREAD`.
    pub unread: u64,
    /// `PR_ASSOC_CONTENT_COUNT`.
    pub associated: u64,
    /// How many folders are in it.
    pub children: u64,
    /// Which change of its properties this is; counts don't touch it.
    pub version: Version,
    /// All that was set, `PR_DISPLAY_NAME` included; nothing that is computed.
    pub props: PropertySet,
}

const COLUMNS: &str =
    "id, parent, kind, role, name, total, unread, assoc, children, version, props";

impl Folder {
    fn of_row(row: &Row<'_>) -> rusqlite::Result<(Self, Vec<u8>)> {
        let folder = Self {
            id: row.get(0)?,
            parent: row.get(1)?,
            kind: FolderKind::of_number(row.get(2)?),
            special: row.get::<_, Option<i64>>(3)?.and_then(Special::of_role),
            name: row.get(4)?,
            total: row.get(5)?,
            unread: row.get(6)?,
            associated: row.get(7)?,
            children: row.get(8)?,
            version: Version(row.get(9)?),
            props: PropertySet::default(),
        };
        Ok((folder, row.get(10)?))
    }
}

/// The properties of a folder that is new.
pub(super) fn new_props(now: FileTime) -> PropertySet {
    let mut props = PropertySet::default();
    props.set_tag(PR_CREATION_TIME, now);
    props.set_tag(PR_LAST_MODIFICATION_TIME, now);
    props
}

impl Reader<'_> {
    /// A folder; none where it is gone.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn folder(&self, id: FolderId) -> Result<Option<Folder>> {
        let sql = format!("SELECT {COLUMNS} FROM folder WHERE id = ?1");
        let found = self.prepared(&sql)?.query_row([id], Folder::of_row);
        let Some((mut folder, props)) = found.optional()? else {
            return Ok(None);
        };
        folder.props = codec::decode(&props)?;
        Ok(Some(folder))
    }

    /// A folder that must be there.
    ///
    /// # Errors
    ///
    /// It is gone, or the store can't be read.
    pub fn existing_folder(&self, id: FolderId) -> Result<Folder> {
        self.folder(id)?.ok_or(Error::NotFound("folder"))
    }

    /// The folders in a folder, in the order of their IDs.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn children(&self, parent: FolderId) -> Result<Vec<Folder>> {
        let sql = format!("SELECT {COLUMNS} FROM folder WHERE parent = ?1 ORDER BY id");
        let mut select = self.prepared(&sql)?;
        let rows = select.query_map([parent], Folder::of_row)?;
        rows.map(|row| {
            let (mut folder, props) = row?;
            folder.props = codec::decode(&props)?;
            Ok(folder)
        })
        .collect()
    }

    /// All folders below a folder, parents before children, with how deep below it they are: its own children are 0
    /// (STORE-19).
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn tree(&self, top: FolderId) -> Result<Vec<(u32, Folder)>> {
        let mut found = Vec::new();
        let mut seen = HashSet::from([top]);
        let mut waiting = vec![(0, self.children(top)?.into_iter())];
        while let Some((depth, siblings)) = waiting.last_mut() {
            let depth: u32 = *depth;
            match siblings.next() {
                None => drop(waiting.pop()),
                Some(folder) => {
                    if !seen.insert(folder.id) {
                        return Err(Error::Corrupt("a folder lies in itself".into()));
                    }
                    let below = if folder.children > 0 {
                        self.children(folder.id)?
                    } else {
                        Vec::new()
                    };
                    found.push((depth, folder));
                    waiting.push((depth + 1, below.into_iter()));
                }
            }
        }
        Ok(found)
    }

    /// The folder of a name in another one, without regard to case.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn child_named(&self, parent: FolderId, name: &str) -> Result<Option<FolderId>> {
        let mut find =
            self.prepared("SELECT id FROM folder WHERE parent = ?1 AND name_key = ?2")?;
        let found = find.query_row((parent, folded(name)), |row| row.get(0));
        Ok(found.optional()?)
    }

    /// Whether a folder is another one, or lies somewhere in it.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn is_within(&self, folder: FolderId, ancestor: FolderId) -> Result<bool> {
        let mut find = self.prepared(
            "WITH RECURSIVE up (id) AS (
               VALUES (?1) UNION SELECT folder.parent FROM folder JOIN up USING (id) WHERE folder.parent IS NOT NULL
             ) SELECT EXISTS (SELECT 1 FROM up WHERE id = ?2)",
        )?;
        Ok(find.query_row((folder, ancestor), |row| row.get(0))?)
    }
}
