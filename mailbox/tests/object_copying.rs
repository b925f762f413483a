//! Folders, and messages in them, that are copied and moved: to folders here and of another store.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is NULL, to a local, or to what a method has just answered"
)]

mod object_mock;
mod object_support;

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::{
    EntryList, Limits, MapiBuffer, MapiStr, PropProblems, PropTags, PropValue, Property,
};
use mapi_provider_mailbox::database::{self, FolderId, MessageData, MessageId, Special};
use object_mock::{Node, Rules, held};
use object_support::*;

const OURS: PropTag = PropTag::new(0x6620, PT_UNICODE);
const LARGE: PropTag = PropTag::new(0x6621, PT_BINARY);

struct Made {
    folder: IMAPIFolder,
    id: FolderId,
    entry_id: Vec<u8>,
}

fn made(session: &Session, name: &str) -> Made {
    let entry_id = session.folder(name).entry_id().expect("an ID").into_owned();
    Made {
        folder: raw_folder(session, &entry_id),
        id: folder_id(&entry_id),
        entry_id: entry_id.as_bytes().to_vec(),
    }
}

fn other_store(session: &Session) -> Arc<Node> {
    Node::root(Rules::new(session.allocators()))
}

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

fn copy_to(from: &IMAPIFolder, to: &IUnknown, flags: CopyFlags) -> HRESULT {
    let (none, iid) = (ptr::null_mut::<std::ffi::c_void>(), IMAPIProp::IID);
    unsafe {
        from.CopyTo(
            0,
            ptr::null(),
            none.cast(),
            0,
            none,
            &iid,
            to.as_raw(),
            flags,
            ptr::null_mut(),
        )
    }
}

fn subjects(nodes: &[Arc<Node>]) -> Vec<String> {
    let subject = |node: &Arc<Node>| node.text(PR_SUBJECT_W);
    nodes.iter().filter_map(subject).collect()
}

fn left(store: &database::Store, folder: FolderId) -> usize {
    store
        .read(|reader| reader.message_ids(folder))
        .expect("read")
        .len()
}

fn set_ours(session: &Session, folder: &IMAPIFolder) {
    let object: IMAPIProp = folder.clone().into();
    let ours = [
        Property::new(OURS, "ours"),
        Property::new(LARGE, &[5_u8; 20_000][..]),
        Property::new(PR_COMMENT_W, "a comment"),
    ];
    assert_eq!(set_props(session, &object, &ours), (S_OK, vec![]));
}

#[test]
fn store_32_a_folders_properties_go_to_another_folder() {
    let (session, _store) = Session::in_memory();
    let (from, to) = (made(&session, "From"), made(&session, "To"));
    set_ours(&session, &from.folder);
    let tags = [OURS, LARGE, PR_ENTRYID, PropTag::new(0x6622, PT_LONG)];
    let tags = PropTags::from(&tags[..]);
    let tags = session.allocators().build(&tags).expect("memory");
    let mut problems = ptr::null_mut();
    let problems = unsafe {
        let (none, iid) = (ptr::null_mut(), IMAPIFolder::IID);
        let flags = CopyFlags::empty();
        let to = to.folder.as_raw();
        let status = from
            .folder
            .CopyProps(tags.as_ptr(), 0, none, &iid, to, flags, &mut problems);
        assert_eq!(status, S_OK);
        session.allocators().adopt(problems, 1).expect("problems")
    };
    let read: PropProblems = problems.read(&Limits::default()).expect("well-formed");
    let found: Vec<_> = read.0.iter().map(|one| (one.index, one.status)).collect();
    assert_eq!(found, [(2, MAPI_E_COMPUTED), (3, MAPI_E_NOT_FOUND)]);
    drop(problems);
    let object: IMAPIProp = to.folder.clone().into();
    let read = get_props(&session, &object, Some(&[OURS, LARGE, PR_COMMENT_W]));
    assert_eq!(read[0].value, PropValue::from("ours"));
    assert_eq!(
        read[1].value,
        PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY),
        "it is large"
    );
    assert_eq!(read[2].value, PropValue::Error(MAPI_E_NOT_FOUND));
    // All, to another store.
    let other = other_store(&session);
    assert_eq!(
        copy_to(&from.folder, &other.folder(), CopyFlags::empty()),
        S_OK
    );
    assert_eq!(other.text(PR_DISPLAY_NAME_W).as_deref(), Some("From"));
    assert_eq!(
        other.get(LARGE.id()),
        Some(PropValue::from(vec![5; 20_000]))
    );
    assert_eq!(other.get(0xFFFF), None, "what is no client's stays here");
    drop((from, to, object, tags));
    session.close();
}

#[test]
fn store_32_a_folder_is_not_copied_onto_itself_and_moved_properties_go() {
    let (session, _store) = Session::in_memory();
    let (from, to) = (made(&session, "From"), made(&session, "To"));
    set_ours(&session, &from.folder);
    let again = raw_folder(&session, &EntryId::from(from.entry_id.clone()));
    for itself in [&from.folder, &again] {
        let status = copy_to(&from.folder, itself, CopyFlags::empty());
        assert_eq!(status, MAPI_E_NO_ACCESS);
    }
    let keeps = CopyFlags::MAPI_MOVE | CopyFlags::MAPI_NOREPLACE;
    assert_eq!(copy_to(&from.folder, &to.folder, keeps), S_OK);
    let value = |folder: &IMAPIFolder, tag: PropTag| {
        let object: IMAPIProp = folder.clone().into();
        get_props(&session, &object, Some(&[tag])).remove(0).value
    };
    assert_eq!(
        value(&from.folder, OURS),
        PropValue::Error(MAPI_E_NOT_FOUND)
    );
    assert_eq!(value(&to.folder, OURS), PropValue::from("ours"));
    for (folder, name) in [(&from.folder, "From"), (&to.folder, "To")] {
        assert_eq!(value(folder, PR_DISPLAY_NAME_W), PropValue::from(name));
    }
    drop((from, to, again));
    session.close();
}

#[test]
fn store_32_bad_arguments_are_refused() {
    let (session, _store) = Session::in_memory();
    let from = made(&session, "From");
    let other = other_store(&session).folder();
    let none = PropTags::from(&[][..]);
    let none = session.allocators().build(&none).expect("memory");
    let (null, iid) = (ptr::null_mut::<std::ffi::c_void>(), IMAPIProp::IID);
    let (flags, empty) = (CopyFlags::empty(), ptr::null_mut());
    let to = other.as_raw();
    let call = |count, iids, excluded, iid, to| unsafe {
        from.folder
            .CopyTo(count, iids, excluded, 0, null, iid, to, flags, empty)
    };
    let refused = [
        (
            call(0, ptr::null(), empty.cast(), &iid, null),
            MAPI_E_INVALID_PARAMETER,
        ),
        (
            call(0, ptr::null(), empty.cast(), ptr::null(), to),
            MAPI_E_INVALID_PARAMETER,
        ),
        (
            call(0, ptr::null(), none.as_ptr(), &iid, to),
            MAPI_E_INVALID_PARAMETER,
        ),
        (
            call(1, ptr::null(), empty.cast(), &iid, to),
            MAPI_E_INVALID_PARAMETER,
        ),
        (call(u32::MAX, &iid, empty.cast(), &iid, to), MAPI_E_TOO_BIG),
        (
            call(1, &iid, empty.cast(), &iid, to),
            MAPI_E_INTERFACE_NOT_SUPPORTED,
        ),
        (
            call(0, ptr::null(), empty.cast(), &IMessage::IID, to),
            MAPI_E_INTERFACE_NOT_SUPPORTED,
        ),
    ];
    for (place, (status, expected)) in refused.into_iter().enumerate() {
        assert_eq!(status, expected, "call {place}");
    }
    let mut huge = SPropTagArray {
        cValues: u32::MAX,
        aulPropTag: [OURS],
    };
    unsafe {
        let status = call(0, ptr::null(), &raw mut huge, &iid, to);
        assert!(status.is_err(), "{status:?}");
        let folder = &from.folder;
        let status = folder.CopyProps(&mut huge, 0, null, &iid, to, flags, empty);
        assert!(status.is_err(), "{status:?}");
        let status = folder.CopyProps(none.as_ptr(), 0, null, &iid, to, flags, empty);
        assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    }
    drop((from, other, none));
    session.close();
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
