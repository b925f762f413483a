//! `IMAPITable`, as a client calls it: with good arguments, with none, with rubbish.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{
    self, Allocators, Limits, MapiBuffer, Notification, PropTags, PropValue, Property, RelOp,
    Restriction, Row, RowSet, SortDirection, SortOrder, SortOrderSet, TableEvent,
};
use mapi_provider_host as host;
use mapi_provider_mailbox::table::object::{DirectSinks, open};
use mapi_provider_mailbox::table::{Abilities, MemoryRow, MemoryRows};

/// A table of some messages, with the memory that it gives from.
struct Stage {
    memory: host::Allocators,
    source: Arc<MemoryRows>,
    table: IMAPITable,
}

fn message(subject: &str, importance: i32) -> MemoryRow {
    MemoryRow::new()
        .with(PR_SUBJECT_W, subject)
        .with(PR_IMPORTANCE, importance)
}

impl Stage {
    fn new(abilities: Abilities) -> Self {
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

    fn allocators(&self) -> Allocators {
        self.memory.for_views()
    }

    fn rows(&self, count: i32, flags: QueryRowsFlags) -> Vec<Row<'static>> {
        let mut rows = ptr::null_mut();
        // SAFETY: a live table and a live variable.
        let status = unsafe { self.table.QueryRows(count, flags, &mut rows) };
        assert_eq!(status, S_OK);
        self.taken(rows)
    }

    /// Rows that were given, freed.
    fn taken(&self, rows: *mut SRowSet) -> Vec<Row<'static>> {
        // SAFETY: rows that the table gave.
        let rows: MapiBuffer<SRowSet> = unsafe { self.allocators().adopt(rows, 1) }.expect("rows");
        let rows: RowSet<'_> = rows.read(&Limits::default()).expect("well-formed");
        rows.into_owned().0
    }

    fn subjects(&self, count: i32) -> Vec<String> {
        let rows = self.rows(count, QueryRowsFlags::empty());
        let subject = |row: &Row<'_>| row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
        rows.iter()
            .map(|row| subject(row).unwrap_or_default())
            .collect()
    }

    fn sort(&self, order: &SortOrderSet, flags: TableFlags) -> HRESULT {
        let order = self.allocators().build(order).expect("an order");
        // SAFETY: a live table and an order.
        unsafe { self.table.SortTable(order.as_ptr(), flags) }
    }

    fn restrict(&self, restriction: &Restriction<'_>) -> HRESULT {
        let restriction = self.allocators().build(restriction).expect("a restriction");
        // SAFETY: a live table and a restriction.
        unsafe {
            self.table
                .Restrict(restriction.as_ptr(), TableFlags::empty())
        }
    }

    fn position(&self) -> (u32, u32) {
        let (mut row, mut numerator, mut denominator) = (9, 9, 9);
        // SAFETY: a live table and live variables.
        let status = unsafe {
            self.table
                .QueryPosition(&mut row, &mut numerator, &mut denominator)
        };
        assert_eq!((status, numerator), (S_OK, row));
        (row, denominator)
    }

    fn last_error(&self, status: HRESULT) -> Option<String> {
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

    fn close(self) {
        drop(self.table);
        assert!(self.memory.leaks().is_empty(), "{:?}", self.memory.leaks());
        assert!(
            self.memory.faults().is_empty(),
            "{:?}",
            self.memory.faults()
        );
    }
}

fn by_importance(categories: u32, expanded: u32) -> SortOrderSet {
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
struct Listener {
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

type Heard = Arc<Mutex<Vec<TableEvent<'static>>>>;

fn listener(meanwhile: impl Fn() + Send + Sync + 'static) -> (IMAPIAdviseSink, Heard) {
    let heard: Heard = Arc::default();
    let listener = Listener {
        heard: heard.clone(),
        meanwhile: Box::new(meanwhile),
    };
    (ObjectRef::new(listener).into_interface(), heard)
}

fn advise(table: &IMAPITable, sink: &IMAPIAdviseSink) -> (HRESULT, usize) {
    let mut connection = 7;
    let mask = NotificationEvents::fnevTableModified;
    // SAFETY: a live table, sink and variable.
    let status = unsafe { table.Advise(mask, sink.as_raw(), &mut connection) };
    (status, connection)
}

#[test]
fn store_13_rows_are_read_forwards_and_backwards() {
    let stage = Stage::new(Abilities::default());
    assert_eq!(stage.subjects(2), ["one", "two"]);
    assert_eq!(stage.position(), (2, 3));
    assert_eq!(stage.subjects(-1), ["two"]);
    assert_eq!(stage.position(), (2, 3));
    assert_eq!(stage.rows(-2, QueryRowsFlags::TBL_NOADVANCE).len(), 2);
    assert_eq!(stage.position(), (0, 3));
    assert_eq!(stage.subjects(-1), [""; 0]);
    assert_eq!(stage.subjects(i32::MAX).len(), 3);
    assert_eq!(stage.subjects(1), [""; 0]);
    assert_eq!(stage.subjects(i32::MIN).len(), 3);
    let mut rows = ptr::dangling_mut();
    // SAFETY: a live table and a live variable.
    let status = unsafe { stage.table.QueryRows(0, QueryRowsFlags::empty(), &mut rows) };
    assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    assert!(rows.is_null());
    stage.close();
}

#[test]
fn store_13_parts_of_the_way_are_exact_for_any_numbers() {
    let stage = Stage::new(Abilities::default());
    for (numerator, denominator, row) in [
        (0, 5, 0),
        (5, 5, 3),
        (u32::MAX, 1, 3),
        (u32::MAX - 1, u32::MAX, 2),
        (1, 3, 1),
    ] {
        // SAFETY: a live table.
        let status = unsafe { stage.table.SeekRowApprox(numerator, denominator) };
        assert_eq!(
            (status, stage.position().0),
            (S_OK, row),
            "{numerator}/{denominator}"
        );
    }
    // SAFETY: a live table.
    let status = unsafe { stage.table.SeekRowApprox(1, 0) };
    assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    assert!(stage.last_error(status).is_some());
    stage.close();
}

#[test]
fn store_14_an_order_that_tables_do_not_have_leaves_the_old_one() {
    let stage = Stage::new(Abilities::default());
    assert_eq!(stage.sort(&by_importance(0, 0), TableFlags::empty()), S_OK);
    let nine = SortOrderSet {
        orders: vec![by_importance(0, 0).orders[0]; 9],
        ..SortOrderSet::default()
    };
    assert_eq!(stage.sort(&nine, TableFlags::empty()), MAPI_E_TOO_COMPLEX);
    assert_eq!(stage.subjects(9), ["one", "three", "two"]);
    let mut order = ptr::null_mut();
    // SAFETY: a live table and a live variable.
    assert_eq!(unsafe { stage.table.QuerySortOrder(&mut order) }, S_OK);
    // SAFETY: an order that the table gave.
    let buffer = unsafe { stage.allocators().adopt(order, 1) }.expect("an order");
    let order: SortOrderSet = buffer.read(&Limits::default()).expect("well-formed");
    assert_eq!(order, by_importance(0, 0));
    drop(buffer);
    stage.close();
}

#[test]
fn store_15_what_can_not_be_decided_is_refused_and_changes_nothing() {
    let stage = Stage::new(Abilities::default());
    let least = |least: i32| Restriction::property(RelOp::Ge, Property::new(PR_IMPORTANCE, least));
    assert_eq!(stage.restrict(&least(2)), S_OK);
    let nested = |depth| (1..depth).fold(least(2), |inner, _| Restriction::Not(Box::new(inner)));
    let wrong_type = Restriction::Property {
        relop: RelOp::Eq,
        tag: PR_SUBJECT_W,
        property: Property::new(PR_IMPORTANCE, 1),
    };
    let regular = Restriction::property(RelOp::Re, Property::new(PR_SUBJECT_W, "x"));
    for refused in [nested(33), nested(100), wrong_type, regular] {
        assert_eq!(stage.restrict(&refused), MAPI_E_TOO_COMPLEX);
        assert_eq!(stage.subjects(9), ["one", "three"]);
        // SAFETY: a live table.
        let status = unsafe { stage.table.SeekRow(0, 0, ptr::null_mut()) };
        assert_eq!(status, S_OK);
    }
    assert_eq!(stage.restrict(&nested(31)), S_OK);
    assert_eq!(stage.restrict(&nested(32)), S_OK);
    // SAFETY: a live table; NULL lifts the restriction.
    let status = unsafe { stage.table.Restrict(ptr::null_mut(), TableFlags::empty()) };
    assert_eq!((status, stage.subjects(9).len()), (S_OK, 3));
    stage.close();
}

#[test]
fn store_11_columns_come_as_they_were_set() {
    let stage = Stage::new(Abilities::default());
    let set = |tags: &[PropTag]| {
        let tags = stage
            .allocators()
            .build(&PropTags::from(tags))
            .expect("tags");
        // SAFETY: a live table and tags.
        unsafe { stage.table.SetColumns(tags.as_ptr(), TableFlags::empty()) }
    };
    assert_eq!(set(&[]), MAPI_E_INVALID_PARAMETER);
    let tags = [PR_SUBJECT_A, PR_NULL, PR_DISPLAY_NAME_W, PR_ROW_TYPE];
    assert_eq!(set(&tags), S_OK);
    let rows = stage.rows(1, QueryRowsFlags::empty());
    let expected = [
        Property::new(PR_SUBJECT_A, PropValue::ansi("one")),
        Property::new(PR_NULL, PropValue::Null),
        Property::new(PR_DISPLAY_NAME_W.with_type(PT_ERROR), MAPI_E_NOT_FOUND),
        Property::new(PR_ROW_TYPE, 1),
    ];
    assert_eq!(rows[0].properties, expected);
    let mut columns = ptr::null_mut();
    let all = QueryColumnsFlags::TBL_ALL_COLUMNS;
    // SAFETY: a live table and a live variable.
    assert_eq!(unsafe { stage.table.QueryColumns(all, &mut columns) }, S_OK);
    // SAFETY: tags that the table gave.
    let buffer = unsafe { stage.allocators().adopt(columns, 1) }.expect("tags");
    let columns: PropTags = buffer.read(&Limits::default()).expect("well-formed");
    let columns = columns.to_vec();
    drop(buffer);
    assert!(columns.contains(&PR_IMPORTANCE) && columns.contains(&PR_INSTANCE_KEY));
    stage.close();
}

#[test]
fn store_16_bookmarks_are_a_thousand_at_most_and_attachments_have_none() {
    let stage = Stage::new(Abilities::default());
    let create = || {
        let mut bookmark = 0;
        // SAFETY: a live table and a live variable.
        let status = unsafe { stage.table.CreateBookmark(&mut bookmark) };
        (status, bookmark)
    };
    let first = create().1;
    assert!(first > 2);
    for _ in 1..1000 {
        assert_eq!(create().0, S_OK);
    }
    assert_eq!(create().0, MAPI_E_UNABLE_TO_COMPLETE);
    // SAFETY: a live table.
    unsafe {
        assert_eq!(stage.table.FreeBookmark(first), S_OK);
        assert_eq!(stage.table.FreeBookmark(first), MAPI_E_INVALID_BOOKMARK);
        let seek = stage.table.SeekRow(first, 0, ptr::null_mut());
        assert_eq!(seek, MAPI_E_INVALID_BOOKMARK);
        assert_eq!(
            stage.table.FreeBookmark(usize::MAX),
            MAPI_E_INVALID_BOOKMARK
        );
    }
    stage.close();

    let stage = Stage::new(Abilities {
        bookmarks: false,
        ..Abilities::default()
    });
    let mut bookmark = 5;
    // SAFETY: a live table and a live variable.
    let status = unsafe { stage.table.CreateBookmark(&mut bookmark) };
    assert_eq!((status, bookmark), (MAPI_E_NO_SUPPORT, 0));
    stage.close();
}

#[test]
fn store_17_categories_open_close_and_are_remembered() {
    let stage = Stage::new(Abilities::default());
    assert_eq!(stage.sort(&by_importance(1, 0), TableFlags::empty()), S_OK);
    let headings = stage.rows(9, QueryRowsFlags::empty());
    assert_eq!(headings.len(), 2);
    let key = |row: &Row<'_>| {
        let key = row.get(PR_INSTANCE_KEY).and_then(PropValue::as_binary);
        key.expect("a key").to_vec()
    };
    let mut first = key(&headings[0]);
    let length = first.len() as u32;
    let (mut rows, mut count) = (ptr::null_mut(), 0);
    // SAFETY: a live table, a key and live variables.
    let status = unsafe {
        stage
            .table
            .ExpandRow(length, first.as_mut_ptr(), 1, 0, &mut rows, &mut count)
    };
    assert_eq!((status, count, stage.position()), (S_OK, 2, (2, 4)));
    assert_eq!(stage.taken(rows).len(), 1);

    let (mut size, mut state) = (0, ptr::null_mut());
    // SAFETY: a live table, a key and live variables.
    let status = unsafe {
        let key = first.as_mut_ptr();
        stage
            .table
            .GetCollapseState(0, length, key, &mut size, &mut state)
    };
    assert_eq!(status, S_OK);
    // SAFETY: a live table, a key and a live variable.
    let status = unsafe {
        stage
            .table
            .CollapseRow(length, first.as_mut_ptr(), 0, &mut count)
    };
    assert_eq!((status, count, stage.position()), (S_OK, 2, (1, 2)));
    let mut bookmark = 0;
    // SAFETY: a live table, the state that it gave, a live variable.
    let status = unsafe { stage.table.SetCollapseState(0, size, state, &mut bookmark) };
    assert_eq!((status, stage.position().1), (S_OK, 4));
    // SAFETY: as above; a state cut short.
    let status = unsafe {
        stage
            .table
            .SetCollapseState(0, size - 1, state, &mut bookmark)
    };
    assert_eq!((status, bookmark), (MAPI_E_UNABLE_TO_COMPLETE, 0));
    assert_eq!(stage.sort(&by_importance(1, 1), TableFlags::empty()), S_OK);
    // SAFETY: as above; of another order.
    let status = unsafe { stage.table.SetCollapseState(0, size, state, &mut bookmark) };
    assert_eq!(status, MAPI_E_UNABLE_TO_COMPLETE);
    // SAFETY: what the table gave, which nobody uses any more.
    unsafe { stage.memory.free(state.cast::<c_void>()) };
    stage.close();
}

#[test]
fn store_19_asynchronous_work_is_done_at_once_and_told() {
    let stage = Stage::new(Abilities::default());
    let (sink, heard) = listener(|| {});
    let (status, connection) = advise(&stage.table, &sink);
    assert_eq!(status, S_OK);
    assert_eq!(
        stage.sort(&by_importance(0, 0), TableFlags::TBL_ASYNC),
        S_OK
    );
    assert_eq!(*heard.lock().expect("a list"), [TableEvent::SortDone]);
    let (mut status, mut kind) = (9, 9);
    // SAFETY: a live table and live variables.
    unsafe {
        assert_eq!(stage.table.GetStatus(&mut status, &mut kind), S_OK);
        assert_eq!((status, kind), (TBLSTAT_COMPLETE, TBLTYPE_DYNAMIC));
        assert_eq!(stage.table.Abort(), S_OK);
        assert_eq!(
            stage.table.WaitForCompletion(0, u32::MAX, ptr::null_mut()),
            S_OK
        );
        assert_eq!(stage.table.Unadvise(connection), S_OK);
        assert_eq!(stage.table.Unadvise(connection), MAPI_E_NOT_FOUND);
    }
    stage.close();
}

#[test]
fn store_40_changes_are_told_until_unadvise_and_sinks_may_call_the_table() {
    let stage = Stage::new(Abilities::default());
    let table = stage.table.clone();
    let (sink, heard) = listener(move || {
        let mut count = 0;
        // SAFETY: a live table and a live variable.
        assert_eq!(unsafe { table.GetRowCount(0, &mut count) }, S_OK);
    });
    let (status, connection) = advise(&stage.table, &sink);
    assert_eq!(status, S_OK);
    stage.source.put(9, message("four", 0));
    stage.source.remove(2);
    let first = std::mem::take(&mut *heard.lock().expect("a list"));
    let index = |row: u64| Property::new(PR_INSTANCE_KEY, row.to_le_bytes().to_vec());
    assert!(
        matches!(&first[..], [
            TableEvent::RowAdded { index: added, prior: Some(prior), row },
            TableEvent::RowDeleted { index: gone },
        ] if *added == index(9) && *prior == index(3) && *gone == index(2) && row.properties.len() == 3),
        "{first:?}"
    );
    let many = (100..200).map(|row| (row, Some(message("many", 1))));
    stage.source.change(many);
    assert_eq!(*heard.lock().expect("a list"), [TableEvent::Changed]);
    // SAFETY: a live table.
    assert_eq!(unsafe { stage.table.Unadvise(connection) }, S_OK);
    stage.source.put(10, message("five", 0));
    assert_eq!(heard.lock().expect("a list").len(), 1);
    drop(sink);
    stage.close();
}

#[test]
fn store_40_a_sink_that_ends_its_subscription_hears_no_more() {
    let stage = Stage::new(Abilities::default());
    let connection = Arc::new(Mutex::new(0));
    let (table, number) = (stage.table.clone(), connection.clone());
    let (sink, heard) = listener(move || {
        let number = *number.lock().expect("a number");
        // SAFETY: a live table.
        assert_eq!(unsafe { table.Unadvise(number) }, S_OK);
    });
    let (status, number) = advise(&stage.table, &sink);
    assert_eq!(status, S_OK);
    *connection.lock().expect("a number") = number;
    stage.source.remove(1);
    stage.source.remove(2);
    assert_eq!(heard.lock().expect("a list").len(), 1);
    drop(sink);
    stage.close();
}

#[test]
fn ab_31_a_table_without_notifications_refuses_and_leaves_the_sink_alone() {
    let stage = Stage::new(Abilities {
        notifications: false,
        ..Abilities::default()
    });
    let (sink, _) = listener(|| {});
    assert_eq!(advise(&stage.table, &sink), (MAPI_E_NO_SUPPORT, 0));
    // Ours, and no other.
    let raw = sink.into_raw();
    // SAFETY: the sink's own vtable, and our reference, which is given up.
    let left = unsafe {
        let vtable = *raw.cast::<*const windows_unknown::Vtable>();
        ((*vtable).release)(raw)
    };
    assert_eq!(left, 0);
    stage.close();
}

/// The part of a vtable that counts references.
mod windows_unknown {
    use std::ffi::c_void;

    #[repr(C)]
    pub struct Vtable {
        query: usize,
        add_ref: usize,
        pub release: unsafe extern "system" fn(*mut c_void) -> u32,
    }
}

#[test]
fn null_and_rubbish_are_refused_everywhere() {
    let stage = Stage::new(Abilities::default());
    let table = &stage.table;
    let mut number = 5;
    let mut rubbish = [0xCC_u8; 64];
    let mut bookmark = 3;
    let wide = UnicodeFlags::MAPI_UNICODE;
    let none = TableFlags::empty();
    // SAFETY: NULL, or memory as large as the call says.
    unsafe {
        let invalid = MAPI_E_INVALID_PARAMETER;
        assert_eq!(table.GetLastError(S_OK, wide, ptr::null_mut()), invalid);
        let mask = NotificationEvents::empty();
        assert_eq!(table.Advise(mask, ptr::null_mut(), &mut bookmark), invalid);
        assert_eq!(table.GetStatus(ptr::null_mut(), &mut number), invalid);
        assert_eq!(table.SetColumns(ptr::null_mut(), none), invalid);
        let some = QueryColumnsFlags::empty();
        assert_eq!(table.QueryColumns(some, ptr::null_mut()), invalid);
        assert_eq!(table.GetRowCount(0, ptr::null_mut()), invalid);
        assert_eq!(
            table.SeekRow(77, 0, ptr::null_mut()),
            MAPI_E_INVALID_BOOKMARK
        );
        let find = FindRowFlags::empty();
        assert_eq!(table.FindRow(ptr::null_mut(), 0, find), invalid);
        assert_eq!(table.CreateBookmark(ptr::null_mut()), invalid);
        assert_eq!(table.QuerySortOrder(ptr::null_mut()), invalid);
        let query = QueryRowsFlags::empty();
        assert_eq!(table.QueryRows(1, query, ptr::null_mut()), invalid);
        let key = rubbish.as_mut_ptr();
        let expand = |size, key, count, rows| {
            let mut more = 5;
            let status = table.ExpandRow(size, key, count, 0, rows, &mut more);
            assert_eq!(more, 0);
            status
        };
        assert_eq!(expand(64, key, 1, ptr::null_mut()), invalid);
        assert_eq!(expand(64, key, 0, ptr::null_mut()), MAPI_E_NOT_FOUND);
        assert_eq!(
            expand(0, ptr::null_mut(), 0, ptr::null_mut()),
            MAPI_E_NOT_FOUND
        );
        assert_eq!(expand(u32::MAX, key, 0, ptr::null_mut()), MAPI_E_TOO_BIG);
        assert_eq!(table.CollapseRow(9, key, 0, &mut number), MAPI_E_NOT_FOUND);
        let mut state = ptr::null_mut();
        let status = table.GetCollapseState(0, 8, key, &mut number, &mut state);
        assert_eq!(status, MAPI_E_NO_SUPPORT);
        let status = table.SetCollapseState(0, 64, key, &mut bookmark);
        assert_eq!(status, MAPI_E_NO_SUPPORT);
        assert_eq!(stage.sort(&by_importance(1, 1), none), S_OK);
        let status = table.SetCollapseState(0, 64, key, &mut bookmark);
        assert_eq!(status, MAPI_E_UNABLE_TO_COMPLETE);
        assert_eq!(table.Unadvise(12345), MAPI_E_NOT_FOUND);
        // An order that says that it has more than there could be.
        let order = SSortOrderSet {
            cSorts: u32::MAX,
            cCategories: 0,
            cExpanded: 0,
            aSort: [SSortOrder {
                ulPropTag: PR_SUBJECT_W,
                ulOrder: 0,
            }],
        };
        let status = table.SortTable((&raw const order).cast_mut(), none);
        assert_eq!(status, MAPI_E_TOO_BIG);
    }
    stage.close();
}

#[test]
fn what_there_is_no_memory_for_was_not_read() {
    let stage = Stage::new(Abilities::default());
    for nth in 1.. {
        stage.memory.fail_nth(nth);
        let mut rows = ptr::null_mut();
        // SAFETY: a live table and a live variable.
        let status = unsafe { stage.table.QueryRows(2, QueryRowsFlags::empty(), &mut rows) };
        if status == S_OK {
            assert!(nth > 3, "rows take memory");
            drop(stage.taken(rows));
            break;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY);
        assert!(rows.is_null());
        assert_eq!(stage.position(), (0, 3));
    }
    stage.memory.fail_nth(0);
    stage.close();
}
