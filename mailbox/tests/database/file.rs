//! The file: what is refused, what is shared (STORE-43).

use crate::store_support;
use std::fs;
use std::path::Path;

use mapi_provider_abi::mapi::{
    MAPI_E_CORRUPT_STORE, MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS, MAPI_E_VERSION,
};
use mapi_provider_mailbox::database::{Error, Special, Store, What};
use store_support::{message, save, store};

fn inbox(store: &Store) -> mapi_provider_mailbox::database::FolderId {
    store.read(|r| r.special(Special::Inbox)).expect("inbox")
}

fn refused(path: &Path) -> Error {
    match Store::open(path) {
        Ok(_) => panic!("it must be refused"),
        Err(error) => error,
    }
}

#[test]
fn store_43_what_is_no_store_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("garbage");
    let garbage: Vec<u8> = (0..50_000_u32).map(|one| (one * 31) as u8).collect();
    fs::write(&path, &garbage).expect("written");
    let error = refused(&path);
    assert_eq!(error.status(), MAPI_E_CORRUPT_STORE);
    assert!(error.to_string().contains("damaged or is no store"));
    assert_eq!(fs::read(&path).expect("read"), garbage);

    let path = folder.path().join("other.db");
    let other = rusqlite::Connection::open(&path).expect("made");
    other
        .execute_batch("CREATE TABLE x (y); INSERT INTO x VALUES (1)")
        .expect("filled");
    drop(other);
    let before = fs::read(&path).expect("read");
    assert_eq!(refused(&path).status(), MAPI_E_CORRUPT_STORE);
    assert_eq!(fs::read(&path).expect("read"), before);
}

#[test]
fn store_43_a_newer_version_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    drop(Store::open(&path).expect("made"));
    let other = rusqlite::Connection::open(&path).expect("opened");
    other.pragma_update(None, "user_version", 99).expect("set");
    drop(other);
    let before = fs::read(&path).expect("read");
    let error = refused(&path);
    assert_eq!(error.status(), MAPI_E_VERSION);
    assert!(
        error.to_string().contains("newer version (format 99"),
        "{error}"
    );
    assert_eq!(fs::read(&path).expect("read"), before);
}

#[test]
fn store_43_a_truncated_file_is_an_error_and_no_empty_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path).expect("made");
    let folder_id = inbox(&store);
    for number in 0..200 {
        save(&store, folder_id, &message(&format!("Message {number}"), 1));
    }
    store.compact().expect("compacted");
    drop(store);
    let whole = fs::read(&path).expect("read");
    for part in [1, 3, 7, 9] {
        let length = whole.len() * part / 10;
        fs::write(&path, &whole[..length]).expect("cut");
        let found = Store::open(&path).and_then(|store| store.check());
        match found {
            Err(error) => assert_eq!(error.status(), MAPI_E_CORRUPT_STORE, "{error}"),
            Ok(report) => assert_ne!(report.problems, Vec::<String>::new(), "{part}/10"),
        }
        let after = fs::read(&path).expect("read").len();
        assert!(after >= length, "nothing is emptied");
    }
}

#[test]
fn store_43_a_file_that_may_only_be_read_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    drop(Store::open(&path).expect("made"));
    let mut permissions = fs::metadata(&path).expect("there").permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions.clone()).expect("set");
    // An administrator may write all the same.
    let is_writable = fs::OpenOptions::new().append(true).open(&path).is_ok();
    let opened = Store::open(&path);
    if !is_writable {
        let error = opened.map(|_| ()).expect_err("read only");
        assert_eq!(error.status(), MAPI_E_NO_ACCESS);
        assert!(error.to_string().contains("may only be read"), "{error}");
    }
    #[allow(
        clippy::permissions_set_readonly_false,
        reason = "the folder is deleted next"
    )]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).expect("set");
}

#[test]
fn store_43_a_path_to_another_computer_or_to_nowhere_is_refused() {
    let error = refused(Path::new("\\\\server\\share\\store.db"));
    assert_eq!(error.status(), MAPI_E_NETWORK_ERROR);
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = folder.path().join("no").join("such").join("folder.db");
    let error = refused(&nowhere);
    assert!(error.to_string().contains("can't be opened"), "{error}");
}

#[test]
fn store_41_what_another_process_commits_is_told_as_ones_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let (one, other) = (
        Store::open(&path).expect("made"),
        Store::open(&path).expect("opened"),
    );
    let mut feed = one.feed().expect("feed");
    assert!(feed.poll().expect("read").list.is_empty());
    let mine = save(&one, inbox(&one), &message("Mine", 0)).info.id;
    let theirs = save(&other, inbox(&other), &message("Theirs", 0)).info.id;
    assert_ne!(mine, theirs);
    let told = feed.poll().expect("read").list;
    let what: Vec<_> = told
        .iter()
        .map(|change| (change.what, change.object))
        .collect();
    use mapi_provider_mailbox::database::ObjectId::Message;
    let expected = [mine, theirs].map(|id| (What::Created, Some(Message(id))));
    assert_eq!(what, expected);
    assert!(feed.poll().expect("read").list.is_empty());
}

#[test]
fn store_41_the_text_index_knows_what_others_have_committed() {
    use mapi_provider_mailbox::database::TextColumn;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let (one, other) = (
        Store::open(&path).expect("made"),
        Store::open(&path).expect("opened"),
    );
    let folder = inbox(&one);
    for number in 0..40 {
        save(&one, folder, &message(&format!("Needle {number}"), 0));
        let found = other
            .read(|r| r.text_candidates(r.contents(folder, false)?, TextColumn::Subject, "needle"))
            .expect("read");
        assert_eq!(found.map(|ids| ids.len()), Some(number + 1));
    }
}

#[test]
fn store_41_no_reader_sees_half_of_a_transaction() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path).expect("made");
    let (from, to) = store
        .read(|r| Ok((r.special(Special::Inbox)?, r.special(Special::SentItems)?)))
        .expect("folders");
    let ids: Vec<_> = (0..10)
        .map(|_| save(&store, from, &message("x", 0)).info.id)
        .collect();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for number in 0..60 {
                let folder = if number % 2 == 0 { to } else { from };
                store
                    .write(|tx| tx.move_messages(&ids, folder))
                    .expect("moved");
            }
        });
        while !writer.is_finished() {
            let totals = store
                .read(|r| Ok((r.existing_folder(from)?.total, r.existing_folder(to)?.total)))
                .expect("read");
            assert!(matches!(totals, (10, 0) | (0, 10)), "{totals:?}");
        }
    });
}

#[test]
fn a_call_inside_a_transaction_is_refused_and_a_panic_undoes_it() {
    let store = store_support::store();
    let folder = inbox(&store);
    let nested = store.write(|_| store.write(|_| Ok(())));
    assert!(matches!(nested, Err(Error::Nested)));
    let directory = tempfile::tempdir().expect("a folder");
    let file = Store::open(&directory.path().join("store.db")).expect("made");
    let nested = file.write(|_| file.read(|r| r.last_change()));
    assert!(matches!(nested, Err(Error::Nested)));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write(|tx| {
            tx.set_receive_folder("X", Some(folder))?;
            panic!("foreign");
            #[allow(unreachable_code)]
            Ok(())
        })
    }));
    assert!(panicked.is_err());
    let class = store.read(|r| r.receive_folder("X")).expect("usable").class;
    assert_eq!(class, "");
}

#[test]
fn store_05_ids_are_never_given_out_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let mut seen = std::collections::HashSet::new();
    for _ in 0..3 {
        let store = Store::open(&path).expect("opened");
        let folder = inbox(&store);
        for _ in 0..70 {
            assert!(seen.insert(store.reserve_message().expect("an ID")));
        }
        let id = save(&store, folder, &message("x", 0)).info.id;
        assert!(seen.insert(id));
        store
            .write(|tx| tx.delete_messages(&[id]))
            .expect("deleted");
        let rolled_back = store.write(|tx| {
            tx.new_message_id();
            Err::<(), _>(Error::Nested)
        });
        assert!(rolled_back.is_err());
    }
}

#[test]
fn store_05_an_id_is_kept_through_a_move() {
    let store = store_support::store();
    let id = save(&store, inbox(&store), &message("x", 0)).info.id;
    let sent = store.read(|r| r.special(Special::SentItems)).expect("sent");
    store
        .write(|tx| tx.move_messages(&[id], sent))
        .expect("moved");
    let info = store.read(|r| r.existing_message(id)).expect("there");
    assert_eq!(info.folder, sent);
}

#[test]
fn store_43_an_id_asked_for_in_a_transaction_keeps_nobody_waiting() {
    let store = store();
    let (writes, asks) = std::sync::mpsc::channel();
    let (asked, goes_on) = std::sync::mpsc::channel();
    let other = store.clone();
    let thread = std::thread::spawn(move || {
        asks.recv().expect("sent");
        asked.send(()).expect("received");
        // Some of them need the writer, which the other thread has.
        for _ in 0..200 {
            other.reserve_message().expect("an ID");
        }
    });
    store
        .write(|tx| {
            writes.send(()).expect("received");
            goes_on.recv().expect("sent");
            for _ in 0..200 {
                if let Err(error) = store.reserve_message() {
                    assert!(matches!(error, Error::Nested), "{error}");
                }
                std::thread::yield_now();
            }
            let id = tx.new_message_id();
            assert!(matches!(store.open_message(id), Err(Error::Nested)));
            Ok(())
        })
        .expect("written");
    thread.join().expect("no panic");
}
