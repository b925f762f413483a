//! What is done with a whole folder is done in transactions of some hundred messages: nobody waits for all of it (STORE-43).

use crate::store_support;
use std::collections::BTreeMap;

use mapi_provider_abi::mapi::{PR_DISPLAY_NAME_W, PR_SUBJECT_W};
use mapi_provider_abi::view::FileTime;
use mapi_provider_mailbox::database::{
    FolderId, FolderKind, MessageData, MessageId, NewFolder, ObjectId, PropertySet, Remote, Save,
    Special, Store, What,
};
use mapi_provider_mailbox::logic::{Local, Mailbox};
use store_support::{message, save, store};

const COUNT: usize = 1_201;

fn make_folder(store: &Store, parent: FolderId, name: &str) -> FolderId {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    let new = NewFolder {
        parent,
        kind: FolderKind::Generic,
        props: &props,
        open_existing: false,
    };
    store.write(|tx| tx.create_folder(&new)).expect("made").0
}

fn fill(store: &Store, folder: FolderId, count: usize) -> Vec<MessageId> {
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, "one of many");
    let fill = store.write(|tx| {
        let mut all = Vec::new();
        for _ in 0..count {
            let id = tx.new_message_id();
            tx.save_message(&Save {
                id,
                folder,
                associated: false,
                base: None,
                force: false,
                read: false,
                keep_time: false,
                data: &data,
            })?;
            all.push(id);
        }
        Ok(all)
    });
    fill.expect("filled")
}

#[test]
fn store_45_a_large_folder_that_the_server_deleted_goes_in_steps() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("inbox");
    let logic = store.as_logic();
    let top = mailbox.upsert_folder(inbox, "f1", "Large").expect("made");
    let top = top.expect("wanted");
    let below = mailbox.upsert_folder(top, "f2", "Below").expect("made");
    let below = below.expect("wanted");
    fill(&logic, top, COUNT - 600);
    fill(&logic, below, 600);
    // What clients did in it: a message of theirs, a folder of theirs with another one, and one that waits to be sent.
    let written = save(&store, top, &message("written here", 0)).info.id;
    let theirs = make_folder(&store, below, "Theirs");
    let inner = save(&store, theirs, &message("in theirs", 0)).info.id;
    let waiting = save(&logic, below, &message("waits", 0)).info.id;
    let submitted = store.write(|tx| tx.submit(waiting, FileTime::from_ticks(1), 0));
    submitted.expect("queued");
    let mut feed = store.feed().expect("a feed");
    let mut kept = mailbox.remove_folder("f1").expect("removed");
    kept.sort();
    let mut expected = [
        ObjectId::Message(written),
        ObjectId::Folder(theirs),
        ObjectId::Message(waiting),
        ObjectId::Folder(top),
        ObjectId::Folder(below),
    ];
    expected.sort();
    assert_eq!(kept, expected);
    let mut deleted: BTreeMap<u64, usize> = BTreeMap::new();
    for change in feed.poll().expect("read").list {
        if change.what == What::Deleted {
            *deleted.entry(change.commit).or_default() += 1;
        }
    }
    assert_eq!(deleted.values().sum::<usize>(), COUNT);
    assert!(deleted.values().all(|count| *count <= 500), "{deleted:?}");
    let place = |id| {
        let info = store.read(|reader| reader.message_info(id));
        info.expect("read").map(|info| info.folder)
    };
    assert_eq!(place(written), Some(inbox));
    assert_eq!(place(inner), Some(theirs));
    assert_eq!(place(waiting), Some(below));
    let told = mailbox.local_changes().expect("read");
    let is_new = |object| {
        let mut told = told.iter();
        told.any(|one| one.object == object && one.what == Local::Created)
    };
    assert!(is_new(ObjectId::Message(written)) && is_new(ObjectId::Folder(top)));
}

#[test]
fn store_45_what_a_special_folder_has_stays_with_it() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let sent = mailbox.special(Special::SentItems).expect("there");
    fill(&store.as_logic(), sent, COUNT);
    let named = store.as_logic().write(|tx| {
        let remote = Remote {
            server_id: "sent".to_owned(),
            server_version: None,
        };
        tx.set_remote(ObjectId::Folder(sent), &remote)
    });
    named.expect("named");
    assert!(mailbox.remove_folder("sent").is_err());
    let left = store.read(|reader| reader.message_ids(sent)).expect("read");
    assert_eq!(left.len(), COUNT);
}
