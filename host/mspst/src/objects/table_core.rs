//! What is behind a table object: the rows, and who is told about changes.

use std::sync::{Arc, Mutex};

use mapi_provider::abi::{PR_INSTANCE_KEY, PropTag, SRowSet};
use mapi_provider::view::{self, Notification, Property, RowSet, SortOrderSet, TableEvent};

use super::shared::{StoreShared, lock};
use crate::answers;
use crate::db::{Identity, State, Watcher, new_uid};
use crate::fault::Result;
use crate::table::{Contents, Row, Shift, Source};

/// What the table and the database share: the database tells the table about changes.
pub(super) struct TableCore {
    pub(super) shared: Arc<StoreShared>,
    pub(super) contents: Mutex<Contents>,
    /// Strings are UTF-16 unless a caller says otherwise.
    is_unicode: bool,
    /// What the sinks of this table have subscribed to.
    pub(super) key: [u8; 16],
}

/// More changes at once than this are reported as one.
const MOST_EVENTS: usize = 16;

impl TableCore {
    pub(super) fn new(
        shared: &Arc<StoreShared>,
        source: Source,
        order: SortOrderSet,
        is_unicode: bool,
    ) -> Self {
        Self {
            shared: Arc::clone(shared),
            contents: Mutex::new(Contents::new(source, order)),
            is_unicode,
            key: new_uid(),
        }
    }

    /// Works with the rows, up to date.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Contents) -> T) -> T {
        self.with_state(|contents, _| work(contents))
    }

    /// The same, with the state to which the rows belong.
    pub(super) fn with_state<T>(&self, work: impl FnOnce(&mut Contents, &State) -> T) -> T {
        let mut contents = lock(&self.contents);
        self.shared.db.read(|state| {
            contents.refresh(state, &self.shared.identity);
            work(&mut contents, state)
        })
    }

    /// Rows in MAPI's form. Nothing is locked meanwhile.
    pub(super) fn row_set(&self, rows: &[Row], columns: &[PropTag]) -> Result<*mut SRowSet> {
        let identity = &self.shared.identity;
        let set = rows.iter().map(|row| self.shown(row, columns, identity));
        let set = RowSet(set.collect());
        Ok(self.shared.allocators.build(&set)?.into_raw())
    }

    fn shown<'a>(
        &self,
        row: &'a Row,
        columns: &[PropTag],
        identity: &'a Identity,
    ) -> view::Row<'a> {
        let value =
            |tag: &PropTag| answers::property(row.value(identity, tag.id()), *tag, self.is_unicode);
        view::Row::from(columns.iter().map(value).collect::<Vec<Property<'a>>>())
    }

    /// Tells the sinks of this table.
    pub(super) fn tell(&self, events: &[Notification<'_>]) {
        if let Some(support) = self.shared.support() {
            support.notify_all(&self.key, events, self.shared.allocators);
        }
    }

    fn event<'a>(&'a self, shift: &'a Shift, columns: &[PropTag]) -> TableEvent<'a> {
        let identity = &self.shared.identity;
        let index = |key: u32| Property::new(PR_INSTANCE_KEY, key.to_le_bytes().to_vec());
        match shift {
            Shift::Added(row, prior) => TableEvent::RowAdded {
                index: index(row.key()),
                prior: prior.map(index),
                row: self.shown(row, columns, identity),
            },
            Shift::Modified(row, prior) => TableEvent::RowModified {
                index: index(row.key()),
                prior: prior.map(index),
                row: self.shown(row, columns, identity),
            },
            Shift::Deleted(key) => TableEvent::RowDeleted { index: index(*key) },
        }
    }
}

impl Watcher for TableCore {
    fn changed(&self) {
        let (shifts, columns) =
            self.with(|contents| (contents.shifts(), contents.columns().to_vec()));
        if shifts.is_empty() {
            return;
        }
        let events: Vec<Notification<'_>> = if shifts.len() > MOST_EVENTS {
            vec![Notification::TableModified(TableEvent::Changed)]
        } else {
            let events = shifts.iter().map(|shift| self.event(shift, &columns));
            events.map(Notification::TableModified).collect()
        };
        self.tell(&events);
    }
}
