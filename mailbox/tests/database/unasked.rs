//! Deletions that the logic never asks for (STORE-45).

use std::path::Path;

use mapi_provider_mailbox::database::{MessageId, Store};
use mapi_provider_mailbox::logic::{Local, Mailbox};

/// More changes than a deletion outlives that nobody asks for.
const MANY: u32 = 100_001;

/// A store with messages of the server, in a file.
fn file(path: &Path, messages: usize) -> (Store, Vec<MessageId>) {
    let store = Store::open(path).expect("opened");
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("inbox");
    let mut batch = mailbox.batch();
    let name = |number: usize| format!("m{number}");
    for number in 0..messages {
        let draft = batch.upsert(inbox, &name(number), |draft| draft.subject("Hello"));
        draft.expect("taken");
    }
    batch.commit_with(b"").expect("written");
    let find = |number| mailbox.message_of_server(&name(number)).expect("read");
    let ids = (0..messages).map(|number| find(number).expect("there"));
    let ids = ids.collect();
    (store, ids)
}

fn delete(store: &Store, id: MessageId) {
    let outcome = store.write(|tx| tx.delete_messages(&[id]));
    assert!(!outcome.expect("deleted").is_partial());
}

/// As if so much more had happened, and the store were opened again.
fn later(store: Store, path: &Path, changes: u32) -> Store {
    drop(store);
    let other = rusqlite::Connection::open(path).expect("opened");
    other
        .execute(
            "UPDATE sqlite_sequence SET seq = seq + ?1 WHERE name = 'change'",
            [changes],
        )
        .expect("written");
    drop(other);
    Store::open(path).expect("opened")
}

/// The objects that the file keeps something for, without asking as the logic does.
fn kept(path: &Path) -> Vec<u64> {
    let other = rusqlite::Connection::open(path).expect("opened");
    let mut select = other
        .prepare("SELECT id FROM pending ORDER BY id")
        .expect("prepared");
    let ids = select.query_map([], |row| row.get(0)).expect("read");
    ids.collect::<Result<_, _>>().expect("read")
}

#[test]
fn store_45_deletions_that_no_logic_ever_asks_for_are_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let (store, ids) = file(&path, 3);
    delete(&store, ids[0]);
    // What is there still can't be more than there is.
    store
        .write(|tx| tx.set_read(&[ids[1]], true))
        .expect("marked");
    let store = later(store, &path, MANY - 100);
    assert_eq!(kept(&path), [ids[0].number(), ids[1].number()]);
    delete(&store, ids[2]);
    let store = later(store, &path, 100);
    assert_eq!(kept(&path), [ids[1].number(), ids[2].number()]);
    // Who begins to ask hears of all that is left, and from then on nothing is forgotten.
    let deletions = |store: &Store| {
        let changes = Mailbox::new(store.clone()).local_changes().expect("read");
        let changes = changes.iter().filter(|one| one.what == Local::Deleted);
        changes.count()
    };
    assert_eq!(deletions(&store), 1);
    let store = later(store, &path, 3 * MANY);
    assert_eq!(kept(&path), [ids[1].number(), ids[2].number()]);
    let store = later(store, &path, MANY);
    assert_eq!(deletions(&store), 1);
    // It is told until it is acknowledged.
    for change in Mailbox::new(store.clone()).local_changes().expect("read") {
        change.acknowledge().expect("written");
    }
    drop(store);
    assert!(kept(&path).is_empty());
}
