//! Whatever happens in a store: who does what a table of it tells has the rows that a new table shows (STORE-40). And where
//! an index has the rows in order, they are as a table shows them that sorts by itself (STORE-14).

mod acts;
mod cases;

use std::sync::Arc;

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{
    BitTest, PropValue, Property, RelOp, Restriction, Row, SortDirection, SortOrder, SortOrderSet,
    TableEvent,
};
use proptest::prelude::*;

use self::acts::{Act, KEYWORDS, World};
use super::super::tables::Which;
use super::super::testing::Stage;
use super::table_client::{Client, key_of};
use super::{StoreRows, columns};
use crate::database::Special;
use mapi_provider_table::table::Table;

/// How a table is set up.
#[derive(Debug, Clone)]
struct Setup {
    which: Which,
    order: SortOrderSet,
    restriction: Option<Restriction<'static>>,
}

impl Setup {
    fn new(which: Which, order: SortOrderSet) -> Self {
        Self {
            which,
            order,
            restriction: None,
        }
    }

    fn restricted(self, to: Restriction<'static>) -> Self {
        Self {
            restriction: Some(to),
            ..self
        }
    }

    fn columns(&self) -> Vec<PropTag> {
        let own = match self.which {
            Which::Contents { .. } => columns::CONTENTS.to_vec(),
            Which::Hierarchy { .. } => {
                [&columns::HIERARCHY[..], &[PR_ASSOC_CONTENT_COUNT]].concat()
            }
            Which::Outgoing => columns::OUTGOING.to_vec(),
        };
        let more = [PR_ROW_TYPE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DEPTH];
        let is_by_keyword = self.order.orders.iter().any(|one| one.tag == KEYWORD);
        let last = match (self.which, is_by_keyword) {
            (Which::Contents { .. }, true) => vec![PR_PARENT_DISPLAY_W, PR_CHANGE_KEY, KEYWORD],
            (Which::Contents { .. }, false) => vec![PR_PARENT_DISPLAY_W, PR_CHANGE_KEY, KEYWORDS],
            _ => vec![],
        };
        [own, more.to_vec(), last].concat()
    }

    /// A new table; none where its folder is gone.
    fn open(&self, stage: &Stage) -> Option<Table> {
        let rows = StoreRows::new(&stage.shared, self.which).ok()?;
        let mut table = Table::new(Arc::new(rows), true).expect("a table");
        if !self.order.orders.is_empty() {
            table.sort(self.order.clone()).expect("an order");
        }
        table.set_columns(self.columns(), false).expect("columns");
        table
            .restrict(self.restriction.as_ref())
            .expect("it can be decided");
        Some(table)
    }
}

const KEYWORD: PropTag = PropTag(KEYWORDS.0 | MV_INSTANCE);

fn all_rows(table: &mut Table) -> Vec<Row<'static>> {
    let beginning = BOOKMARK_BEGINNING as usize;
    table.seek_row(beginning, 0).expect("a seek");
    table.query_rows(i32::MAX, false).expect("rows")
}

/// A table, and a client of it that only listens.
struct Followed {
    setup: Setup,
    table: Table,
    client: Client,
}

impl Followed {
    /// None where the folder is gone.
    fn new(setup: Setup, stage: &Stage) -> Option<Self> {
        let mut table = setup.open(stage)?;
        table.start_telling().expect("it tells");
        let rows = all_rows(&mut table);
        let client = Client {
            rows,
            is_stale: false,
        };
        Some(Self {
            setup,
            table,
            client,
        })
    }

    /// Opens or closes a category.
    fn turn(&mut self, number: usize, open: bool) {
        let is_heading = |row: &&Row<'_>| {
            row.get(PR_ROW_TYPE) != Some(&PropValue::Long(TBL_LEAF_ROW.cast_signed()))
        };
        let headings: Vec<_> = self.client.rows.iter().filter(is_heading).collect();
        let Some(heading) = headings.get(number % headings.len().max(1)) else {
            return;
        };
        let key = key_of(heading);
        match open {
            true => drop(self.table.expand_row(&key, 0).expect("a heading")),
            false => drop(self.table.collapse_row(&key).expect("a heading")),
        }
        assert_eq!(self.table.take_events(), [], "nobody is told what he did");
        self.client.rows = all_rows(&mut self.table);
    }

    /// Does what is told, and answers it.
    fn follow(&mut self, stage: &Stage) -> Result<Vec<TableEvent<'static>>, TestCaseError> {
        self.table.refresh().expect("rows");
        let events = self.table.take_events();
        for event in &events {
            let applied = self.client.apply(event.clone());
            applied.map_err(|error| self.wrong(&format!("{error} by {events:?}")))?;
        }
        let rows = all_rows(&mut self.table);
        let new = match self.setup.open(stage) {
            Some(mut new) => self.read_anew(&mut new),
            None => Vec::new(),
        };
        self.check("it and a new one show", &rows, &new)?;
        if std::mem::take(&mut self.client.is_stale) {
            self.client.rows = rows;
        }
        self.check("a new one shows, and told is", &new, &self.client.rows)?;
        self.check_sorted(stage)?;
        Ok(events)
    }

    fn read_anew(&mut self, new: &mut Table) -> Vec<Row<'static>> {
        if let Some(first) = self
            .client
            .rows
            .first()
            .filter(|_| self.setup.order.categories > 0)
            && let Ok(state) = self.table.collapse_state(&key_of(first))
        {
            new.set_collapse_state(&state).expect("the same order");
        }
        all_rows(new)
    }

    /// What an index has in order is in the order that a table makes that can't use it.
    fn check_sorted(&self, stage: &Stage) -> Result<(), TestCaseError> {
        if self.setup.order.categories > 0 {
            return Ok(());
        }
        let mut all = vec![Restriction::And(vec![])];
        all.extend(self.setup.restriction.clone());
        let sorting = self.setup.clone().restricted(Restriction::And(all));
        let sorted = sorting.open(stage).map(|mut table| all_rows(&mut table));
        let sorted = sorted.unwrap_or_default();
        self.check("sorted and from an index it is", &sorted, &self.client.rows)
    }

    fn check(&self, what: &str, one: &[Row<'_>], other: &[Row<'_>]) -> Result<(), TestCaseError> {
        if one == other {
            return Ok(());
        }
        let keys = |rows: &[Row<'_>]| rows.iter().map(key_of).collect::<Vec<_>>();
        if keys(one) != keys(other) {
            return Err(self.wrong(&format!("{what} {:?} and {:?}", keys(one), keys(other))));
        }
        let pairs = one.iter().zip(other);
        let pairs = pairs.flat_map(|(one, other)| one.properties.iter().zip(&other.properties));
        let different: Vec<_> = pairs.filter(|(one, other)| one != other).collect();
        Err(self.wrong(&format!("{what} {different:?}")))
    }

    fn wrong(&self, what: &str) -> TestCaseError {
        TestCaseError::fail(format!("{:?}: {what}", self.setup))
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Something happens; only after the last of it does anybody look.
    Acts(Vec<Act>),
    Turn(usize, usize, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Act::any().prop_map(|act| Step::Acts(vec![act])),
        4 => prop::collection::vec(Act::any(), 2..6).prop_map(Step::Acts),
        1 => (0..9_usize, 0..9_usize, any::<bool>())
            .prop_map(|(table, heading, open)| Step::Turn(table, heading, open)),
    ]
}

/// Which tables a trial has: it would take too long with all.
fn try_out(
    setups: impl Fn(&World, &Stage) -> Vec<Setup>,
    first: &[Act],
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let stage = Stage::new();
    let mut world = World::new(&stage.store);
    first.iter().for_each(|act| world.act(act));
    let setups = setups(&world, &stage).into_iter();
    let mut tables: Vec<Followed> = setups
        .filter_map(|setup| Followed::new(setup, &stage))
        .collect();
    for step in steps {
        match step {
            Step::Acts(acts) => acts.iter().for_each(|act| world.act(act)),
            Step::Turn(table, heading, open) => {
                let number = table % tables.len().max(1);
                if let Some(table) = tables.get_mut(number) {
                    table.turn(*heading, *open);
                }
            }
        }
        for table in &mut tables {
            table.follow(&stage)?;
        }
    }
    Ok(())
}

fn steps() -> impl Strategy<Value = (Vec<Act>, Vec<Step>)> {
    (
        prop::collection::vec(Act::any(), 0..20),
        prop::collection::vec(step(), 1..20),
    )
}

fn by(columns: &[(PropTag, SortDirection)]) -> SortOrderSet {
    let orders = columns.iter();
    let orders = orders.map(|(tag, direction)| SortOrder {
        tag: *tag,
        direction: *direction,
    });
    SortOrderSet {
        orders: orders.collect(),
        ..SortOrderSet::default()
    }
}

fn grouped(columns: &[(PropTag, SortDirection)], categories: u32, expanded: u32) -> SortOrderSet {
    SortOrderSet {
        categories,
        expanded,
        ..by(columns)
    }
}

const UP: SortDirection = SortDirection::Ascend;
const DOWN: SortDirection = SortDirection::Descend;

fn unread() -> Restriction<'static> {
    Restriction::BitMask {
        test: BitTest::AllClear,
        tag: PR_MESSAGE_FLAGS,
        mask: MessageFlags::READ.bits(),
    }
}

fn contains(tag: PropTag, text: &'static str) -> Restriction<'static> {
    Restriction::Content {
        fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
        tag,
        property: Property::new(tag, text),
    }
}

/// In the orders that there are indexes for, and in one that there is none for.
fn paged(world: &World) -> Vec<Setup> {
    let which = |associated| Which::Contents {
        folder: world.folders[0],
        associated,
    };
    let orders = [
        by(&[]),
        by(&[(PR_MESSAGE_DELIVERY_TIME, DOWN)]),
        by(&[(PR_MESSAGE_DELIVERY_TIME, UP)]),
        by(&[(PR_LAST_MODIFICATION_TIME, DOWN)]),
        by(&[(PR_CLIENT_SUBMIT_TIME, UP)]),
        by(&[(PR_NORMALIZED_SUBJECT_W, UP)]),
        by(&[(PR_SENT_REPRESENTING_NAME_W, DOWN)]),
        by(&[(PR_MESSAGE_SIZE, DOWN)]),
        by(&[(PR_MESSAGE_SIZE, UP)]),
        by(&[(PR_IMPORTANCE, DOWN), (PR_SUBJECT_W, UP)]),
    ];
    let setups = orders.map(|order| Setup::new(which(false), order));
    let hidden = [by(&[]), by(&[(PR_MESSAGE_DELIVERY_TIME, DOWN)])];
    let hidden = hidden.map(|order| Setup::new(which(true), order));
    setups.into_iter().chain(hidden).collect()
}

/// Restricted and grouped.
fn listed(world: &World) -> Vec<Setup> {
    let which = Which::Contents {
        folder: world.folders[0],
        associated: false,
    };
    let newest = (PR_MESSAGE_DELIVERY_TIME, DOWN);
    let conversations = [
        (PR_CONVERSATION_ID, DOWN),
        (PR_MESSAGE_DELIVERY_TIME, SortDirection::CategoryMax),
        newest,
    ];
    let first_two = Restriction::Count {
        count: 2,
        restriction: Box::new(unread()),
    };
    vec![
        Setup::new(which, by(&[newest])).restricted(unread()),
        Setup::new(which, by(&[])).restricted(contains(PR_SUBJECT_W, "abc")),
        Setup::new(which, by(&[newest])).restricted(first_two),
        Setup::new(which, grouped(&[(PR_IMPORTANCE, DOWN), newest], 1, 1)),
        Setup::new(
            which,
            grouped(
                &[(PR_SENT_REPRESENTING_NAME_W, UP), (PR_IMPORTANCE, UP)],
                2,
                1,
            ),
        ),
        Setup::new(which, grouped(&conversations, 2, 2)),
        Setup::new(which, grouped(&conversations, 2, 0)).restricted(unread()),
        Setup::new(which, grouped(&[(KEYWORD, UP), newest], 1, 1)),
    ]
}

fn found(world: &World) -> Vec<Setup> {
    let which = Which::Contents {
        folder: world.searches[0],
        associated: false,
    };
    let newest = (PR_MESSAGE_DELIVERY_TIME, DOWN);
    vec![
        Setup::new(which, by(&[])),
        Setup::new(which, by(&[newest])),
        Setup::new(which, by(&[(PR_PARENT_DISPLAY_W, UP)])),
        Setup::new(which, by(&[newest])).restricted(contains(PR_PARENT_DISPLAY_W, "Box")),
        Setup::new(which, grouped(&[(PR_PARENT_DISPLAY_W, UP), newest], 1, 1)),
    ]
}

fn folders(world: &World, stage: &Stage) -> Vec<Setup> {
    let special = |one| stage.store.read(|r| r.special(one)).expect("there");
    let subtree = special(Special::IpmSubtree);
    let finder = special(Special::SearchRoot);
    let of = |folder, deep| Which::Hierarchy { folder, deep };
    let by_name = || by(&[(PR_DISPLAY_NAME_W, UP)]);
    let has_unread = Restriction::property(RelOp::Gt, Property::new(PR_CONTENT_UNREAD, 0));
    vec![
        Setup::new(of(world.folders[0], false), by(&[])),
        Setup::new(of(world.folders[0], true), by(&[])),
        Setup::new(of(subtree, true), by(&[])),
        Setup::new(of(subtree, true), by_name()),
        Setup::new(of(finder, false), by_name()),
        Setup::new(of(finder, false), by(&[])).restricted(has_unread),
    ]
}

fn outgoing() -> Vec<Setup> {
    vec![
        Setup::new(Which::Outgoing, by(&[])),
        Setup::new(Which::Outgoing, by(&[(PR_SUBJECT_W, DOWN)])),
        Setup::new(Which::Outgoing, by(&[])).restricted(unread()),
        Setup::new(Which::Outgoing, grouped(&[(PR_SUBMIT_FLAGS, UP)], 1, 1)),
    ]
}

proptest! {
    // One has a dozen tables, each of which is read three times after each step.
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases / 16))]

    #[test]
    fn store_40_contents_in_pages_are_what_was_told((first, steps) in steps()) {
        try_out(|world, _| paged(world), &first, &steps)?;
    }

    #[test]
    fn store_40_contents_in_lists_are_what_was_told((first, steps) in steps()) {
        try_out(|world, _| listed(world), &first, &steps)?;
    }

    #[test]
    fn store_40_what_is_found_is_what_was_told((first, steps) in steps()) {
        try_out(|world, _| found(world), &first, &steps)?;
    }

    #[test]
    fn store_40_folders_are_what_was_told((first, steps) in steps()) {
        try_out(folders, &first, &steps)?;
    }

    #[test]
    fn store_40_and_store_35_the_queue_is_what_was_told((first, steps) in steps()) {
        try_out(|_, _| outgoing(), &first, &steps)?;
    }
}
