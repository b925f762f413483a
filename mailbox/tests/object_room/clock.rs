//! A clock that goes back: what is in the store is later than now, and nothing depends on that.

use crate::object_support;
use crate::search_stage;
use std::time::{Duration, SystemTime};

use mapi_provider::abi::*;
use mapi_provider::view::{
    FileTime, PropValue, Property, RelOp, Restriction, SortDirection, SortOrder,
};
use mapi_provider_mailbox::database::{self, MessageData, MessageId};
use mapi_provider_mailbox::logic::Mailbox;
use object_support::*;
use search_stage::*;

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

fn time(at: SystemTime) -> FileTime {
    FileTime::try_from(at).expect("a time")
}

/// What somebody would have written whose clock said this.
fn written(subject: &str, at: SystemTime) -> MessageData {
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, subject);
    for tag in [
        PR_MESSAGE_DELIVERY_TIME,
        PR_CLIENT_SUBMIT_TIME,
        PR_CREATION_TIME,
        PR_LAST_MODIFICATION_TIME,
    ] {
        data.props.set_tag(tag, time(at));
    }
    data
}

/// Saves it with the times that it has.
fn bring(store: &database::Store, folder: database::FolderId, data: &MessageData) -> MessageId {
    let save = database::Save {
        id: store.reserve_message().expect("an ID"),
        folder,
        associated: false,
        base: None,
        force: false,
        read: false,
        keep_time: true,
        data,
    };
    let saved = store.write(|tx| tx.save_message(&save)).expect("saved");
    saved.info.id
}

#[test]
fn store_14_and_store_40_and_store_42_what_is_later_than_now_is_told_and_found() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    // Another process, whose clock is ten years ahead, and then is put right.
    let other = database::Store::open(&path).expect("opened");
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let here = folder_id(&id);
    let now = SystemTime::now();
    let first = bring(&other, here, &written("ahead lunch 1", now + 10 * YEAR));
    let live = SearchFolder::of(&session, &id).table();
    let newest = SortOrder {
        tag: PR_MESSAGE_DELIVERY_TIME,
        direction: SortDirection::Descend,
    };
    assert_eq!(sort(&session, &live.table, &[newest]), S_OK);
    live.until(&["ahead lunch 1"]);
    let search = SearchFolder::new(&session, "Found");
    let found = search.table();
    let later = Restriction::Property {
        relop: RelOp::Gt,
        tag: PR_MESSAGE_DELIVERY_TIME,
        property: Property::new(PR_MESSAGE_DELIVERY_TIME, time(now + YEAR)),
    };
    let later = Restriction::And(vec![contains("lunch"), later]);
    let flags = SetSearchCriteriaFlags::empty();
    assert_eq!(
        search.set(Some(&later), Some(std::slice::from_ref(&id)), flags),
        S_OK
    );
    found.until(&["ahead lunch 1"]);
    // The table hears of each, and has it in its place by the time.
    bring(&other, here, &written("ahead lunch 2", now + 9 * YEAR));
    live.until(&["ahead lunch 1", "ahead lunch 2"]);
    bring(&other, here, &written("lunch of today", now));
    live.until(&["ahead lunch 1", "ahead lunch 2", "lunch of today"]);
    bring(&other, here, &written("ahead lunch 3", now + 11 * YEAR));
    live.until(&[
        "ahead lunch 3",
        "ahead lunch 1",
        "ahead lunch 2",
        "lunch of today",
    ]);
    found.until_it(|shown| shown.len() == 3);
    // Edited by today's clock, it is no later for that; and it is found, or not any more.
    edit(&other, first, "ahead dinner");
    live.until(&[
        "ahead lunch 3",
        "ahead dinner",
        "ahead lunch 2",
        "lunch of today",
    ]);
    found.until_it(|shown| shown == ["ahead lunch 2", "ahead lunch 3"]);
    let fresh = contents(&raw_folder(&session, &id));
    assert_eq!(sort(&session, &fresh, &[newest]), S_OK);
    assert_eq!(texts(&session, &fresh, PR_SUBJECT_W), live.subjects());
    drop((live, found, search, fresh));
    session.close();
    let report = other.check().expect("readable");
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn store_22_and_store_45_which_save_is_the_later_one_no_clock_decides() {
    let (session, store) = Session::in_memory();
    let mailbox = Mailbox::new(store.clone());
    assert_eq!(mailbox.local_changes().expect("read").len(), 0);
    let id = session
        .folder("Mail")
        .entry_id()
        .expect("an ID")
        .into_owned();
    let here = folder_id(&id);
    let ahead = SystemTime::now() + 10 * YEAR;
    let one = bring(&store, here, &written("one", ahead));
    let one = entry_id(&store, one);
    let (mine, theirs) = (open_message(&session, &one), open_message(&session, &one));
    let key = |message: &IMessage| value(&session, message, PR_CHANGE_KEY);
    let before = key(&mine);
    set(&session, &mine, &[Property::new(PR_SUBJECT_W, "mine")]);
    save_and_go_on(&mine);
    assert_ne!(key(&mine), before);
    // It was changed today, whatever it said before.
    let changed = value(&session, &mine, PR_LAST_MODIFICATION_TIME);
    let changed = changed.as_time().expect("a time");
    assert!(changed < time(ahead - YEAR), "{changed:?}");
    set(&session, &theirs, &[Property::new(PR_SUBJECT_W, "theirs")]);
    let saved = save_changes(&theirs, SaveChangesFlags::empty());
    assert_eq!(saved, MAPI_E_OBJECT_CHANGED);
    // What was submitted by the clock that was ahead goes out after what is submitted now, and both do.
    let waits = bring(&store, here, &written("waits", ahead));
    let now = bring(&store, here, &written("now", SystemTime::now()));
    for (id, at) in [(waits, ahead), (now, SystemTime::now())] {
        let submitted = store.write(|tx| tx.submit(id, time(at), 0));
        submitted.expect("queued");
    }
    let queue = store.read(|reader| reader.queue()).expect("read");
    let queue: Vec<MessageId> = queue.into_iter().map(|one| one.message).collect();
    assert_eq!(queue, [now, waits]);
    // The log is in the order of what was done.
    let told: Vec<String> = mailbox
        .local_changes()
        .expect("read")
        .into_iter()
        .filter_map(|change| {
            let database::ObjectId::Message(id) = change.object else {
                return None;
            };
            let props = store.read(|reader| reader.message_props(id)).ok()?;
            props.text(PR_SUBJECT_W)
        })
        .collect();
    assert_eq!(told, ["mine", "waits", "now"]);
    assert_eq!(
        value(&session, &mine, PR_SUBJECT_W),
        PropValue::from("mine")
    );
    drop((mine, theirs));
    session.close();
}
