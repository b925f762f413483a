//! Receive folders: which message class arrives where (STORE-08).

use rusqlite::OptionalExtension;

use super::error::Result;
use super::id::FolderId;
use super::special::Special;
use super::transaction::{Reader, Transaction};
use mapi_provider_table::text::folded;

/// A class, and the folder where its messages arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiveFolder {
    /// The class as it was set; empty for all others.
    pub class: String,
    /// The folder.
    pub folder: FolderId,
}

impl Reader<'_> {
    /// Where messages of a class arrive: the folder of the longest class that it is, or that it is one of.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn receive_folder(&self, class: &str) -> Result<ReceiveFolder> {
        let mut find = self.prepared("SELECT class, folder FROM receive WHERE class_key = ?1")?;
        let key = folded(class);
        let mut prefix = &*key;
        loop {
            let found = find.query_row([prefix], |row| {
                Ok(ReceiveFolder {
                    class: row.get(0)?,
                    folder: row.get(1)?,
                })
            });
            if let Some(found) = found.optional()? {
                return Ok(found);
            }
            if prefix.is_empty() {
                // Its folder was deleted: "" always has one.
                return Ok(ReceiveFolder {
                    class: String::new(),
                    folder: self.special(Special::Inbox)?,
                });
            }
            prefix = prefix.rsplit_once('.').map_or("", |(head, _)| head);
        }
    }

    /// All classes that have a folder of their own, by name.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn receive_folders(&self) -> Result<Vec<ReceiveFolder>> {
        let mut select = self.prepared("SELECT class, folder FROM receive ORDER BY class_key")?;
        let rows = select.query_map([], |row| {
            Ok(ReceiveFolder {
                class: row.get(0)?,
                folder: row.get(1)?,
            })
        })?;
        let mut all: Vec<ReceiveFolder> = rows.collect::<rusqlite::Result<_>>()?;
        if all.first().is_none_or(|first| !first.class.is_empty()) {
            all.insert(0, self.receive_folder("")?);
        }
        Ok(all)
    }
}

impl Transaction<'_> {
    /// Says where messages of a class arrive; without a folder, where those of its parent class do.
    ///
    /// # Errors
    ///
    /// The folder is gone or a search folder, or the store can't be written.
    pub fn set_receive_folder(&self, class: &str, folder: Option<FolderId>) -> Result<()> {
        let Some(folder) = folder else {
            let is_any = class.is_empty();
            self.execute("DELETE FROM receive WHERE class_key = ?1", [folded(class)])?;
            if is_any {
                let inbox = self.special(Special::Inbox)?;
                return self.set_receive_folder(class, Some(inbox));
            }
            return Ok(());
        };
        // Mail that arrives in a search folder could not be put there.
        self.check_takes_messages(folder)?;
        self.execute(
            "INSERT OR REPLACE INTO receive (class_key, class, folder) VALUES (?1, ?2, ?3)",
            (folded(class), class, folder),
        )?;
        Ok(())
    }
}
