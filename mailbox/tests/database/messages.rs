//! Messages: saved whole or not at all, marked, moved, copied, deleted.

use crate::store_support;
use mapi_provider_abi::mapi::{MessageFlags, PR_BODY_W, PR_MESSAGE_FLAGS, PR_SUBJECT_W};
use mapi_provider_abi::view::PropValue;
use mapi_provider_mailbox::database::{Error, Property, Special, What};
use store_support::{Work, message, save, store};

#[test]
fn store_21_what_is_saved_is_read_again() {
    let store = store();
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let data = message("RE: Grüße", 3);
    let saved = save(&store, inbox, &data);
    let read = store
        .open_message(saved.info.id)
        .expect("read")
        .expect("there");
    assert_eq!(read, saved);
    let folder = store.read(|r| r.existing_folder(inbox)).expect("folder");
    assert_eq!((folder.total, folder.unread, folder.associated), (1, 1, 0));
}

#[test]
fn store_22_somebody_elses_save_is_a_conflict_and_force_wins() {
    let store = store();
    let mut work = Work::new(&store, Special::Inbox, message("One", 0));
    work.save(&store, false).expect("new");
    let mut other = work.clone();
    other.data.props.set_tag(PR_SUBJECT_W, "Two");
    other.save(&store, false).expect("first");
    assert!(matches!(work.save(&store, false), Err(Error::Changed)));
    work.save(&store, true).expect("forced");
    store
        .write(|tx| tx.delete_messages(&[work.id]))
        .expect("deleted");
    assert!(matches!(work.save(&store, true), Err(Error::Deleted)));
}

#[test]
fn store_23_the_second_save_clears_unmodified() {
    let store = store();
    let mut data = message("One", 0);
    let flags = MessageFlags::UNSENT | MessageFlags::UNMODIFIED;
    data.props.set_tag(
        PR_MESSAGE_FLAGS,
        PropValue::Long(flags.bits().cast_signed()),
    );
    let mut work = Work::new(&store, Special::Inbox, data);
    assert_eq!(
        work.save(&store, false).expect("saved").info.flags,
        flags.bits()
    );
    let again = work.save(&store, false).expect("saved").info.flags;
    assert_eq!(again, MessageFlags::UNSENT.bits());
}

#[test]
fn store_21_a_large_value_lies_apart_and_is_readable_after_the_message_is_gone() {
    let store = store();
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let mut data = message("Large", 0);
    let text = "ä".repeat(100_000);
    data.props.set_tag(PR_BODY_W, &*text);
    let saved = save(&store, inbox, &data);
    let open = store
        .open_message(saved.info.id)
        .expect("read")
        .expect("there");
    store
        .write(|tx| tx.delete_messages(&[saved.info.id]))
        .expect("deleted");
    let Some(Property::Large(large)) = open.data.props.get(PR_BODY_W.id()) else {
        panic!("it lies apart");
    };
    assert_eq!(large.size(), 200_000);
    let value = store.load_large(large).expect("still there");
    assert_eq!(value.to_text(), Some(text));
}

#[test]
fn store_39_changes_are_told_in_order() {
    let store = store();
    let mut feed = store.feed().expect("feed");
    let (inbox, deleted) = store
        .read(|r| {
            Ok((
                r.special(Special::Inbox)?,
                r.special(Special::DeletedItems)?,
            ))
        })
        .expect("folders");
    let id = save(&store, inbox, &message("One", 0)).info.id;
    store
        .write(|tx| {
            tx.set_read(&[id], true)?;
            tx.move_messages(&[id], deleted)?;
            tx.copy_messages(&[id], inbox)?;
            tx.delete_messages(&[id])
        })
        .expect("done");
    let changes = feed.poll().expect("read");
    let what: Vec<What> = changes.list.iter().map(|change| change.what).collect();
    assert!(matches!(
        what[..],
        [What::Created, What::Read, What::Moved { from }, What::Copied { .. }, What::Deleted] if from == inbox
    ));
    assert_eq!(changes.list[1].commit, changes.list[4].commit);
    assert!(feed.poll().expect("read").list.is_empty());
}

#[test]
fn everything_can_be_taken_elsewhere() {
    let store = store();
    let (inbox, sent) = store
        .read(|r| Ok((r.special(Special::Inbox)?, r.special(Special::SentItems)?)))
        .expect("folders");
    for number in 0..300 {
        save(&store, inbox, &message(&format!("Message {number}"), 0));
    }
    let last = save(&store, sent, &message("Sent", 2));
    let all: Vec<_> = store
        .export()
        .expect("begun")
        .map(|one| one.expect("read"))
        .collect();
    assert_eq!(all.len(), 301);
    assert_eq!(all[0].path, ["Top of Outlook data file", "Inbox"]);
    assert_eq!(all[300].message, last);
}

#[test]
fn store_06_the_version_changes_with_each_save_and_with_nothing_else() {
    let store = store();
    let mut work = Work::new(&store, Special::Inbox, message("One", 1));
    let first = work.save(&store, false).expect("saved").info.version;
    let sent = store.read(|r| r.special(Special::SentItems)).expect("sent");
    store
        .write(|tx| {
            tx.set_read(&[work.id], true)?;
            tx.set_status(work.id, 4, 4)?;
            tx.set_flags(work.id, MessageFlags::RESEND.bits(), 0)?;
            tx.move_messages(&[work.id], sent)
        })
        .expect("marked and moved");
    let info = store.read(|r| r.existing_message(work.id)).expect("there");
    assert_eq!(info.version, first);
    let second = work.save(&store, false).expect("no conflict").info.version;
    assert!(second > first);
}

#[test]
fn store_06_the_search_key_is_made_and_stays_in_copies() {
    use mapi_provider_abi::mapi::PR_SEARCH_KEY;
    let store = store();
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let one = save(&store, inbox, &message("One", 0));
    let two = save(&store, inbox, &message("Two", 0));
    let copied = store
        .write(|tx| tx.copy_messages(&[one.info.id], inbox))
        .expect("copied");
    let copy = store
        .open_message(copied.done[0].1)
        .expect("read")
        .expect("there");
    let key = |data: &mapi_provider_mailbox::database::MessageData| {
        data.props
            .value(PR_SEARCH_KEY.id())
            .cloned()
            .expect("it has one")
    };
    assert_eq!(key(&copy.data), key(&one.data));
    assert_ne!(key(&two.data), key(&one.data));
}

#[test]
fn store_12_what_is_more_than_8_kib_lies_apart() {
    let store = store();
    let mut work = Work::new(&store, Special::Inbox, message("One", 0));
    for (length, apart) in [(4096, false), (4097, true)] {
        work.data.props.set_tag(PR_BODY_W, &*"x".repeat(length));
        let saved = work.save(&store, false).expect("saved");
        let body = saved.data.props.get(PR_BODY_W.id());
        assert_eq!(
            matches!(body, Some(Property::Large(_))),
            apart,
            "{length} characters"
        );
    }
}

#[test]
fn store_24_messages_that_are_gone_are_told_and_the_others_marked() {
    let store = store();
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let ids = [0; 3].map(|_| save(&store, inbox, &message("x", 0)).info.id);
    store
        .write(|tx| tx.delete_messages(&ids[1..2]))
        .expect("deleted");
    let outcome = store.write(|tx| tx.set_read(&ids, true)).expect("marked");
    assert!(outcome.is_partial());
    assert_eq!((outcome.done.len(), outcome.failed.len()), (2, 1));
    assert_eq!(
        store
            .read(|r| r.existing_folder(inbox))
            .expect("there")
            .unread,
        0
    );
}
