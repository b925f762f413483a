//! Search folders: criteria, results that are live, what may not be done with them (STORE-42).

use crate::object_support;
use crate::search_stage;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::{EntryList, PropValue, Property, RelOp, Restriction};
use mapi_provider_mailbox::database::{self, DeleteFolder, FolderId, What};
use mapi_provider_mailbox::logic::Mailbox;
use object_support::*;
use search_stage::*;

const NONE: SetSearchCriteriaFlags = SetSearchCriteriaFlags::empty();

fn delete(session: &Session, folder: &IMAPIFolder, id: &[u8]) -> HRESULT {
    let list = EntryList(vec![EntryId::from(id.to_vec())]);
    let list = session.allocators().build(&list).expect("memory");
    let flags = DeleteMessagesFlags::empty();
    unsafe { folder.DeleteMessages(list.as_ptr(), 0, ptr::null_mut(), flags) }
}

#[test]
fn store_42_criteria_come_back_as_they_were_set() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let mail = mail.entry_id().expect("an ID").into_owned();
    let search = SearchFolder::new(&session, "Found");
    let lunch = contains("lunch");
    let folders = [mail.clone()];
    assert_eq!(
        search.get(UnicodeFlags::MAPI_UNICODE),
        Err(MAPI_E_NOT_INITIALIZED)
    );
    for (restriction, scope) in [
        (None, None),
        (Some(&lunch), None),
        (None, Some(&folders[..])),
        (Some(&lunch), Some(&[][..])),
    ] {
        assert_eq!(search.set(restriction, scope, NONE), MAPI_E_NOT_INITIALIZED);
    }
    let complete = search.hear_complete();
    let flags = SetSearchCriteriaFlags::RECURSIVE_SEARCH
        | SetSearchCriteriaFlags::FOREGROUND_SEARCH
        | SetSearchCriteriaFlags::RESTART_SEARCH;
    assert_eq!(search.set(Some(&lunch), Some(&folders), flags), S_OK);
    complete.next();
    let (restriction, scope, state) = search.get(UnicodeFlags::MAPI_UNICODE).expect("set");
    let expected = SearchState::SEARCH_RUNNING
        | SearchState::SEARCH_RECURSIVE
        | SearchState::SEARCH_FOREGROUND;
    assert_eq!((restriction, state), (lunch.clone(), expected));
    assert_eq!(scope, folders);
    // The width of the strings is the caller's.
    let (restriction, _, _) = search.get(UnicodeFlags::empty()).expect("set");
    let narrow = Restriction::Content {
        fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
        tag: PR_SUBJECT_A,
        property: Property::new(PR_SUBJECT_A, PropValue::ansi("lunch")),
    };
    assert_eq!(restriction, narrow);
    // What is not said stays: another priority, and nothing else.
    let slowly = SetSearchCriteriaFlags::BACKGROUND_SEARCH;
    assert_eq!(search.set(None, None, slowly), S_OK);
    let (restriction, scope, state) = search.get(UnicodeFlags::MAPI_UNICODE).expect("set");
    assert_eq!((restriction, scope), (lunch, folders.to_vec()));
    let expected = SearchState::SEARCH_RUNNING | SearchState::SEARCH_RECURSIVE;
    assert_eq!(state, expected);
    drop(store);
    drop((search, complete));
    session.close();
}

#[test]
fn store_42_criteria_that_make_no_sense_are_refused_and_change_nothing() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let mail = mail.entry_id().expect("an ID").into_owned();
    let search = SearchFolder::new(&session, "Found");
    let other = SearchFolder::new(&session, "Other");
    let lunch = contains("lunch");
    assert_eq!(
        search.set(Some(&lunch), Some(std::slice::from_ref(&mail)), NONE),
        S_OK
    );
    let message = deliver(&store, folder_id(&mail), "a message");
    let gone = session.folder("Gone");
    let gone_id = gone.entry_id().expect("an ID").into_owned();
    store
        .write(|tx| tx.delete_folder(folder_id(&gone_id), DeleteFolder::default()))
        .expect("deleted");
    let mut foreign = mail.as_bytes().to_vec();
    foreign[10] ^= 1;
    let scopes = [
        (other.id.clone(), MAPI_E_NO_SUPPORT),
        (
            EntryId::from(entry_id(&store, message)),
            MAPI_E_INVALID_PARAMETER,
        ),
        (gone_id, MAPI_E_NOT_FOUND),
        (EntryId::from(foreign), MAPI_E_UNKNOWN_ENTRYID),
        (EntryId::from(vec![1, 2]), MAPI_E_INVALID_ENTRYID),
    ];
    for (scope, expected) in scopes {
        assert_eq!(search.set(None, Some(&[scope]), NONE), expected);
    }
    let flags = [
        SetSearchCriteriaFlags::STOP_SEARCH | SetSearchCriteriaFlags::RESTART_SEARCH,
        SetSearchCriteriaFlags::RECURSIVE_SEARCH | SetSearchCriteriaFlags::SHALLOW_SEARCH,
        SetSearchCriteriaFlags::FOREGROUND_SEARCH | SetSearchCriteriaFlags::BACKGROUND_SEARCH,
    ];
    for flags in flags {
        assert_eq!(search.set(None, None, flags), MAPI_E_INVALID_PARAMETER);
    }
    let count = Restriction::Count {
        count: 3,
        restriction: Box::new(lunch.clone()),
    };
    let pattern = Restriction::property(RelOp::Re, Property::new(PR_SUBJECT_W, "a*"));
    for refused in [count, pattern] {
        assert_eq!(search.set(Some(&refused), None, NONE), MAPI_E_TOO_COMPLEX);
    }
    let (restriction, scope, _) = search.get(UnicodeFlags::MAPI_UNICODE).expect("set");
    assert_eq!((restriction, scope), (lunch.clone(), vec![mail.clone()]));
    // Other folders have no criteria.
    let plain = SearchFolder::of(&session, &mail);
    assert_eq!(
        plain.set(Some(&lunch), Some(&[mail]), NONE),
        MAPI_E_NO_SUPPORT
    );
    assert_eq!(
        plain.get(UnicodeFlags::MAPI_UNICODE),
        Err(MAPI_E_NO_SUPPORT)
    );
    drop((search, other, plain, gone));
    session.close();
}

#[test]
fn store_42_results_follow_what_happens_and_tell_where_they_lie() {
    let (session, store) = Session::in_memory();
    let (mail, aside) = (session.folder("Mail"), session.folder("Aside"));
    let mail_id = mail.entry_id().expect("an ID").into_owned();
    let aside_id = folder_id(&aside.entry_id().expect("an ID").into_owned());
    let here = folder_id(&mail_id);
    let first = deliver(&store, here, "Lunch on Monday");
    deliver(&store, here, "Something else");
    deliver(&store, aside_id, "lunch elsewhere");
    let search = SearchFolder::new(&session, "Found");
    let table = search.table();
    let complete = search.hear_complete();
    let flags = SetSearchCriteriaFlags::RESTART_SEARCH;
    assert_eq!(
        search.set(
            Some(&contains("lunch")),
            Some(std::slice::from_ref(&mail_id)),
            flags
        ),
        S_OK
    );
    complete.next();
    table.until(&["Lunch on Monday"]);
    let rows = query_all(
        &session,
        &table.table,
        &[PR_PARENT_ENTRYID, PR_PARENT_DISPLAY_W],
    );
    assert_eq!(
        rows[0].get(PR_PARENT_ENTRYID),
        Some(&PropValue::from(mail_id.as_bytes()))
    );
    assert_eq!(
        rows[0].get(PR_PARENT_DISPLAY_W),
        Some(&PropValue::from("Mail"))
    );
    // It comes; it comes from the server.
    let second = deliver(&store, here, "Lunch again");
    table.until(&["Lunch on Monday", "Lunch again"]);
    let mailbox = Mailbox::new(store.clone());
    let mut batch = mailbox.batch();
    batch
        .upsert(here, "m1", |draft| draft.subject("Server lunch"))
        .expect("taken");
    batch.commit_with(b"1").expect("written");
    table.until(&["Lunch on Monday", "Lunch again", "Server lunch"]);
    // It changes, so that it is none any more; it moves out, and in again.
    edit(&store, first, "Dinner on Monday");
    table.until(&["Lunch again", "Server lunch"]);
    store
        .write(|tx| tx.move_messages(&[second], aside_id))
        .expect("moved");
    table.until(&["Server lunch"]);
    store
        .write(|tx| tx.move_messages(&[second], here))
        .expect("moved");
    table.until(&["Lunch again", "Server lunch"]);
    // STORE-03: counts are those of the table, read marks included.
    store
        .write(|tx| tx.set_read(&[second], true))
        .expect("marked");
    let counts = || {
        let folder = store
            .read(|r| r.existing_folder(folder_id(&search.id)))
            .expect("there");
        (folder.total, folder.unread)
    };
    assert_eq!(counts(), (2, 1));
    // It goes.
    store
        .write(|tx| tx.delete_messages(&[second]))
        .expect("deleted");
    table.until(&["Server lunch"]);
    assert_eq!(counts(), (1, 1));
    drop((mail, aside, search, table, complete));
    session.close();
}

#[test]
fn store_42_one_end_is_told_and_the_same_criteria_start_nothing_anew() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let mail = mail.entry_id().expect("an ID").into_owned();
    let messages: Vec<String> = (0..900).map(|number| format!("lunch {number}")).collect();
    fill(&store, folder_id(&mail), &messages);
    let before = store.read(|r| r.last_change()).expect("read");
    let search = SearchFolder::new(&session, "Found");
    let complete = search.hear_complete();
    let lunch = contains("lunch");
    let scope = [mail];
    let restart = SetSearchCriteriaFlags::RESTART_SEARCH;
    for _ in 0..20 {
        assert_eq!(search.set(Some(&lunch), Some(&scope), restart), S_OK);
    }
    complete.next();
    let changes = || store.read(|r| r.changes_since(before)).expect("read").list;
    let count = |what: fn(&What) -> bool| changes().iter().filter(|one| what(&one.what)).count();
    assert_eq!(count(|what| matches!(what, What::Found)), 900);
    assert_eq!(count(|what| matches!(what, What::Lost)), 0);
    // Nobody waited long: no transaction has found more than a step looks at.
    let mut commits = std::collections::BTreeMap::new();
    for change in changes().iter().filter(|one| one.what == What::Found) {
        *commits.entry(change.commit).or_insert(0) += 1;
    }
    assert!(commits.len() >= 4, "{commits:?}");
    assert!(commits.values().all(|found| *found <= 512), "{commits:?}");
    // Without a word of starting anew it does not; with it, it does, and finds what it had.
    assert_eq!(search.set(Some(&lunch), Some(&scope), NONE), S_OK);
    let state = search.get(UnicodeFlags::MAPI_UNICODE).expect("set").2;
    assert_eq!(state, SearchState::SEARCH_RUNNING);
    assert_eq!(search.set(Some(&lunch), Some(&scope), restart), S_OK);
    complete.next();
    assert_eq!(count(|what| matches!(what, What::SearchComplete)), 2);
    assert_eq!(count(|what| matches!(what, What::Found | What::Lost)), 900);
    assert_eq!(complete.take(), 0, "each end is told once");
    drop((search, complete));
    session.close();
}

#[test]
fn store_42_a_search_that_is_stopped_stays_as_it_is() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let mail = mail.entry_id().expect("an ID").into_owned();
    let here = folder_id(&mail);
    deliver(&store, here, "lunch 1");
    // Whoever searches looks at the folders in turn: where the first and the last know, the one between would.
    let all = ["First", "Stopped", "Last"].map(|name| SearchFolder::new(&session, name));
    let [first, stopped, last] = &all;
    for search in &all {
        let complete = search.hear_complete();
        let scope = [mail.clone()];
        assert_eq!(
            search.set(Some(&contains("lunch")), Some(&scope), NONE),
            S_OK
        );
        complete.next();
    }
    let stop = SetSearchCriteriaFlags::STOP_SEARCH;
    assert_eq!(stopped.set(None, None, stop), S_OK);
    let state = stopped.get(UnicodeFlags::MAPI_UNICODE).expect("set").2;
    assert_eq!(state, SearchState::empty());
    let tables = all.each_ref().map(SearchFolder::table);
    deliver(&store, here, "lunch 2");
    tables[0].until(&["lunch 1", "lunch 2"]);
    tables[2].until(&["lunch 1", "lunch 2"]);
    deliver(&store, here, "lunch 3");
    tables[0].until(&["lunch 1", "lunch 2", "lunch 3"]);
    tables[2].until(&["lunch 1", "lunch 2", "lunch 3"]);
    assert_eq!(tables[1].subjects(), ["lunch 1"]);
    // Another priority does not start it; a word does, and it catches up.
    let foreground = SetSearchCriteriaFlags::FOREGROUND_SEARCH;
    assert_eq!(stopped.set(None, None, foreground), S_OK);
    let state = stopped.get(UnicodeFlags::MAPI_UNICODE).expect("set").2;
    assert_eq!(state, SearchState::SEARCH_FOREGROUND);
    let restart = SetSearchCriteriaFlags::RESTART_SEARCH;
    assert_eq!(stopped.set(None, None, restart), S_OK);
    tables[1].until(&["lunch 1", "lunch 2", "lunch 3"]);
    // Other criteria take out what does not fit them.
    assert_eq!(first.set(Some(&contains("lunch 2")), None, NONE), S_OK);
    tables[0].until(&["lunch 2"]);
    let _ = last;
    drop(tables);
    drop(all);
    session.close();
}

#[test]
fn store_42_folders_that_come_into_the_scope_or_leave_it_take_their_messages_along() {
    let (session, store) = Session::in_memory();
    let (top, other) = (session.folder("Top"), session.folder("Other"));
    let below = top.create_folder("Below").expect("made");
    let id =
        |folder: &mapi_provider::store::Folder<'_>| folder.entry_id().expect("an ID").into_owned();
    let (top_id, other_id, below_id) = (id(&top), folder_id(&id(&other)), folder_id(&id(&below)));
    deliver(&store, folder_id(&top_id), "lunch at the top");
    deliver(&store, below_id, "lunch below");
    let (shallow, deep) = (
        SearchFolder::new(&session, "Shallow"),
        SearchFolder::new(&session, "Deep"),
    );
    let scope = [top_id.clone()];
    let lunch = contains("lunch");
    let (flat, recursive) = (
        SetSearchCriteriaFlags::SHALLOW_SEARCH,
        SetSearchCriteriaFlags::RECURSIVE_SEARCH,
    );
    let (shallow_table, deep_table) = (shallow.table(), deep.table());
    assert_eq!(shallow.set(Some(&lunch), Some(&scope), flat), S_OK);
    assert_eq!(deep.set(Some(&lunch), Some(&scope), recursive), S_OK);
    shallow_table.until(&["lunch at the top"]);
    deep_table.until(&["lunch at the top", "lunch below"]);
    store
        .write(|tx| tx.move_folder(below_id, other_id, None))
        .expect("moved");
    deep_table.until(&["lunch at the top"]);
    store
        .write(|tx| tx.move_folder(below_id, folder_id(&top_id), None))
        .expect("moved");
    deep_table.until(&["lunch at the top", "lunch below"]);
    assert_eq!(shallow_table.subjects(), ["lunch at the top"]);
    // Deeper from now on, by a word alone.
    assert_eq!(shallow.set(None, None, recursive), S_OK);
    shallow_table.until(&["lunch at the top", "lunch below"]);
    drop((top, other, below, shallow, deep, shallow_table, deep_table));
    session.close();
}

#[test]
fn store_42_nothing_is_put_into_a_search_folder_and_what_is_deleted_from_it_is_gone() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let mail_id = mail.entry_id().expect("an ID").into_owned();
    let message = deliver(&store, folder_id(&mail_id), "lunch");
    let kept = deliver(&store, folder_id(&mail_id), "lunch that stays");
    let search = SearchFolder::new(&session, "Found");
    let table = search.table();
    let scope = [mail_id.clone()];
    assert_eq!(
        search.set(Some(&contains("lunch")), Some(&scope), NONE),
        S_OK
    );
    table.until(&["lunch", "lunch that stays"]);
    let raw = raw_folder(&session, &search.id);
    let mut out = ptr::null_mut();
    unsafe {
        let flags = CreateMessageFlags::empty();
        let created = raw.CreateMessage(ptr::null(), flags, &mut out);
        assert_eq!((created, out.is_null()), (MAPI_E_NO_ACCESS, true));
    }
    assert_eq!(
        create_folder(&session, &raw, "Inner", FOLDER_GENERIC).err(),
        Some(MAPI_E_NO_ACCESS)
    );
    let id = entry_id(&store, message);
    let list = EntryList(vec![EntryId::from(id.clone())]);
    let list = session.allocators().build(&list).expect("memory");
    for flags in [CopyMessagesFlags::empty(), CopyMessagesFlags::MESSAGE_MOVE] {
        let copied = unsafe {
            let from = raw_folder(&session, &mail_id);
            from.CopyMessages(
                list.as_ptr(),
                ptr::null(),
                raw.as_raw(),
                0,
                ptr::null_mut(),
                flags,
            )
        };
        assert!(
            copied == MAPI_E_NO_ACCESS || copied == MAPI_E_NO_SUPPORT,
            "{copied:?}"
        );
    }
    let moved = store.write(|tx| tx.move_messages(&[message], folder_id(&search.id)));
    assert_eq!(moved.expect_err("refused").status(), MAPI_E_NO_ACCESS);
    assert_eq!(delete(&session, &raw, &id), S_OK);
    assert_eq!(store.read(|r| r.message_info(message)).expect("read"), None);
    assert_eq!(table.subjects(), ["lunch that stays"]);
    assert_eq!(delete(&session, &raw, &id), MAPI_W_PARTIAL_COMPLETION);
    // The folder itself goes without what it has found.
    store
        .write(|tx| tx.delete_folder(folder_id(&search.id), DeleteFolder::default()))
        .expect("deleted");
    assert!(
        store
            .read(|r| r.message_info(kept))
            .expect("read")
            .is_some()
    );
    let problems = store.check().expect("readable").problems;
    assert_eq!(problems, Vec::<String>::new());
    drop((mail, search, table, raw, list));
    session.close();
}

#[test]
fn store_42_and_store_45_search_folders_are_no_servers_affair() {
    let (session, store) = Session::in_memory();
    let mailbox = Mailbox::new(store.clone());
    let before = mailbox.local_changes().expect("read").len();
    let search = SearchFolder::new(&session, "Found");
    let id = folder_id(&search.id);
    store
        .write(|tx| {
            tx.change_folder(id, |props| {
                props.set_tag(PR_COMMENT_W, "changed");
                Ok(())
            })
        })
        .expect("changed");
    store
        .write(|tx| tx.delete_folder(id, DeleteFolder::default()))
        .expect("deleted");
    assert_eq!(mailbox.local_changes().expect("read").len(), before);
    drop(search);
    session.close();
}

#[test]
fn store_42_a_search_outlives_the_process() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    // An object that outlived the store would keep its searches going.
    let mail = session.folder("Mail").entry_id().expect("an ID");
    let search = SearchFolder::new(&session, "Found");
    let complete = search.hear_complete();
    let scope = [mail.clone()];
    let lunch = contains("lunch");
    assert_eq!(search.set(Some(&lunch), Some(&scope), NONE), S_OK);
    complete.next();
    let id = search.id.clone();
    drop((search, complete));
    session.close();
    // Nobody searches meanwhile.
    let store = database::Store::open(&path).expect("the same file");
    deliver(&store, folder_id(&mail), "lunch");
    let hits = |store: &database::Store, folder: FolderId| {
        store
            .read(|r| r.hits_after(folder, None, 10))
            .expect("read")
            .len()
    };
    assert_eq!(hits(&store, folder_id(&id)), 0);
    let progress = store
        .read(|r| r.search_progress(folder_id(&id)))
        .expect("read");
    assert_eq!(
        progress.expect("there").owner,
        None,
        "it was left to others"
    );
    drop(store);
    let again = Session::open(file(&path));
    let search = SearchFolder::of(&again, &id);
    let table = search.table();
    table.until(&["lunch"]);
    assert_eq!(
        search.get(UnicodeFlags::MAPI_UNICODE).expect("set").0,
        lunch
    );
    drop((search, table));
    again.close();
}

#[test]
fn store_42_a_copy_searches_by_itself() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let mail = mail.entry_id().expect("an ID").into_owned();
    deliver(&store, folder_id(&mail), "lunch");
    let search = SearchFolder::new(&session, "Found");
    let table = search.table();
    let scope = [mail.clone()];
    assert_eq!(
        search.set(Some(&contains("lunch")), Some(&scope), NONE),
        S_OK
    );
    table.until(&["lunch"]);
    let id = folder_id(&search.id);
    let (copy, _) = store
        .write(|tx| {
            let parent = tx.existing_folder(id)?.parent.expect("in a folder");
            tx.copy_folder(id, parent, Some("Copy"), false)
        })
        .expect("copied");
    let mut bytes = search.id.as_bytes().to_vec();
    bytes[24..].copy_from_slice(&copy.number().to_le_bytes());
    let copy = SearchFolder::of(&session, &EntryId::from(bytes));
    let copy_table = copy.table();
    copy_table.until(&["lunch"]);
    deliver(&store, folder_id(&mail), "lunch 2");
    copy_table.until(&["lunch", "lunch 2"]);
    drop((search, table, copy, copy_table));
    session.close();
}
