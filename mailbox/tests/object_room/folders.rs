//! Folders as objects: made, changed, moved, deleted; their messages marked, copied and deleted.

use crate::object_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::{EntryList, NameId, PropName, PropValue, Property};
use mapi_provider_mailbox::database;
use object_support::*;

fn long(session: &Session, object: &IMAPIProp, tag: PropTag) -> i32 {
    let read = get_props(session, object, Some(&[tag]));
    read[0].value.as_long().expect("a number")
}

fn list(session: &Session, ids: &[Vec<u8>]) -> mapi_provider::view::MapiBuffer<SBinaryArray> {
    let entries = ids.iter().map(|id| EntryId::from(id.clone())).collect();
    session
        .allocators()
        .build(&EntryList(entries))
        .expect("memory")
}

fn delete(session: &Session, folder: &IMAPIFolder, ids: &[Vec<u8>]) -> HRESULT {
    let list = list(session, ids);
    let flags = DeleteMessagesFlags::empty();
    unsafe { folder.DeleteMessages(list.as_ptr(), 0, ptr::null_mut(), flags) }
}

#[test]
fn store_03_counts_are_values_and_follow() {
    let (session, store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let object: IMAPIProp = raw_folder(&session, &id).cast().expect("properties");
    let count = |tag| long(&session, &object, tag);
    assert_eq!((count(PR_CONTENT_COUNT), count(PR_CONTENT_UNREAD)), (0, 0));
    let first = deliver(&store, folder_id(&id), "a");
    deliver(&store, folder_id(&id), "b");
    assert_eq!((count(PR_CONTENT_COUNT), count(PR_CONTENT_UNREAD)), (2, 2));
    let marked = EntryId::from(entry_id(&store, first));
    folder.set_read(&[marked], true).expect("marked");
    assert_eq!((count(PR_CONTENT_COUNT), count(PR_CONTENT_UNREAD)), (2, 1));
    assert_eq!(count(PR_ASSOC_CONTENT_COUNT), 0);
    let subfolders = get_props(&session, &object, Some(&[PR_SUBFOLDERS]));
    assert_eq!(subfolders[0].value, PropValue::Boolean(false));
    drop((folder, object));
    session.close();
}

#[test]
fn store_09_outlooks_marks_are_kept_byte_for_byte() {
    let (session, _store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let object: IMAPIProp = raw_folder(&session, &id).cast().expect("properties");
    let marks = [
        Property::new(PR_CONTAINER_CLASS_W, "IPF.Appointment"),
        Property::with_id(0x36D0, &[1_u8, 2, 3][..]),
        Property::with_id(0x36DA, &[0_u8, 1][..]),
        Property::with_id(
            0x36D8,
            PropValue::MvBinary(vec![vec![9_u8].into(), Vec::new().into()]),
        ),
    ];
    assert_eq!(set_props(&session, &object, &marks), (S_OK, vec![]));
    let tags: Vec<PropTag> = marks.iter().map(|one| one.tag).collect();
    assert_eq!(get_props(&session, &object, Some(&tags)), marks);
    // And in the tables.
    let subtree = session.client().ipm_subtree().expect("there");
    let subtree = subtree.entry_id().expect("an ID").into_owned();
    let table = hierarchy(
        &raw_folder(&session, &subtree),
        GetHierarchyTableFlags::empty(),
    );
    let columns = [PR_DISPLAY_NAME_W, tags[0], tags[1], tags[3]];
    assert_eq!(set_columns(&session, &table, &columns), S_OK);
    let rows = query(&session, &table, 100);
    let is_ours = |row: &&mapi_provider::view::Row<'_>| {
        row.get(PR_DISPLAY_NAME_W)
            .and_then(PropValue::to_text)
            .as_deref()
            == Some("Mail")
    };
    let row = rows.iter().find(is_ours).expect("there");
    for mark in [&marks[0], &marks[1], &marks[3]] {
        assert_eq!(row.get(mark.tag), Some(&mark.value));
    }
    drop((folder, object, table));
    session.close();
}

#[test]
fn store_33_folders_have_names_of_their_own() {
    let (session, _store) = Session::in_memory();
    let subtree = session.client().ipm_subtree().expect("there");
    let one = subtree.create_folder("One").expect("made");
    let status = subtree.create_folder("ONE").map(drop);
    assert_eq!(status.expect_err("taken").status(), MAPI_E_COLLISION);
    let two = subtree.create_folder("Two").expect("made");
    let id = two.entry_id().expect("an ID").into_owned();
    let object: IMAPIProp = raw_folder(&session, &id).cast().expect("properties");
    let renamed = set_props(
        &session,
        &object,
        &[
            Property::new(PR_DISPLAY_NAME_W, "one"),
            Property::new(PR_COMMENT_W, "kept"),
        ],
    );
    assert_eq!(renamed, (S_OK, vec![(0, MAPI_E_COLLISION)]));
    let empty = set_props(&session, &object, &[Property::new(PR_DISPLAY_NAME_W, "")]);
    assert_eq!(empty, (S_OK, vec![(0, MAPI_E_INVALID_PARAMETER)]));
    let comment = get_props(&session, &object, Some(&[PR_COMMENT_W]));
    assert_eq!(comment[0].value, PropValue::from("kept"));
    drop((subtree, one, two, object));
    session.close();
}

#[test]
fn store_02_the_folders_of_every_store_stay() {
    let (session, store) = Session::in_memory();
    let special = database::Special::SentItems;
    let sent = store.read(|reader| reader.special(special)).expect("there");
    let subtree = session.client().ipm_subtree().expect("there");
    let id = subtree.entry_id().expect("an ID").into_owned();
    let raw = raw_folder(&session, &id);
    let mut sent_id = id.as_bytes().to_vec();
    sent_id[24..].copy_from_slice(&sent.number().to_le_bytes());
    let flags = DeleteFolderFlags::DEL_MESSAGES | DeleteFolderFlags::DEL_FOLDERS;
    let status = unsafe {
        let (count, bytes) = (sent_id.len() as u32, sent_id.as_mut_ptr().cast());
        raw.DeleteFolder(count, bytes, 0, ptr::null_mut(), flags)
    };
    assert_eq!(status, MAPI_E_NO_ACCESS);
    drop((subtree, raw));
    session.close();
}

#[test]
fn store_02_the_mask_tells_which_folders_open() {
    let (_place, path) = place();
    let session = Session::open(file(&path));
    let store: IMAPIProp = session.store.interface().cast().expect("properties");
    let tags = [PR_VALID_FOLDER_MASK, PR_IPM_SENTMAIL_ENTRYID];
    let before = get_props(&session, &store, Some(&tags));
    assert_eq!(before[0].value, PropValue::Long(0xFF));
    // Somebody takes the Sent Items out of the file.
    let raw = rusqlite::Connection::open(&path).expect("opened");
    let sent = database::Special::SentItems as i64;
    let taken = raw.execute("UPDATE folder SET role = NULL WHERE role = ?1", [sent]);
    assert_eq!(taken.expect("taken"), 1);
    drop(raw);
    let without = ValidFolderMask::from_bits_retain(0xFF) - ValidFolderMask::IPM_SENTMAIL_VALID;
    let now = get_props(&session, &store, Some(&tags));
    assert_eq!(now[0].value, PropValue::Long(without.bits().cast_signed()));
    assert_eq!(now[1].value, PropValue::Error(MAPI_E_NOT_FOUND));
    drop(store);
    session.close();
    // The next logon puts it right; what was in it is in it.
    let again = Session::open(file(&path));
    let store: IMAPIProp = again.store.interface().cast().expect("properties");
    assert_eq!(get_props(&again, &store, Some(&tags)), before);
    drop(store);
    again.close();
}

#[test]
fn store_03_a_folder_has_what_its_page_requires() {
    let (session, store) = Session::in_memory();
    let (folder, search) = (session.raw_folder("Mail"), special(&session, &store));
    let required = [
        PR_ACCESS,
        PR_ASSOC_CONTENT_COUNT,
        PR_CONTAINER_CONTENTS,
        PR_CONTAINER_HIERARCHY,
        PR_CONTENT_COUNT,
        PR_CONTENT_UNREAD,
        PR_DISPLAY_NAME_W,
        PR_ENTRYID,
        PR_FOLDER_ASSOCIATED_CONTENTS,
        PR_FOLDER_TYPE,
        PR_OBJECT_TYPE,
        PR_PARENT_ENTRYID,
        PR_RECORD_KEY,
        PR_STORE_ENTRYID,
        PR_STORE_RECORD_KEY,
        PR_STORE_SUPPORT_MASK,
        PR_SUBFOLDERS,
    ];
    for object in [&folder, &search] {
        let listed = get_props(&session, object, None);
        for tag in required {
            let found = listed.iter().find(|one| one.tag == tag);
            let found = found.unwrap_or_else(|| panic!("{tag} is not there"));
            assert!(!matches!(found.value, PropValue::Error(_)), "{tag}");
        }
    }
    drop((folder, search));
    session.close();
}

/// The root, which has no name and no parent.
fn special(session: &Session, store: &database::Store) -> IMAPIFolder {
    let root = store.read(|reader| reader.special(database::Special::Root));
    let subtree = session.client().ipm_subtree().expect("there");
    let mut id = subtree.entry_id().expect("an ID").as_bytes().to_vec();
    id[24..].copy_from_slice(&root.expect("there").number().to_le_bytes());
    raw_folder(session, &EntryId::from(id))
}

#[test]
fn store_27_the_names_of_folders_are_kept_as_given() {
    let (session, _store) = Session::in_memory();
    let parent = session.raw_folder("Parent");
    let broken: Vec<u16> = vec![0x41, 0xD800, 0x42];
    let mut name: Vec<u16> = broken.iter().copied().chain([0]).collect();
    let mut out = ptr::null_mut();
    let folder = unsafe {
        let (kind, text, flags) = (
            FOLDER_GENERIC,
            name.as_mut_ptr().cast(),
            CreateFolderFlags::MAPI_UNICODE,
        );
        let status = parent.CreateFolder(kind, text, text, ptr::null(), flags, &mut out);
        assert_eq!(status, S_OK);
        IMAPIFolder::from_raw(out)
    };
    let expected = PropValue::Unicode(broken.into());
    let told = |folder: &IMAPIFolder| {
        let read = get_props(&session, folder, Some(&[PR_DISPLAY_NAME_W, PR_COMMENT_W]));
        read.into_iter().map(|one| one.value).collect::<Vec<_>>()
    };
    assert_eq!(told(&folder), [expected.clone(), expected.clone()]);
    // A copy has the name as it is too.
    let (to, mut id) = (session.raw_folder("To"), entry_id_of(&session, &folder));
    let copied = unsafe {
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        let (none, flags) = (ptr::null_mut(), CopyFolderFlags::empty());
        let iid = ptr::null();
        parent.CopyFolder(count, id, iid, to.as_raw(), ptr::null_mut(), 0, none, flags)
    };
    assert_eq!(copied, S_OK);
    let table = hierarchy(&to, GetHierarchyTableFlags::empty());
    let names = column(&session, &table, PR_DISPLAY_NAME_W);
    assert_eq!(names, [Some(expected)]);
    drop((parent, folder, to, table));
    session.close();
}

#[test]
fn store_33_a_copy_of_a_folder_leaves_out_what_waits_to_be_sent() {
    let (session, store) = Session::in_memory();
    let (from, to) = (session.raw_folder("From"), session.raw_folder("To"));
    let id = entry_id_of(&session, &from);
    let here = folder_id(&id.clone().into());
    deliver(&store, here, "stays");
    let waiting = deliver(&store, here, "waits");
    store
        .write(|tx| tx.submit(waiting, tx.now(), 0))
        .expect("queued");
    let parent = special(&session, &store);
    let copy = || {
        let mut id = id.clone();
        unsafe {
            let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
            let (none, flags) = (ptr::null_mut(), CopyFolderFlags::empty());
            let iid = ptr::null();
            parent.CopyFolder(count, id, iid, to.as_raw(), ptr::null_mut(), 0, none, flags)
        }
    };
    assert_eq!(copy(), MAPI_W_PARTIAL_COMPLETION);
    let table = hierarchy(&to, GetHierarchyTableFlags::empty());
    let rows = query(&session, &table, 10);
    let copied = rows[0].get(PR_ENTRYID).and_then(PropValue::as_binary);
    let copied = raw_folder(&session, &EntryId::from(copied.expect("an ID").to_vec()));
    assert_eq!(texts(&session, &contents(&copied), PR_SUBJECT_W), ["stays"]);
    assert_eq!(copy(), MAPI_E_COLLISION);
    drop((from, to, parent, table, copied));
    session.close();
}

#[test]
fn store_33_deletes_do_what_they_can() {
    let (session, store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let raw = raw_folder(&session, &id);
    let there = entry_id(&store, deliver(&store, folder_id(&id), "a"));
    let elsewhere = session
        .folder("Other")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let other = entry_id(&store, deliver(&store, folder_id(&elsewhere), "b"));
    let waiting = deliver(&store, folder_id(&id), "c");
    store
        .write(|tx| tx.submit(waiting, tx.now(), 0))
        .expect("queued");
    let waiting = entry_id(&store, waiting);
    let all = [there.clone(), other, vec![1, 2, 3], waiting.clone()];
    assert_eq!(delete(&session, &raw, &all), MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(
        delete(&session, &raw, &[there]),
        MAPI_W_PARTIAL_COMPLETION,
        "gone"
    );
    let properties: IMAPIProp = raw.cast().expect("properties");
    assert_eq!(long(&session, &properties, PR_CONTENT_COUNT), 1);
    unsafe {
        let none = raw.DeleteMessages(
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            DeleteMessagesFlags::empty(),
        );
        assert_eq!(none, MAPI_E_INVALID_PARAMETER);
        let emptied = raw.EmptyFolder(0, ptr::null_mut(), EmptyFolderFlags::empty());
        assert_eq!(emptied, MAPI_W_PARTIAL_COMPLETION);
    }
    drop((folder, raw, properties));
    session.close();
}

#[test]
fn store_37_a_message_is_taken_back_once() {
    let (session, store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let message = deliver(&store, folder_id(&id), "a");
    store
        .write(|tx| tx.submit(message, tx.now(), 0))
        .expect("queued");
    let mut bytes = entry_id(&store, message);
    let interface = session.store.interface();
    let mut out = ptr::null_mut();
    let queue = unsafe {
        assert_eq!(interface.GetOutgoingQueue(0, &mut out), S_OK);
        IMAPITable::from_raw(out)
    };
    // STORE-35: the queue has the message, with its required columns.
    let rows = query(&session, &queue, 10);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get(PR_SUBMIT_FLAGS), Some(&PropValue::Long(0)));
    assert_eq!(
        rows[0].get(PR_ENTRYID),
        Some(&PropValue::from(bytes.clone()))
    );
    let mut abort =
        || unsafe { interface.AbortSubmit(bytes.len() as u32, bytes.as_mut_ptr().cast(), 0) };
    assert_eq!(abort(), S_OK);
    assert_eq!(abort(), MAPI_E_NOT_IN_QUEUE);
    assert!(query(&session, &queue, 10).is_empty());
    drop(queue);
    session.close();
}

#[test]
fn store_07_names_are_one_map() {
    let (session, store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let object: IMAPIProp = raw_folder(&session, &id).cast().expect("properties");
    let set = GUID::from_u128(7);
    let text: Vec<u16> = "Kind".encode_utf16().collect();
    let names = [NameId::Number(5), NameId::Text(text.into())].map(|id| PropName { set, id });
    let ask = |object: &IMAPIProp, flags| {
        let built = session
            .allocators()
            .build(&names.each_ref().map(|name| Some(name.clone()))[..]);
        let built = built.expect("memory");
        let mut out = ptr::null_mut();
        unsafe {
            let status = object.GetIDsFromNames(2, built.as_ptr(), flags, &mut out);
            let tags = session.allocators().adopt(out, 1).expect("tags");
            let read: mapi_provider::view::PropTags = tags
                .read(&mapi_provider::view::Limits::default())
                .expect("well-formed");
            (status, read.to_vec())
        }
    };
    let (status, tags) = ask(&object, GetIDsFromNamesFlags::empty());
    assert_eq!(status, MAPI_W_ERRORS_RETURNED);
    assert_eq!(tags, [PropTag::new(0, PT_ERROR); 2]);
    let (status, tags) = ask(&object, GetIDsFromNamesFlags::MAPI_CREATE);
    assert_eq!(status, S_OK);
    assert!(tags.iter().all(|tag| tag.id() >= 0x8000));
    let of_store: IMAPIProp = session.store.interface().cast().expect("properties");
    assert_eq!(
        ask(&of_store, GetIDsFromNamesFlags::empty()),
        (S_OK, tags.clone())
    );
    let known = store.ids_of_names(&names, false).expect("read");
    assert_eq!(known, [Some(tags[0].id()), Some(tags[1].id())]);
    drop((folder, object, of_store));
    session.close();
}

#[test]
fn store_08_the_longest_class_decides() {
    let (session, store) = Session::in_memory();
    let inbox = store.read(|reader| reader.special(database::Special::Inbox));
    let inbox = inbox.expect("there").number();
    let folder = session.folder("Notes");
    let id = folder.entry_id().expect("an ID").into_owned();
    let interface = session.store.interface();
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().chain([0]).collect() };
    let get = |class: &str| {
        let (mut class, mut count, mut out) = (wide(class), 0, ptr::null_mut());
        let mut explicit = ptr::null_mut();
        unsafe {
            let status = interface.GetReceiveFolder(
                class.as_mut_ptr().cast(),
                UnicodeFlags::MAPI_UNICODE,
                &mut count,
                &mut out,
                &mut explicit,
            );
            assert_eq!(status, S_OK);
            let id = session.allocators().adopt(out, count).expect("an ID");
            let id = EntryId::read(count, id.as_ptr(), &mapi_provider::view::Limits::default());
            let id = number(id.expect("bytes").as_bytes());
            let text: *const u16 = explicit.cast();
            let length = (0..).take_while(|at| *text.add(*at) != 0).count();
            let told = String::from_utf16_lossy(std::slice::from_raw_parts(text, length));
            drop(session.allocators().adopt(explicit.cast::<ENTRYID>(), 1));
            (id, told)
        }
    };
    let set = |class: &str, id: Option<&EntryId>| {
        let (mut class, mut id) = (wide(class), id.map(|id| id.as_bytes().to_vec()));
        let (count, bytes) = match &mut id {
            Some(id) => (id.len() as u32, id.as_mut_ptr().cast()),
            None => (0, ptr::null_mut()),
        };
        let flags = UnicodeFlags::MAPI_UNICODE;
        unsafe { interface.SetReceiveFolder(class.as_mut_ptr().cast(), flags, count, bytes) }
    };
    assert_eq!(get("IPM.Note"), (inbox, "IPM".to_owned()));
    assert_eq!(set("IPM.Note", Some(&id)), S_OK);
    assert_eq!(
        get("ipm.note.Secure"),
        (number(id.as_bytes()), "IPM.Note".to_owned())
    );
    assert_eq!(get("IPM.Notes"), (inbox, "IPM".to_owned()));
    assert_eq!(set("IPM.Note", None), S_OK);
    assert_eq!(get("IPM.Note"), (inbox, "IPM".to_owned()));
    assert_eq!(get("Other"), (inbox, String::new()));
    // "" always has a folder: unbound it is where it was at first.
    assert_eq!(set("", Some(&id)), S_OK);
    assert_eq!(get("Other"), (number(id.as_bytes()), String::new()));
    let unbound = unsafe {
        let flags = UnicodeFlags::empty();
        interface.SetReceiveFolder(ptr::null_mut(), flags, 0, ptr::null_mut())
    };
    assert_eq!(unbound, S_OK, "NULL is the class without a name");
    assert_eq!(get("Other"), (inbox, String::new()));
    // In the other width.
    let (mut class, mut count, mut out, mut explicit) =
        (*b"IPC.x\0", 0, ptr::null_mut(), ptr::null_mut());
    unsafe {
        let (class, flags) = (class.as_mut_ptr().cast(), UnicodeFlags::empty());
        let status = interface.GetReceiveFolder(class, flags, &mut count, &mut out, &mut explicit);
        assert_eq!(status, S_OK);
        assert_eq!(
            std::slice::from_raw_parts(explicit.cast::<u8>(), 4),
            b"IPC\0"
        );
        drop(session.allocators().adopt(out, count));
        drop(session.allocators().adopt(explicit.cast::<ENTRYID>(), 1));
    }
    // The table of them.
    let mut out = ptr::null_mut();
    let table = unsafe {
        let flags = GetReceiveFolderTableFlags::MAPI_UNICODE;
        assert_eq!(interface.GetReceiveFolderTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    };
    let mut classes = texts(&session, &table, PR_MESSAGE_CLASS_W);
    classes.sort();
    assert_eq!(classes, ["", "IPC", "IPM", "REPORT"]);
    unsafe { assert_eq!(table.SeekRow(0, 0, ptr::null_mut()), S_OK) };
    for row in query(&session, &table, 10) {
        for tag in [PR_ENTRYID, PR_RECORD_KEY] {
            let bytes = row.get(tag).and_then(PropValue::as_binary);
            assert_eq!(bytes.map(<[u8]>::len), Some(32), "{tag}");
        }
    }
    drop((folder, table));
    session.close();
}

#[test]
fn store_23_the_status_changes_under_its_mask() {
    let (session, store) = Session::in_memory();
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let raw = raw_folder(&session, &id);
    let mut message = entry_id(&store, deliver(&store, folder_id(&id), "a"));
    let (count, bytes) = (message.len() as u32, message.as_mut_ptr().cast());
    let (highlighted, tagged) = (
        MessageStatus::MSGSTATUS_HIGHLIGHTED,
        MessageStatus::MSGSTATUS_TAGGED,
    );
    let set = |new, mask| unsafe {
        let mut old = MessageStatus::empty();
        assert_eq!(
            raw.SetMessageStatus(count, bytes, new, mask, &mut old),
            S_OK
        );
        old
    };
    assert_eq!(set(highlighted, highlighted), MessageStatus::empty());
    assert_eq!(set(tagged, tagged), highlighted);
    assert_eq!(
        set(MessageStatus::empty(), highlighted),
        highlighted | tagged
    );
    let mut now = MessageStatus::empty();
    unsafe { assert_eq!(raw.GetMessageStatus(count, bytes, 0, &mut now), S_OK) };
    assert_eq!(now, tagged);
    drop(raw);
    session.close();
}

#[test]
fn store_12_a_folder_with_a_very_long_name_is_a_folder_as_any_other() {
    let (session, _store) = Session::in_memory();
    let parent = session.raw_folder("Mail");
    let name = "x".repeat(9000);
    let mut units: Vec<u16> = name.encode_utf16().chain([0]).collect();
    let mut out = ptr::null_mut();
    let folder = unsafe {
        let (kind, flags) = (FOLDER_GENERIC, CreateFolderFlags::MAPI_UNICODE);
        let (text, none) = (units.as_mut_ptr().cast(), ptr::null_mut());
        let status = parent.CreateFolder(kind, text, none, ptr::null(), flags, &mut out);
        assert_eq!(status, S_OK);
        IMAPIFolder::from_raw(out)
    };
    // It keeps its name whatever else is set, by properties or streams.
    set(
        &session,
        &folder,
        &[Property::new(PR_COMMENT_W, "a comment")],
    );
    let mut out = ptr::null_mut();
    unsafe {
        let flags = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
        let status = folder.OpenProperty(PR_CONTAINER_CLASS_W, &IStream::IID, 0, flags, &mut out);
        assert_eq!(status, S_OK);
        drop(IStream::from_raw(out));
    }
    let mut id = entry_id_of(&session, &folder);
    let (count, id) = (id.len() as u32, id.as_mut_ptr().cast::<ENTRYID>());
    let other = session.raw_folder("Other");
    let copied = unsafe {
        let (to, none) = (other.as_raw(), ptr::null_mut());
        let flags = CopyFolderFlags::COPY_SUBFOLDERS;
        parent.CopyFolder(count, id, ptr::null(), to, none, 0, ptr::null_mut(), flags)
    };
    assert_eq!(copied, S_OK);
    // No two of a name, however long.
    let mut out = ptr::null_mut();
    let again = unsafe {
        let (kind, flags) = (FOLDER_GENERIC, CreateFolderFlags::MAPI_UNICODE);
        let (text, none) = (units.as_mut_ptr().cast(), ptr::null_mut());
        parent.CreateFolder(kind, text, none, ptr::null(), flags, &mut out)
    };
    assert_eq!((again, out.is_null()), (MAPI_E_COLLISION, true));
    for parent in [&parent, &other] {
        let table = hierarchy(parent, GetHierarchyTableFlags::empty());
        assert_eq!(texts(&session, &table, PR_DISPLAY_NAME_W), [&name[..255]]);
        drop(table);
    }
    set(
        &session,
        &folder,
        &[Property::new(PR_DISPLAY_NAME_W, "short")],
    );
    drop((parent, folder, other));
    session.close();
}
