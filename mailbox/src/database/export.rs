//! Everything in a store, message by message: for who takes it elsewhere.

use std::collections::VecDeque;

use super::error::Result;
use super::id::{FolderId, MessageId};
use super::message::Message;
use super::special::Special;
use super::store::Store;

/// How many IDs are read at once.
const PAGE: usize = 256;

/// All messages of a store with the paths of their folders, parents first; no associated ones.
///
/// Each message is read by itself, so others can work meanwhile: what they delete is passed over, what they add to a
/// folder that is done is not told.
pub struct Export {
    store: Store,
    folders: VecDeque<(Vec<String>, FolderId)>,
    current: Option<(Vec<String>, FolderId)>,
    page: VecDeque<MessageId>,
    last: i64,
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
        let folders = self.read(|reader| {
            let root = reader.special(Special::Root)?;
            let mut path: Vec<String> = Vec::new();
            let mut folders = VecDeque::from([(Vec::new(), root)]);
            for (depth, folder) in reader.tree(root)? {
                path.truncate(depth as usize);
                path.push(folder.name);
                folders.push_back((path.clone(), folder.id));
            }
            Ok(folders)
        })?;
        Ok(Export {
            store: self.clone(),
            folders,
            current: None,
            page: VecDeque::new(),
            last: 0,
        })
    }
}

impl Export {
    fn step(&mut self) -> Result<Option<Exported>> {
        loop {
            if let Some(id) = self.page.pop_front() {
                let message = self.store.open_message(id)?;
                let path = self.current.as_ref().map(|(path, _)| path.clone());
                match (message, path) {
                    (Some(message), Some(path)) => return Ok(Some(Exported { path, message })),
                    _ => continue,
                }
            }
            if let Some((_, folder)) = self.current {
                let last = self.last;
                let page = self
                    .store
                    .read(|reader| reader.ids_after(folder, last, PAGE))?;
                self.last = page.last().map_or(last, |id| id.raw());
                self.page = page.into();
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
    type Item = Result<Exported>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step();
        if next.is_err() {
            // What can't be read now can't be read later.
            (self.folders, self.page, self.current) = Default::default();
        }
        next.transpose()
    }
}
