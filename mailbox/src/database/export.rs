//! Everything in a store, message by message: for who takes it elsewhere.

use std::collections::VecDeque;

use super::error::{Error, Result};
use super::id::{FolderId, MessageId};
use super::message::Message;
use super::special::Special;
use super::store::Store;

/// How many IDs are read at once.
const PAGE: usize = 256;

/// All messages of a store with the paths of their folders, parents first; no associated ones.
///
/// Each message is read by itself, so others can work meanwhile: what they delete is passed over, and what they add is not
/// told.
pub struct Export {
    store: Store,
    folders: VecDeque<(Vec<String>, FolderId)>,
    current: Option<(Vec<String>, FolderId)>,
    page: VecDeque<MessageId>,
    last: i64,
    /// What was there at the beginning has no higher ID.
    end: i64,
}

/// Something that could not be read: a message, or the rest of a folder. All else is.
#[derive(Debug)]
pub struct Unreadable {
    /// The names of the folders, as in [`Exported`].
    pub path: Vec<String>,
    /// The message; none where it is the rest of a folder.
    pub message: Option<MessageId>,
    /// Why.
    pub error: Error,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Unreadable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

/// A message and where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Exported {
    /// The names of the folders that it is in, from the one below the root to its own.
    pub path: Vec<String>,
    /// The message.
    pub message: Message,
}

impl Store {
    /// All messages, folder by folder.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn export(&self) -> Result<Export> {
        let (folders, end) = self.read(|reader| {
            let root = reader.special(Special::Root)?;
            let mut path: Vec<String> = Vec::new();
            let mut folders = VecDeque::from([(Vec::new(), root)]);
            for (depth, folder) in reader.tree(root)? {
                path.truncate(depth as usize);
                path.push(folder.name);
                folders.push_back((path.clone(), folder.id));
            }
            let last = "SELECT ifnull(max(id), 0) FROM message";
            let end = reader.connection.query_row(last, [], |row| row.get(0))?;
            Ok((folders, end))
        })?;
        Ok(Export {
            store: self.clone(),
            folders,
            current: None,
            page: VecDeque::new(),
            last: 0,
            end,
        })
    }
}

impl Export {
    /// The folders whose messages come, parents first, each as in [`Exported::path`]; those that came already are left out.
    pub fn folders(&self) -> impl Iterator<Item = &[String]> {
        self.folders.iter().map(|(path, _)| path.as_slice())
    }

    fn step(&mut self) -> std::result::Result<Option<Exported>, Unreadable> {
        loop {
            let path = self.current.as_ref().map(|(path, _)| path);
            let unreadable = |message, error| Unreadable {
                path: path.cloned().unwrap_or_default(),
                message,
                error,
            };
            if let Some(id) = self.page.pop_front() {
                let message = self.store.open_message(id);
                match (message.map_err(|error| unreadable(Some(id), error))?, path) {
                    (Some(message), Some(path)) => {
                        let path = path.clone();
                        return Ok(Some(Exported { path, message }));
                    }
                    _ => continue,
                }
            }
            if let Some((_, folder)) = self.current {
                let last = self.last;
                let page = self
                    .store
                    .read(|reader| reader.ids_after(folder, last, PAGE));
                match page {
                    Ok(page) => {
                        self.last = page.last().map_or(last, |id| id.raw());
                        self.page = page.into();
                        self.page.retain(|id| id.raw() <= self.end);
                    }
                    Err(error) => {
                        let unreadable = unreadable(None, error);
                        self.current = None;
                        return Err(unreadable);
                    }
                }
            }
            if self.page.is_empty() {
                self.current = self.folders.pop_front();
                self.last = 0;
                if self.current.is_none() {
                    return Ok(None);
                }
            }
        }
    }
}

impl Iterator for Export {
    type Item = std::result::Result<Exported, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        self.step().transpose()
    }
}
