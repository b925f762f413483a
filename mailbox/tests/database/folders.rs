//! Folders, named properties, receive folders.

use crate::store_support;
use mapi_provider_abi::mapi::{GUID, PR_DISPLAY_NAME_W, PS_MAPI, PropTag};
use mapi_provider_abi::view::{NameId, PropName, PropValue};
use mapi_provider_mailbox::database::{
    DeleteFolder, Error, FolderId, FolderKind, NewFolder, Options, PropertySet, Result, Special,
    Store, What,
};
use store_support::{message, save, store};

fn props(name: &str) -> PropertySet {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    props
}

fn create(store: &Store, parent: FolderId, name: &str) -> Result<FolderId> {
    let props = props(name);
    let new = NewFolder {
        parent,
        kind: FolderKind::Generic,
        props: &props,
        open_existing: false,
    };
    store.write(|tx| tx.create_folder(&new)).map(|(id, _)| id)
}

fn special(store: &Store, special: Special) -> FolderId {
    store.read(|r| r.special(special)).expect("it is there")
}

#[test]
fn store_02_a_new_store_has_its_folders_and_gets_missing_ones_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open(&path).expect("made");
    let ids = Special::ALL.map(|one| special(&store, one));
    drop(store);

    let other = rusqlite::Connection::open(&path).expect("a connection");
    let outbox = ids[Special::Outbox as usize].number().cast_signed();
    other
        .execute("DELETE FROM folder WHERE id = ?1", [outbox])
        .expect("deleted");
    drop(other);

    let store = Store::open(&path).expect("opened");
    for one in Special::ALL {
        let id = special(&store, one);
        let is_same = id == ids[one as usize];
        assert_eq!(is_same, one != Special::Outbox, "{one:?}");
        let found = store.read(|r| r.existing_folder(id)).expect("there");
        assert_eq!(found.special, Some(one));
    }
    let deleted = store.write(|tx| tx.delete_folder(ids[2], DeleteFolder::default()));
    assert!(matches!(deleted, Err(Error::SpecialFolder)));
}

#[test]
fn store_03_counts_follow_every_change() {
    let store = store();
    let (inbox, sent) = (
        special(&store, Special::Inbox),
        special(&store, Special::SentItems),
    );
    let counts = |id| {
        let folder = store.read(|r| r.existing_folder(id)).expect("there");
        (
            folder.total,
            folder.unread,
            folder.associated,
            folder.children,
        )
    };
    let one = save(&store, inbox, &message("One", 0)).info.id;
    let two = save(&store, inbox, &message("Two", 0)).info.id;
    assert_eq!(counts(inbox), (2, 2, 0, 0));
    store
        .write(|tx| tx.set_read(&[one, one], true))
        .expect("marked");
    assert_eq!(counts(inbox), (2, 1, 0, 0));
    store
        .write(|tx| tx.move_messages(&[one, two], sent))
        .expect("moved");
    assert_eq!((counts(inbox), counts(sent)), ((0, 0, 0, 0), (2, 1, 0, 0)));
    store
        .write(|tx| tx.copy_messages(&[one, two], inbox))
        .expect("copied");
    store
        .write(|tx| tx.delete_messages(&[two]))
        .expect("deleted");
    assert_eq!((counts(inbox), counts(sent)), ((2, 1, 0, 0), (1, 0, 0, 0)));
    let inner = create(&store, inbox, "Inner").expect("made");
    assert_eq!(counts(inbox).3, 1);
    store
        .write(|tx| tx.move_folder(inner, sent, None))
        .expect("moved");
    assert_eq!((counts(inbox).3, counts(sent).3), (0, 1));
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
}

#[test]
fn store_33_names_collide_whatever_their_case_and_a_folder_does_not_fit_into_itself() {
    let store = store();
    let inbox = special(&store, Special::Inbox);
    let one = create(&store, inbox, "Größe").expect("made");
    assert!(create(&store, inbox, "GRÖSSE").is_ok());
    assert!(matches!(
        create(&store, inbox, "GRÖßE"),
        Err(Error::Collision(_))
    ));
    assert!(matches!(create(&store, inbox, ""), Err(Error::Invalid(_))));
    let existing = props("größe");
    let open = NewFolder {
        parent: inbox,
        kind: FolderKind::Generic,
        props: &existing,
        open_existing: true,
    };
    let opened = store.write(|tx| tx.create_folder(&open)).expect("opened");
    assert_eq!(opened, (one, false));

    let two = create(&store, one, "Two").expect("made");
    let moved = store.write(|tx| tx.move_folder(one, two, None));
    assert!(matches!(moved, Err(Error::FolderCycle)));
    let copied = store.write(|tx| tx.copy_folder(one, two, None, true));
    assert!(matches!(copied, Err(Error::FolderCycle)));
    let renamed = store.write(|tx| {
        tx.change_folder(one, |props| {
            props.set_tag(PR_DISPLAY_NAME_W, "GRÖSSE");
            Ok(())
        })
    });
    assert!(matches!(renamed, Err(Error::Collision(_))));
}

#[test]
fn store_33_a_folder_is_deleted_with_what_is_in_it_only_if_that_is_said() {
    let store = store();
    let inbox = special(&store, Special::Inbox);
    let one = create(&store, inbox, "One").expect("made");
    let two = create(&store, one, "Two").expect("made");
    save(&store, two, &message("In two", 2));
    let delete = |id, messages, folders| {
        store.write(|tx| tx.delete_folder(id, DeleteFolder { messages, folders }))
    };
    assert!(matches!(delete(one, true, false), Err(Error::HasFolders)));
    assert!(matches!(delete(two, false, true), Err(Error::HasMessages)));
    let outcome = delete(one, true, true).expect("deleted");
    assert_eq!((outcome.done.len(), outcome.is_partial()), (3, false));
    assert_eq!(store.read(|r| r.folder(two)).expect("readable"), None);
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
}

#[test]
fn store_33_a_submitted_message_keeps_its_folders() {
    let store = store();
    let inbox = special(&store, Special::Inbox);
    let one = create(&store, inbox, "One").expect("made");
    let id = save(&store, one, &message("Waits", 0)).info.id;
    save(&store, one, &message("Does not", 0));
    store
        .write(|tx| tx.submit(id, tx.now(), 0))
        .expect("queued");
    let all = DeleteFolder {
        messages: true,
        folders: true,
    };
    let outcome = store
        .write(|tx| tx.delete_folder(one, all))
        .expect("as far as it goes");
    assert_eq!((outcome.done.len(), outcome.failed.len()), (1, 2));
    assert_eq!(
        store.read(|r| r.existing_folder(one)).expect("there").total,
        1
    );
}

#[test]
fn store_33_a_copy_of_a_folder_has_all_below_it() {
    let store = store();
    let (inbox, sent) = (
        special(&store, Special::Inbox),
        special(&store, Special::SentItems),
    );
    let one = create(&store, inbox, "One").expect("made");
    let two = create(&store, one, "Two").expect("made");
    let original = save(&store, two, &message("Deep", 3));
    let mut feed = store.feed().expect("feed");
    let (copy, left) = store
        .write(|tx| tx.copy_folder(one, sent, Some("Copy"), true))
        .expect("copied");
    assert_eq!(left, []);
    let tree = store.read(|r| r.tree(copy)).expect("readable");
    let shown: Vec<(u32, &str, u64)> = tree
        .iter()
        .map(|(depth, folder)| (*depth, &*folder.name, folder.total))
        .collect();
    assert_eq!(shown, [(0, "Two", 1)]);
    let ids = store
        .read(|r| r.message_ids(tree[0].1.id))
        .expect("readable");
    let copied = store
        .open_message(ids[0])
        .expect("readable")
        .expect("there");
    assert_eq!(copied.data.props, original.data.props);
    assert_ne!(
        copied.data.attachments[&0].id,
        original.data.attachments[&0].id
    );
    let changes = feed.poll().expect("readable").list;
    assert!(
        changes
            .iter()
            .all(|change| matches!(change.what, What::Copied { .. }))
    );
}

#[test]
fn store_07_names_are_one_map_for_the_store() {
    let store = store();
    let set = GUID::from_u128(7);
    let name = |id: NameId<'static>| PropName { set, id };
    let names = [
        name(NameId::Number(-5)),
        name(NameId::from("Größe")),
        name(NameId::from("größe")),
    ];
    assert_eq!(store.ids_of_names(&names, false).expect("read"), [None; 3]);
    let ids = store.ids_of_names(&names, true).expect("made");
    assert_eq!(ids, [Some(0x8000), Some(0x8001), Some(0x8002)]);
    assert_eq!(
        store.ids_of_names(&names[1..2], true).expect("read"),
        [Some(0x8001)]
    );
    let back = store.read(|r| r.name_of_id(0x8000)).expect("read");
    assert_eq!(back.as_ref(), Some(&names[0]));
    let own = PropName {
        set: PS_MAPI,
        id: NameId::Number(0x0037),
    };
    assert_eq!(
        store.ids_of_names(&[own], false).expect("read"),
        [Some(0x37)]
    );
    let listed = store.read(|r| r.names()).expect("read");
    assert_eq!(listed.len(), 3);
}

#[test]
fn store_07_two_processes_get_one_id_for_one_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let stores = [0; 4].map(|_| Store::open(&path).expect("opened"));
    let all: Vec<Vec<Option<u16>>> = std::thread::scope(|scope| {
        let ask = |store: &Store| {
            let set = GUID::from_u128(1);
            let names: Vec<PropName<'_>> = (0..50)
                .map(|id| PropName {
                    set,
                    id: NameId::Number(id),
                })
                .collect();
            store.ids_of_names(&names, true).expect("made")
        };
        let threads: Vec<_> = stores
            .iter()
            .map(|store| scope.spawn(move || ask(store)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert!(all.iter().all(|ids| *ids == all[0]));
}

#[test]
fn store_08_the_longest_class_that_is_a_prefix_at_a_dot_wins() {
    let store = store();
    let (inbox, root) = (
        special(&store, Special::Inbox),
        special(&store, Special::Root),
    );
    let find = |class: &str| {
        let found = store
            .read(|r| r.receive_folder(class))
            .expect("there is one");
        (found.class, found.folder)
    };
    assert_eq!(find("IPM.Note"), ("IPM".to_owned(), inbox));
    assert_eq!(find("IPC.x"), ("IPC".to_owned(), root));
    assert_eq!(find("IPMX"), (String::new(), inbox));
    let own = create(&store, inbox, "Own").expect("made");
    store
        .write(|tx| tx.set_receive_folder("Ipm.Note.Own", Some(own)))
        .expect("set");
    assert_eq!(find("ipm.note.OWN.more"), ("Ipm.Note.Own".to_owned(), own));
    assert_eq!(find("IPM.Note.Owner").0, "IPM");
    let all = store.read(|r| r.receive_folders()).expect("read");
    assert_eq!(all.len(), 5);
    store
        .write(|tx| tx.set_receive_folder("", Some(own)))
        .expect("set");
    store
        .write(|tx| tx.delete_folder(own, DeleteFolder::default()))
        .expect("deleted");
    assert_eq!(find("X"), (String::new(), inbox));
}

#[test]
fn store_09_marks_of_outlooks_are_kept_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = Store::open_with(&path, Options::default()).expect("made");
    let inbox = special(&store, Special::Inbox);
    let (small, large) = (PropTag(0x36DA_0102), PropTag(0x36D9_0102));
    let bytes: Vec<u8> = (0..20_000_u32).map(|one| one as u8).collect();
    store
        .write(|tx| {
            tx.change_folder(inbox, |props| {
                props.set_tag(small, vec![0, 1, 2]);
                props.set_tag(large, bytes.clone());
                Ok(())
            })
        })
        .expect("set");
    drop(store);
    let store = Store::open(&path).expect("opened");
    let found = store
        .read(|r| r.existing_folder(inbox))
        .expect("there")
        .props;
    assert_eq!(
        found.value(small.id()),
        Some(&PropValue::from(vec![0, 1, 2]))
    );
    let Some(mapi_provider_mailbox::database::Property::Large(value)) = found.get(large.id())
    else {
        panic!("it lies apart");
    };
    assert_eq!(
        store.load_large(value).expect("there"),
        PropValue::from(bytes)
    );
}
