//! Messages and folders that are copied and moved to another store.

use crate::object_copies;
use crate::object_mock;
use crate::object_support;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use mapi_provider::abi::*;
use mapi_provider::object::ObjectRef;
use mapi_provider::store::EntryId;
use mapi_provider::view::{EntryList, MapiBuffer, MapiStr, PropValue};
use mapi_provider_mailbox::database::{self, MessageData, MessageId, Special};
use object_copies::*;
use object_mock::{MockProgress, Node, Rules, held};
use object_support::*;

fn list(session: &Session, store: &database::Store, ids: &[MessageId]) -> MapiBuffer<SBinaryArray> {
    let entries = ids.iter().map(|id| EntryId::from(entry_id(store, *id)));
    let list = EntryList(entries.collect());
    session.allocators().build(&list).expect("memory")
}

fn copy_messages(
    session: &Session,
    store: &database::Store,
    from: &Made,
    ids: &[MessageId],
    to: &IUnknown,
    flags: CopyMessagesFlags,
) -> HRESULT {
    let list = list(session, store, ids);
    let (iid, none) = (ptr::null(), ptr::null_mut());
    unsafe {
        from.folder
            .CopyMessages(list.as_ptr(), iid, to.as_raw(), 0, none, flags)
    }
}

fn copy_folder(
    parent: &Made,
    folder: &Made,
    to: &IUnknown,
    name: Option<&str>,
    flags: CopyFolderFlags,
) -> HRESULT {
    let mut id = folder.entry_id.clone();
    let mut name = name.map(|name| match MapiStr::wide(&format!("{name}\0")) {
        MapiStr::Wide(units) => units.into_owned(),
        MapiStr::Ansi(_) => unreachable!("it is wide"),
    });
    let name = name.as_mut().map_or(ptr::null_mut(), Vec::as_mut_ptr);
    unsafe {
        parent.folder.CopyFolder(
            id.len() as u32,
            id.as_mut_ptr().cast(),
            ptr::null(),
            to.as_raw(),
            name.cast(),
            0,
            ptr::null_mut(),
            flags | CopyFolderFlags::MAPI_UNICODE,
        )
    }
}

fn subjects(nodes: &[Arc<Node>]) -> Vec<String> {
    let subject = |node: &Arc<Node>| node.text(PR_SUBJECT_W);
    nodes.iter().filter_map(subject).collect()
}

/// A folder with messages, a folder in it with one, and that with another.
fn tree(session: &Session, store: &database::Store) -> (Made, Made) {
    let subtree = session.client().ipm_subtree().expect("there");
    let entry_id = subtree.entry_id().expect("an ID").into_owned();
    let parent = Made {
        folder: raw_folder(session, &entry_id),
        id: folder_id(&entry_id),
        entry_id: entry_id.as_bytes().to_vec(),
    };
    let top = subtree.create_folder("Top").expect("made");
    let middle = top.create_folder("Middle").expect("made");
    let bottom = middle.create_folder("Bottom").expect("made");
    let mut ids = Vec::new();
    for (folder, subject) in [(&top, "1"), (&top, "2"), (&middle, "3"), (&bottom, "4")] {
        let entry_id = folder.entry_id().expect("an ID").into_owned();
        deliver(store, folder_id(&entry_id), subject);
        ids.push(entry_id);
    }
    let made = Made {
        folder: raw_folder(session, &ids[0]),
        id: folder_id(&ids[0]),
        entry_id: ids[0].as_bytes().to_vec(),
    };
    set_ours(session, &made.folder);
    (parent, made)
}

/// Names and subjects, folder after folder.
fn shown(folder: &Arc<Node>) -> String {
    let folders = held(&folder.folders).clone();
    let inner: Vec<String> = folders.iter().map(shown).collect();
    let name = folder.text(PR_DISPLAY_NAME_W).unwrap_or_default();
    let messages = subjects(&folder.saved()).join(",");
    format!("{name}({messages}){}", inner.join(""))
}

#[test]
fn store_33_messages_are_copied_and_moved_to_another_store() {
    let (session, store) = Session::in_memory();
    let from = made(&session, "From");
    let ids: Vec<MessageId> = ["a", "b", "c"]
        .map(|subject| deliver(&store, from.id, subject))
        .to_vec();
    store
        .write(|tx| tx.set_read(&ids[..1], true))
        .expect("marked");
    let mut hidden = MessageData::default();
    hidden.props.set_tag(PR_SUBJECT_W, "hidden");
    let hidden = store.reserve_message().map(|id| {
        let save = database::Save {
            id,
            folder: from.id,
            associated: true,
            base: None,
            force: false,
            read: false,
            keep_time: false,
            data: &hidden,
        };
        store
            .write(|tx| tx.save_message(&save))
            .expect("saved")
            .info
            .id
    });
    let hidden = hidden.expect("an ID");
    let other = other_store(&session);
    let to: IUnknown = other.folder().into();
    let copies = CopyMessagesFlags::empty();
    let all = [ids[0], ids[1], hidden, ids[0]];
    assert_eq!(
        copy_messages(&session, &store, &from, &all, &to, copies),
        S_OK
    );
    assert_eq!(subjects(&other.saved()), ["a", "b", "hidden"], "each once");
    let saved = other.saved();
    let suppress = Some(ReadFlags::SUPPRESS_RECEIPT);
    assert_eq!(*held(&saved[0].read_flags), suppress);
    assert_eq!(*held(&saved[1].read_flags), None);
    assert!(saved[2].is_associated && !saved[0].is_associated);
    assert_eq!(left(&store, from.id), 4);
    let moves = CopyMessagesFlags::MESSAGE_MOVE;
    let all = [&ids[..], &[hidden]].concat();
    assert_eq!(
        copy_messages(&session, &store, &from, &all, &to, moves),
        S_OK
    );
    assert_eq!(left(&store, from.id), 0);
    assert_eq!(other.saved().len(), 7);
    drop(from);
    session.close();
}

#[test]
fn store_33_what_can_not_go_stays() {
    let (session, store) = Session::in_memory();
    let (from, elsewhere) = (made(&session, "From"), made(&session, "Elsewhere"));
    let good = deliver(&store, from.id, "good");
    let waits = deliver(&store, from.id, "waits");
    let foreign = deliver(&store, elsewhere.id, "of another folder");
    let gone = deliver(&store, from.id, "gone");
    store
        .write(|tx| {
            tx.delete_messages(&[gone])?;
            tx.submit(waits, tx.now(), 0)
        })
        .expect("written");
    let other = other_store(&session);
    let to: IUnknown = other.folder().into();
    let moves = CopyMessagesFlags::MESSAGE_MOVE;
    let all = [gone, waits, foreign, good];
    let status = copy_messages(&session, &store, &from, &all, &to, moves);
    assert_eq!(status, MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(subjects(&other.saved()), ["good"]);
    assert_eq!((left(&store, from.id), left(&store, elsewhere.id)), (1, 1));
    // A store that takes nothing is heard.
    let good = deliver(&store, from.id, "good");
    let rules = Rules {
        no_messages: Some(MAPI_E_NO_ACCESS),
        ..Rules::new(session.allocators())
    };
    let to: IUnknown = Node::root(rules).folder().into();
    let status = copy_messages(&session, &store, &from, &[good], &to, moves);
    assert_eq!(status, MAPI_E_NO_ACCESS);
    assert_eq!(left(&store, from.id), 2);
    drop((from, elsewhere));
    session.close();
}

#[test]
fn store_33_a_message_of_which_something_is_lost_is_not_moved() {
    let (session, store) = Session::in_memory();
    let from = made(&session, "From");
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, "whole");
    data.props.set_tag(PR_IMPORTANCE, 2);
    data.props.set_tag(PR_BODY_W, &*"x".repeat(50_000));
    let id = save(&store, from.id, &data);
    let (copies, moves) = (CopyMessagesFlags::empty(), CopyMessagesFlags::MESSAGE_MOVE);
    let refusing = |tag: PropTag| {
        let mut rules = Rules::new(session.allocators());
        rules.refused.insert(tag.id(), MAPI_E_UNEXPECTED_TYPE);
        let other = Node::root(rules);
        (other.folder(), other)
    };
    // Without its text it is not worth a copy either; without a small property it is.
    for (tag, flags, expected) in [
        (PR_BODY_W, moves, MAPI_E_UNEXPECTED_TYPE),
        (PR_BODY_W, copies, MAPI_E_UNEXPECTED_TYPE),
        (PR_IMPORTANCE, moves, MAPI_E_UNEXPECTED_TYPE),
        (PR_IMPORTANCE, copies, S_OK),
    ] {
        let (to, other) = refusing(tag);
        let status = copy_messages(&session, &store, &from, &[id], &to, flags);
        assert_eq!(status, expected, "{tag}");
        assert_eq!(other.saved().len(), usize::from(expected.is_ok()));
        assert_eq!(left(&store, from.id), 1);
    }
    // What somebody saves while it is copied is not deleted.
    let mut rules = Rules::new(session.allocators());
    let (writer, count) = (store.clone(), AtomicU32::new(0));
    rules.then = Box::new(move || {
        if count.fetch_add(1, Ordering::Relaxed) == 3 {
            let message = writer.open_message(id).expect("read").expect("there");
            let save = database::Save {
                id,
                folder: message.info.folder,
                associated: false,
                base: Some(message.info.version),
                force: false,
                read: false,
                keep_time: false,
                data: &message.data,
            };
            writer.write(|tx| tx.save_message(&save)).expect("saved");
        }
    });
    let other = Node::root(rules);
    let status = copy_messages(&session, &store, &from, &[id], &other.folder(), moves);
    assert_eq!(status, MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(left(&store, from.id), 1);
    drop(from);
    session.close();
}

#[test]
fn store_33_a_folder_behind_a_wrapper_is_one_of_this_store() {
    let (session, store) = Session::in_memory();
    let (from, to) = (made(&session, "From"), made(&session, "To"));
    let id = deliver(&store, from.id, "a");
    // It is another object, of another class, with the entry ID of ours.
    let wrapper = other_store(&session);
    held(&wrapper.props).insert(PR_ENTRYID.id(), PropValue::from(to.entry_id.clone()));
    let moves = CopyMessagesFlags::MESSAGE_MOVE;
    let status = copy_messages(&session, &store, &from, &[id], &wrapper.folder(), moves);
    assert_eq!(status, S_OK);
    assert!(held(&wrapper.parts).is_empty(), "nothing was made there");
    let info = store
        .read(|reader| reader.existing_message(id))
        .expect("there");
    assert_eq!(info.folder, to.id, "it has kept its ID");
    let wrapped: IUnknown = wrapper.folder().into();
    let subtree = session.client().ipm_subtree().expect("there");
    let subtree = raw_folder(&session, &subtree.entry_id().expect("an ID").into_owned());
    let parent = Made {
        folder: subtree,
        id: from.id,
        entry_id: Vec::new(),
    };
    let flags = CopyFolderFlags::FOLDER_MOVE;
    assert_eq!(
        copy_folder(&parent, &from, &wrapped, Some("Moved"), flags),
        S_OK
    );
    let moved = store
        .read(|reader| reader.existing_folder(from.id))
        .expect("there");
    assert_eq!((moved.parent, &*moved.name), (Some(to.id), "Moved"));
    // What is nothing, or no folder, is none.
    for (object, expected) in [
        (None, MAPI_E_INVALID_PARAMETER),
        (Some(wrapper.message()), MAPI_E_INTERFACE_NOT_SUPPORTED),
    ] {
        let list = list(&session, &store, &[id]);
        let raw = object
            .as_ref()
            .map_or(ptr::null_mut(), |object| object.as_raw());
        let (iid, none) = (ptr::null(), ptr::null_mut());
        let status = unsafe {
            to.folder
                .CopyMessages(list.as_ptr(), iid, raw, 0, none, moves)
        };
        assert_eq!(status, expected);
    }
    drop((from, to, parent));
    session.close();
}

#[test]
fn store_33_a_folder_is_copied_and_moved_to_another_store() {
    let (session, store) = Session::in_memory();
    let (parent, top) = tree(&session, &store);
    let other = other_store(&session);
    let to: IUnknown = other.folder().into();
    let flat = CopyFolderFlags::empty();
    assert_eq!(copy_folder(&parent, &top, &to, Some("Flat"), flat), S_OK);
    let deep = CopyFolderFlags::COPY_SUBFOLDERS;
    assert_eq!(copy_folder(&parent, &top, &to, None, deep), S_OK);
    let all = "Top(1,2)Middle(3)Bottom(4)";
    assert_eq!(shown(&other), format!("()Flat(1,2){all}"));
    let copy = held(&other.folders)[1].clone();
    assert_eq!(copy.text(OURS).as_deref(), Some("ours"));
    assert_eq!(copy.get(LARGE.id()), Some(PropValue::from(vec![5; 20_000])));
    let taken = copy_folder(&parent, &top, &to, None, deep);
    assert_eq!(taken, MAPI_E_COLLISION);
    assert_eq!(left(&store, top.id), 2);
    // A move takes all below along, whatever the flags say.
    let other = other_store(&session);
    let to: IUnknown = other.folder().into();
    let moves = CopyFolderFlags::FOLDER_MOVE;
    assert_eq!(copy_folder(&parent, &top, &to, None, moves), S_OK);
    assert_eq!(shown(&other), format!("(){all}"));
    let gone = store.read(|reader| reader.folder(top.id)).expect("read");
    assert!(gone.is_none());
    drop((parent, top));
    session.close();
}

#[test]
fn store_33_what_comes_into_a_folder_while_it_is_copied_is_not_copied_along() {
    let (session, store) = Session::in_memory();
    let (parent, top) = tree(&session, &store);
    let mut rules = Rules::new(session.allocators());
    // As if the other store were this one behind a wrapper, and the copy went into the original: it would have no end.
    let (changed, inside, count) = (store.clone(), top.id, AtomicU32::new(0));
    rules.then = Box::new(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        // First it is asked what it is.
        if (1..50).contains(&number) {
            let mut props = database::PropertySet::default();
            props.set_tag(PR_DISPLAY_NAME_W, &*format!("new {number}"));
            let new = database::NewFolder {
                parent: inside,
                kind: database::FolderKind::Generic,
                props: &props,
                open_existing: false,
            };
            let made = changed.write(|tx| tx.create_folder(&new));
            assert!(made.is_ok());
        }
    });
    let root = Node::root(rules);
    let to: IUnknown = root.folder().into();
    let flags = CopyFolderFlags::COPY_SUBFOLDERS;
    assert_eq!(copy_folder(&parent, &top, &to, None, flags), S_OK);
    let copied = held(&root.folders).clone();
    let copied: Vec<String> = copied.iter().map(shown).collect();
    assert_eq!(copied, ["Top(1,2)Middle(3)Bottom(4)"]);
    drop((parent, top, to, root));
    session.close();
}

#[test]
fn store_33_a_folder_with_something_that_can_not_go_stays_with_it() {
    let (session, store) = Session::in_memory();
    let (parent, top) = tree(&session, &store);
    let waits = store
        .read(|reader| reader.message_ids(top.id))
        .expect("read")[0];
    store
        .write(|tx| tx.submit(waits, tx.now(), 0))
        .expect("written");
    let other = other_store(&session);
    let to: IUnknown = other.folder().into();
    let moves = CopyFolderFlags::FOLDER_MOVE;
    let status = copy_folder(&parent, &top, &to, None, moves);
    assert_eq!(status, MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(shown(&other), "()Top(2)Middle(3)Bottom(4)");
    assert_eq!(left(&store, top.id), 1);
    let folder = store.read(|reader| reader.existing_folder(top.id));
    assert_eq!(folder.expect("there").children, 0, "the others are gone");
    // STORE-02: one that every store has is not moved, and the root not even copied.
    let special = |one| store.read(|reader| reader.special(one)).expect("there");
    for (one, flags, expected) in [
        (Special::Inbox, moves, MAPI_E_NO_ACCESS),
        (Special::Root, CopyFolderFlags::empty(), MAPI_E_NO_SUPPORT),
    ] {
        let number = special(one).number().to_le_bytes();
        let id = [&[0; 4][..], &store.uid(), &[1, 1, 0, 0], &number].concat();
        let folder = Made {
            folder: top.folder.clone(),
            id: special(one),
            entry_id: id,
        };
        assert_eq!(copy_folder(&parent, &folder, &to, None, flags), expected);
    }
    assert_eq!(held(&other.folders).len(), 1);
    drop((parent, top));
    session.close();
}

#[test]
fn store_33_progress_is_shown_and_may_stop_it() {
    let (session, store) = Session::in_memory();
    let (parent, top) = tree(&session, &store);
    let ids = store
        .read(|reader| reader.message_ids(top.id))
        .expect("read");
    let shown: Arc<Mutex<Vec<_>>> = Arc::default();
    let display = |answer| -> IMAPIProgress {
        let shown = Arc::clone(&shown);
        let progress = MockProgress {
            is_top: true,
            shown,
            answer,
        };
        ObjectRef::new(progress).into_interface()
    };
    let other = other_store(&session);
    let to = other.folder();
    let moves = CopyMessagesFlags::MESSAGE_MOVE;
    let call = |progress: &IMAPIProgress, flags| {
        let list = list(&session, &store, &ids);
        unsafe {
            let (iid, to) = (ptr::null(), to.as_raw());
            top.folder
                .CopyMessages(list.as_ptr(), iid, to, 0, progress.as_raw(), flags)
        }
    };
    assert_eq!(call(&display(S_OK), CopyMessagesFlags::empty()), S_OK);
    assert!(held(&shown).is_empty(), "nobody has asked for it");
    let asks = CopyMessagesFlags::MESSAGE_DIALOG;
    assert_eq!(call(&display(S_OK), asks), S_OK);
    assert_eq!(
        std::mem::take(&mut *held(&shown)),
        [(500, 1, 2), (1000, 2, 2)]
    );
    let stopped = call(&display(MAPI_E_USER_CANCEL), asks | moves);
    assert_eq!(stopped, MAPI_E_USER_CANCEL);
    assert_eq!(left(&store, top.id), 1, "what has gone is there");
    assert_eq!(other.saved().len(), 5);
    held(&shown).clear();
    // Of folders each is a step.
    let mut id = top.entry_id.clone();
    let progress = display(S_OK);
    unsafe {
        let status = parent.folder.CopyFolder(
            id.len() as u32,
            id.as_mut_ptr().cast(),
            ptr::null(),
            to.as_raw(),
            ptr::null_mut(),
            0,
            progress.as_raw(),
            CopyFolderFlags::COPY_SUBFOLDERS | CopyFolderFlags::FOLDER_DIALOG,
        );
        assert_eq!(status, S_OK);
    }
    let steps = std::mem::take(&mut *held(&shown));
    assert_eq!(steps, [(333, 1, 3), (666, 2, 3), (1000, 3, 3)]);
    drop((parent, top));
    session.close();
}
