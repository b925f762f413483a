//! Objects of another store, and of one that can't be relied on, as arguments: what can't be done is told, what is here
//! stays here, and nothing stays locked.

use super::ids::with_entry_id;
use super::{Bench, Call, Expected::This, calls, check, null};
use crate::object_liar::{FAILURE, Liar, Lie};
use crate::object_support::*;
use std::ffi::c_void;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{EntryId, EntryList, MapiBuffer, Property};
use mapi_provider_mailbox::database::{self, Options, Special};

/// A value that is copied as a stream.
const LARGE: PropTag = PropTag::new(0x6621, PT_BINARY);

fn list(session: &Session, ids: &[Vec<u8>]) -> MapiBuffer<SBinaryArray> {
    let ids = ids.iter().map(|id| EntryId::from(id.clone()));
    let list = EntryList(ids.collect());
    session.allocators().build(&list).expect("memory")
}

fn copy_to(from: &IMAPIProp, to: *mut c_void, flags: CopyFlags) -> HRESULT {
    let iid = IMAPIProp::IID;
    unsafe { from.CopyTo(0, ptr::null(), null(), 0, null(), &iid, to, flags, null()) }
}

/// All that takes an object to put something into, with those of a store that lies. Everything is to be moved.
fn moved_to(bench: &Bench, liar: Liar) -> Vec<(&'static str, HRESULT)> {
    let (folder, message) = (liar.folder(), liar.message());
    let attachment = liar.attachment();
    let session = &bench.session;
    let messages = list(session, &[bench.id(&bench.message)]);
    let mut id = bench.id(&bench.folder);
    let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
    let moves = CopyFlags::MAPI_MOVE;
    let top = session.client().root().expect("there");
    let top = raw_folder(session, &top.entry_id().expect("an ID").into_owned());
    unsafe {
        let (to, none) = (folder.as_raw(), ptr::null());
        let from = &bench.folder;
        let (all, whole) = (
            CopyMessagesFlags::MESSAGE_MOVE,
            CopyFolderFlags::FOLDER_MOVE,
        );
        vec![
            (
                "CopyMessages",
                from.CopyMessages(messages.as_ptr(), none, to, 0, null(), all),
            ),
            (
                "CopyFolder",
                top.CopyFolder(count, id, none, to, null(), 0, null(), whole),
            ),
            (
                "CopyTo of a message",
                copy_to(&bench.message, message.as_raw(), moves),
            ),
            (
                "CopyTo of an attachment",
                copy_to(&bench.attachment, attachment.as_raw(), moves),
            ),
            ("CopyTo of a folder", copy_to(from, to, moves)),
        ]
    }
}

#[test]
fn store_32_and_store_33_nothing_is_lost_to_a_store_that_can_not_be_relied_on() {
    let bench = Bench::new();
    let large = [Property::new(LARGE, &[5_u8; 20_000][..])];
    set(&bench.session, &bench.message, &large);
    let attached = [
        Property::new(PR_ATTACH_LONG_FILENAME_W, "a.bin"),
        large[0].clone(),
    ];
    set(&bench.session, &bench.attachment, &attached);
    save_and_go_on(&bench.attachment);
    save_and_go_on(&bench.message);
    let before = bench.seen();
    let parts = || get_props(&bench.session, &bench.attachment, None);
    let attachment = parts();
    let allocators = bench.session.allocators();
    for lie in [Lie::Fails, Lie::MakesNoSense] {
        let liar = Liar { lie, allocators };
        for (name, status) in moved_to(&bench, liar) {
            // Single properties that fail are problems of theirs; where the copy can be made but not kept, the original
            // stays.
            let is_told = match (lie, name) {
                (Lie::MakesNoSense, "CopyFolder") => status == MAPI_W_PARTIAL_COMPLETION,
                (Lie::MakesNoSense, "CopyMessages") => status == STG_E_WRITEFAULT,
                (Lie::Fails, _) => status == FAILURE,
                _ => status == S_OK,
            };
            assert!(is_told, "{name} where it {lie:?}: {status:?}");
            assert_eq!(bench.seen(), before, "{name} where it {lie:?}");
            assert_eq!(parts(), attachment, "{name} where it {lie:?}");
        }
    }
    bench.close();
}

#[test]
fn store_33_who_gives_nothing_gets_nothing() {
    let bench = Bench::new();
    let before = bench.seen();
    let allocators = bench.session.allocators();
    let lie = Lie::GivesNothing;
    let (folder, message) = {
        let liar = Liar { lie, allocators };
        (liar.folder(), liar.message())
    };
    let messages = list(&bench.session, &[bench.id(&bench.message)]);
    let mut id = bench.id(&bench.folder);
    let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
    let from = &bench.folder;
    let top = bench.session.client().root().expect("there");
    let top = raw_folder(&bench.session, &top.entry_id().expect("an ID").into_owned());
    let keeps = CopyFlags::MAPI_NOREPLACE;
    check(unsafe {
        let (to, none) = (folder.as_raw(), ptr::null());
        let (moves, flags) = (
            CopyMessagesFlags::MESSAGE_MOVE,
            CopyFolderFlags::FOLDER_MOVE,
        );
        calls! {
            "CopyMessages": from.CopyMessages(messages.as_ptr(), none, to, 0, null(), moves)
                => This(MAPI_E_CALL_FAILED);
            "CopyFolder": top.CopyFolder(count, id, none, to, null(), 0, null(), flags) => This(MAPI_E_CALL_FAILED);
            "CopyTo": copy_to(&bench.message, message.as_raw(), keeps) => This(S_OK);
        }
    });
    assert_eq!(bench.seen(), before);
    drop((folder, message, top, messages));
    bench.close();
}

#[test]
fn store_36_only_a_message_of_this_store_can_be_locked() {
    let bench = Bench::new();
    let before = bench.seen();
    let store = bench.session.store.interface();
    let allocators = bench.session.allocators();
    for lie in Lie::ALL {
        let message = Liar { lie, allocators }.message();
        for state in [MSG_LOCKED, MSG_UNLOCKED] {
            let status = unsafe { store.SetLockState(message.as_raw(), state) };
            let expected = match lie {
                Lie::Fails => FAILURE,
                Lie::GivesNothing => MAPI_E_NOT_FOUND,
                Lie::MakesNoSense => MAPI_E_TOO_BIG,
            };
            assert_eq!(status, expected, "{lie:?}");
        }
    }
    // What is no message at all.
    let no_message = [bench.table.as_raw(), bench.folder.as_raw(), store.as_raw()];
    for object in no_message {
        let status = unsafe { store.SetLockState(object, MSG_LOCKED) };
        assert_eq!(status, MAPI_E_INTERFACE_NOT_SUPPORTED);
    }
    assert_eq!(bench.seen(), before);
    bench.close();
}

#[test]
fn store_05_entry_ids_of_another_store_are_unknown_to_each_method() {
    let (bench, other) = (Bench::new(), Bench::new());
    let before = (bench.seen(), other.seen());
    let store = bench.session.store.interface();
    for (mut id, mut right) in [
        (other.id(&other.folder), bench.id(&bench.folder)),
        (other.id(&other.message), bench.id(&bench.message)),
    ] {
        let unknown = MAPI_E_UNKNOWN_ENTRYID;
        check(with_entry_id(&bench, &id, unknown, unknown));
        let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
        let (right_count, right) = (right.len() as u32, right.as_mut_ptr().cast::<ENTRYID>());
        let mut same = 7;
        check(unsafe {
            calls! {
                "CompareEntryIDs": store.CompareEntryIDs(count, bytes, right_count, right, 0, &mut same)
                    => This(unknown);
                "AbortSubmit": store.AbortSubmit(count, bytes, 0) => This(unknown);
                "FinishedMsg": store.FinishedMsg(0, count, bytes) => This(unknown);
            }
        });
        assert_eq!(same, 0);
    }
    // A message of a list may be another store's: it is left over.
    let both = [bench.id(&bench.message), other.id(&other.message)];
    let messages = list(&bench.session, &both);
    let (to, none) = (bench.folder.as_raw(), CopyMessagesFlags::MESSAGE_MOVE);
    let folder = &bench.folder;
    let moved = unsafe { folder.CopyMessages(messages.as_ptr(), ptr::null(), to, 0, null(), none) };
    assert_eq!(moved, MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(other.seen(), before.1);
    drop(messages);
    other.close();
    bench.close();
}

#[test]
fn store_33_another_store_of_the_same_provider_takes_messages_and_folders() {
    let bench = Bench::new();
    let session = &bench.session;
    let large = [Property::new(LARGE, &[5_u8; 20_000][..])];
    set(session, &bench.message, &large);
    save_and_go_on(&bench.message);
    let there = database::Store::in_memory(Options::new()).expect("memory");
    let (provider, other) = session.open_another(Where::Open(there.clone()));
    let inbox = there.read(|reader| reader.special(Special::Inbox));
    let inbox = inbox.expect("there");
    let number = inbox.number().to_le_bytes();
    let mut id = [&[0; 4][..], &there.uid(), &[1, 1, 0, 0], &number].concat();
    let folder = unsafe {
        let (mut kind, mut out) = (0, null());
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        let modify = OpenEntryFlags::MAPI_MODIFY;
        let opened =
            other
                .interface()
                .OpenEntry(count, id, ptr::null(), modify, &mut kind, &mut out);
        assert_eq!((opened, kind), (S_OK, MAPI_FOLDER));
        IMAPIFolder::from_raw(out)
    };
    let messages = list(session, &[bench.id(&bench.message)]);
    let copied = unsafe {
        let (to, flags) = (folder.as_raw(), CopyMessagesFlags::empty());
        let from = &bench.folder;
        from.CopyMessages(messages.as_ptr(), ptr::null(), to, 0, null(), flags)
    };
    assert_eq!(copied, S_OK);
    let ids = there
        .read(|reader| reader.message_ids(inbox))
        .expect("read");
    let [copy] = ids[..] else {
        panic!("one, not {ids:?}")
    };
    let copy = there.open_message(copy).expect("read").expect("there");
    assert_eq!(copy.data.props.text(PR_SUBJECT_W).as_deref(), Some("two"));
    assert_eq!(copy.data.attachments.len(), 1);
    // Into the working copy of a message there.
    let message = create_message(&folder);
    assert_eq!(
        copy_to(&bench.message, message.as_raw(), CopyFlags::empty()),
        S_OK
    );
    assert_eq!(value(session, &message, PR_SUBJECT_W), "two".into());
    // The whole folder.
    let mut id = bench.id(&bench.folder);
    let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
    let whole = CopyFolderFlags::empty();
    let made = unsafe {
        let to = folder.as_raw();
        bench
            .folder
            .CopyFolder(count, id, ptr::null(), to, null(), 0, null(), whole)
    };
    assert_eq!(made, S_OK);
    let problems = there.check().expect("readable").problems;
    assert_eq!(problems, Vec::<String>::new());
    drop((folder, message, messages));
    assert!(other.logoff().support.released);
    provider.shutdown().expect("a shutdown");
    drop(provider);
    bench.close();
}
