//! Folders: making, deleting, copying, moving, emptying, and what they count.

use std::ptr;

use crate::support::*;
use mapi_provider::abi::*;
use mapi_provider::store::{EntryId, Folder};
use mapi_provider::view::{PropValue, Property};

/// With their depths, which count from the folder's children (STORE-19).
fn names(folder: &Folder) -> Vec<String> {
    let rows = folder
        .all_folders()
        .columns(&[PR_DISPLAY_NAME_W, PR_DEPTH])
        .rows();
    let name = |row: mapi_provider::store::Row| {
        let depth = row.long(PR_DEPTH).expect("a depth");
        format!("{depth} {}", row.text(PR_DISPLAY_NAME_W).expect("a name"))
    };
    rows.expect("a table")
        .map(|row| name(row.expect("a row")))
        .collect()
}

fn count(folder: &Folder, tag: PropTag) -> i32 {
    folder.long(tag).expect("readable").expect("there")
}

fn id(folder: &Folder) -> EntryId {
    folder.entry_id().expect("an ID")
}

fn create(folder: &IMAPIFolder, kind: u32, name: &str, flags: CreateFolderFlags) -> HRESULT {
    let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
    let mut out = ptr::null_mut();
    unsafe {
        let name = name.as_ptr().cast_mut().cast();
        let none = ptr::null_mut();
        let flags = flags | CreateFolderFlags::MAPI_UNICODE;
        let status = folder.CreateFolder(kind, name, none, ptr::null(), flags, &mut out);
        if status.is_ok() {
            drop(IMAPIFolder::from_raw(out));
        }
        status
    }
}

#[test]
fn names_are_unique_among_siblings() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let raw = raw_folder(&session, &id(&folder));
    let none = CreateFolderFlags::empty();
    assert_eq!(create(&raw, FOLDER_GENERIC, "Work", none), S_OK);
    assert_eq!(create(&raw, FOLDER_GENERIC, "WORK", none), MAPI_E_COLLISION);
    assert_eq!(
        create(
            &raw,
            FOLDER_GENERIC,
            "work",
            CreateFolderFlags::OPEN_IF_EXISTS
        ),
        S_OK
    );
    assert_eq!(
        create(&raw, FOLDER_GENERIC, "", none),
        MAPI_E_INVALID_PARAMETER
    );
    // STORE-42: a search folder is a folder beside the others.
    assert_eq!(create(&raw, FOLDER_SEARCH, "Work", none), MAPI_E_COLLISION);
    assert_eq!(names(&folder), ["0 Work"]);
    let home = folder.create_folder("Home").expect("made");
    assert!(home.rename("Work").is_err());
    home.rename("HOME").expect("its own name in other letters");
    assert_eq!(names(&folder), ["0 Work", "0 HOME"]);
    drop((raw, home, folder));
    session.close();
}

#[test]
fn what_is_in_a_folder_is_not_deleted_unasked() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a"]);
    let child = folder.create_folder("Child").expect("made");
    let subtree = session.client().ipm_subtree().expect("there");
    let raw = raw_folder(&session, &id(&subtree));
    let delete = |of: &EntryId, flags| unsafe {
        let mut id = of.as_bytes().to_vec();
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        raw.DeleteFolder(count, id, 0, ptr::null_mut(), flags)
    };
    let mail = id(&folder);
    assert_eq!(
        delete(&mail, DeleteFolderFlags::DEL_MESSAGES),
        MAPI_E_HAS_FOLDERS
    );
    assert_eq!(
        delete(&mail, DeleteFolderFlags::DEL_FOLDERS),
        MAPI_E_HAS_MESSAGES
    );
    assert_eq!(
        delete(&id(&child), DeleteFolderFlags::empty()),
        MAPI_E_NOT_FOUND,
        "not in this one"
    );
    let wastebasket = session.client().wastebasket().expect("there");
    let all = DeleteFolderFlags::DEL_MESSAGES | DeleteFolderFlags::DEL_FOLDERS;
    assert_eq!(delete(&id(&wastebasket), all), MAPI_E_NO_ACCESS);
    assert_eq!(delete(&mail, all), S_OK);
    assert!(folder.name().is_err() && child.name().is_err());
    assert!(folder.create_message().is_err());
    assert_eq!(
        open_entry(&session, mail.as_bytes()).map(drop),
        Err(MAPI_E_NOT_FOUND)
    );
    drop((folder, child, subtree, raw, wastebasket));
    session.close();
}

#[test]
fn folders_count_what_is_in_them() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["a", "b", "c"]);
    let ids: Vec<EntryId> = {
        let rows = folder
            .messages()
            .columns(&[PR_ENTRYID])
            .rows()
            .expect("a table");
        rows.map(|row| row.expect("a row").entry_id().expect("an ID"))
            .collect()
    };
    folder.set_read(&ids, false).expect("marked");
    folder.set_read(&ids[..1], true).expect("marked");
    let hidden = folder.create_hidden_item().expect("a message");
    hidden.set_subject("view").expect("set");
    hidden.save().expect("saved");
    let counts = |folder: &Folder| {
        [PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_ASSOC_CONTENT_COUNT].map(|tag| count(folder, tag))
    };
    assert_eq!(counts(&folder), [3, 2, 1]);
    assert_eq!(
        folder.get(PR_SUBFOLDERS).expect("readable"),
        Some(PropValue::Boolean(false))
    );
    folder.create_folder("Child").expect("made");
    assert_eq!(
        folder.get(PR_SUBFOLDERS).expect("readable"),
        Some(PropValue::Boolean(true))
    );
    assert_eq!(folder.hidden_items().count().expect("counted"), 1);
    folder.empty().expect("emptied");
    let subtree = session.client().ipm_subtree().expect("there");
    let rows = subtree
        .folders()
        .columns(&[PR_DISPLAY_NAME_W, PR_CONTENT_COUNT])
        .rows();
    let shown: Vec<(String, i32)> = rows
        .expect("a table")
        .map(|row| row.expect("a row"))
        .map(|row| {
            (
                row.text(PR_DISPLAY_NAME_W).expect("a name"),
                row.long(PR_CONTENT_COUNT).expect("a count"),
            )
        })
        .collect();
    assert_eq!(
        shown,
        // STORE-02: with those that every store has.
        ["Inbox", "Outbox", "Sent Items", "Deleted Items", "Mail"].map(|name| (name.to_owned(), 0))
    );
    drop((hidden, folder, subtree));
    session.close();
}

#[test]
fn folders_are_copied_and_moved_with_what_is_in_them() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let subtree = session.client().ipm_subtree().expect("there");
    let from = folder_with(&session, "From", &["a"]);
    let child = from.create_folder("Child").expect("made");
    add(&child, "b");
    let to = subtree.create_folder("To").expect("made");
    subtree
        .copy_folder(&id(&from), &to, Some("Copy"))
        .expect("copied");
    assert_eq!(names(&to), ["0 Copy", "1 Child"]);
    let copy = to.folder("Copy").expect("readable").expect("there");
    assert_ne!(id(&copy), id(&from));
    assert_eq!(copy.messages().count().expect("counted"), 1);
    from.move_folder(&id(&child), &to, None).expect("moved");
    assert_eq!(names(&to), ["0 Child", "0 Copy", "1 Child"]);
    assert_eq!(names(&from), [""; 0]);
    assert_eq!(
        child.messages().count().expect("counted"),
        1,
        "the same folder"
    );
    // A folder can't be put into itself, and names stay unique.
    let cycle = subtree
        .move_folder(&id(&to), &copy, None)
        .expect_err("a cycle");
    assert_eq!(cycle.status(), MAPI_E_FOLDER_CYCLE);
    assert!(
        subtree
            .copy_folder(&id(&from), &to, Some("child"))
            .expect_err("taken")
            .is_collision()
    );
    drop((subtree, from, child, to, copy));
    session.close();
}

#[test]
fn messages_are_copied_moved_and_deleted_in_part_where_some_are_not_there() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (one, other) = (
        folder_with(&session, "One", &[]),
        folder_with(&session, "Other", &["x"]),
    );
    let (a, b) = (add(&one, "a"), add(&one, "b"));
    one.copy_messages(std::slice::from_ref(&a), &other)
        .expect("copied");
    one.move_messages(std::slice::from_ref(&b), &other)
        .expect("moved");
    let counts = || [&one, &other].map(|folder| folder.messages().count().expect("counted"));
    assert_eq!(counts(), [1, 3]);
    let parent = session
        .client()
        .open_message(&b)
        .expect("the same")
        .binary(PR_PARENT_ENTRYID);
    assert_eq!(
        parent.expect("readable").as_deref(),
        Some(id(&other).as_bytes())
    );
    let partial = one
        .delete_messages(&[a.clone(), b, a])
        .expect_err("one is elsewhere");
    assert!(partial.is_partial());
    assert_eq!(counts(), [0, 3]);
    drop((one, other));
    session.close();
}

#[test]
fn store_08_receive_folders_are_found_by_the_longest_class() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let store = session.client();
    let inbox = store.receive_folder("").expect("made");
    let notes = folder_with(&session, "Notes", &[]);
    store
        .set_receive_folder("IPM.Note", &id(&notes))
        .expect("set");
    let of = |class| id(&store.receive_folder(class).expect("there"));
    assert_eq!(of("IPM.Note"), id(&notes));
    assert_eq!(of("ipm.note.smime"), id(&notes));
    assert_eq!(of("IPM.Notebook"), id(&inbox));
    let mut table = ptr::null_mut();
    let table = unsafe {
        let flags = GetReceiveFolderTableFlags::MAPI_UNICODE;
        assert_eq!(
            session
                .store
                .interface()
                .GetReceiveFolderTable(flags, &mut table),
            S_OK
        );
        IMAPITable::from_raw(table)
    };
    let rows = query(&session, &table, 9, QueryRowsFlags::empty());
    let classes: Vec<_> = rows
        .iter()
        .map(|row| {
            row.get(PR_MESSAGE_CLASS_W)
                .and_then(PropValue::to_text)
                .expect("a class")
        })
        .collect();
    assert_eq!(classes, ["", "IPC", "IPM", "IPM.Note", "REPORT"]);
    drop((store, inbox, notes, table));
    session.close();
}

#[test]
fn a_folder_s_properties_are_saved_at_once() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    folder.set(PR_COMMENT_W, "mine").expect("set");
    let raw = raw_folder(&session, &id(&folder));
    let other = get_prop(&session, &raw, PR_COMMENT_W, UnicodeFlags::MAPI_UNICODE);
    assert_eq!(other, Property::new(PR_COMMENT_W, "mine"));
    folder.delete(&[PR_COMMENT_W]).expect("deleted");
    assert_eq!(folder.get(PR_COMMENT_W).expect("readable"), None);
    let (status, problems) = set_props(&session, &raw, &[Property::new(PR_CONTENT_COUNT, 7)]);
    assert_eq!((status, problems), (S_OK, vec![(0, MAPI_E_COMPUTED)]));
    let large = "x".repeat(20_000);
    folder.set(PR_COMMENT_W, &*large).expect("set");
    assert_eq!(folder.text(PR_COMMENT_W).expect("by a stream"), Some(large));
    drop((folder, raw));
    session.close();
}
