//! Entry IDs of nothing, of what is gone, of other stores and of other kinds of objects.

use super::{Bench, Call, Expected::This, HUGE, calls, check, null};
use crate::hostile::bad_ids;
use crate::object_copies::other_store;
use crate::object_mock::held;
use crate::object_support::*;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{EntryId, EntryList, PropValue};

/// All that takes an entry ID, with this one. `message` is what those answer that want one of a message.
pub(super) fn with_entry_id(
    bench: &Bench,
    id: &[u8],
    expected: HRESULT,
    message: HRESULT,
) -> Vec<Call> {
    let mut id = id.to_vec();
    let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
    let store = bench.session.store.interface();
    let logon = bench.session.store.logon().expect("a logon");
    let folder = &bench.folder;
    let (mut kind, mut out) = (0, null());
    let (none, modify) = (ptr::null(), OpenEntryFlags::MAPI_MODIFY);
    let mut status = MessageStatus::empty();
    let open = [
        unsafe { store.OpenEntry(count, bytes, none, modify, &mut kind, &mut out) },
        unsafe { logon.OpenEntry(count, bytes, none, modify, &mut kind, &mut out) },
        unsafe { folder.OpenEntry(count, bytes, none, modify, &mut kind, &mut out) },
    ];
    assert!(out.is_null());
    let calls = unsafe {
        let class = UnicodeFlags::empty();
        let (deletes, copies) = (DeleteFolderFlags::empty(), CopyFolderFlags::empty());
        let to = folder.as_raw();
        calls! {
            "SetReceiveFolder": store.SetReceiveFolder(null(), class, count, bytes) => This(expected);
            "DeleteFolder": folder.DeleteFolder(count, bytes, 0, null(), deletes) => This(expected);
            "CopyFolder": folder.CopyFolder(count, bytes, none, to, null(), 0, null(), copies) => This(expected);
            "GetMessageStatus": folder.GetMessageStatus(count, bytes, 0, &mut status) => This(message);
            "SetMessageStatus": folder.SetMessageStatus(count, bytes, status, status, &mut status) => This(message);
        }
    };
    let open = open.map(|status| Call("OpenEntry", status, This(expected)));
    open.into_iter().chain(calls).collect()
}

#[test]
fn store_05_entry_ids_of_nothing_are_refused_by_each_method() {
    let bench = Bench::new();
    let before = bench.seen();
    let store = bench.session.store.interface();
    let good = bench.id(&bench.folder);
    for (mut id, expected) in bad_ids(&bench.store) {
        check(with_entry_id(&bench, &id, expected, expected));
        let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
        let mut right = good.clone();
        let (right_count, right) = (right.len() as u32, right.as_mut_ptr().cast::<ENTRYID>());
        let (mut same, mut connection) = (7, 0);
        let compared = unsafe {
            [
                store.CompareEntryIDs(count, bytes, right_count, right, 0, &mut same),
                store.CompareEntryIDs(right_count, right, count, bytes, 0, &mut same),
                store.CompareEntryIDs(count, bytes, count, bytes, 0, &mut same),
            ]
        };
        assert_eq!((compared, same), ([expected; 3], 0), "{id:?}");
        let events = NotificationEvents::fnevObjectModified;
        let sink = store.as_raw();
        let advised = unsafe { store.Advise(count, bytes, events, sink, &mut connection) };
        assert_eq!((advised, connection), (expected, 0), "{id:?}");
        let (aborted, finished) = unsafe {
            (
                store.AbortSubmit(count, bytes, 0),
                store.FinishedMsg(0, count, bytes),
            )
        };
        assert_eq!((aborted, finished), (expected, expected), "{id:?}");
        let list = EntryList(vec![EntryId::from(id.clone())]);
        let list = bench.session.allocators().build(&list).expect("memory");
        let searched = unsafe {
            let flags = SetSearchCriteriaFlags::empty();
            bench.search.SetSearchCriteria(null(), list.as_ptr(), flags)
        };
        assert_eq!(searched, expected, "{id:?}");
        // Of a list, what is nothing is left over.
        let folder = &bench.folder;
        let left = unsafe {
            let (none, read) = (CopyMessagesFlags::empty(), ReadFlags::empty());
            let to = folder.as_raw();
            [
                folder.CopyMessages(list.as_ptr(), ptr::null(), to, 0, null(), none),
                folder.DeleteMessages(list.as_ptr(), 0, null(), DeleteMessagesFlags::empty()),
                folder.SetReadFlags(list.as_ptr(), 0, null(), read),
            ]
        };
        assert_eq!(left, [MAPI_W_PARTIAL_COMPLETION; 3], "{id:?}");
    }
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn store_05_entry_ids_of_what_is_gone_or_of_another_kind_are_told() {
    let bench = Bench::new();
    let before = bench.seen();
    let mut gone = bench.id(&bench.folder);
    gone[30] = 1;
    let calls = with_entry_id(&bench, &gone, MAPI_E_NOT_FOUND, MAPI_E_INVALID_ENTRYID);
    check(calls);
    // A message's number that was never given out; and the kinds the other way round.
    let mut message = bench.id(&bench.message);
    message[30] = 1;
    let store = bench.session.store.interface();
    let folder = &bench.folder;
    let (count, bytes) = (message.len() as u32, message.as_mut_ptr().cast::<ENTRYID>());
    let mut status = MessageStatus::empty();
    check(unsafe {
        let (none, copies) = (ptr::null(), CopyFolderFlags::empty());
        let (class, deletes) = (UnicodeFlags::empty(), DeleteFolderFlags::empty());
        let to = folder.as_raw();
        calls! {
            "GetMessageStatus": folder.GetMessageStatus(count, bytes, 0, &mut status) => This(MAPI_E_NOT_FOUND);
            "SetMessageStatus": folder.SetMessageStatus(count, bytes, status, status, null())
                => This(MAPI_E_NOT_FOUND);
            "AbortSubmit": store.AbortSubmit(count, bytes, 0) => This(MAPI_E_NOT_IN_QUEUE);
            "FinishedMsg": store.FinishedMsg(0, count, bytes) => This(MAPI_E_NOT_IN_QUEUE);
            "SetReceiveFolder": store.SetReceiveFolder(null(), class, count, bytes) => This(MAPI_E_INVALID_ENTRYID);
            "DeleteFolder": folder.DeleteFolder(count, bytes, 0, null(), deletes) => This(MAPI_E_INVALID_ENTRYID);
            "CopyFolder": folder.CopyFolder(count, bytes, none, to, null(), 0, null(), copies)
                => This(MAPI_E_INVALID_ENTRYID);
        }
    });
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn store_36_messages_of_another_store_are_none_of_the_queue() {
    let bench = Bench::new();
    let before = bench.seen();
    let store = bench.session.store.interface();
    let theirs = other_store(&bench.session);
    let folder: IMAPIFolder = theirs.folder().cast().expect("a folder");
    let message = create_message(&folder);
    let lock = |message: &IMessage, state| unsafe { store.SetLockState(message.as_raw(), state) };
    // It does not even say what it is called; then it does.
    assert_eq!(lock(&message, MSG_LOCKED), MAPI_E_NOT_FOUND);
    let (foreign, unknown) = bad_ids(&bench.store).pop().expect("some");
    let there = held(&theirs.parts)[0].clone();
    held(&there.props).insert(PR_ENTRYID.id(), PropValue::from(foreign));
    for state in [MSG_LOCKED, MSG_UNLOCKED, HUGE] {
        assert_eq!(lock(&message, state), unknown);
    }
    for (state, expected) in [
        (MSG_UNLOCKED, MAPI_E_NOT_IN_QUEUE),
        (HUGE, MAPI_E_INVALID_PARAMETER),
    ] {
        assert_eq!(lock(&bench.message, state), expected);
    }
    assert_eq!(bench.seen(), before);
    drop((folder, message));
    bench.close();
}
