//! Sinks of an `IMAPITable`, and arguments that are none.

use crate::table_stage;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{Property, TableEvent};
use mapi_provider_table::table::Abilities;
use table_stage::*;

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
    let (sink, heard) = listener(|| {});
    assert_eq!(advise(&stage.table, &sink), (MAPI_E_NO_SUPPORT, 0));
    drop(sink);
    // Nobody has kept it: its part of the list is gone with it.
    assert_eq!(Arc::strong_count(&heard), 1);
    stage.close();
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
