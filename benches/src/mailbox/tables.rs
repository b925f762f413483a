//! Contents tables, as a client has them by `IMAPITable`, beside queries.

use std::error::Error;
use std::path::Path;

use benches::measure::{Pair, Plan, measure, processor_timed};
use mapi_provider::abi::{
    FL_IGNORECASE, FL_SUBSTRING, PR_CLIENT_SUBMIT_TIME, PR_CONTENT_COUNT, PR_CONVERSATION_ID,
    PR_CONVERSATION_TOPIC_W, PR_DISPLAY_CC_W, PR_DISPLAY_TO_W, PR_HASATTACH, PR_IMPORTANCE,
    PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE,
    PR_MSG_STATUS, PR_NORMALIZED_SUBJECT_W, PR_SENSITIVITY, PR_SENT_REPRESENTING_NAME_W,
    PR_SUBJECT_W, PropTag,
};
use mapi_provider::view::{PropTags, Property, Restriction, SortDirection};

use crate::allocators;
use crate::face::Session;
use crate::folder::{Folder, PAGE, PAGES};
use crate::mails::{LARGE, NEEDLE, SENDERS};

/// How often a profiler sees the same pages.
const REPEATED: u32 = 20_000;

const QUICK: Plan = Plan {
    warm_up: 10,
    rounds: 301,
    batch: 10,
};
/// For things that take a tenth of a second.
pub(crate) const SLOW: Plan = Plan {
    warm_up: 1,
    rounds: 9,
    batch: 1,
};

/// A row of the table that is printed: what it is called, the order, and the same by hand.
type Sorted = (&'static str, PropTag, &'static str);

/// How many of these orders an index has.
const INDEXED: usize = 5;
/// Any column of the row. The first ones have an index.
const SORTED: [Sorted; 16] = [
    (
        "by normalised subject, 100,000",
        PR_NORMALIZED_SUBJECT_W,
        "subject_key, id",
    ),
    (
        "by sender, 100,000",
        PR_SENT_REPRESENTING_NAME_W,
        "sender_key, id",
    ),
    ("by size, 100,000", PR_MESSAGE_SIZE, "size, id"),
    (
        "by time of change, 100,000",
        PR_LAST_MODIFICATION_TIME,
        "modified, id",
    ),
    (
        "by time of sending, 100,000",
        PR_CLIENT_SUBMIT_TIME,
        "submitted, id",
    ),
    (
        "by subject, 100,000",
        PR_SUBJECT_W,
        "mapi_folded(subject) NULLS LAST, id",
    ),
    (
        "by To, 100,000",
        PR_DISPLAY_TO_W,
        "mapi_folded(display_to), id",
    ),
    (
        "by Cc, 100,000",
        PR_DISPLAY_CC_W,
        "mapi_folded(display_cc), id",
    ),
    (
        "by class, 100,000",
        PR_MESSAGE_CLASS_W,
        "mapi_folded(class), id",
    ),
    (
        "by conversation topic, 100,000",
        PR_CONVERSATION_TOPIC_W,
        "mapi_folded(topic) NULLS LAST, id",
    ),
    (
        "by conversation, 100,000",
        PR_CONVERSATION_ID,
        "conversation NULLS LAST, id",
    ),
    (
        "by importance, 100,000",
        PR_IMPORTANCE,
        "importance NULLS LAST, id",
    ),
    (
        "by sensitivity, 100,000",
        PR_SENSITIVITY,
        "sensitivity NULLS LAST, id",
    ),
    (
        "by attachments, 100,000",
        PR_HASATTACH,
        "attachments > 0, id",
    ),
    (
        "by flags, 100,000",
        PR_MESSAGE_FLAGS,
        "flags | read | ((attachments > 0) << 4), id",
    ),
    ("by status, 100,000", PR_MSG_STATUS, "status, id"),
];

/// All rows about tables, of a store with three folders.
pub(crate) fn measure_tables(path: &Path) -> Result<(), Box<dyn Error>> {
    let session = Session::open(path)?;
    let plain = allocators::plain();
    measure_folders(&session, path)?;
    drop(plain);
    session.close()
}

/// Opens the same table again and again, of a store that this program has imported.
pub(crate) fn repeat(path: &Path) -> Result<(), Box<dyn Error>> {
    let session = Session::open(path)?;
    let plain = allocators::plain();
    let folder = Folder::open(&session, path, LARGE)?;
    let order = folder.newest_first();
    (0..REPEATED).for_each(|_| folder.first_page(&order));
    drop((order, folder, plain));
    session.close()
}

fn measure_folders(session: &Session, path: &Path) -> Result<(), Box<dyn Error>> {
    let open = |name| Folder::open(session, path, name);
    let (small, middle, large) = (open("Small")?, open("Middle")?, open(LARGE)?);
    by_time("contents table by time, 50 rows, of 1,000", &small)?;
    by_time("contents table by time, 50 rows, of 10,000", &middle)?;
    by_time("contents table by time, 50 rows, of 100,000", &large)?;
    whatever_its_size(&small, &large)?;
    for (place, sorted) in SORTED.into_iter().enumerate() {
        let plan = if place < INDEXED { QUICK } else { SLOW };
        by_column(sorted, &large, plan)?;
    }
    let (_, tag, bare) = SORTED[11];
    by_column(("by importance, 10,000", tag, bare), &middle, SLOW)?;
    by_column(("by importance, 1,000", tag, bare), &small, SLOW)?;
    opening("opening, 100,000", &large)?;
    scrolling("scrolling 100 pages of 50, 100,000", &large)?;
    restricting("restricting by a substring, 100,000", &large)?;
    grouping("grouping by 500 senders, 100,000", &large)?;
    scrolling("scrolling 100 pages of 50, 10,000", &middle)?;
    restricting("restricting by a substring, 10,000", &middle)?;
    grouping("grouping by 500 senders, 10,000", &middle)
}

/// GetContentsTable, SetColumns, SortTable, QueryRows(50), beside the query for the same rows.
fn by_time(name: &'static str, folder: &Folder<'_>) -> Result<(), Box<dyn Error>> {
    let order = folder.newest_first();
    let pair = Pair {
        name,
        bar: 3.0,
        ours: processor_timed(|times| (0..times).for_each(|_| folder.first_page(&order))),
        other: processor_timed(|times| {
            (0..times).for_each(|_| {
                let rows = folder.bare.first("delivered DESC, id DESC", PAGE);
                assert_eq!(rows.len(), PAGE as usize);
            });
        }),
    };
    Ok(measure(pair, QUICK).print()?)
}

/// The same calls of a folder of 100,000, beside one of 1,000 (STORE-20).
fn whatever_its_size(small: &Folder<'_>, large: &Folder<'_>) -> Result<(), Box<dyn Error>> {
    let (of_small, of_large) = (small.newest_first(), large.newest_first());
    let pair = Pair {
        name: "the same, of 100,000 beside 1,000",
        bar: 3.0,
        ours: processor_timed(|times| (0..times).for_each(|_| large.first_page(&of_large))),
        other: processor_timed(|times| (0..times).for_each(|_| small.first_page(&of_small))),
    };
    Ok(measure(pair, QUICK).print()?)
}

/// The same, in another order.
fn by_column(
    (name, tag, bare): Sorted,
    folder: &Folder<'_>,
    plan: Plan,
) -> Result<(), Box<dyn Error>> {
    let order = folder.order(tag, SortDirection::Ascend, 0);
    let pair = Pair {
        name,
        bar: 3.0,
        ours: processor_timed(|times| (0..times).for_each(|_| folder.first_page(&order))),
        other: processor_timed(|times| {
            (0..times).for_each(|_| {
                assert_eq!(folder.bare.first(bare, PAGE).len(), PAGE as usize);
            });
        }),
    };
    Ok(measure(pair, plan).print()?)
}

/// GetContentsTable and GetRowCount, beside the number that the folder has.
fn opening(name: &'static str, folder: &Folder<'_>) -> Result<(), Box<dyn Error>> {
    let pair = Pair {
        name,
        bar: f64::INFINITY,
        ours: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.row_count(&folder.table()), 100_000));
        }),
        other: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.bare.total(), 100_000));
        }),
    };
    Ok(measure(pair, QUICK).print()?)
}

/// QueryRows(50) a hundred times, beside as many queries, each from where the one before ended.
fn scrolling(name: &'static str, folder: &Folder<'_>) -> Result<(), Box<dyn Error>> {
    let table = folder.sorted(&folder.newest_first());
    let all = (PAGES * PAGE) as usize;
    let pair = Pair {
        name,
        bar: f64::INFINITY,
        ours: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.scroll(&table), all));
        }),
        other: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.bare.scroll(PAGES, PAGE), all));
        }),
    };
    Ok(measure(pair, SLOW).print()?)
}

/// A table sorted by time and restricted, its number of rows and the first 50, beside two queries with the text index: of
/// a hundred subjects one has the text.
fn restricting(name: &'static str, folder: &Folder<'_>) -> Result<(), Box<dyn Error>> {
    let order = folder.newest_first();
    let to = Restriction::Content {
        fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
        tag: PR_SUBJECT_W,
        property: Property::new(PR_SUBJECT_W, NEEDLE),
    };
    let to = folder.session.allocators().build(&to)?;
    let (number, rows) = folder.restricted(&order, &to);
    let (bare, bare_rows) = folder.bare.restrict(NEEDLE, PAGE);
    assert_eq!((i64::from(number), rows), (bare, bare_rows.len()));
    let pair = Pair {
        name,
        bar: f64::INFINITY,
        ours: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.restricted(&order, &to), (number, rows)));
        }),
        other: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.bare.restrict(NEEDLE, PAGE).0, bare));
        }),
    };
    Ok(measure(pair, SLOW).print()?)
}

/// A table of closed categories, all headings of it with their numbers, beside GROUP BY.
fn grouping(name: &'static str, folder: &Folder<'_>) -> Result<(), Box<dyn Error>> {
    let order = folder.order(PR_SENT_REPRESENTING_NAME_W, SortDirection::Ascend, 1);
    let columns = [PR_SENT_REPRESENTING_NAME_W, PR_CONTENT_COUNT];
    let allocators = folder.session.allocators();
    let columns = allocators.build(&PropTags::from(&columns[..]))?;
    let headings = SENDERS as usize;
    let pair = Pair {
        name,
        bar: f64::INFINITY,
        ours: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.grouped(&order, &columns), headings));
        }),
        other: processor_timed(|times| {
            (0..times).for_each(|_| assert_eq!(folder.bare.group().len(), headings));
        }),
    };
    Ok(measure(pair, SLOW).print()?)
}
