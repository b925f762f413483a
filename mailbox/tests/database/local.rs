//! What clients did, as the logic is told it (STORE-45): what is told although it looks like nothing, and what never is.

use crate::store_support;
use mapi_provider_abi::mapi::PR_DISPLAY_NAME_W;
use mapi_provider_mailbox::database::{DeleteFolder, FolderKind, NewFolder, ObjectId, PropertySet};
use mapi_provider_mailbox::database::{Remote, Save, Special};
use mapi_provider_mailbox::logic::{Local, Mailbox};
use store_support::{message, save, store};

fn called(server_id: &str) -> Remote {
    Remote {
        server_id: server_id.to_owned(),
        server_version: None,
    }
}

fn told(mailbox: &Mailbox) -> Vec<(ObjectId, Option<String>, Local)> {
    let changes = mailbox.local_changes().expect("read").into_iter();
    let one = |change: mapi_provider_mailbox::logic::LocalChange| {
        let server_id = change.remote.map(|remote| remote.server_id);
        (change.object, server_id, change.what)
    };
    changes.map(one).collect()
}

#[test]
fn store_45_what_was_deleted_after_the_server_got_it_is_told_though_it_was_never_acknowledged() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("inbox");
    let ids =
        ["sent", "never sent"].map(|subject| save(&store, inbox, &message(subject, 0)).info.id);
    // As who lists all messages does, and hears of one only then.
    let logic = store.as_logic();
    let named = logic.write(|tx| tx.set_remote(ObjectId::Message(ids[0]), &called("m1")));
    named.expect("written");
    let deleted = store.write(|tx| tx.delete_messages(&ids));
    assert!(!deleted.expect("deleted").is_partial());
    let gone = (
        ObjectId::Message(ids[0]),
        Some("m1".to_owned()),
        Local::Deleted,
    );
    assert_eq!(told(&mailbox), [gone]);
    let all = mailbox.local_changes().expect("read");
    all[0].acknowledge().expect("acknowledged");
    assert_eq!(told(&mailbox), []);
    // Folders too.
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, "Work");
    let made = store.write(|tx| {
        tx.create_folder(&NewFolder {
            parent: inbox,
            kind: FolderKind::Generic,
            props: &props,
            open_existing: false,
        })
    });
    let folder = ObjectId::Folder(made.expect("made").0);
    let named = logic.write(|tx| tx.set_remote(folder, &called("f1")));
    named.expect("written");
    let ObjectId::Folder(id) = folder else {
        return;
    };
    let deleted = store.write(|tx| tx.delete_folder(id, DeleteFolder::default()));
    assert!(!deleted.expect("deleted").is_partial());
    let gone = (folder, Some("f1".to_owned()), Local::Deleted);
    assert_eq!(told(&mailbox), [gone]);
}

#[test]
fn store_45_what_is_not_for_people_is_never_told() {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("inbox");
    let id = store.reserve_message().expect("an ID");
    let data = message("A view", 1);
    let saved = store.write(|tx| {
        tx.save_message(&Save {
            id,
            folder: inbox,
            associated: true,
            base: None,
            force: false,
            read: false,
            keep_time: false,
            data: &data,
        })
    });
    saved.expect("saved");
    let views = mailbox.special(Special::Views).expect("there");
    let moved = store.write(|tx| tx.move_messages(&[id], views));
    assert!(!moved.expect("moved").is_partial());
    assert_eq!(told(&mailbox), []);
    let deleted = store.write(|tx| tx.delete_messages(&[id]));
    assert!(!deleted.expect("deleted").is_partial());
    assert_eq!(told(&mailbox), []);
}
