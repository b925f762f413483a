//! Where the server, the logic and a client meet at the same object (STORE-45).

use mapi_provider_abi::mapi::{PR_BODY_W, PR_DISPLAY_NAME_W, PR_SUBJECT_W};
use mapi_provider_mailbox::database::{
    DeleteFolder, FolderId, FolderKind, MessageData, MessageId, NewFolder, ObjectId, Part,
    PropertySet, Remote, Save, Special, Store,
};
use mapi_provider_mailbox::logic::{Draft, Local, LocalChange, Mailbox, Upserted};

use crate::store_support::{self, message, store};

fn opened() -> (Store, Mailbox) {
    let store = store();
    (store.clone(), Mailbox::new(store))
}

/// What the server has, in the inbox.
fn bring(mailbox: &Mailbox, server_id: &str, fill: impl FnOnce(&mut Draft<'_>)) -> Upserted {
    let inbox = mailbox.inbox().expect("an inbox");
    let mut batch = mailbox.batch();
    batch.upsert(inbox, server_id, fill).expect("taken");
    batch.commit().expect("written")[0]
}

fn find(mailbox: &Mailbox, server_id: &str) -> MessageId {
    let found = mailbox.message_of_server(server_id).expect("read");
    found.expect("there")
}

fn put(mailbox: &Mailbox, server_id: &str) -> MessageId {
    bring(mailbox, server_id, |draft| draft.subject("Server's"));
    find(mailbox, server_id)
}

fn data(mailbox: &Mailbox, id: MessageId) -> MessageData {
    let message = mailbox.message(id).expect("read").expect("there");
    (*message.data).clone()
}

/// A client opens a message, changes it and saves it.
fn edit(store: &Store, id: MessageId, change: impl FnOnce(&mut MessageData)) {
    let open = store.open_message(id).expect("read").expect("there");
    let mut data = (*open.data).clone();
    change(&mut data);
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

fn changes(mailbox: &Mailbox) -> Vec<LocalChange> {
    mailbox.local_changes().expect("read")
}

fn told(mailbox: &Mailbox) -> Vec<(Option<String>, Local)> {
    let tell = |change: LocalChange| (change.remote.map(|one| one.server_id), change.what);
    changes(mailbox).into_iter().map(tell).collect()
}

fn called(server_id: &str) -> Remote {
    Remote {
        server_id: server_id.to_owned(),
        server_version: None,
    }
}

fn moved(from: FolderId) -> Local {
    Local::Changed {
        edited: false,
        read: None,
        moved_from: Some(from),
    }
}

const EDITED: Local = Local::Changed {
    edited: true,
    read: None,
    moved_from: None,
};

#[test]
fn store_45_what_wins_over_a_deletion_is_not_deleted_at_the_server() {
    let (store, mailbox) = opened();
    let id = put(&mailbox, "S");
    store.write(|tx| tx.delete_messages(&[id])).expect("gone");
    let told_before = told(&mailbox);
    assert_eq!(told_before, [(Some("S".to_owned()), Local::Deleted)]);
    let again = bring(&mailbox, "S", |draft| draft.overwrite_local_changes());
    assert_eq!(again, Upserted::Created);
    assert_eq!(told(&mailbox), []);
}

#[test]
fn store_45_what_the_server_has_does_not_overwrite_more_than_it_says() {
    let (store, mailbox) = opened();
    let id = put(&mailbox, "S");
    store.write(|tx| tx.set_read(&[id], true)).expect("marked");
    edit(&store, id, |data| {
        data.props.set_tag(PR_SUBJECT_W, "Mine");
    });
    let upserted = bring(&mailbox, "S", |draft| {
        draft.subject("New");
        draft.overwrite_local_changes();
    });
    assert_eq!(upserted, Upserted::Changed);
    let read = Local::Changed {
        edited: false,
        read: Some(true),
        moved_from: None,
    };
    assert_eq!(told(&mailbox), [(Some("S".to_owned()), read)]);
}

#[test]
fn store_45_a_mark_or_a_move_that_is_kept_is_told_as_kept() {
    let (store, mailbox) = opened();
    let id = put(&mailbox, "S");
    store.write(|tx| tx.set_read(&[id], true)).expect("marked");
    let marked = bring(&mailbox, "S", |draft| draft.read(false));
    assert_eq!(marked, Upserted::KeptLocal);
    let other = put(&mailbox, "T");
    let sent = mailbox.special(Special::SentItems).expect("a folder");
    store
        .write(|tx| tx.move_messages(&[other], sent))
        .expect("moved");
    assert_eq!(bring(&mailbox, "T", |_| ()), Upserted::KeptLocal);
}

#[test]
fn store_45_an_upload_that_comes_back_before_it_is_acknowledged_is_one_message() {
    let (store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let mine = store_support::save(&store, inbox, &message("Draft", 0))
        .info
        .id;
    let change = changes(&mailbox).remove(0);
    let twin = put(&mailbox, "S");
    change.acknowledge_as(&called("S")).expect("written");
    assert_eq!(find(&mailbox, "S"), mine);
    assert_eq!(mailbox.message(twin).expect("read"), None);
    assert_eq!(told(&mailbox), []);
}

#[test]
fn store_45_an_upload_that_came_back_and_was_edited_is_not_lost() {
    let (store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let mine = store_support::save(&store, inbox, &message("Draft", 0))
        .info
        .id;
    let change = changes(&mailbox).remove(0);
    let twin = put(&mailbox, "S");
    edit(&store, twin, |data| {
        data.props.set_tag(PR_BODY_W, "Mine");
    });
    change.acknowledge_as(&called("S")).expect("written");
    assert_eq!(find(&mailbox, "S"), mine);
    let left = changes(&mailbox);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].object, ObjectId::Message(twin));
    assert_eq!((&left[0].remote, &left[0].what), (&None, &Local::Created));
}

#[test]
fn store_45_an_upload_that_came_back_and_was_deleted_here_is_deleted_there() {
    let (store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let mine = store_support::save(&store, inbox, &message("Draft", 0))
        .info
        .id;
    let change = changes(&mailbox).remove(0);
    let twin = put(&mailbox, "S");
    store.write(|tx| tx.delete_messages(&[mine])).expect("gone");
    change.acknowledge_as(&called("S")).expect("written");
    assert_eq!(mailbox.message(twin).expect("read"), None);
    assert_eq!(told(&mailbox), [(Some("S".to_owned()), Local::Deleted)]);
}

/// More changes than the log keeps.
fn cut_log(store: &Store, id: MessageId) {
    let logic = store.as_logic();
    for round in 0..105 {
        let mark = |tx: &mapi_provider_mailbox::database::Transaction<'_>| {
            for number in 0..200 {
                tx.set_read(&[id], (round + number) % 2 == 0)?;
            }
            Ok(())
        };
        logic.write(mark).expect("marked");
    }
}

#[test]
fn store_45_an_edit_that_the_log_has_forgotten_is_told() {
    let (store, mailbox) = opened();
    let (id, other) = (put(&mailbox, "S"), put(&mailbox, "T"));
    store.write(|tx| tx.set_read(&[id], true)).expect("marked");
    let change = changes(&mailbox).remove(0);
    edit(&store, id, |data| {
        data.props.set_tag(PR_SUBJECT_W, "Mine");
    });
    cut_log(&store, other);
    store.write(|tx| tx.set_read(&[id], false)).expect("marked");
    change.acknowledge().expect("written");
    let left = told(&mailbox);
    assert!(
        matches!(left[..], [(_, Local::Changed { edited: true, .. })]),
        "{left:?}"
    );
}

#[test]
fn store_45_a_new_message_that_was_sent_is_not_new_again_when_the_log_is_cut() {
    let (store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let other = put(&mailbox, "T");
    let id = store_support::save(&store, inbox, &message("Draft", 0))
        .info
        .id;
    let change = changes(&mailbox).remove(0);
    edit(&store, id, |data| {
        data.props.set_tag(PR_SUBJECT_W, "More");
    });
    cut_log(&store, other);
    store.write(|tx| tx.set_read(&[id], true)).expect("marked");
    change.acknowledge_as(&called("S")).expect("written");
    let left = told(&mailbox);
    assert!(
        matches!(left[..], [(_, Local::Changed { edited: true, .. })]),
        "{left:?}"
    );
}

#[test]
fn store_45_a_second_move_is_told_from_where_the_first_went() {
    let (store, mailbox) = opened();
    let top = mailbox.special(Special::IpmSubtree).expect("a folder");
    let logic = store.as_logic();
    let (first, second) = (make_folder(&logic, top, "X"), make_folder(&logic, top, "Y"));
    let id = put(&mailbox, "S");
    let go = |to| {
        store
            .write(|tx| tx.move_messages(&[id], to))
            .expect("moved");
    };
    go(first);
    let change = changes(&mailbox).remove(0);
    go(second);
    change.acknowledge().expect("written");
    assert_eq!(told(&mailbox), [(Some("S".to_owned()), moved(first))]);
    // And a mark alone says nothing of a move that is over.
    let change = changes(&mailbox).remove(0);
    store.write(|tx| tx.set_read(&[id], true)).expect("marked");
    change.acknowledge().expect("written");
    go(first);
    let left = Local::Changed {
        edited: false,
        read: Some(true),
        moved_from: Some(second),
    };
    assert_eq!(told(&mailbox), [(Some("S".to_owned()), left)]);
}

#[test]
fn store_45_recipients_and_attachments_that_come_again_change_nothing() {
    let (_store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let large = vec![7; 100_000];
    let again = || {
        let mut batch = mailbox.batch();
        let fill = |draft: &mut Draft<'_>| {
            draft.body(&"long text ".repeat(2000));
            draft.to("Ann", "ann@example.org");
            draft.to("Bob", "bob@example.org");
            draft.cc("", "cy@example.org");
            draft.attach("a.bin", "", &large[..])?;
            draft.attach("b.txt", "text/plain", &b"hello"[..])
        };
        batch.try_upsert(inbox, "S", fill).expect("taken");
        batch.commit().expect("written")[0]
    };
    assert_eq!(again(), Upserted::Created);
    let before = data(&mailbox, find(&mailbox, "S"));
    assert_eq!(again(), Upserted::Unchanged);
    let after = data(&mailbox, find(&mailbox, "S"));
    assert_eq!(after, before);
    assert_eq!((after.recipients.len(), after.attachments.len()), (3, 2));
}

#[test]
fn store_45_recipients_and_attachments_replace_those_of_before() {
    let (_store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let bring = |name: &str, attachments: &[&str]| {
        let mut batch = mailbox.batch();
        let fill = |draft: &mut Draft<'_>| {
            draft.to(name, "x@example.org");
            attachments
                .iter()
                .try_for_each(|one| draft.attach(one, "", one.as_bytes()))
        };
        batch.try_upsert(inbox, "S", fill).expect("taken");
        batch.commit().expect("written")[0]
    };
    assert_eq!(bring("Ann", &["a", "b"]), Upserted::Created);
    let before = data(&mailbox, find(&mailbox, "S"));
    assert_eq!(bring("Bob", &["b", "c"]), Upserted::Changed);
    let after = data(&mailbox, find(&mailbox, "S"));
    assert_eq!((after.recipients.len(), after.attachments.len()), (1, 2));
    let name = after.recipients[0].props.text(PR_DISPLAY_NAME_W);
    assert_eq!(name.as_deref(), Some("Bob"));
    assert_eq!(
        after.attachments[&0].id, before.attachments[&1].id,
        "what is the same keeps its ID"
    );
}

#[test]
fn store_45_a_recipient_after_the_last_row_number_is_taken() {
    let (store, mailbox) = opened();
    let id = put(&mailbox, "S");
    let logic = store.as_logic();
    edit(&logic, id, |data| {
        data.recipients = message("", 0).recipients;
        data.recipients[0].row = u32::MAX;
    });
    bring(&mailbox, "S", |draft| {
        let kept = draft.data().recipients.clone();
        draft.to("Ann", "ann@example.org");
        draft.data().recipients.extend(kept);
        draft.to("Bob", "bob@example.org");
    });
    let rows: Vec<u32> = data(&mailbox, id)
        .recipients
        .iter()
        .map(|one| one.row)
        .collect();
    assert_eq!(rows, [0, u32::MAX, 1]);
}

#[test]
fn store_45_a_batch_that_failed_stays_failed() {
    let (store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let logic = store.as_logic();
    let gone = make_folder(&logic, inbox, "Gone");
    logic
        .write(|tx| tx.delete_folder(gone, DeleteFolder::default()))
        .expect("deleted");
    let mut batch = mailbox.batch();
    batch.upsert(gone, "m0", |_| ()).expect("taken");
    let mut failed = 0;
    for number in 1..=600 {
        let taken = batch.upsert(inbox, &format!("m{number}"), |_| ());
        failed += u32::from(taken.is_err());
    }
    assert_eq!(failed, 102, "from the one that filled the batch on");
    assert!(batch.commit_with(b"x").is_err());
    assert_eq!(mailbox.cursor().expect("read"), None);
    assert_eq!(mailbox.message_of_server("m600").expect("read"), None);
}

#[test]
fn store_45_what_was_drafted_before_another_one_saved_is_not_skipped() {
    let (store, mailbox) = opened();
    let inbox = mailbox.inbox().expect("an inbox");
    let id = put(&mailbox, "S");
    let mut batch = mailbox.batch();
    batch
        .upsert(inbox, "S", |draft| draft.subject("Newer"))
        .expect("taken");
    edit(&store.as_logic(), id, |data| {
        data.props.set_tag(PR_BODY_W, "Another thread's");
    });
    let told = batch.commit_with(b"cursor").expect("written");
    assert_eq!(told, [Upserted::Changed]);
    let props = data(&mailbox, id).props;
    assert_eq!(props.text(PR_SUBJECT_W).as_deref(), Some("Newer"));
    assert_eq!(props.text(PR_BODY_W).as_deref(), Some("Another thread's"));
}

#[test]
fn store_45_what_the_mailbox_s_store_writes_is_the_logic_s() {
    let (_store, mailbox) = opened();
    let id = put(&mailbox, "S");
    mailbox
        .store()
        .write(|tx| tx.set_read(&[id], true))
        .expect("marked");
    assert_eq!(told(&mailbox), []);
}

#[test]
fn store_45_an_edit_alone_is_told_as_one() {
    let (store, mailbox) = opened();
    let id = put(&mailbox, "S");
    edit(&store, id, |data| {
        data.props.set_tag(PR_SUBJECT_W, "Mine");
    });
    assert_eq!(told(&mailbox), [(Some("S".to_owned()), EDITED)]);
}

#[test]
fn store_45_a_part_that_was_sent_is_not_told_again_and_the_rest_is() {
    let (store, mailbox) = opened();
    let id = put(&mailbox, "S");
    let inbox = mailbox.inbox().expect("an inbox");
    let sent = mailbox.special(Special::SentItems).expect("a folder");
    let mark = |read| {
        store.write(|tx| tx.set_read(&[id], read)).expect("marked");
    };
    mark(true);
    edit(&store, id, |data| {
        data.props.set_tag(PR_SUBJECT_W, "Mine");
    });
    store
        .write(|tx| tx.move_messages(&[id], sent))
        .expect("moved");
    let left = |edited, read, moved_from| {
        let what = Local::Changed {
            edited,
            read,
            moved_from,
        };
        [(Some("S".to_owned()), what)]
    };
    let change = changes(&mailbox).remove(0);
    change.acknowledge_part(Part::Read).expect("written");
    assert_eq!(told(&mailbox), left(true, None, Some(inbox)));
    change.acknowledge_part(Part::Moved).expect("written");
    assert_eq!(told(&mailbox), left(true, None, None));
    // What was done since it was told is told.
    mark(false);
    change.acknowledge_part(Part::Read).expect("written");
    assert_eq!(told(&mailbox), left(true, Some(false), None));
    let change = changes(&mailbox).remove(0);
    change.acknowledge_part(Part::Read).expect("written");
    change.acknowledge_part(Part::Edited).expect("written");
    assert_eq!(told(&mailbox), []);
}
