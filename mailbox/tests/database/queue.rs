//! The outgoing queue.

use crate::store_support;
use mapi_provider_abi::mapi::MessageFlags;
use mapi_provider_abi::view::FileTime;
use mapi_provider_mailbox::database::{Error, LOCKED, MessageId, PREPROCESS, Special, Store};
use store_support::{message, save, store};

fn queue(store: &Store, subject: &str, time: u64, flags: u32) -> MessageId {
    let outbox = store.read(|r| r.special(Special::Outbox)).expect("outbox");
    let id = save(store, outbox, &message(subject, 0)).info.id;
    store
        .write_durably(|tx| tx.submit(id, FileTime::from_ticks(time), flags))
        .expect("queued");
    id
}

#[test]
fn store_35_the_queue_is_in_order_of_time_and_outlives_the_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path).expect("made");
    let late = queue(&store, "Late", 20, 0);
    let early = queue(&store, "Early", 10, PREPROCESS);
    drop(store);
    let store = Store::open(&path).expect("opened");
    let waiting = store.read(|r| r.queue()).expect("read");
    let shown: Vec<_> = waiting.iter().map(|one| (one.message, one.flags)).collect();
    assert_eq!(shown, [(early, PREPROCESS), (late, 0)]);
    let flags = store
        .read(|r| r.existing_message(late))
        .expect("there")
        .flags;
    assert_eq!(
        flags & MessageFlags::SUBMIT.bits(),
        MessageFlags::SUBMIT.bits()
    );
}

#[test]
fn store_34_the_second_submit_clears_preprocess_and_keeps_the_place() {
    let store = store();
    let id = queue(&store, "One", 10, PREPROCESS);
    store
        .write(|tx| tx.submit(id, FileTime::from_ticks(99), 0))
        .expect("again");
    let queued = store.read(|r| r.queued(id)).expect("read").expect("there");
    assert_eq!((queued.flags, queued.submitted.ticks()), (0, 10));
}

#[test]
fn store_36_a_lock_keeps_others_out_and_ends_with_its_process() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let (one, other) = (
        Store::open(&path).expect("made"),
        Store::open(&path).expect("opened"),
    );
    let id = queue(&one, "One", 10, 0);
    one.write(|tx| tx.lock_queued(id)).expect("locked");
    one.write(|tx| tx.lock_queued(id)).expect("its own");
    let seen = other.read(|r| r.queued(id)).expect("read").expect("there");
    assert_eq!((seen.flags, seen.locked_by), (LOCKED, Some(one.session())));
    assert!(matches!(
        other.write(|tx| tx.lock_queued(id)),
        Err(Error::Locked)
    ));
    assert!(matches!(
        other.write(|tx| tx.abort_submit(id)),
        Err(Error::UnableToAbort)
    ));
    let deleted = other.write(|tx| tx.delete_messages(&[id])).expect("partly");
    assert!(matches!(deleted.failed[..], [(_, Error::Locked)]));
    drop(one);
    let seen = other.read(|r| r.queued(id)).expect("read").expect("there");
    assert_eq!((seen.flags, seen.locked_by), (0, None));
    other.write(|tx| tx.lock_queued(id)).expect("free");
}

#[test]
fn store_37_a_message_is_taken_back_or_finished_once() {
    let store = store();
    let id = queue(&store, "One", 10, 0);
    store.write(|tx| tx.abort_submit(id)).expect("taken back");
    assert!(matches!(
        store.write(|tx| tx.abort_submit(id)),
        Err(Error::NotInQueue)
    ));
    let flags = store.read(|r| r.existing_message(id)).expect("there").flags;
    assert_eq!(flags & MessageFlags::SUBMIT.bits(), 0);
    let id = queue(&store, "Two", 10, 0);
    store.write(|tx| tx.lock_queued(id)).expect("locked");
    assert!(store.write(|tx| tx.finish_queued(id)).expect("finished"));
    assert!(
        !store
            .write(|tx| tx.finish_queued(id))
            .expect("finished before")
    );
    assert!(store.read(|r| r.queue()).expect("read").is_empty());
}
