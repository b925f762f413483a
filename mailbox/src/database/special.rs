//! The folders that every store has (STORE-02).

use mapi_provider_abi::mapi::{PR_CONTAINER_CLASS_W, PR_DISPLAY_NAME_W};
use rusqlite::{Connection, OptionalExtension};

use super::codec;
use super::error::Result;
use super::folder::{FolderKind, new_props};
use super::id::FolderId;
use super::property::PropertySet;
use super::store::Options;
use super::transaction::{Reader, now};
use super::unasked;
use mapi_provider_table::text::folded;

/// A folder that every store has, and that can't be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Special {
    /// What all others are in. It has no name.
    Root = 0,
    /// "Top of Outlook data file": what is shown to people.
    IpmSubtree = 1,
    /// Where mail arrives.
    Inbox = 2,
    /// What waits to be sent.
    Outbox = 3,
    /// What was sent.
    SentItems = 4,
    /// What was deleted, and can be taken back.
    DeletedItems = 5,
    /// What search folders are in.
    SearchRoot = 6,
    /// A user's views.
    Views = 7,
    /// Everybody's views.
    CommonViews = 8,
}

impl Special {
    /// All of them, each after its parent.
    pub const ALL: [Self; 9] = [
        Self::Root,
        Self::IpmSubtree,
        Self::Inbox,
        Self::Outbox,
        Self::SentItems,
        Self::DeletedItems,
        Self::SearchRoot,
        Self::Views,
        Self::CommonViews,
    ];

    pub(super) fn of_role(role: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|one| *one as i64 == role)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::IpmSubtree => "Top of Outlook data file",
            Self::Inbox => "Inbox",
            Self::Outbox => "Outbox",
            Self::SentItems => "Sent Items",
            Self::DeletedItems => "Deleted Items",
            Self::SearchRoot => "Search Root",
            Self::Views => "Views",
            Self::CommonViews => "Common Views",
        }
    }

    fn parent(self) -> Option<Self> {
        match self {
            Self::Root => None,
            Self::IpmSubtree | Self::SearchRoot | Self::Views | Self::CommonViews => {
                Some(Self::Root)
            }
            _ => Some(Self::IpmSubtree),
        }
    }

    /// Mail lies in it.
    fn has_mail(self) -> bool {
        matches!(
            self,
            Self::Inbox | Self::Outbox | Self::SentItems | Self::DeletedItems
        )
    }
}

impl Reader<'_> {
    /// A folder that every store has.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn special(&self, special: Special) -> Result<FolderId> {
        let mut find = self.prepared("SELECT id FROM folder WHERE role = ?1")?;
        let found = find.query_row([special as i64], |row| row.get(0));
        found.map_err(|error| match error {
            rusqlite::Error::QueryReturnedNoRows => super::Error::NotFound("special folder"),
            other => other.into(),
        })
    }
}

/// Makes what is missing: the rows that there is one of, and the special folders. In the caller's transaction.
pub(super) fn prepare(connection: &Connection, options: Options) -> Result<()> {
    connection.execute(
        "INSERT OR IGNORE INTO clock (one, txn, by, next_id, tracked) VALUES (1, 0, 0, 1, 0)",
        [],
    )?;
    connection.execute(
        "INSERT OR IGNORE INTO store (one, uid, version, props) VALUES (1, randomblob(16), 0, ?1)",
        [codec::encode(&PropertySet::default())],
    )?;
    let tracked = connection.query_row("SELECT tracked FROM clock", [], |row| row.get(0))?;
    unasked::forget(connection)?;
    // What we make here is nobody's change.
    connection.execute("UPDATE clock SET txn = txn + 1, by = 1, tracked = 0", [])?;
    for special in Special::ALL {
        let known = connection
            .query_row(
                "SELECT 1 FROM folder WHERE role = ?1",
                [special as i64],
                |_| Ok(()),
            )
            .optional()?;
        if known.is_none() {
            make(connection, special)?;
        }
    }
    connection.execute(
        "UPDATE clock SET by = 0, tracked = ?1",
        [unasked::tracked(tracked, options.track_local_changes)],
    )?;
    Ok(())
}

/// A folder that has the name already becomes the special one: somebody's mail is in it.
fn make(connection: &Connection, special: Special) -> Result<()> {
    let parent: Option<FolderId> = match special.parent() {
        None => None,
        Some(parent) => Some(connection.query_row(
            "SELECT id FROM folder WHERE role = ?1",
            [parent as i64],
            |row| row.get(0),
        )?),
    };
    let name = special.name();
    let kind = match special {
        Special::Root => FolderKind::Root,
        _ => FolderKind::Generic,
    };
    let taken = connection.execute(
        "UPDATE folder SET role = ?1
         WHERE parent IS ?2 AND name_key = ?3 AND (role IS NULL OR role NOT BETWEEN 0 AND 8) AND kind = ?4",
        (special as i64, parent, folded(name), kind as i64),
    )?;
    if taken > 0 {
        return Ok(());
    }
    let mut props = new_props(now());
    props.set_tag(PR_DISPLAY_NAME_W, name);
    let class = special.has_mail().then_some("IPF.Note");
    if let Some(class) = class {
        props.set_tag(PR_CONTAINER_CLASS_W, class);
    }
    let id: FolderId = connection.query_row(
        "UPDATE clock SET next_id = next_id + 1 RETURNING next_id - 1",
        [],
        |row| row.get(0),
    )?;
    connection.execute(
        "INSERT INTO folder (id, parent, kind, role, name, name_key, class, version, props)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, txn, ?8 FROM clock",
        (
            id,
            parent,
            kind as i64,
            special as i64,
            name,
            folded(name),
            class,
            codec::encode(&props),
        ),
    )?;
    let classes: &[&str] = match special {
        Special::Inbox => &["", "IPM", "REPORT"],
        Special::Root => &["IPC"],
        _ => &[],
    };
    // STORE-08: where mail of each class arrives in a new store.
    for class in classes {
        connection.execute(
            "INSERT OR IGNORE INTO receive (class_key, class, folder) VALUES (?1, ?2, ?3)",
            (folded(class), class, id),
        )?;
    }
    Ok(())
}
