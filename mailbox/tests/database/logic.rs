//! What the synchronisation logic does and is told (STORE-45).

use crate::store_support;
use std::io::Read;

use mapi_provider_abi::mapi::{PR_BODY_W, PR_DISPLAY_NAME_W, PR_SUBJECT_W};
use mapi_provider_mailbox::database::{
    By, DeleteFolder, FolderKind, MessageId, NewFolder, ObjectId, PropertySet, Remote, Special,
    Store,
};
use mapi_provider_mailbox::logic::{Local, Mailbox, Upserted};
use store_support::{Work, message, save, store};

fn deliver(mailbox: &Mailbox, count: usize) -> Vec<Upserted> {
    let inbox = mailbox.inbox().expect("inbox");
    let mut batch = mailbox.batch();
    for number in 1..=count {
        batch
            .upsert(inbox, &format!("m{number}"), |draft| {
                draft.subject(&format!("Message {number}"));
                draft.body("Body");
                draft.sender("Server", "server@example.org");
                if draft.is_new() {
                    draft.to("Me", "me@example.org");
                }
                draft.read(false);
            })
            .expect("taken");
    }
    batch.commit_with(b"cursor").expect("written")
}

fn find(mailbox: &Mailbox, server_id: &str) -> MessageId {
    mailbox
        .message_of_server(server_id)
        .expect("read")
        .expect("there")
}

fn told(mailbox: &Mailbox) -> Vec<(Option<String>, Local)> {
    let changes = mailbox.local_changes().expect("read");
    let tell = |change: mapi_provider_mailbox::logic::LocalChange| {
        (change.remote.map(|remote| remote.server_id), change.what)
    };
    changes.into_iter().map(tell).collect()
}

fn changed(edited: bool, read: Option<bool>) -> Local {
    Local::Changed {
        edited,
        read,
        moved_from: None,
    }
}

#[test]
fn store_45_a_batch_brings_in_and_again_brings_nothing_new() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let mut feed = store.feed().expect("feed");
    assert_eq!(deliver(&mailbox, 3), [Upserted::Created; 3]);
    let changes = feed.poll().expect("read").list;
    assert_eq!(changes.len(), 3);
    assert!(changes.iter().all(|change| change.by == By::Logic));
    assert_eq!(changes[0].commit, changes[2].commit);
    assert_eq!(deliver(&mailbox, 3), [Upserted::Unchanged; 3]);
    assert!(feed.poll().expect("read").list.is_empty());
    assert_eq!(
        mailbox.cursor().expect("read").as_deref(),
        Some(&b"cursor"[..])
    );
    assert_eq!(told(&mailbox), []);

    let inbox = mailbox.inbox().expect("inbox");
    let mut batch = mailbox.batch();
    batch
        .upsert(inbox, "m1", |draft| draft.read(true))
        .expect("taken");
    batch
        .upsert(inbox, "m2", |draft| draft.subject("Other"))
        .expect("taken");
    batch.remove(["m3", "unknown"]).expect("taken");
    assert_eq!(batch.commit().expect("written"), [Upserted::Changed; 2]);
    let folder = mailbox.folder(inbox).expect("read").expect("there");
    assert_eq!((folder.total, folder.unread), (2, 1));
    assert_eq!(told(&mailbox), []);
}

#[test]
fn store_45_a_batch_that_is_dropped_or_fails_leaves_nothing() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("inbox");
    let mut batch = mailbox.batch();
    batch
        .upsert(inbox, "m1", |draft| draft.subject("One"))
        .expect("taken");
    drop(batch);
    let mut batch = mailbox.batch();
    batch
        .upsert(inbox, "m1", |draft| draft.subject("One"))
        .expect("taken");
    let gone = mailbox.special(Special::Views).expect("views");
    store
        .write(|tx| {
            let mut props = PropertySet::default();
            props.set_tag(PR_DISPLAY_NAME_W, "Gone");
            let new = NewFolder {
                parent: gone,
                kind: FolderKind::Generic,
                props: &props,
                open_existing: false,
            };
            let (folder, _) = tx.create_folder(&new)?;
            tx.delete_folder(folder, DeleteFolder::default())?;
            Ok(folder)
        })
        .map(|folder| batch.upsert(folder, "m2", |_| ()).expect("taken"))
        .expect("made and deleted");
    assert!(batch.commit_with(b"x").is_err());
    assert_eq!(mailbox.message_of_server("m1").expect("read"), None);
    assert_eq!(mailbox.cursor().expect("read"), None);
}

#[test]
fn store_45_what_clients_do_is_told_as_one_until_it_is_acknowledged() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    deliver(&mailbox, 4);
    let (one, two, three) = (
        find(&mailbox, "m1"),
        find(&mailbox, "m2"),
        find(&mailbox, "m3"),
    );
    let sent = mailbox.special(Special::SentItems).expect("sent");
    let inbox = mailbox.inbox().expect("inbox");
    store.write(|tx| tx.set_read(&[one], true)).expect("marked");
    store
        .write(|tx| tx.move_messages(&[two], sent))
        .expect("moved");
    store
        .write(|tx| tx.delete_messages(&[three]))
        .expect("deleted");
    let new = save(&store, inbox, &message("New", 0)).info.id;
    let short = save(&store, inbox, &message("Short-lived", 0)).info.id;
    store
        .write(|tx| tx.delete_messages(&[short]))
        .expect("deleted");
    let moved = Local::Changed {
        edited: false,
        read: None,
        moved_from: Some(inbox),
    };
    let expected = [
        (Some("m1".to_owned()), changed(false, Some(true))),
        (Some("m2".to_owned()), moved),
        (None, Local::Created),
        (Some("m3".to_owned()), Local::Deleted),
    ];
    assert_eq!(told(&mailbox), expected);
    assert_eq!(told(&mailbox), expected, "told again");

    let changes = mailbox.local_changes().expect("read");
    // Done after it was told: it is told next.
    store.write(|tx| tx.set_read(&[new], true)).expect("marked");
    for change in &changes {
        match change.what {
            Local::Created => {
                let remote = Remote {
                    server_id: "m9".to_owned(),
                    server_version: None,
                };
                assert_eq!(change.message().expect("read").expect("there").info.id, new);
                change.acknowledge_as(&remote).expect("written");
            }
            _ => change.acknowledge().expect("written"),
        }
    }
    assert_eq!(
        told(&mailbox),
        [(Some("m9".to_owned()), changed(false, Some(true)))]
    );
    assert_eq!(
        deliver(&mailbox, 1),
        [Upserted::Changed],
        "the server says unread"
    );
}

#[test]
fn store_45_local_changes_win_unless_the_logic_says_otherwise() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    deliver(&mailbox, 3);
    let inbox = mailbox.inbox().expect("inbox");
    let id = find(&mailbox, "m1");
    let open = store.open_message(id).expect("read").expect("there");
    let mut work = Work::new(&store, Special::Inbox, (*open.data).clone());
    (work.id, work.base) = (id, Some(open.info.version));
    work.data.props.set_tag(PR_BODY_W, "Mine");
    work.save(&store, false).expect("saved");
    let second = find(&mailbox, "m2");
    store
        .write(|tx| tx.delete_messages(&[second]))
        .expect("deleted");

    let server = |over| {
        let mut batch = mailbox.batch();
        for id in ["m1", "m2"] {
            batch
                .upsert(inbox, id, |draft| {
                    draft.subject("Server's");
                    draft.body("Server's");
                    if over {
                        draft.overwrite_local_changes();
                    }
                })
                .expect("taken");
        }
        batch.commit().expect("written")
    };
    assert_eq!(server(false), [Upserted::KeptLocal; 2]);
    let mine = store.open_message(id).expect("read").expect("there");
    assert_eq!(mine.data.props.text(PR_BODY_W).as_deref(), Some("Mine"));
    assert_eq!(server(true), [Upserted::Changed, Upserted::Created]);
    let theirs = store.open_message(id).expect("read").expect("there");
    assert_eq!(
        theirs.data.props.text(PR_SUBJECT_W).as_deref(),
        Some("Server's")
    );
}

#[test]
fn store_45_what_somebody_edited_is_not_lost_when_the_server_deletes_it() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    deliver(&mailbox, 1);
    let id = find(&mailbox, "m1");
    let open = store.open_message(id).expect("read").expect("there");
    let mut work = Work::new(&store, Special::Inbox, (*open.data).clone());
    (work.id, work.base) = (id, Some(open.info.version));
    work.data.props.set_tag(PR_BODY_W, "Mine");
    work.save(&store, false).expect("saved");
    let mut batch = mailbox.batch();
    batch.remove(["m1"]).expect("taken");
    batch.commit().expect("written");
    assert_eq!(told(&mailbox), [(None, Local::Created)]);
}

#[test]
fn store_45_a_message_deleted_while_it_was_uploaded_is_deleted_there_too() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("inbox");
    let id = save(&store, inbox, &message("New", 0)).info.id;
    let change = mailbox.local_changes().expect("read").remove(0);
    store
        .write(|tx| tx.delete_messages(&[id]))
        .expect("deleted");
    let remote = Remote {
        server_id: "m1".to_owned(),
        server_version: None,
    };
    change.acknowledge_as(&remote).expect("written");
    assert_eq!(told(&mailbox), [(Some("m1".to_owned()), Local::Deleted)]);
}

#[test]
fn store_45_folders_are_told_parents_first_and_made_by_the_servers_ids() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let top = mailbox.special(Special::IpmSubtree).expect("top");
    let known = mailbox
        .upsert_folder(top, "f1", "From server")
        .expect("made")
        .expect("nobody has deleted it");
    assert_eq!(
        mailbox
            .upsert_folder(top, "f1", "Renamed")
            .expect("renamed"),
        Some(known)
    );
    assert_eq!(mailbox.folder_at("Renamed").expect("read"), Some(known));
    assert_eq!(told(&mailbox), []);
    let create = |parent, name: &str| {
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, name);
        let new = NewFolder {
            parent,
            kind: FolderKind::Generic,
            props: &props,
            open_existing: false,
        };
        store.write(|tx| tx.create_folder(&new)).expect("made").0
    };
    let child = create(known, "Child");
    let parent = create(top, "Parent");
    store
        .write(|tx| tx.move_folder(child, parent, None))
        .expect("moved");
    save(&store, child, &message("In it", 0));
    let objects: Vec<ObjectId> = mailbox
        .local_changes()
        .expect("read")
        .into_iter()
        .map(|change| change.object)
        .collect();
    assert_eq!(
        objects[..2],
        [ObjectId::Folder(parent), ObjectId::Folder(child)]
    );
    assert!(matches!(objects[2], ObjectId::Message(_)));
    mailbox.remove_folder("f1").expect("removed");
    assert_eq!(mailbox.folder_of_server("f1").expect("read"), None);
}

#[test]
fn store_45_large_batches_are_written_in_parts_and_attachments_from_readers() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("store.db")).expect("made");
    let mailbox = Mailbox::new(store.clone());
    assert_eq!(deliver(&mailbox, 1200).len(), 1200);
    let inbox = mailbox.inbox().expect("inbox");
    assert_eq!(
        mailbox.folder(inbox).expect("read").expect("there").total,
        1200
    );
    let mut batch = mailbox.batch();
    batch
        .try_upsert(inbox, "big", |draft| {
            draft.subject("Big");
            draft.attach(
                "zeros.bin",
                "application/octet-stream",
                std::io::repeat(7).take(3_000_000),
            )?;
            draft.attach("small.txt", "text/plain", &b"hello"[..])
        })
        .expect("taken");
    batch.commit().expect("written");
    let big = mailbox
        .message(find(&mailbox, "big"))
        .expect("read")
        .expect("there");
    assert_eq!(big.data.attachments.len(), 2);
    assert!(big.info.size > 3_000_000);
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
}
