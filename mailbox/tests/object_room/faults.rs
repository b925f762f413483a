//! Memory that runs out at any moment: a defined answer, and nothing is lost, leaked or locked.

use crate::object_support;
use crate::search_stage;
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{Allocators, MapiBuffer, PropTags};
use object_support::*;
use search_stage::*;

/// Makes a call with each of its allocations failing in turn, until none does. Each failure must be told as such, with
/// nothing given out; then the call succeeds.
pub(crate) fn with_each_failure(
    session: &Session,
    name: &str,
    call: impl Fn() -> (HRESULT, *mut c_void),
) {
    let memory = session.host.allocators();
    for n in 1..1000 {
        let before = memory.requests();
        memory.fail_nth(n);
        let (status, out) = call();
        let asked = memory.requests() - before;
        if asked < n {
            // It asked for less than that, so it did not fail.
            assert!(status.is_ok(), "{name}: {status:?}");
            free(memory.for_views(), out);
            // What would fail next is no call of the provider's.
            memory.fail_nth(u64::MAX / 2);
            assert!(n > 1, "{name} needs no memory");
            return;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "{name}, allocation {n}");
        assert!(out.is_null(), "{name}, allocation {n}");
    }
    panic!("{name} never ends");
}

fn free(allocators: Allocators, out: *mut c_void) {
    let buffer: Option<MapiBuffer<SPropValue>> =
        unsafe { allocators.adopt(out.cast::<SPropValue>(), 0) };
    drop(buffer);
}

#[test]
fn com_07_and_store_42_any_allocation_may_fail() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail").entry_id().expect("an ID");
    for number in 0..5 {
        deliver(&store, folder_id(&mail), &format!("lunch {number}"));
    }
    let search = SearchFolder::new(&session, "Found");
    let live = search.table();
    let scope = [mail.clone()];
    let flags = SetSearchCriteriaFlags::empty();
    assert_eq!(
        search.set(Some(&contains("lunch")), Some(&scope), flags),
        S_OK
    );
    live.until_it(|shown| shown.len() == 5);
    // Nobody of ours asks for memory meanwhile: what was found has been told.
    drop(live);
    let folder = raw_folder(&session, &mail);
    let found = raw_folder(&session, &search.id);
    let object: IMAPIProp = folder.cast().expect("properties");
    let interface = session.store.interface();
    let table = contents(&folder);

    with_each_failure(&session, "GetProps", || unsafe {
        let (mut count, mut out) = (0, ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(ptr::null_mut(), flags, &mut count, &mut out);
        // Some are too large or objects, which is a warning.
        (status, out.cast())
    });
    with_each_failure(&session, "GetPropList", || unsafe {
        let mut out = ptr::null_mut();
        let status = object.GetPropList(UnicodeFlags::MAPI_UNICODE, &mut out);
        (status, out.cast())
    });
    with_each_failure(&session, "QueryColumns", || unsafe {
        let mut out = ptr::null_mut();
        let flags = QueryColumnsFlags::empty();
        (table.QueryColumns(flags, &mut out), out.cast())
    });
    with_each_failure(&session, "GetSearchCriteria, the restriction", || unsafe {
        let mut out = ptr::null_mut();
        let flags = UnicodeFlags::empty();
        let status = found.GetSearchCriteria(flags, &mut out, ptr::null_mut(), ptr::null_mut());
        (status, out.cast())
    });
    with_each_failure(&session, "GetSearchCriteria, the folders", || unsafe {
        let mut out = ptr::null_mut();
        let flags = UnicodeFlags::empty();
        let status = found.GetSearchCriteria(flags, ptr::null_mut(), &mut out, ptr::null_mut());
        (status, out.cast())
    });
    // Both, or neither.
    with_each_failure(&session, "GetSearchCriteria", || unsafe {
        let (mut restriction, mut scope) = (ptr::null_mut(), ptr::null_mut());
        let mut state = SearchState::empty();
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = found.GetSearchCriteria(flags, &mut restriction, &mut scope, &mut state);
        assert_eq!(restriction.is_null(), scope.is_null());
        assert_eq!(state.is_empty(), status.is_err());
        free(session.allocators(), scope.cast());
        (status, restriction.cast())
    });
    with_each_failure(&session, "GetReceiveFolder", || unsafe {
        let (mut class, mut count) = ([0_u16; 1], 0);
        let (mut out, mut explicit) = (ptr::null_mut(), ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = interface.GetReceiveFolder(
            class.as_mut_ptr().cast(),
            flags,
            &mut count,
            &mut out,
            &mut explicit,
        );
        assert_eq!(explicit.is_null(), status.is_err());
        free(session.allocators(), explicit.cast());
        (status, out.cast())
    });
    with_each_failure(&session, "QuerySortOrder", || unsafe {
        let mut out = ptr::null_mut();
        (table.QuerySortOrder(&mut out), out.cast())
    });
    query_rows_with_each_failure(&session, &table);
    let rows = query_all(&session, &table, &[PR_SUBJECT_W]);
    assert_eq!(rows.len(), 5, "all are there");
    drop((search, folder, found, object, table));
    session.close();
}

/// The same of `QueryRows`, whose rows are roots of their own.
fn query_rows_with_each_failure(session: &Session, table: &IMAPITable) {
    let memory = session.host.allocators();
    let columns = PropTags::from(&[PR_SUBJECT_W, PR_ENTRYID][..]);
    let columns = session.allocators().build(&columns).expect("memory");
    for n in 1.. {
        unsafe {
            let mut sought = 0;
            let flags = TableFlags::empty();
            assert_eq!(table.SetColumns(columns.as_ptr(), flags), S_OK);
            let start = BOOKMARK_BEGINNING as usize;
            assert_eq!(table.SeekRow(start, 0, &mut sought), S_OK);
        }
        let before = memory.requests();
        memory.fail_nth(n);
        let mut rows = ptr::null_mut();
        let status = unsafe { table.QueryRows(50, QueryRowsFlags::empty(), &mut rows) };
        let asked = memory.requests() - before;
        memory.fail_nth(u64::MAX / 2);
        if asked < n {
            assert_eq!(status, S_OK);
            drop(unsafe { session.allocators().adopt(rows, 1) });
            return;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "allocation {n}");
        assert!(rows.is_null());
        // The cursor has not moved (STORE-13).
        assert_eq!(query(session, table, 50).len(), 5, "allocation {n}");
    }
}
