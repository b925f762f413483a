//! Messages that are submitted, taken back and sent.

mod finished;
mod locks;
mod order;
mod queue;
mod reports;

use crate::object_support;
use crate::spooler_support;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use mapi_provider::abi::*;
use mapi_provider::view::{
    AddressList, Allocators, EntryList, Limits, PropTags, PropValue, Property,
};
use mapi_provider_mailbox::database::{self, LOCKED, Options, PREPROCESS};
use object_support::*;
use spooler_support::Desk;

/// A session with a desk, the database behind it, and a folder.
struct Stage {
    session: Session,
    desk: Arc<Desk>,
    store: database::Store,
    folder: IMAPIFolder,
}

impl Stage {
    fn new() -> Self {
        let store = database::Store::in_memory(Options::new()).expect("memory");
        let (session, desk) = spooler_support::open(Where::Open(store.clone()));
        let folder = session.raw_folder("Out");
        Self {
            session,
            desk,
            store,
            folder,
        }
    }

    fn close(self) {
        drop(self.folder);
        self.session.close();
    }

    /// A new message to somebody, not saved.
    fn message(&self, subject: &str) -> IMessage {
        let message = create_message(&self.folder);
        let subject = Property::new(PR_SUBJECT_W, subject).into_owned();
        assert_eq!(
            set_props(&self.session, &message, &[subject]),
            (S_OK, vec![])
        );
        add_recipients(&self.session, &message, &[(MAPI_TO, "Ann")]);
        message
    }

    /// A message that waits to be sent; its entry ID.
    fn submitted(&self, subject: &str) -> Vec<u8> {
        let message = self.message(subject);
        assert_eq!(submit(&message), S_OK);
        entry_id_of(&self.session, &message)
    }

    /// The flags of what waits, by subject.
    fn queue(&self) -> Vec<(String, u32)> {
        let store = &self.store;
        let queue = store.read(|reader| reader.queue()).expect("read");
        let one = |queued: database::Queued| {
            let props = store.read(|reader| reader.message_props(queued.message));
            let subject = props.expect("there").text(PR_SUBJECT_W);
            (subject.unwrap_or_default(), queued.flags)
        };
        queue.into_iter().map(one).collect()
    }

    fn flags(&self, message: &IMAPIProp) -> MessageFlags {
        message_flags(&self.session, message)
    }
}

fn submit(message: &IMessage) -> HRESULT {
    unsafe { message.SubmitMessage(SubmitMessageFlags::empty()) }
}

/// What MAPI finds while it has the message.
fn asked(allocators: Allocators, message: &IMessage, tag: PropTag) -> PropValue<'static> {
    let tags = allocators
        .build(&PropTags::from(&[tag][..]))
        .expect("memory");
    let (mut count, mut values) = (0, ptr::null_mut());
    let values = unsafe {
        let flags = UnicodeFlags::MAPI_UNICODE;
        assert_eq!(
            message.GetProps(tags.as_ptr(), flags, &mut count, &mut values),
            S_OK
        );
        allocators.adopt(values, count).expect("an answer")
    };
    let read: Vec<Property<'_>> = values.read_all(&Limits::default()).expect("well-formed");
    read.into_iter().next().expect("one").into_owned().value
}

fn queued(subject: &str, flags: u32) -> (String, u32) {
    (subject.to_owned(), flags)
}

#[test]
fn store_34_who_has_no_recipients_is_not_sent_and_stays_open() {
    let stage = Stage::new();
    let message = create_message(&stage.folder);
    assert_eq!(submit(&message), MAPI_E_NO_RECIPIENTS);
    assert_eq!(stage.desk.take(), [""; 0]);
    let subject = [Property::new(PR_SUBJECT_W, "open")];
    assert_eq!(set_props(&stage.session, &message, &subject).0, S_OK);
    assert_eq!(stage.queue(), []);
    drop(message);
    stage.close();
}

#[test]
fn store_34_it_is_prepared_in_order_and_queued_with_the_save() {
    let stage = Stage::new();
    let (store, allocators) = (stage.store.clone(), stage.session.allocators());
    let was_seen = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&was_seen);
    *stage.desk.expand.lock().expect("sound") = Some(Box::new(move |message| {
        // It is marked before it is expanded, and nothing of it is in the store: no transaction is open, nothing locked.
        let flags = asked(allocators, message, PR_MESSAGE_FLAGS).as_long();
        let flags = MessageFlags::from_bits_retain(flags.expect("flags").cast_unsigned());
        assert!(flags.contains(MessageFlags::SUBMIT | MessageFlags::UNSENT));
        assert!(
            asked(allocators, message, PR_CLIENT_SUBMIT_TIME)
                .as_time()
                .is_some()
        );
        assert_eq!(store.write(|tx| tx.queue()).expect("nobody writes"), []);
        seen.store(true, Ordering::Relaxed);
        S_OK
    }));
    let message = stage.message("one");
    assert_eq!(submit(&message), S_OK);
    assert!(was_seen.load(Ordering::Relaxed));
    assert_eq!(stage.desk.take(), ["ready", "expand"]);
    assert_eq!(stage.queue(), [queued("one", 0)]);
    // From now on it is open for reading only.
    let again = set_props(
        &stage.session,
        &message,
        &[Property::new(PR_SUBJECT_W, "x")],
    );
    assert_eq!(again.0, MAPI_E_NO_ACCESS);
    let submitted = MessageFlags::SUBMIT | MessageFlags::UNSENT;
    assert!(stage.flags(&message).contains(submitted));
    let id = entry_id_of(&stage.session, &message);
    let (reader, access) = open_for(
        &stage.session,
        stage.session.store.interface(),
        &id,
        OpenEntryFlags::empty(),
    )
    .expect("to be read");
    assert_eq!(access, 0);
    assert!(stage.flags(&reader).contains(submitted));
    let table = recipient_table(&reader);
    assert_eq!(
        set_columns(&stage.session, &table, &[PR_RESPONSIBILITY]),
        S_OK
    );
    let told = column(&stage.session, &table, PR_RESPONSIBILITY);
    assert_eq!(told, [Some(PropValue::Boolean(false))]);
    // Once a session.
    *stage.desk.expand.lock().expect("sound") = None;
    stage.submitted("two");
    assert_eq!(stage.desk.take(), ["expand"]);
    drop((message, reader, table));
    stage.close();
}

#[test]
fn store_34_only_what_is_sent_again_is_prepared() {
    let stage = Stage::new();
    let message = stage.message("again");
    let resent = MessageFlags::RESEND | MessageFlags::UNSENT;
    let resent = Property::new(PR_MESSAGE_FLAGS, resent.bits().cast_signed());
    assert_eq!(
        set_props(&stage.session, &message, &[resent]),
        (S_OK, vec![])
    );
    assert_eq!(submit(&message), S_OK);
    assert_eq!(stage.desk.take(), ["ready", "prepare", "expand"]);
    drop(message);
    stage.close();
}

#[test]
fn store_34_what_mapi_refuses_is_as_it_was() {
    let stage = Stage::new();
    let message = stage.message("refused");
    save_and_go_on(&message);
    let before = get_props(&stage.session, &message, None);
    let refuse = |_: &IMessage| MAPI_E_AMBIGUOUS_RECIP;
    *stage.desk.expand.lock().expect("sound") = Some(Box::new(refuse));
    assert_eq!(submit(&message), MAPI_E_AMBIGUOUS_RECIP);
    assert_eq!(get_props(&stage.session, &message, None), before);
    let table = recipient_table(&message);
    assert_eq!(
        set_columns(&stage.session, &table, &[PR_RESPONSIBILITY]),
        S_OK
    );
    let not_there = PropValue::Error(MAPI_E_NOT_FOUND);
    let rows = query(&stage.session, &table, 10);
    assert_eq!(rows[0].properties[0].value, not_there);
    assert_eq!(stage.queue(), []);
    *stage.desk.expand.lock().expect("sound") = None;
    assert_eq!(submit(&message), S_OK);
    assert_eq!(stage.queue(), [queued("refused", 0)]);
    drop((message, table));
    stage.close();
}

#[test]
fn store_34_what_mapi_saves_and_then_refuses_does_not_wait() {
    let stage = Stage::new();
    let message = stage.message("saved by others");
    let save = |message: &IMessage| {
        save_and_go_on(message);
        MAPI_E_AMBIGUOUS_RECIP
    };
    *stage.desk.expand.lock().expect("sound") = Some(Box::new(save));
    assert_eq!(submit(&message), MAPI_E_AMBIGUOUS_RECIP);
    assert_eq!(stage.queue(), []);
    // It was never submitted, for whoever opens it, and for good.
    let id = entry_id_of(&stage.session, &message);
    let seen = || stage.flags(&open_message(&stage.session, &id));
    assert!(!seen().contains(MessageFlags::SUBMIT));
    save_and_go_on(&message);
    assert!(!seen().contains(MessageFlags::SUBMIT));
    // Who submits it from within has submitted it, whatever becomes of the call around his.
    *stage.desk.expand.lock().expect("sound") = Some(Box::new(|message: &IMessage| {
        assert_eq!(submit(message), S_OK);
        MAPI_E_AMBIGUOUS_RECIP
    }));
    assert_eq!(submit(&message), MAPI_E_AMBIGUOUS_RECIP);
    assert_eq!(stage.queue(), [queued("saved by others", 0)]);
    assert!(stage.flags(&message).contains(MessageFlags::SUBMIT));
    drop(message);
    stage.close();
}

#[test]
fn store_34_a_preprocessor_sees_it_first() {
    let stage = Stage::new();
    *stage.desk.needs.lock().expect("sound") = ExpandRecipsFlags::NEEDS_PREPROCESSING;
    let id = stage.submitted("fax");
    assert_eq!(stage.queue(), [queued("fax", PREPROCESS)]);
    stage.desk.take();
    let spooler = stage.session.provider.spooler_logon().expect("a logon");
    let modify = OpenEntryFlags::MAPI_MODIFY;
    let opened = open_for(&stage.session, spooler.interface(), &id, modify);
    let (message, _) = opened.expect("the spooler may change it");
    let time = value(&stage.session, &message, PR_CLIENT_SUBMIT_TIME);
    assert_eq!(submit(&message), S_OK);
    assert_eq!(stage.desk.take(), ["expand"]);
    assert_eq!(stage.queue(), [queued("fax", 0)]);
    assert_eq!(value(&stage.session, &message, PR_CLIENT_SUBMIT_TIME), time);
    drop(message);
    spooler.logoff();
    stage.close();
}

#[test]
fn store_35_the_queue_is_a_table_in_order_of_time() {
    let stage = Stage::new();
    let mut out = ptr::null_mut();
    let store = stage.session.store.interface();
    assert_eq!(unsafe { store.GetOutgoingQueue(0, &mut out) }, S_OK);
    let table = unsafe { IMAPITable::from_raw(out) };
    let first = stage.submitted("first");
    stage.submitted("second");
    assert_eq!(
        texts(&stage.session, &table, PR_SUBJECT_W),
        ["first", "second"]
    );
    let open = |flags| open_for(&stage.session, store, &first, flags).map(|(_, access)| access);
    assert_eq!(open(OpenEntryFlags::MAPI_MODIFY), Err(MAPI_E_SUBMITTED));
    assert_eq!(open(OpenEntryFlags::MAPI_BEST_ACCESS), Ok(0));
    assert_eq!(open(OpenEntryFlags::empty()), Ok(0));
    drop(table);
    stage.close();
}

#[test]
fn store_35_who_had_it_open_can_not_change_it_any_more() {
    let stage = Stage::new();
    let message = stage.message("mine");
    save_and_go_on(&message);
    let id = entry_id_of(&stage.session, &message);
    let other = open_message(&stage.session, &id);
    assert_eq!(submit(&message), S_OK);
    let subject = [Property::new(PR_SUBJECT_W, "theirs")];
    assert_eq!(set_props(&stage.session, &other, &subject).0, S_OK);
    for flag in [SaveChangesFlags::empty(), SaveChangesFlags::FORCE_SAVE] {
        assert_eq!(save_changes(&other, flag), MAPI_E_SUBMITTED);
    }
    assert_eq!(submit(&other), MAPI_E_SUBMITTED);
    assert_eq!(stage.queue(), [queued("mine", 0)]);
    drop((message, other));
    stage.close();
}

#[test]
fn store_36_a_lock_saves_first_and_keeps_others_out() {
    let stage = Stage::new();
    let id = stage.submitted("one");
    let spooler = stage.session.provider.spooler_logon().expect("a logon");
    let modify = OpenEntryFlags::MAPI_MODIFY;
    let opened = open_for(&stage.session, spooler.interface(), &id, modify);
    let (message, _) = opened.expect("the spooler may change it");
    let subject = [Property::new(PR_SUBJECT_W, "changed")];
    assert_eq!(set_props(&stage.session, &message, &subject).0, S_OK);
    let lock = |state| unsafe { spooler.interface().SetLockState(message.as_raw(), state) };
    assert_eq!(lock(MSG_LOCKED), S_OK);
    assert_eq!(stage.queue(), [queued("changed", LOCKED)]);
    let client = stage.session.store.interface();
    let open = |flags| open_for(&stage.session, client, &id, flags).map(|(_, access)| access);
    for flags in [
        OpenEntryFlags::empty(),
        modify,
        OpenEntryFlags::MAPI_BEST_ACCESS,
    ] {
        assert_eq!(open(flags), Err(MAPI_E_NO_ACCESS));
    }
    let mut bytes = id.clone();
    let mut abort = || unsafe { client.AbortSubmit(id.len() as u32, bytes.as_mut_ptr().cast(), 0) };
    assert_eq!(abort(), MAPI_E_UNABLE_TO_ABORT);
    assert_eq!(lock(MSG_UNLOCKED), S_OK);
    assert_eq!(abort(), S_OK);
    drop(message);
    // STORE-37: it can be changed again.
    let (again, access) = open_for(&stage.session, client, &id, modify).expect("editable");
    assert_eq!(access, 1);
    assert!(!stage.flags(&again).contains(MessageFlags::SUBMIT));
    assert_eq!(abort(), MAPI_E_NOT_IN_QUEUE);
    drop(again);
    spooler.logoff();
    stage.close();
}

#[test]
fn store_37_what_was_sent_goes_to_mapi_once_and_with_the_only_reference() {
    let stage = Stage::new();
    let id = stage.submitted("sent");
    stage.desk.take();
    *stage.desk.sent.lock().expect("sound") = Some(Box::new(|message| {
        let unknown: IUnknown = message.cast().expect("an object");
        let (raw, vtable) = (unknown.as_raw(), unknown.vtable());
        let counts = unsafe { ((vtable.AddRef)(raw), (vtable.Release)(raw)) };
        assert_eq!(counts, (3, 2), "one of them is ours");
        S_OK
    }));
    let store = stage.session.store.interface();
    let mut bytes = id.clone();
    let mut finish = || unsafe { store.FinishedMsg(0, id.len() as u32, bytes.as_mut_ptr().cast()) };
    assert_eq!(finish(), S_OK);
    assert_eq!(stage.desk.take(), ["sent"]);
    assert_eq!(stage.queue(), []);
    assert_eq!(finish(), MAPI_E_NOT_IN_QUEUE);
    assert_eq!(stage.desk.take(), [""; 0]);
    stage.close();
}

#[test]
fn store_37_without_mapi_the_store_puts_sent_mail_away_itself() {
    let (session, store) = Session::in_memory();
    let (out, sent) = (session.raw_folder("Out"), session.raw_folder("Sent"));
    let where_to = entry_id_of(&session, &sent);
    for (deletes, expected) in [(false, 1), (true, 0)] {
        let message = create_message(&out);
        let properties = [
            Property::new(PR_SENTMAIL_ENTRYID, where_to.clone()),
            Property::new(PR_DELETE_AFTER_SUBMIT, deletes),
        ];
        assert_eq!(set_props(&session, &message, &properties), (S_OK, vec![]));
        add_recipients(&session, &message, &[(MAPI_TO, "Ann")]);
        assert_eq!(submit(&message), S_OK);
        let mut id = entry_id_of(&session, &message);
        let client = session.store.interface();
        let finished = unsafe { client.FinishedMsg(0, id.len() as u32, id.as_mut_ptr().cast()) };
        assert_eq!(finished, S_OK);
        let ids = |folder: &IMAPIFolder| {
            let folder = folder_id(&entry_id_of(&session, folder).into());
            store
                .read(|reader| reader.message_ids(folder))
                .expect("read")
        };
        assert_eq!(ids(&out), []);
        let there = ids(&sent).contains(&message_id(&id));
        assert_eq!(usize::from(there), expected);
    }
    drop((out, sent));
    session.close();
}

#[test]
fn store_37_what_mapi_fails_to_put_away_is_put_away_nevertheless() {
    let stage = Stage::new();
    let sent = stage.session.raw_folder("Sent");
    let where_to = entry_id_of(&stage.session, &sent);
    let ids = |folder: &IMAPIFolder| {
        let folder = folder_id(&entry_id_of(&stage.session, folder).into());
        let ids = stage.store.read(|reader| reader.message_ids(folder));
        ids.expect("read")
    };
    let finish = |id: &[u8]| {
        let mut id = id.to_vec();
        let client = stage.session.store.interface();
        unsafe { client.FinishedMsg(0, id.len() as u32, id.as_mut_ptr().cast()) }
    };
    let message = stage.message("sent");
    let properties = [Property::new(PR_SENTMAIL_ENTRYID, where_to)];
    set(&stage.session, &message, &properties);
    assert_eq!(submit(&message), S_OK);
    let id = entry_id_of(&stage.session, &message);
    stage.desk.take();
    *stage.desk.sent.lock().expect("sound") = Some(Box::new(|_| MAPI_E_CALL_FAILED));
    assert_eq!(finish(&id), S_OK);
    assert_eq!(stage.desk.take(), ["sent"], "once");
    assert_eq!(
        (ids(&stage.folder), ids(&sent)),
        (vec![], vec![message_id(&id)])
    );
    assert_eq!(stage.queue(), []);
    // What is gone when it fails stays gone.
    let id = stage.submitted("gone");
    let (store, gone) = (stage.store.clone(), message_id(&id));
    *stage.desk.sent.lock().expect("sound") = Some(Box::new(move |_| {
        let deleted = store.write(|tx| tx.delete_messages(&[gone]));
        assert!(!deleted.expect("written").is_partial());
        MAPI_E_CALL_FAILED
    }));
    assert_eq!(finish(&id), S_OK);
    assert_eq!(ids(&stage.folder), []);
    drop((message, sent));
    stage.close();
}
