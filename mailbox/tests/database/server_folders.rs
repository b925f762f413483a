//! Folders that the server renames, and that it has no more, while clients work in them (STORE-45).

use mapi_provider_abi::mapi::{PR_BODY_W, PR_DISPLAY_NAME_W};
use mapi_provider_abi::view::FileTime;
use mapi_provider_mailbox::database::{
    DeleteFolder, FolderId, FolderKind, MessageId, NewFolder, ObjectId, PropertySet, Save, Special,
    Store,
};
use mapi_provider_mailbox::logic::{Local, Mailbox};

use crate::store_support::{message, save, store};

fn opened() -> (Store, Mailbox, FolderId) {
    let store = store();
    let mailbox = Mailbox::new(store.clone());
    let top = mailbox.special(Special::IpmSubtree).expect("a folder");
    (store, mailbox, top)
}

fn upsert(mailbox: &Mailbox, parent: FolderId, server_id: &str, name: &str) -> FolderId {
    let upserted = mailbox.upsert_folder(parent, server_id, name);
    upserted.expect("written").expect("not deleted")
}

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

fn put(mailbox: &Mailbox, folder: FolderId, server_id: &str) -> MessageId {
    let mut batch = mailbox.batch();
    batch
        .upsert(folder, server_id, |draft| draft.subject(server_id))
        .expect("taken");
    batch.commit().expect("written");
    let found = mailbox.message_of_server(server_id).expect("read");
    found.expect("there")
}

fn edit(store: &Store, id: MessageId) {
    let open = store.open_message(id).expect("read").expect("there");
    let mut data = (*open.data).clone();
    data.props.set_tag(PR_BODY_W, "Mine");
    let save = Save {
        id,
        folder: open.info.folder,
        associated: false,
        base: Some(open.info.version),
        force: false,
        read: false,
        keep_time: false,
        data: &data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
}

fn told(mailbox: &Mailbox) -> Vec<(ObjectId, Option<String>, Local)> {
    let changes = mailbox.local_changes().expect("read");
    let tell = |change: mapi_provider_mailbox::logic::LocalChange| {
        let remote = change.remote.map(|one| one.server_id);
        (change.object, remote, change.what)
    };
    changes.into_iter().map(tell).collect()
}

fn place(mailbox: &Mailbox, id: MessageId) -> FolderId {
    let message = mailbox.message(id).expect("read").expect("there");
    message.info.folder
}

#[test]
fn store_45_what_clients_made_in_a_folder_survives_it() {
    let (store, mailbox, top) = opened();
    let folder = upsert(&mailbox, top, "F", "Projects");
    let theirs = put(&mailbox, folder, "S");
    let edited = put(&mailbox, folder, "E");
    edit(&store, edited);
    let mine = save(&store, folder, &message("Draft", 0)).info.id;
    let inbox = mailbox.inbox().expect("an inbox");
    let guest = put(&mailbox, inbox, "G");
    store
        .write(|tx| tx.move_messages(&[guest], folder))
        .expect("moved");
    let sub = make_folder(&store, folder, "Mine");
    let within = save(&store, sub, &message("Within", 0)).info.id;

    let mut kept = mailbox.remove_folder("F").expect("removed");
    kept.sort_unstable();
    let mut expected = [
        ObjectId::Message(edited),
        ObjectId::Message(mine),
        ObjectId::Message(guest),
        ObjectId::Folder(sub),
    ];
    expected.sort_unstable();
    assert_eq!(kept, expected);
    assert_eq!(mailbox.folder(folder).expect("read"), None);
    assert_eq!(mailbox.message(theirs).expect("read"), None);
    let places = [edited, mine, guest, within].map(|id| place(&mailbox, id));
    assert_eq!(places, [inbox, inbox, inbox, sub]);
    let mut left = told(&mailbox);
    left.sort_by_key(|(object, ..)| *object);
    let created = |object| (object, None, Local::Created);
    assert_eq!(
        left,
        [
            created(ObjectId::Folder(sub)),
            created(ObjectId::Message(edited)),
            created(ObjectId::Message(mine)),
            created(ObjectId::Message(within)),
        ]
    );
    let remote = mailbox.remote(ObjectId::Message(guest)).expect("read");
    assert_eq!(remote.map(|one| one.server_id).as_deref(), Some("G"));
}

#[test]
fn store_45_a_message_in_the_queue_keeps_its_folder_and_no_call_fails() {
    let (store, mailbox, top) = opened();
    let folder = upsert(&mailbox, top, "F", "Projects");
    let theirs = put(&mailbox, folder, "S");
    let waits = save(&store, folder, &message("Waits", 0)).info.id;
    store
        .write(|tx| tx.submit(waits, FileTime::from_ticks(1), 0))
        .expect("submitted");
    for _ in 0..2 {
        mailbox.remove_folder("F").expect("removed");
        assert_eq!(mailbox.message(theirs).expect("read"), None);
        assert_eq!(place(&mailbox, waits), folder);
        let created = |object| (object, None, Local::Created);
        assert_eq!(
            told(&mailbox),
            [
                created(ObjectId::Folder(folder)),
                created(ObjectId::Message(waits))
            ]
        );
    }
    assert_eq!(mailbox.folder_of_server("F").expect("read"), None);
}

#[test]
fn store_45_a_folder_that_a_client_deleted_does_not_come_back() {
    let (store, mailbox, top) = opened();
    let folder = upsert(&mailbox, top, "F", "Projects");
    let all = DeleteFolder {
        messages: true,
        folders: true,
    };
    store
        .write(|tx| tx.delete_folder(folder, all))
        .expect("deleted");
    let upserted = mailbox.upsert_folder(top, "F", "Projects").expect("read");
    assert_eq!(upserted, None);
    assert_eq!(mailbox.folder_at("Projects").expect("read"), None);
    // The server has deleted it too: there is nothing left to tell.
    mailbox.remove_folder("F").expect("removed");
    assert_eq!(told(&mailbox), []);
}

#[test]
fn store_45_folders_may_swap_their_names_and_come_in_any_order() {
    let (store, mailbox, top) = opened();
    let (a, b) = (
        upsert(&mailbox, top, "A", "A"),
        upsert(&mailbox, top, "B", "B"),
    );
    assert_eq!(upsert(&mailbox, top, "A", "B"), a);
    assert_eq!(upsert(&mailbox, top, "B", "A"), b);
    let at = |name| mailbox.folder_at(name).expect("read");
    assert_eq!((at("A"), at("B")), (Some(b), Some(a)));
    // A new one of the name, before the old one is told to be gone.
    let new = upsert(&mailbox, top, "C", "A");
    assert_eq!(at("A"), Some(new));
    mailbox.remove_folder("B").expect("removed");
    assert_eq!(mailbox.folders().expect("read").len(), 4 + 2);
    assert_eq!(told(&mailbox), []);
    // A client's folder of the name makes way too, and is told by its own.
    let mine = make_folder(&store, top, "D");
    assert_eq!(upsert(&mailbox, top, "C", "D"), new);
    assert_eq!((at("D"), at("D (2)")), (Some(new), Some(mine)));
}

#[test]
fn store_45_a_folder_called_like_one_that_every_store_has_gets_a_number_once() {
    let (_store, mailbox, top) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    assert_eq!(upsert(&mailbox, top, "I", "Inbox"), inbox);
    let other = upsert(&mailbox, top, "J", "Inbox");
    for _ in 0..2 {
        assert_eq!(upsert(&mailbox, top, "J", "Inbox"), other);
        assert_eq!(mailbox.folder_at("Inbox (2)").expect("read"), Some(other));
    }
}
