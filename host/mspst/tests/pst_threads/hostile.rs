//! Callers that don't know what they are doing: NULL, rubbish, too many, too deep, all at
//! once.

use std::ptr;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider::store::{EntryId, FileAttachment, Message, StoreError};
use mapi_provider::view::{Property, Restriction};

#[test]
fn com_05_what_must_not_be_null_is_refused() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a"]);
    let raw = raw_folder(&session, &folder.entry_id().expect("an ID"));
    let (mut count, none) = (7, ptr::null_mut());
    unsafe {
        let props = UnicodeFlags::empty();
        assert_eq!(
            raw.GetProps(ptr::null_mut(), props, &mut count, ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(count, 0);
        assert_eq!(
            raw.SetProps(3, ptr::null_mut(), ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        assert_eq!(
            raw.DeleteProps(ptr::null_mut(), ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
        let flags = DeleteMessagesFlags::empty();
        assert_eq!(
            raw.DeleteMessages(ptr::null_mut(), 0, none, flags),
            MAPI_E_INVALID_PARAMETER
        );
        let flags = CopyMessagesFlags::empty();
        let copied = raw.CopyMessages(ptr::null_mut(), ptr::null(), none, 0, none, flags);
        assert_eq!(copied, MAPI_E_INVALID_PARAMETER);
        let flags = DeleteFolderFlags::empty();
        assert_eq!(
            raw.DeleteFolder(24, ptr::null_mut(), 0, none, flags),
            MAPI_E_INVALID_PARAMETER
        );
        let flags = CopyFlags::empty();
        let copied = raw.CopyTo(
            0,
            ptr::null(),
            ptr::null_mut(),
            0,
            none,
            ptr::null(),
            none,
            flags,
            ptr::null_mut(),
        );
        assert_eq!(copied, MAPI_E_INVALID_PARAMETER);
        let set = raw.SetSearchCriteria(
            ptr::null_mut(),
            ptr::null_mut(),
            SetSearchCriteriaFlags::empty(),
        );
        assert_eq!(set, MAPI_E_NO_SUPPORT);
    }
    drop((folder, raw));
    session.close();
}

#[test]
fn entry_ids_of_any_bytes_are_refused() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a"]);
    let mut id = folder.entry_id().expect("an ID").as_bytes().to_vec();
    let status = |id: &[u8]| open_entry(&session, id).map(drop).expect_err("no object");
    assert_eq!(status(&[1]), MAPI_E_INVALID_ENTRYID);
    assert_eq!(status(&id[..23]), MAPI_E_INVALID_ENTRYID);
    assert_eq!(status(&[&id[..], &[0]].concat()), MAPI_E_INVALID_ENTRYID);
    assert_eq!(status(&[9; 24]), MAPI_E_UNKNOWN_ENTRYID);
    // STORE-05: flags, the store's UID, a version, the kind, a number.
    for kind in 0..32 {
        id[21] = kind;
        id[24..].copy_from_slice(&(i64::MAX - 9).to_le_bytes());
        assert!(status(&id).is_err());
    }
    let mut out = ptr::null_mut();
    let (mut kind, iid) = (0, IMessage::IID);
    let status = unsafe {
        let (none, flags) = (ptr::null_mut(), OpenEntryFlags::empty());
        session
            .store
            .interface()
            .OpenEntry(0, none, &iid, flags, &mut kind, &mut out)
    };
    assert_eq!(
        (status, out),
        (MAPI_E_INTERFACE_NOT_SUPPORTED, ptr::null_mut()),
        "the root is a folder"
    );
    drop(folder);
    session.close();
}

#[test]
fn one_malformed_property_does_not_spoil_the_others() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let message = raw_message(&session, &id);
    let good = session
        .allocators()
        .build(&[Property::new(PR_IMPORTANCE, 5)][..])
        .expect("memory");
    let mut problems = ptr::null_mut();
    unsafe {
        let mut broken = *good.as_ptr();
        broken.ulPropTag = PR_SUBJECT_W;
        broken.Value.lpszW = ptr::null_mut();
        let mut unknown = *good.as_ptr();
        unknown.ulPropTag = PropTag::new(0x6600, 0x0123);
        let mut all = [broken, *good.as_ptr(), unknown];
        assert_eq!(message.SetProps(3, all.as_mut_ptr(), &mut problems), S_OK);
        let problems = session
            .allocators()
            .adopt(problems, 1)
            .expect("two problems");
        let read: mapi_provider::view::PropProblems =
            problems.read(&Default::default()).expect("well-formed");
        let places: Vec<u32> = read.0.iter().map(|one| one.index).collect();
        assert_eq!(places, [0, 2]);
    }
    let value = get_prop(&session, &message, PR_IMPORTANCE, UnicodeFlags::empty());
    assert_eq!(value, Property::new(PR_IMPORTANCE, 5));
    drop((good, message, folder));
    session.close();
}

#[test]
fn restrictions_and_messages_are_only_so_deep() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a"]);
    let table = contents(&raw_folder(&session, &folder.entry_id().expect("an ID")));
    let deep = (0..100).fold(Restriction::Exist(PR_SUBJECT_W), |inner, _| {
        Restriction::Not(Box::new(inner))
    });
    assert_eq!(restrict(&session, &table, &deep), MAPI_E_TOO_COMPLEX);
    assert_eq!(subjects(&session, &table, 9), ["a"]);
    fn nest(message: &Message, depth: u32) -> Result<(), StoreError> {
        message.set_subject(&depth.to_string())?;
        match depth {
            0 => Ok(()),
            _ => message
                .attach_message("deeper", |inner: &Message| nest(inner, depth - 1))
                .map(drop),
        }
    }
    let message = folder.create_message().expect("a message");
    nest(&message, 20).expect("deep enough for anybody");
    assert_eq!(
        nest(&message, 200).expect_err("too deep").status(),
        MAPI_E_TOO_COMPLEX
    );
    message.save().expect("saved");
    drop((message, table, folder));
    session.close();
}

#[test]
fn memory_that_runs_out_is_told_and_nothing_is_lost() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a", "b"]);
    let table = contents(&raw_folder(&session, &folder.entry_id().expect("an ID")));
    for nth in 1..6 {
        session.host.allocators().fail_nth(nth);
        let mut rows = ptr::null_mut();
        let status = unsafe { table.QueryRows(2, QueryRowsFlags::TBL_NOADVANCE, &mut rows) };
        assert_eq!(
            (status, rows),
            (MAPI_E_NOT_ENOUGH_MEMORY, ptr::null_mut()),
            "allocation {nth}"
        );
    }
    assert_eq!(subjects(&session, &table, 9), ["a", "b"]);
    drop((table, folder));
    session.close();
}

#[test]
fn objects_outlive_their_store() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a"]);
    let table = contents(&raw_folder(&session, &folder.entry_id().expect("an ID")));
    let Session {
        host,
        provider,
        store,
    } = session;
    let record = store.logoff().support;
    assert!(
        record.released,
        "the store itself is gone, and the support object with it"
    );
    assert_eq!(folder.messages().count().expect("counted"), 1);
    let id = add(&folder, "b");
    let mut count = 0;
    unsafe { assert_eq!(table.GetRowCount(0, &mut count), S_OK) };
    assert_eq!(count, 2);
    drop((table, folder));
    provider.shutdown().expect("a shutdown");
    drop(provider);
    host.finish().assert_clean();
    let session = Session::open(&path);
    drop(session.client().open_message(&id).expect("saved"));
    session.close();
}

#[test]
fn many_threads_at_once_get_along() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let ids: Vec<EntryId> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let folder = folder.clone();
                scope.spawn(move || {
                    let mut ids = Vec::new();
                    for number in 0..25 {
                        let message = folder.create_message().expect("a message");
                        message
                            .set_subject(&format!("{thread} {number}"))
                            .expect("set");
                        let file = FileAttachment::new("a.txt", "text/plain", b"x");
                        message.attach(&file).expect("attached");
                        ids.push(message.save().expect("saved"));
                        let rows = folder.messages().columns(&[PR_SUBJECT_W]).rows();
                        assert!(rows.expect("a table").all(|row| row.is_ok()));
                        if number % 2 == 0 {
                            let last = ids.pop().expect("just saved");
                            folder.delete_messages(&[last]).expect("deleted");
                        }
                    }
                    ids
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert_eq!(ids.len(), 4 * 12);
    assert_eq!(folder.messages().count().expect("counted"), 4 * 12);
    drop(folder);
    session.close();
    let session = Session::open(&path);
    let store = session.client();
    assert!(ids.iter().all(|id| store.open_message(id).is_ok()));
    drop(store);
    session.close();
}
