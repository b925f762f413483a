//! Who has subscribed hears of changes, whoever made them.

use crate::object_support;
use std::ptr;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::store::EntryId;
use mapi_provider::view::{self, Limits, Notification, ObjectEvent, PropValue, TableEvent};
use mapi_provider_mailbox::database;
use object_support::*;

/// A sink that tells what it hears, and may do something about it.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Sink {
    heard: Mutex<Sender<String>>,
    then: Box<dyn Fn() + Send + Sync>,
}

impl IMAPIAdviseSink_Impl for Sink {
    unsafe fn OnNotify(this: &Object<Self>, count: u32, first: *mut NOTIFICATION) -> u32 {
        let all = unsafe { view::read_array::<Notification>(count, first, &Limits::default()) };
        for one in all.expect("well-formed") {
            // Nobody may be listening any more.
            let _ = this.heard.lock().expect("sound").send(shown(&one));
        }
        (this.then)();
        0
    }
}

fn shown(notification: &Notification<'_>) -> String {
    match notification {
        Notification::Object { event, object } => {
            let kind = match object.object_type {
                MAPI_FOLDER => "folder",
                MAPI_MESSAGE => "message",
                _ => "store",
            };
            match event {
                ObjectEvent::Moved | ObjectEvent::Copied => {
                    let all = [
                        &object.entry_id,
                        &object.parent_id,
                        &object.old_id,
                        &object.old_parent_id,
                    ];
                    let [id, parent, old, old_parent] = all.map(|id| number(id.as_bytes()));
                    format!("{event:?} {kind} {old} in {old_parent} to {id} in {parent}")
                }
                _ => format!("{event:?} {kind}"),
            }
        }
        Notification::TableModified(event) => match event {
            TableEvent::RowAdded { row, prior, .. } => {
                let subject = row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
                let place = if prior.is_some() { "after" } else { "first" };
                format!("added {} {place}", subject.unwrap_or_default())
            }
            TableEvent::RowModified { row, .. } => {
                let subject = row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
                format!("modified {}", subject.unwrap_or_default())
            }
            TableEvent::RowDeleted { .. } => "deleted".to_owned(),
            other => format!("{other:?}"),
        },
        Notification::NewMail { .. } => "new mail".to_owned(),
        other => format!("{other:?}"),
    }
}

fn sink_that(then: impl Fn() + Send + Sync + 'static) -> (IMAPIAdviseSink, Receiver<String>) {
    let (sender, receiver) = mpsc::channel();
    let sink = ObjectRef::new(Sink {
        heard: Mutex::new(sender),
        then: Box::new(then),
    });
    (sink.into_interface(), receiver)
}

/// A sink, and what it hears.
pub(crate) fn sink() -> (IMAPIAdviseSink, Receiver<String>) {
    sink_that(|| ())
}

/// What was heard up to now.
pub(crate) fn take(heard: &Receiver<String>) -> Vec<String> {
    heard.try_iter().collect()
}

/// The next thing that is heard. It has a minute, and needs a quarter of a second.
pub(crate) fn next(heard: &Receiver<String>) -> String {
    heard
        .recv_timeout(Duration::from_secs(60))
        .expect("something is heard")
}

fn all_events() -> NotificationEvents {
    NotificationEvents::fnevNewMail
        | NotificationEvents::fnevObjectCreated
        | NotificationEvents::fnevObjectDeleted
        | NotificationEvents::fnevObjectModified
        | NotificationEvents::fnevObjectMoved
        | NotificationEvents::fnevObjectCopied
}

fn advise(
    session: &Session,
    id: Option<&[u8]>,
    events: NotificationEvents,
    sink: &IMAPIAdviseSink,
) -> Result<usize, HRESULT> {
    let mut id = id.unwrap_or_default().to_vec();
    let mut connection = 0;
    let status = unsafe {
        let (count, bytes) = (id.len() as u32, id.as_mut_ptr().cast());
        let bytes = if count == 0 { ptr::null_mut() } else { bytes };
        let store = session.store.interface();
        store.Advise(count, bytes, events, sink.as_raw(), &mut connection)
    };
    if status.is_ok() {
        Ok(connection)
    } else {
        Err(status)
    }
}

#[test]
fn store_39_the_store_tells_of_all_that_happens_in_it() {
    let (session, _store) = Session::in_memory();
    let (sink, heard) = sink();
    let connection = advise(&session, None, all_events(), &sink).expect("subscribed");
    let one = session.folder("One");
    assert_eq!(take(&heard), ["Created folder"]);
    one.set(PR_COMMENT_W, "x").expect("set");
    assert_eq!(take(&heard), ["Modified folder"]);
    let object: IMAPIProp = session.store.interface().cast().expect("properties");
    let set = set_props(&session, &object, &[view::Property::new(PR_COMMENT_W, "x")]);
    assert_eq!(set, (S_OK, vec![]));
    assert_eq!(take(&heard), ["Modified store"]);
    unsafe {
        assert_eq!(session.store.interface().Unadvise(connection), S_OK);
        assert_eq!(
            session.store.interface().Unadvise(connection),
            MAPI_E_NOT_FOUND
        );
    }
    one.set(PR_COMMENT_W, "unheard").expect("set");
    assert_eq!(take(&heard), [""; 0]);
    drop((one, object, sink));
    session.close();
}

#[test]
fn store_39_a_sink_that_matches_twice_is_told_once() {
    let (session, store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let (sink, heard) = sink();
    advise(&session, Some(id.as_bytes()), all_events(), &sink).expect("subscribed");
    let (other_sink, other_heard) = self::sink();
    let created = NotificationEvents::fnevObjectCreated;
    advise(&session, Some(id.as_bytes()), created, &other_sink).expect("subscribed");
    let message = deliver(&store, folder_id(&id), "a");
    // Another object's change wakes whoever tells.
    folder.set(PR_COMMENT_W, "x").expect("set");
    assert_eq!(take(&heard), ["Created message", "Modified folder"]);
    assert_eq!(take(&other_heard), ["Created message"], "its mask");
    folder
        .set_read(&[EntryId::from(entry_id(&store, message))], true)
        .expect("marked");
    assert_eq!(take(&heard), ["Modified message"]);
    let foreign = advise(&session, Some(&[7; 32]), created, &sink);
    assert_eq!(foreign, Err(MAPI_E_UNKNOWN_ENTRYID));
    // Subscriptions that are left end with the store.
    drop((folder, sink, other_sink));
    session.close();
}

#[test]
fn store_39_moves_and_copies_are_one_event_with_what_was_before() {
    let (session, store) = Session::in_memory();
    let (from, to) = (session.folder("From"), session.folder("To"));
    let [there, here] = [&to, &from].map(|folder| folder.entry_id().expect("an ID").into_owned());
    let subtree = session.client().ipm_subtree().expect("there");
    let top = number(subtree.entry_id().expect("an ID").as_bytes());
    let message = deliver(&store, folder_id(&here), "a");
    let (ids, number_of) = ([EntryId::from(entry_id(&store, message))], message.number());
    let heard = [None, Some(&here), Some(&there), Some(&ids[0])].map(|target| {
        let (sink, heard) = sink();
        let target = target.map(EntryId::as_bytes);
        advise(&session, target, all_events(), &sink).expect("subscribed");
        (sink, heard)
    });
    let take_all = || heard.each_ref().map(|(_, heard)| take(heard));
    from.move_messages(&ids, &to).expect("moved");
    let (old, new) = (number(here.as_bytes()), number(there.as_bytes()));
    let moved = || {
        vec![format!(
            "Moved message {number_of} in {old} to {number_of} in {new}"
        )]
    };
    assert_eq!(take_all(), [moved(), moved(), moved(), moved()]);
    // A copy is told where it comes to; the original is as it was.
    to.copy_messages(&ids, &from).expect("copied");
    let copies = store.read(|reader| reader.message_ids(folder_id(&here)));
    let copy = copies.expect("read")[0].number();
    let copied = || {
        vec![format!(
            "Copied message {number_of} in {new} to {copy} in {old}"
        )]
    };
    assert_eq!(take_all(), [copied(), copied(), vec![], vec![]]);
    // A folder that moves keeps its ID too.
    subtree.move_folder(&here, &to, None).expect("moved");
    let moved = || vec![format!("Moved folder {old} in {top} to {old} in {new}")];
    assert_eq!(take_all(), [moved(), moved(), moved(), vec![]]);
    drop((from, to, subtree, heard));
    session.close();
}

#[test]
fn store_39_a_sink_may_call_back() {
    let (session, store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let left = Mutex::new(3);
    let inside = folder_id(&id);
    let changes = store.clone();
    let memory = session.folder("Other");
    let other = memory.entry_id().expect("an ID").into_owned();
    let raw: IMAPIProp = raw_folder(&session, &other).cast().expect("properties");
    let (sink, heard) = sink_that(move || {
        let mut left = left.lock().expect("sound");
        if *left == 0 {
            return;
        }
        *left -= 1;
        let number = *left;
        drop(left);
        // Nothing is locked: the database can be changed, and so can objects.
        deliver(&changes, inside, &number.to_string());
        let mut property = SPropValue {
            ulPropTag: PropTag::new(0x6600, PT_LONG),
            dwAlignPad: 0,
            Value: SPropValueUnion { l: number },
        };
        let status = unsafe { raw.SetProps(1, &mut property, ptr::null_mut()) };
        assert_eq!(status, S_OK);
    });
    advise(&session, Some(id.as_bytes()), all_events(), &sink).expect("subscribed");
    folder.set(PR_COMMENT_W, "x").expect("set");
    let told = take(&heard);
    assert_eq!(told.len(), 4, "{told:?}");
    assert_eq!(told[0], "Modified folder");
    assert!(told[1..].iter().all(|one| one == "Created message"));
    drop((folder, memory, sink));
    session.close();
}

#[test]
fn store_41_what_another_process_does_is_told_as_well() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let (sink, heard) = sink();
    advise(&session, Some(id.as_bytes()), all_events(), &sink).expect("subscribed");
    let table = contents(&raw_folder(&session, &id));
    assert_eq!(set_columns(&session, &table, &[PR_SUBJECT_W]), S_OK);
    let (table_sink, table_heard) = self::sink();
    let mut connection = 0;
    let status = unsafe {
        let events = NotificationEvents::fnevTableModified;
        table.Advise(events, table_sink.as_raw(), &mut connection)
    };
    assert_eq!(status, S_OK);
    // A second handle of the file is what another process has.
    let other = database::Store::open(&path).expect("the same file");
    let message = deliver(&other, folder_id(&id), "a");
    assert_eq!(next(&heard), "Created message");
    // STORE-40: also for a table that nobody has read from.
    assert_eq!(next(&table_heard), "added a first");
    deliver(&other, folder_id(&id), "b");
    assert_eq!(next(&table_heard), "added b after");
    other
        .write(|tx| tx.delete_messages(&[message]))
        .expect("deleted");
    assert_eq!(next(&table_heard), "deleted");
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), ["b"]);
    assert_eq!(unsafe { table.Unadvise(connection) }, S_OK);
    drop((table, folder, sink, table_sink, other));
    session.close();
}

#[test]
fn store_38_new_mail_is_passed_on_as_it_came() {
    let (session, _store) = Session::in_memory();
    let folder = session.folder("Mail");
    let other = session.folder("Other");
    let id = folder.entry_id().expect("an ID").into_owned();
    let (of_store, heard_of_store) = sink();
    let (of_folder, heard_of_folder) = sink();
    let (of_other, heard_of_other) = sink();
    let events = NotificationEvents::fnevNewMail;
    advise(&session, None, events, &of_store).expect("subscribed");
    advise(&session, Some(id.as_bytes()), events, &of_folder).expect("subscribed");
    let other_id = other.entry_id().expect("an ID").into_owned();
    advise(&session, Some(other_id.as_bytes()), events, &of_other).expect("subscribed");
    let mail = Notification::NewMail {
        entry_id: id.clone(),
        parent_id: id.clone(),
        message_class: None,
        message_flags: 0,
    };
    let built = session.allocators().build(&[mail][..]).expect("memory");
    let told = unsafe { session.store.interface().NotifyNewMail(built.as_ptr()) };
    assert_eq!(told, S_OK);
    assert_eq!(take(&heard_of_store), ["new mail"]);
    assert_eq!(take(&heard_of_folder), ["new mail"]);
    assert_eq!(take(&heard_of_other), [""; 0]);
    drop((folder, other, built, of_store, of_folder, of_other));
    session.close();
}

#[test]
fn store_39_a_message_is_told_when_it_is_saved_and_not_before() {
    let (session, _store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let raw = raw_folder(&session, &id);
    let (sink, heard) = sink();
    advise(&session, Some(id.as_bytes()), all_events(), &sink).expect("subscribed");
    let message = create_message(&raw);
    let subject = |text: &str| {
        let subject = [view::Property::new(PR_SUBJECT_W, text)];
        assert_eq!(set_props(&session, &message, &subject), (S_OK, vec![]));
    };
    subject("a");
    add_recipients(&session, &message, &[(MAPI_TO, "Ann")]);
    assert_eq!(take(&heard), [""; 0]);
    save_and_go_on(&message);
    assert_eq!(take(&heard), ["Created message"]);
    // Who has subscribed to the message alone hears of it too.
    let entry_id = entry_id_of(&session, &message);
    let (own, own_heard) = self::sink();
    advise(&session, Some(&entry_id), all_events(), &own).expect("subscribed");
    let other = open_message(&session, &entry_id);
    subject("b");
    save_and_go_on(&message);
    assert_eq!(take(&heard), ["Modified message"]);
    assert_eq!(take(&own_heard), ["Modified message"]);
    assert_eq!(unsafe { message.SetReadFlag(ReadFlags::empty()) }, S_OK);
    assert_eq!(take(&heard), ["Modified message"]);
    // Never of what failed.
    let conflict = save_changes(&other, SaveChangesFlags::empty());
    assert_eq!(conflict, MAPI_E_OBJECT_CHANGED);
    assert_eq!(take(&heard), [""; 0]);
    folder.delete_messages(&[entry_id.into()]).expect("deleted");
    assert_eq!(take(&heard), ["Deleted message"]);
    assert_eq!(take(&own_heard), ["Modified message", "Deleted message"]);
    drop((folder, raw, message, other, sink, own));
    session.close();
}

#[test]
fn store_39_a_sink_may_call_the_message_that_is_saved() {
    let (session, _store) = Session::in_memory();
    let raw = session.raw_folder("Mail");
    let id = entry_id_of(&session, &raw);
    let message = create_message(&raw);
    let marked = message.clone();
    let (sink, heard) = sink_that(move || {
        // It locks the message and writes to the store.
        let status = unsafe { marked.SetReadFlag(ReadFlags::empty()) };
        assert_eq!(status, S_OK);
    });
    let created = NotificationEvents::fnevObjectCreated;
    advise(&session, Some(&id), created, &sink).expect("subscribed");
    save_and_go_on(&message);
    assert_eq!(take(&heard), ["Created message"]);
    let flags = value(&session, &message, PR_MESSAGE_FLAGS).as_long();
    let flags = MessageFlags::from_bits_retain(flags.expect("flags").cast_unsigned());
    assert!(flags.contains(MessageFlags::READ));
    drop((raw, message, sink));
    session.close();
}

#[test]
fn store_40_a_contents_table_follows_messages() {
    let (session, _store) = Session::in_memory();
    let folder = session.folder("Mail");
    let id = folder.entry_id().expect("an ID").into_owned();
    let raw = raw_folder(&session, &id);
    let table = contents(&raw);
    assert_eq!(set_columns(&session, &table, &[PR_SUBJECT_W]), S_OK);
    let (sink, heard) = sink();
    let mut connection = 0;
    let status = unsafe {
        let events = NotificationEvents::fnevTableModified;
        table.Advise(events, sink.as_raw(), &mut connection)
    };
    assert_eq!(status, S_OK);
    let save = |message: &IMessage, subject: &str| {
        let subject = [view::Property::new(PR_SUBJECT_W, subject)];
        assert_eq!(set_props(&session, message, &subject), (S_OK, vec![]));
        save_and_go_on(message);
    };
    let (one, other) = (create_message(&raw), create_message(&raw));
    save(&one, "a");
    save(&other, "b");
    assert_eq!(take(&heard), ["added a first", "added b after"]);
    save(&one, "c");
    assert_eq!(take(&heard), ["modified c"]);
    // An associated one is in another table.
    let hidden = create_message_with(&raw, CreateMessageFlags::MAPI_ASSOCIATED);
    save(&hidden, "hidden");
    assert_eq!(take(&heard), [""; 0]);
    folder
        .delete_messages(&[entry_id_of(&session, &one).into()])
        .expect("deleted");
    assert_eq!(take(&heard), ["deleted"]);
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), ["b"]);
    drop((folder, raw, table, one, other, hidden, sink));
    session.close();
}

#[test]
fn store_39_of_more_than_the_log_keeps_all_is_told_as_modified() {
    let (session, store) = Session::in_memory();
    let mail = session.folder("Mail");
    let id = mail.entry_id().expect("an ID").into_owned();
    let messages = ["stays", "goes"].map(|subject| deliver(&store, folder_id(&id), subject));
    mail.set(PR_COMMENT_W, "told before").expect("set");
    let named = messages.map(|message| entry_id(&store, message));
    let targets = [
        None,
        Some(id.as_bytes()),
        Some(&*named[0]),
        Some(&*named[1]),
    ];
    let heard = targets.map(|target| {
        let (sink, heard) = sink();
        advise(&session, target, all_events(), &sink).expect("subscribed");
        (sink, heard)
    });
    let folders = store.read(|reader| {
        let root = reader.special(database::Special::Root)?;
        Ok(1 + reader.tree(root)?.len())
    });
    // One transaction of more changes than are kept, the first of which is a deletion.
    let written = store.write(|tx| {
        tx.delete_messages(&messages[1..])?;
        for number in 0..21_000 {
            tx.set_read(&messages[..1], number % 2 == 0)?;
        }
        Ok(())
    });
    written.expect("written");
    // The last that is told, by whichever thread.
    session.folder("Last");
    let mut of_store = Vec::new();
    while of_store.last().is_none_or(|last| last != "Created folder") {
        of_store.push(next(&heard[0].1));
    }
    let [_, of_folder, of_first, of_second] = heard.each_ref().map(|(_, heard)| take(heard));
    let count = |heard: &[String], what: &str| heard.iter().filter(|one| *one == what).count();
    assert_eq!(count(&of_store, "Modified store"), 1);
    assert!(count(&of_store, "Modified folder") >= folders.expect("read"));
    assert_eq!(count(&of_folder, "Modified folder"), 1);
    assert!(of_first.contains(&"Modified message".to_owned()));
    assert_eq!(of_second, ["Deleted message"]);
    drop((mail, heard));
    session.close();
}
