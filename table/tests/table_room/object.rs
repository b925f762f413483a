//! `IMAPITable`, as a client calls it.

use crate::table_stage;
use std::ffi::c_void;
use std::ptr;

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{
    Limits, PropTags, PropValue, Property, RelOp, Restriction, Row, SortOrderSet,
};
use mapi_provider_table::table::Abilities;
use table_stage::*;

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
fn store_17_a_state_that_there_is_no_bookmark_left_for_changes_nothing() {
    let stage = Stage::new(Abilities::default());
    assert_eq!(stage.sort(&by_importance(1, 0), TableFlags::empty()), S_OK);
    let headings = stage.rows(9, QueryRowsFlags::empty());
    let key = headings[0].get(PR_INSTANCE_KEY);
    let mut key = key.and_then(PropValue::as_binary).expect("a key").to_vec();
    let length = key.len() as u32;
    let key = key.as_mut_ptr();
    let (mut rows, mut count, mut size, mut state) = (ptr::null_mut(), 0, 0, ptr::null_mut());
    let mut bookmark = 7;
    // SAFETY: a live table, a key, what the table gave, and live variables.
    let statuses = unsafe {
        let table = &stage.table;
        let open = table.ExpandRow(length, key, 0, 0, &mut rows, &mut count);
        let got = table.GetCollapseState(0, length, key, &mut size, &mut state);
        let close = table.CollapseRow(length, key, 0, &mut count);
        for _ in 0..1000 {
            assert_eq!(table.CreateBookmark(&mut bookmark), S_OK);
        }
        let full = table.SetCollapseState(0, size, state, &mut bookmark);
        [open, got, close, full]
    };
    assert_eq!(statuses, [S_OK, S_OK, S_OK, MAPI_E_UNABLE_TO_COMPLETE]);
    assert_eq!(stage.position().1, 2, "it is closed still");
    // SAFETY: what the table gave, which nobody uses any more.
    unsafe { stage.memory.free(state.cast::<c_void>()) };
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

#[test]
fn store_17_what_there_is_no_memory_for_was_not_opened() {
    let stage = Stage::new(Abilities::default());
    assert_eq!(stage.sort(&by_importance(1, 0), TableFlags::empty()), S_OK);
    let headings = stage.rows(2, QueryRowsFlags::empty());
    let key = headings[0].get(PR_INSTANCE_KEY);
    let mut key = key.and_then(PropValue::as_binary).expect("a key").to_vec();
    let length = key.len() as u32;
    for nth in 1.. {
        stage.memory.fail_nth(nth);
        let (mut rows, mut count) = (ptr::null_mut(), 0);
        // SAFETY: a live table, a key and live variables.
        let status = unsafe {
            let key = key.as_mut_ptr();
            stage
                .table
                .ExpandRow(length, key, 9, 0, &mut rows, &mut count)
        };
        if status == S_OK {
            assert!(nth > 2, "rows take memory");
            assert_eq!(stage.taken(rows).len(), 2);
            break;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY);
        assert!(rows.is_null());
        assert_eq!(
            stage.position(),
            (2, 2),
            "it is closed, and the cursor stays"
        );
    }
    stage.memory.fail_nth(0);
    stage.close();
}
