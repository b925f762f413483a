//! A table as a COM object, memory that is looked after, and a sink that listens.

#![allow(dead_code, reason = "each test uses its part")]

use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{
    self, Allocators, Limits, MapiBuffer, Notification, PropValue, Property, Restriction, Row,
    RowSet, SortDirection, SortOrder, SortOrderSet, TableEvent,
};
use mapi_provider_host as host;
use mapi_provider_table::table::object::{DirectSinks, open};
use mapi_provider_table::table::{Abilities, MemoryRow, MemoryRows};

/// A table of some messages, with the memory that it gives from.
pub(crate) struct Stage {
    pub(crate) memory: host::Allocators,
    pub(crate) source: Arc<MemoryRows>,
    pub(crate) table: IMAPITable,
}

pub(crate) fn message(subject: &str, importance: i32) -> MemoryRow {
    MemoryRow::new()
        .with(PR_SUBJECT_W, subject)
        .with(PR_IMPORTANCE, importance)
}

impl Stage {
    pub(crate) fn new(abilities: Abilities) -> Self {
        let memory = host::Allocators::take().expect("allocators");
        let columns = vec![PR_INSTANCE_KEY, PR_SUBJECT_W, PR_IMPORTANCE];
        let source = Arc::new(MemoryRows::new(columns).with_abilities(abilities));
        for (row, (subject, importance)) in (1..).zip([("one", 2), ("two", 1), ("three", 2)]) {
            source.put(row, message(subject, importance));
        }
        let sinks = Arc::new(DirectSinks::default());
        let table = open(source.clone(), sinks, memory.for_views(), true).expect("a table");
        Self {
            memory,
            source,
            table,
        }
    }

    pub(crate) fn allocators(&self) -> Allocators {
        self.memory.for_views()
    }

    pub(crate) fn rows(&self, count: i32, flags: QueryRowsFlags) -> Vec<Row<'static>> {
        let mut rows = ptr::null_mut();
        // SAFETY: a live table and a live variable.
        let status = unsafe { self.table.QueryRows(count, flags, &mut rows) };
        assert_eq!(status, S_OK);
        self.taken(rows)
    }

    /// Rows that were given, freed.
    pub(crate) fn taken(&self, rows: *mut SRowSet) -> Vec<Row<'static>> {
        // SAFETY: rows that the table gave.
        let rows: MapiBuffer<SRowSet> = unsafe { self.allocators().adopt(rows, 1) }.expect("rows");
        let rows: RowSet<'_> = rows.read(&Limits::default()).expect("well-formed");
        rows.into_owned().0
    }

    pub(crate) fn subjects(&self, count: i32) -> Vec<String> {
        let rows = self.rows(count, QueryRowsFlags::empty());
        let subject = |row: &Row<'_>| row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
        rows.iter()
            .map(|row| subject(row).unwrap_or_default())
            .collect()
    }

    pub(crate) fn sort(&self, order: &SortOrderSet, flags: TableFlags) -> HRESULT {
        let order = self.allocators().build(order).expect("an order");
        // SAFETY: a live table and an order.
        unsafe { self.table.SortTable(order.as_ptr(), flags) }
    }

    pub(crate) fn restrict(&self, restriction: &Restriction<'_>) -> HRESULT {
        let restriction = self.allocators().build(restriction).expect("a restriction");
        // SAFETY: a live table and a restriction.
        unsafe {
            self.table
                .Restrict(restriction.as_ptr(), TableFlags::empty())
        }
    }

    pub(crate) fn position(&self) -> (u32, u32) {
        let (mut row, mut numerator, mut denominator) = (9, 9, 9);
        // SAFETY: a live table and live variables.
        let status = unsafe {
            self.table
                .QueryPosition(&mut row, &mut numerator, &mut denominator)
        };
        assert_eq!((status, numerator), (S_OK, row));
        (row, denominator)
    }

    pub(crate) fn last_error(&self, status: HRESULT) -> Option<String> {
        let mut error = ptr::null_mut();
        let flags = UnicodeFlags::MAPI_UNICODE;
        // SAFETY: a live table and a live variable.
        let answer = unsafe { self.table.GetLastError(status, flags, &mut error) };
        assert_eq!(answer, S_OK);
        // SAFETY: an error that the table gave, or NULL.
        let error = unsafe { self.allocators().adopt(error, 1) }?;
        // SAFETY: as above.
        let told = unsafe { view::DescribedError::read(error.as_ptr(), flags, &Limits::default()) };
        told.expect("well-formed")
            .error
            .map(|text| text.to_string_lossy())
    }

    pub(crate) fn close(self) {
        drop(self.table);
        assert!(self.memory.leaks().is_empty(), "{:?}", self.memory.leaks());
        assert!(
            self.memory.faults().is_empty(),
            "{:?}",
            self.memory.faults()
        );
    }
}

pub(crate) fn by_importance(categories: u32, expanded: u32) -> SortOrderSet {
    let order = |tag, direction| SortOrder { tag, direction };
    SortOrderSet {
        orders: vec![
            order(PR_IMPORTANCE, SortDirection::Descend),
            order(PR_SUBJECT_W, SortDirection::Ascend),
        ],
        categories,
        expanded,
    }
}

/// A sink that keeps what it hears, and may do something with the table meanwhile.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
pub(crate) struct Listener {
    heard: Arc<Mutex<Vec<TableEvent<'static>>>>,
    meanwhile: Box<dyn Fn() + Send + Sync>,
}

impl IMAPIAdviseSink_Impl for Listener {
    unsafe fn OnNotify(this: &Object<Self>, count: u32, first: *mut NOTIFICATION) -> u32 {
        // SAFETY: as many notifications as the caller says.
        let all = unsafe { view::read_array::<Notification>(count, first, &Limits::default()) };
        for one in all.expect("well-formed") {
            let Notification::TableModified(event) = one else {
                panic!("a table's event");
            };
            let event = match event {
                TableEvent::Changed => TableEvent::Changed,
                TableEvent::SortDone => TableEvent::SortDone,
                TableEvent::RowAdded { index, prior, row } => TableEvent::RowAdded {
                    index: index.into_owned(),
                    prior: prior.map(Property::into_owned),
                    row: row.into_owned(),
                },
                TableEvent::RowDeleted { index } => TableEvent::RowDeleted {
                    index: index.into_owned(),
                },
                other => panic!("{other:?}"),
            };
            this.heard.lock().expect("nobody panicked").push(event);
        }
        (this.meanwhile)();
        0
    }
}

pub(crate) type Heard = Arc<Mutex<Vec<TableEvent<'static>>>>;

pub(crate) fn listener(meanwhile: impl Fn() + Send + Sync + 'static) -> (IMAPIAdviseSink, Heard) {
    let heard: Heard = Arc::default();
    let listener = Listener {
        heard: heard.clone(),
        meanwhile: Box::new(meanwhile),
    };
    (ObjectRef::new(listener).into_interface(), heard)
}

pub(crate) fn advise(table: &IMAPITable, sink: &IMAPIAdviseSink) -> (HRESULT, usize) {
    let mut connection = 7;
    let mask = NotificationEvents::fnevTableModified;
    // SAFETY: a live table, sink and variable.
    let status = unsafe { table.Advise(mask, sink.as_raw(), &mut connection) };
    (status, connection)
}
