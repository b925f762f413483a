//! NULL, garbage, and counts of all bits.

use super::{Bench, Call, Expected::This, HUGE, INVALID, TOO_BIG, calls, check, null};
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;

#[test]
fn null_and_counts_of_all_bits_are_refused_by_stores_and_folders() {
    let bench = Bench::new();
    let before = bench.seen();
    let store = bench.session.store.interface();
    let folder = &bench.folder;
    let mut byte = [0_u8; 64];
    let bytes = byte.as_mut_ptr().cast::<ENTRYID>();
    let mut lying = SBinaryArray {
        cValues: HUGE,
        lpbin: null(),
    };
    let mut entry = SBinary {
        cb: HUGE,
        lpb: null(),
    };
    let mut lying_entry = SBinaryArray {
        cValues: 1,
        lpbin: &raw mut entry,
    };
    let mut sort = SSortOrderSet {
        cSorts: HUGE,
        cCategories: HUGE,
        cExpanded: HUGE,
        aSort: [SSortOrder {
            ulPropTag: PR_SUBJECT_W,
            ulOrder: HUGE,
        }],
    };
    let mut found = bench.id(&bench.search);
    let (found_count, found) = (found.len() as u32, found.as_mut_ptr().cast::<ENTRYID>());
    let (mut out, mut kind, mut same, mut connection) = (null::<c_void>(), 0, 0, 0);
    let (none, open) = (ptr::null(), OpenEntryFlags::empty());
    let (wide, to) = (UnicodeFlags::MAPI_UNICODE, folder.as_raw());
    let events = NotificationEvents::fnevObjectModified;
    let calls = unsafe {
        let criteria = SetSearchCriteriaFlags::empty();
        let (copies, sorts) = (CopyMessagesFlags::empty(), SaveContentsSortFlags::empty());
        let (deletes, makes) = (DeleteMessagesFlags::empty(), CreateFolderFlags::empty());
        let status = MessageStatus::empty();
        calls! {
            "OpenEntry": store.OpenEntry(HUGE, bytes, none, open, &mut kind, &mut out) => TOO_BIG;
            "OpenEntry, NULL": store.OpenEntry(HUGE, null(), none, open, &mut kind, &mut out) => INVALID;
            "OpenEntry, no out": store.OpenEntry(0, null(), none, open, &mut kind, null()) => INVALID;
            "folder's OpenEntry": folder.OpenEntry(HUGE, bytes, none, open, &mut kind, &mut out) => TOO_BIG;
            "CompareEntryIDs": store.CompareEntryIDs(HUGE, bytes, 0, null(), 0, &mut same) => TOO_BIG;
            "CompareEntryIDs, no out": store.CompareEntryIDs(0, null(), 0, null(), 0, null()) => INVALID;
            "Advise, no sink": store.Advise(0, null(), events, null(), &mut connection)
                => This(MAPI_E_INVALID_PARAMETER);
            "Advise, no out": store.Advise(0, null(), events, to, null()) => This(MAPI_E_INVALID_PARAMETER);
            "Advise": store.Advise(HUGE, bytes, events, to, &mut connection) => TOO_BIG;
            "Unadvise": store.Unadvise(usize::MAX) => This(MAPI_E_NOT_FOUND);
            "SetReceiveFolder": store.SetReceiveFolder(null(), wide, HUGE, bytes) => TOO_BIG;
            "GetReceiveFolder, no outs": store.GetReceiveFolder(null(), wide, null(), null(), null()) => INVALID;
            "GetReceiveFolderTable": store.GetReceiveFolderTable(GetReceiveFolderTableFlags::empty(), null())
                => INVALID;
            "GetOutgoingQueue": store.GetOutgoingQueue(0, null()) => INVALID;
            "StoreLogoff": store.StoreLogoff(null()) => INVALID;
            "AbortSubmit": store.AbortSubmit(HUGE, bytes, 0) => TOO_BIG;
            "FinishedMsg": store.FinishedMsg(0, HUGE, bytes) => TOO_BIG;
            "SetLockState": store.SetLockState(null(), MSG_LOCKED) => This(MAPI_E_INVALID_PARAMETER);
            "NotifyNewMail": store.NotifyNewMail(null()) => INVALID;
            "GetContentsTable": folder.GetContentsTable(GetContentsTableFlags::empty(), null()) => INVALID;
            "GetHierarchyTable": folder.GetHierarchyTable(GetHierarchyTableFlags::empty(), null()) => INVALID;
            "SetSearchCriteria": bench.search.SetSearchCriteria(null(), null(), criteria)
                => This(MAPI_E_NOT_INITIALIZED);
            "SetSearchCriteria, folders": bench.search.SetSearchCriteria(null(), &mut lying, criteria) => INVALID;
            "SetSearchCriteria, a folder": bench.search.SetSearchCriteria(null(), &mut lying_entry, criteria)
                => INVALID;
            "GetSearchCriteria": bench.search.GetSearchCriteria(wide, null(), null(), null())
                => This(MAPI_E_NOT_INITIALIZED);
            "GetSearchCriteria of others": folder.GetSearchCriteria(wide, null(), null(), null())
                => This(MAPI_E_NO_SUPPORT);
            "CreateMessage": folder.CreateMessage(none, CreateMessageFlags::empty(), null()) => INVALID;
            "CreateMessage in a search folder": bench.search.CreateMessage(none, CreateMessageFlags::empty(), &mut out)
                => This(MAPI_E_NO_ACCESS);
            "CopyMessages": folder.CopyMessages(&mut lying, none, to, 0, null(), copies) => INVALID;
            "CopyMessages, one": folder.CopyMessages(&mut lying_entry, none, to, 0, null(), copies) => INVALID;
            "CopyMessages, nowhere": folder.CopyMessages(null(), none, null(), 0, null(), copies) => INVALID;
            "DeleteMessages": folder.DeleteMessages(&mut lying_entry, 0, null(), deletes) => INVALID;
            "SetReadFlags": folder.SetReadFlags(&mut lying_entry, 0, null(), ReadFlags::empty()) => INVALID;
            "SetReceiveFolder of a search folder": store.SetReceiveFolder(null(), wide, found_count, found)
                => This(MAPI_E_NO_ACCESS);
            "CreateFolder": folder.CreateFolder(HUGE, null(), null(), none, CreateFolderFlags::empty(), &mut out)
                => INVALID;
            "CreateFolder, no out": folder.CreateFolder(FOLDER_GENERIC, null(), null(), none, makes, null()) => INVALID;
            "CopyFolder": folder.CopyFolder(HUGE, bytes, none, to, null(), 0, null(), CopyFolderFlags::empty())
                => TOO_BIG;
            "CopyFolder, NULL": folder.CopyFolder(0, null(), none, null(), null(), 0, null(), CopyFolderFlags::empty())
                => INVALID;
            "DeleteFolder": folder.DeleteFolder(0, null(), 0, null(), DeleteFolderFlags::empty()) => INVALID;
            "GetMessageStatus": folder.GetMessageStatus(HUGE, bytes, 0, &mut MessageStatus::empty()) => TOO_BIG;
            "SetMessageStatus": folder.SetMessageStatus(0, null(), status, status, null()) => INVALID;
            "SaveContentsSort": folder.SaveContentsSort(&mut sort, sorts) => TOO_BIG;
        }
    };
    check(calls);
    assert!(out.is_null());
    assert_eq!((same, connection), (0, 0));
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn null_and_counts_of_all_bits_are_refused_by_tables() {
    let bench = Bench::new();
    let before = bench.seen();
    let table = &bench.table;
    let mut tags = [HUGE, 0];
    let tags = tags.as_mut_ptr().cast::<SPropTagArray>();
    let mut none = [0_u32; 2];
    let none = none.as_mut_ptr().cast::<SPropTagArray>();
    let mut sort = SSortOrderSet {
        cSorts: HUGE,
        cCategories: 0,
        cExpanded: 0,
        aSort: [SSortOrder {
            ulPropTag: PR_SUBJECT_W,
            ulOrder: TABLE_SORT_ASCEND,
        }],
    };
    // More categories than columns, and an order that is none.
    let mut categories = SSortOrderSet {
        cSorts: 1,
        cCategories: HUGE,
        cExpanded: HUGE,
        ..sort
    };
    let mut odd = SSortOrderSet { cSorts: 1, ..sort };
    odd.aSort[0].ulOrder = HUGE;
    let mut key = [9_u8; 32];
    let (size, key) = (key.len() as u32, key.as_mut_ptr());
    let (mut rows, mut count, mut state, mut bookmark) = (null(), 0, null(), 0);
    let (flags, find) = (TableFlags::empty(), FindRowFlags::empty());
    let calls = unsafe {
        calls! {
            "Advise": table.Advise(NotificationEvents::all(), null(), &mut bookmark) => INVALID;
            "Unadvise": table.Unadvise(usize::MAX) => This(MAPI_E_NOT_FOUND);
            "GetStatus": table.GetStatus(null(), null()) => INVALID;
            "SetColumns": table.SetColumns(tags, flags) => TOO_BIG;
            "SetColumns, none": table.SetColumns(none, flags) => This(MAPI_E_INVALID_PARAMETER);
            "SetColumns, NULL": table.SetColumns(null(), flags) => This(MAPI_E_INVALID_PARAMETER);
            "QueryColumns": table.QueryColumns(QueryColumnsFlags::empty(), null()) => INVALID;
            "GetRowCount": table.GetRowCount(0, null()) => INVALID;
            "SeekRow": table.SeekRow(usize::MAX, i32::MIN, null()) => This(MAPI_E_INVALID_BOOKMARK);
            "SeekRowApprox": table.SeekRowApprox(HUGE, 0) => This(MAPI_E_INVALID_PARAMETER);
            "QueryPosition": table.QueryPosition(null(), null(), null()) => INVALID;
            "FindRow": table.FindRow(null(), 0, find) => This(MAPI_E_INVALID_PARAMETER);
            "CreateBookmark": table.CreateBookmark(null()) => INVALID;
            "FreeBookmark": table.FreeBookmark(usize::MAX) => This(MAPI_E_INVALID_BOOKMARK);
            "SortTable": table.SortTable(&mut sort, flags) => TOO_BIG;
            "SortTable, categories": table.SortTable(&mut categories, flags) => INVALID;
            "SortTable, directions": table.SortTable(&mut odd, flags) => This(MAPI_E_TOO_COMPLEX);
            "QuerySortOrder": table.QuerySortOrder(null()) => INVALID;
            "QueryRows of none": table.QueryRows(0, QueryRowsFlags::empty(), &mut rows)
                => This(MAPI_E_INVALID_PARAMETER);
            "QueryRows": table.QueryRows(1, QueryRowsFlags::empty(), null()) => INVALID;
            "ExpandRow": table.ExpandRow(HUGE, key, 1, 0, &mut rows, &mut count) => TOO_BIG;
            "ExpandRow, garbage": table.ExpandRow(size, key, HUGE, 0, &mut rows, &mut count)
                => This(MAPI_E_NOT_FOUND);
            "ExpandRow, NULL": table.ExpandRow(0, null(), 1, 0, null(), &mut count) => This(MAPI_E_INVALID_PARAMETER);
            "CollapseRow": table.CollapseRow(HUGE, key, 0, &mut count) => TOO_BIG;
            "CollapseRow, garbage": table.CollapseRow(size, key, 0, &mut count) => This(MAPI_E_NOT_FOUND);
            "GetCollapseState": table.GetCollapseState(0, HUGE, key, &mut count, &mut state) => TOO_BIG;
            "SetCollapseState": table.SetCollapseState(0, HUGE, key, &mut bookmark) => TOO_BIG;
            "SetCollapseState, garbage": table.SetCollapseState(0, size, key, &mut bookmark) => This(MAPI_E_NO_SUPPORT);
        }
    };
    check(calls);
    assert!(rows.is_null() && state.is_null());
    assert_eq!((count, bookmark), (0, 0));
    assert_eq!(bench.seen(), before);
    bench.close();
}
