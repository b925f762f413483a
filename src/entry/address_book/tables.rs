//! Tables of an address book.

use std::sync::Arc;

use windows_core::HRESULT;

use super::attached::Attached;
use crate::address_book::{AddressBook, Contents, Of, fixed, hierarchy, no_contents};
use mapi_provider_abi::mapi::{IMAPITable, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, PropTag};
use mapi_provider_abi::view::Property;
use mapi_provider_table::table::Source;
use mapi_provider_table::table::object::{DirectSinks, open};

impl<L: AddressBook> Attached<L> {
    /// A table of a source. Nobody is told of changes (AB-31).
    fn table(&self, source: Arc<dyn Source>, wide: bool) -> Result<IMAPITable, HRESULT> {
        let sinks = Arc::new(DirectSinks::default());
        open(source, sinks, self.allocators, wide).map_err(|fault| fault.status)
    }

    /// The contents of a container or a list; they are asked for when somebody looks (AB-18).
    pub(super) fn contents(&self, of: Of, wide: bool) -> Result<IMAPITable, HRESULT> {
        let directory = Arc::clone(&self.directory);
        self.table(Arc::new(Contents::new(directory, of)), wide)
    }

    /// AB-11: the root has no entries of its own.
    pub(super) fn nothing(&self, wide: bool) -> Result<IMAPITable, HRESULT> {
        self.table(Arc::new(no_contents()), wide)
    }

    /// The containers below one, or below the root (AB-11, AB-12).
    pub(super) fn containers(
        &self,
        below: Option<&str>,
        deep: bool,
        wide: bool,
    ) -> Result<IMAPITable, HRESULT> {
        let directory = &self.directory;
        let tree = directory.containers(directory.deadline());
        let tree = tree.map_err(|trouble| trouble.status())?;
        if let Some(key) = below {
            let branch = tree.get(key).ok_or(MAPI_E_NOT_FOUND)?;
            if !branch.has_children {
                return Err(MAPI_E_NO_SUPPORT); // AB-11
            }
        }
        let branches = tree.below(below, deep);
        let rows = hierarchy(&directory.book, &branches, |key| directory.is_large(key));
        self.table(Arc::new(rows), wide)
    }

    /// A table of rows that stay as they are.
    pub(super) fn fixed(
        &self,
        columns: Vec<PropTag>,
        rows: Vec<Vec<Property<'static>>>,
        wide: bool,
    ) -> Result<IMAPITable, HRESULT> {
        self.table(Arc::new(fixed(columns, rows)), wide)
    }
}
