//! What a table reads, and what it tells of changes (STORE-20, STORE-40).

use crate::table_support;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{Property, SortDirection, TableEvent};
use mapi_provider_table::table::{
    Changes, Direction, Fault, Index, Key, MemoryRows, Parts, Place, PropId, Result, RowId, Rows,
    SortColumn, Source, Values, Watcher,
};
use table_support::rows::*;

/// Rows that are watched: how often they are read, and that may fail.
struct Watched {
    rows: MemoryRows,
    read: AtomicUsize,
    walked: AtomicUsize,
    fails: AtomicBool,
}

impl Watched {
    fn new(rows: MemoryRows) -> Arc<Self> {
        Arc::new(Self {
            rows,
            read: AtomicUsize::new(0),
            walked: AtomicUsize::new(0),
            fails: AtomicBool::new(false),
        })
    }

    fn cost(&self) -> (usize, usize) {
        (
            self.read.swap(0, Ordering::Relaxed),
            self.walked.swap(0, Ordering::Relaxed),
        )
    }
}

impl Source for Watched {
    fn look(&self, work: &mut dyn FnMut(&dyn Rows) -> Result<()>) -> Result<()> {
        self.rows.look(&mut |rows| work(&WatchedRows(self, rows)))
    }

    fn watch(&self, watcher: Weak<dyn Watcher>) {
        self.rows.watch(watcher);
    }

    fn columns(&self) -> Vec<PropTag> {
        self.rows.columns()
    }
}

struct WatchedRows<'a>(&'a Watched, &'a dyn Rows);

impl Rows for WatchedRows<'_> {
    fn version(&self) -> u64 {
        self.1.version()
    }

    fn changes(&self, since: u64) -> Result<Changes> {
        if self.0.fails.load(Ordering::Relaxed) {
            return Err(Fault::new(MAPI_E_DISK_ERROR, "the disk is gone"));
        }
        self.1.changes(since)
    }

    fn count(&self) -> Result<usize> {
        self.1.count()
    }

    fn read(&self, row: RowId, properties: &[PropId]) -> Result<Option<Values>> {
        self.0.read.fetch_add(1, Ordering::Relaxed);
        self.1.read(row, properties)
    }

    fn scan(
        &self,
        among: Option<&[RowId]>,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let walked = &self.0.walked;
        self.1.scan(among, properties, &mut |row, values| {
            walked.fetch_add(1, Ordering::Relaxed);
            visit(row, values)
        })
    }

    fn tags(&self) -> Result<Vec<PropTag>> {
        self.1.tags()
    }

    fn index(&self, order: &[SortColumn]) -> Option<Index> {
        self.1.index(order)
    }

    fn page(
        &self,
        index: Index,
        from: &Place,
        direction: Direction,
        count: usize,
        properties: &[PropId],
        visit: &mut dyn FnMut(RowId, Values) -> Result<()>,
    ) -> Result<()> {
        let walked = &self.0.walked;
        let mut counted = |row, values| {
            walked.fetch_add(1, Ordering::Relaxed);
            visit(row, values)
        };
        self.1
            .page(index, from, direction, count, properties, &mut counted)
    }

    fn position(&self, index: Index, place: &Key) -> Result<usize> {
        let position = self.1.position(index, place)?;
        self.0.walked.fetch_add(position, Ordering::Relaxed);
        Ok(position)
    }

    fn candidates(&self, property: PropId, text: &str) -> Result<Option<Vec<RowId>>> {
        self.1.candidates(property, text)
    }

    fn parts(
        &self,
        row: RowId,
        parts: Parts,
        properties: &[PropId],
        visit: &mut dyn FnMut(Values) -> Result<bool>,
    ) -> Result<()> {
        self.1.parts(row, parts, properties, visit)
    }
}

#[test]
fn store_20_a_table_in_an_order_that_an_index_has_reads_what_it_shows() {
    let columns = vec![PR_INSTANCE_KEY, PR_IMPORTANCE];
    let by_importance = SortColumn {
        property: PR_IMPORTANCE.id(),
        descending: true,
    };
    let source = Watched::new(
        MemoryRows::new(columns.clone())
            .with_index(vec![])
            .with_index(vec![by_importance])
            .with_text_index(),
    );
    let message = |id: u64| (id, Some(row("x").with(PR_IMPORTANCE, (id % 7) as i32)));
    source.rows.change((1..2000).map(message));
    let mut table = table(source.clone());
    table.start_telling().expect("it tells");
    table.set_columns(columns, false).expect("columns");
    table
        .sort(by(&[(PR_IMPORTANCE, SortDirection::Descend)]))
        .expect("an order");
    assert_eq!(table.query_rows(50, true).expect("rows").len(), 50);
    assert_eq!(table.row_count().expect("a count"), 1999);
    assert_eq!(table.query_position().expect("a position").row, 50);
    let (read, walked) = source.cost();
    assert!(read <= 60 && walked <= 200, "{read} read, {walked} walked");
    // STORE-40: a change costs a step in the index.
    source.rows.change([message(5000)]);
    table.refresh().expect("rows");
    assert_eq!(table.take_events().len(), 1);
    let (read, walked) = source.cost();
    assert!(read <= 8 && walked <= 4, "{read} read, {walked} walked");
}

#[test]
fn store_20_and_store_40_a_change_in_a_list_is_put_in_its_place_by_halving() {
    let source = Watched::new(MemoryRows::new(vec![PR_INSTANCE_KEY, PR_SUBJECT_W]));
    source
        .rows
        .change((1..1025).map(|id| (id, Some(row(&format!("{id:04}"))))));
    let mut table = table(source.clone());
    table.start_telling().expect("it tells");
    table
        .sort(by(&[(PR_SUBJECT_W, SortDirection::Ascend)]))
        .expect("an order");
    assert_eq!(source.cost().1, 2048);
    source.rows.put(7000, row("0500x"));
    table.refresh().expect("rows");
    let (read, walked) = source.cost();
    assert!(read <= 14 && walked == 0, "{read} read, {walked} walked");
    let events = table.take_events();
    let key = |id: u64| Property::new(PR_INSTANCE_KEY, id.to_le_bytes().to_vec());
    assert!(
        matches!(&events[..], [TableEvent::RowAdded { prior: Some(prior), .. }] if *prior == key(500)),
        "{events:?}"
    );
}

#[test]
fn store_40_a_table_that_nobody_has_read_from_tells_too() {
    for has_index in [false, true] {
        let mut source = MemoryRows::new(vec![PR_INSTANCE_KEY]);
        if has_index {
            source = source.with_index(vec![]);
        }
        let source = Arc::new(source);
        let mut table = table(source.clone());
        table.start_telling().expect("it tells");
        source.put(1, row("x"));
        table.refresh().expect("rows");
        let events = table.take_events();
        assert!(
            matches!(&events[..], [TableEvent::RowAdded { prior: None, .. }]),
            "{events:?}"
        );
        assert!(table.take_events().is_empty());
    }
}

#[test]
fn store_40_more_than_64_changes_are_told_as_one() {
    for has_index in [false, true] {
        let mut source = MemoryRows::new(vec![PR_INSTANCE_KEY]);
        if has_index {
            source = source.with_index(vec![]);
        }
        let source = Arc::new(source);
        let mut table = table(source.clone());
        table.start_telling().expect("it tells");
        source.change((0..64).map(|id| (id, Some(row("x")))));
        table.refresh().expect("rows");
        assert_eq!(table.take_events().len(), 64);
        source.change((100..165).map(|id| (id, Some(row("x")))));
        table.refresh().expect("rows");
        assert_eq!(table.take_events(), [TableEvent::Changed]);
    }
}

#[test]
fn store_40_what_came_and_went_unseen_is_not_told() {
    let source = rows([(1, row("x"))]);
    let mut table = table(source.clone());
    table.start_telling().expect("it tells");
    source.put(2, row("y"));
    source.remove(2);
    source.remove(1);
    source.put(1, row("z"));
    table.refresh().expect("rows");
    let events = table.take_events();
    assert!(
        matches!(&events[..], [TableEvent::RowModified { .. }]),
        "{events:?}"
    );
    // Not in the view: not told.
    table
        .restrict(Some(&equals(PR_SUBJECT_W, "z")))
        .expect("a restriction");
    source.put(3, row("w"));
    table.refresh().expect("rows");
    assert!(table.take_events().is_empty());
    source.put(3, row("z"));
    source.put(1, row("w"));
    table.refresh().expect("rows");
    let events = table.take_events();
    assert!(
        matches!(
            &events[..],
            [
                TableEvent::RowDeleted { .. },
                TableEvent::RowAdded { prior: None, .. }
            ]
        ),
        "{events:?}"
    );
}

#[test]
fn store_40_what_can_not_be_read_is_told_as_a_change_of_all() {
    let source = Watched::new(MemoryRows::new(vec![PR_INSTANCE_KEY]));
    source.rows.put(1, row("x"));
    let mut table = table(source.clone());
    table.start_telling().expect("it tells");
    source.fails.store(true, Ordering::Relaxed);
    source.rows.put(2, row("y"));
    assert_eq!(status(table.row_count()), MAPI_E_DISK_ERROR);
    assert_eq!(table.take_events(), [TableEvent::Changed]);
    source.fails.store(false, Ordering::Relaxed);
    assert_eq!(table.row_count().expect("a count"), 2);
    source.rows.put(3, row("z"));
    table.refresh().expect("rows");
    assert_eq!(table.take_events().len(), 1);
}
