//! The rows of the store's tables: messages, folders, what waits to be sent.

pub(super) mod columns;
mod contents;
#[cfg(test)]
mod following;
mod hierarchy;
mod indexes;
mod message_values;
mod messages;
mod outgoing;
mod page_values;
mod parts;
#[cfg(test)]
#[path = "../../../../table/tests/support/table_client/mod.rs"]
mod table_client;

pub(super) use self::messages::MessageRows;

use std::sync::{Arc, Weak};

use mapi_provider_abi::mapi::PropTag;
use mapi_provider_abi::view::SortOrderSet;

use super::fault::Result;
use super::folder_content::saved_order;
use super::shared::StoreShared;
use super::tables::Which;
use crate::database::Reader;
use mapi_provider_table::table::{Rows, Source, Watcher};

/// What a table of the store is of, as a source of rows.
pub(super) struct StoreRows {
    shared: Arc<StoreShared>,
    which: Which,
    order: SortOrderSet,
}

impl StoreRows {
    /// The source of a table that shows what changes.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn new(shared: &Arc<StoreShared>, which: Which) -> Result<Self> {
        let order = match which {
            Which::Contents { folder, .. } => {
                let folder = shared.read(|reader| reader.existing_folder(folder))?;
                saved_order(&folder.props)
            }
            Which::Hierarchy { deep: true, .. } => hierarchy::parents_first(),
            Which::Outgoing => outgoing::oldest_first(),
            _ => SortOrderSet::default(),
        };
        Ok(Self {
            shared: Arc::clone(shared),
            which,
            order,
        })
    }
}

impl StoreRows {
    /// The rows as they are at one moment.
    fn rows<'r>(&'r self, reader: &'r Reader<'r>) -> Result<Box<dyn Rows + 'r>> {
        let identity = &self.shared.identity;
        Ok(match self.which {
            Which::Contents { folder, associated } => Box::new(contents::ContentsRows::new(
                reader, identity, folder, associated,
            )?),
            Which::Hierarchy { folder, deep } => Box::new(hierarchy::HierarchyRows::new(
                reader, identity, folder, deep,
            )?),
            Which::Outgoing => Box::new(outgoing::OutgoingRows::new(reader, identity)?),
        })
    }
}

impl Source for StoreRows {
    fn look(&self, work: &mut dyn FnMut(&dyn Rows) -> Result<()>) -> Result<()> {
        let mut done = Ok(());
        self.shared.read(|reader| {
            done = self.rows(reader).and_then(|rows| work(&*rows));
            Ok(())
        })?;
        done
    }

    fn watch(&self, watcher: Weak<dyn Watcher>) {
        self.shared.opened().teller.add_watcher(watcher);
        self.shared.opened().listen();
    }

    fn columns(&self) -> Vec<PropTag> {
        match self.which {
            Which::Contents { .. } => columns::CONTENTS.to_vec(),
            Which::Hierarchy { .. } => columns::HIERARCHY.to_vec(),
            Which::Outgoing => columns::OUTGOING.to_vec(),
        }
    }

    fn default_order(&self) -> SortOrderSet {
        self.order.clone()
    }
}
