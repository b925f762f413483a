//! Subscribers hear of changes: of objects through the store, of rows through tables.

use std::ptr;
use std::sync::{Arc, Mutex};

use crate::support::*;
use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::store::EntryId;
use mapi_provider::view::{self, Limits, Notification, ObjectEvent, PropValue, TableEvent};
use windows_core::Interface;

type Heard = Arc<Mutex<Vec<String>>>;

/// A sink that writes down what it hears, and may do something about it.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Sink {
    heard: Heard,
    then: Box<dyn Fn() + Send + Sync>,
}

impl IMAPIAdviseSink_Impl for Sink {
    unsafe fn OnNotify(this: &Object<Self>, count: u32, first: *mut NOTIFICATION) -> u32 {
        let all = unsafe { view::read_array::<Notification>(count, first, &Limits::default()) };
        for one in all.expect("well-formed") {
            this.heard.lock().expect("sound").push(shown(&one));
        }
        (this.then)();
        0
    }
}

fn shown(notification: &Notification<'_>) -> String {
    match notification {
        Notification::Object { event, object } => {
            let kind = if object.object_type == MAPI_FOLDER {
                "folder"
            } else {
                "message"
            };
            let moved = *event == ObjectEvent::Moved && !object.old_parent_id.as_bytes().is_empty();
            format!(
                "{event:?} {kind}{}",
                if moved { " from elsewhere" } else { "" }
            )
        }
        Notification::TableModified(event) => match event {
            TableEvent::RowAdded { row, prior, .. } => {
                let subject = row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
                let place = if prior.is_some() {
                    "after another"
                } else {
                    "first"
                };
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

fn sink_that(then: impl Fn() + Send + Sync + 'static) -> (IMAPIAdviseSink, Heard) {
    let heard = Heard::default();
    let sink = ObjectRef::new(Sink {
        heard: Arc::clone(&heard),
        then: Box::new(then),
    });
    (sink.into_interface(), heard)
}

fn sink() -> (IMAPIAdviseSink, Heard) {
    sink_that(|| ())
}

fn take(heard: &Heard) -> Vec<String> {
    std::mem::take(&mut *heard.lock().expect("sound"))
}

fn all_events() -> NotificationEvents {
    NotificationEvents::fnevNewMail
        | NotificationEvents::fnevObjectCreated
        | NotificationEvents::fnevObjectDeleted
        | NotificationEvents::fnevObjectModified
        | NotificationEvents::fnevObjectMoved
}

fn advise(
    session: &Session,
    id: Option<&EntryId>,
    events: NotificationEvents,
    sink: &IMAPIAdviseSink,
) -> Result<usize, HRESULT> {
    let mut id = id.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
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
fn the_store_tells_of_all_that_happens_in_it() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let (sink, heard) = sink();
    let connection = advise(&session, None, all_events(), &sink).expect("subscribed");
    let folder = folder_with(&session, "Mail", &[]);
    assert_eq!(take(&heard), ["Created folder"]);
    let id = add(&folder, "a");
    assert_eq!(take(&heard), ["Created message"]);
    folder
        .set_read(std::slice::from_ref(&id), true)
        .expect("marked");
    let message = session.client().open_message(&id).expect("opens");
    message.set_subject("b").expect("set");
    assert_eq!(take(&heard).len(), 1, "the mark alone");
    message.save().expect("saved");
    assert_eq!(take(&heard), ["Modified message"]);
    let other = folder_with(&session, "Other", &[]);
    folder
        .move_messages(std::slice::from_ref(&id), &other)
        .expect("moved");
    other
        .delete_messages(std::slice::from_ref(&id))
        .expect("deleted");
    assert_eq!(
        take(&heard),
        [
            "Created folder",
            "Moved message from elsewhere",
            "Deleted message"
        ]
    );
    unsafe {
        assert_eq!(session.store.interface().Unadvise(connection), S_OK);
        assert_eq!(
            session.store.interface().Unadvise(connection),
            MAPI_E_NOT_FOUND
        );
    }
    add(&folder, "unheard");
    assert_eq!(take(&heard), [""; 0]);
    drop((folder, other, message, sink));
    session.close();
}

#[test]
fn an_object_tells_of_itself_and_what_comes_and_goes_in_it() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let other = folder_with(&session, "Other", &[]);
    let (sink, heard) = sink();
    let mail = folder.entry_id().expect("an ID");
    advise(&session, Some(&mail), all_events(), &sink).expect("subscribed");
    add(&other, "elsewhere");
    assert_eq!(take(&heard), [""; 0]);
    let id = add(&folder, "here");
    folder.set(PR_COMMENT_W, "x").expect("set");
    assert_eq!(take(&heard), ["Created message", "Modified folder"]);
    let (of_message, heard_of_message) = sink_that(|| ());
    let modified = NotificationEvents::fnevObjectModified;
    advise(&session, Some(&id), modified, &of_message).expect("subscribed");
    folder
        .move_messages(std::slice::from_ref(&id), &other)
        .expect("moved");
    assert_eq!(take(&heard), ["Moved message from elsewhere"]);
    assert_eq!(take(&heard_of_message), [""; 0], "not what it asked for");
    let foreign = EntryId::from(vec![7; 24]);
    assert_eq!(
        advise(&session, Some(&foreign), modified, &sink),
        Err(MAPI_E_UNKNOWN_ENTRYID)
    );
    // Remaining subscriptions end with the store: nothing is left behind.
    drop((folder, other, sink, of_message));
    session.close();
}

#[test]
fn tables_tell_of_their_rows() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &["b"]);
    let table = contents(&raw_folder(&session, &folder.entry_id().expect("an ID")));
    assert_eq!(set_columns(&session, &table, &[PR_SUBJECT_W]), S_OK);
    let order = view::SortOrder {
        tag: PR_SUBJECT_W,
        direction: view::SortDirection::Ascend,
    };
    assert_eq!(sort(&session, &table, &[order]), S_OK);
    let (sink, heard) = sink();
    let (mut connection, mut other_connection) = (0, 0);
    unsafe {
        let events = NotificationEvents::fnevTableModified;
        assert_eq!(table.Advise(events, sink.as_raw(), &mut connection), S_OK);
        let none = ptr::null_mut();
        assert_eq!(
            table.Advise(events, none, &mut other_connection),
            MAPI_E_INVALID_PARAMETER
        );
    }
    assert_eq!(subjects(&session, &table, 9), ["b"]);
    let a = add(&folder, "a");
    let c = add(&folder, "c");
    assert_eq!(take(&heard), ["added a first", "added c after another"]);
    let message = session.client().open_message(&a).expect("opens");
    message.set_subject("d").expect("set");
    message.save().expect("saved");
    assert_eq!(take(&heard), ["modified d"]);
    folder.delete_messages(&[c]).expect("deleted");
    assert_eq!(take(&heard), ["deleted"]);
    assert_eq!(seek(&table, BOOKMARK_BEGINNING as usize, 0).0, S_OK);
    assert_eq!(subjects(&session, &table, 9), ["b", "d"]);
    // STORE-40: more than 64 changes at once are told as one.
    let other = folder_with(&session, "Other", &["x"; 65]);
    let rows = other
        .messages()
        .columns(&[PR_ENTRYID])
        .rows()
        .expect("a table");
    let ids: Vec<EntryId> = rows
        .map(|row| row.expect("a row").entry_id().expect("an ID"))
        .collect();
    other.move_messages(&ids, &folder).expect("moved");
    assert_eq!(take(&heard), ["Changed"]);
    unsafe {
        assert_eq!(table.Restrict(ptr::null_mut(), TableFlags::TBL_ASYNC), S_OK);
        assert_eq!(take(&heard), ["RestrictDone"]);
        assert_eq!(table.Unadvise(connection), S_OK);
        assert_eq!(table.Unadvise(connection), MAPI_E_NOT_FOUND);
    }
    add(&folder, "unheard");
    assert_eq!(take(&heard), [""; 0]);
    drop((folder, other, table, message, sink));
    session.close();
}

#[test]
fn a_sink_may_use_the_store() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let inner = folder.clone();
    let (sink, heard) = sink_that(move || {
        let count = inner.messages().count().expect("counted");
        if count < 3 {
            add(&inner, "another");
        }
    });
    let connection = advise(&session, None, all_events(), &sink).expect("subscribed");
    add(&folder, "first");
    assert_eq!(take(&heard), ["Created message"; 3]);
    unsafe { assert_eq!(session.store.interface().Unadvise(connection), S_OK) };
    drop((sink, folder));
    session.close();
}

#[test]
fn new_mail_is_passed_on() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let (sink, heard) = sink();
    advise(&session, None, all_events(), &sink).expect("subscribed");
    let id = add(&folder, "a");
    let new_mail = Notification::NewMail {
        entry_id: id,
        parent_id: folder.entry_id().expect("an ID"),
        message_class: Some(view::MapiStr::wide("IPM.Note")),
        message_flags: 0,
    };
    let built = session.allocators().build(&[new_mail][..]).expect("memory");
    let store = session.store.interface();
    unsafe {
        assert_eq!(store.NotifyNewMail(built.as_ptr()), S_OK);
        assert_eq!(
            store.NotifyNewMail(ptr::null_mut()),
            MAPI_E_INVALID_PARAMETER
        );
    }
    assert_eq!(take(&heard), ["Created message", "new mail"]);
    drop((built, folder, sink));
    session.close();
}

#[test]
fn the_spooler_s_store_hears_what_the_client_s_does() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let spooler = session.provider.spooler_logon().expect("a logon");
    let (sink, heard) = sink();
    let mut connection = 0;
    unsafe {
        let (none, store) = (ptr::null_mut(), spooler.interface());
        let events = all_events();
        assert_eq!(
            store.Advise(0, none, events, sink.as_raw(), &mut connection),
            S_OK
        );
    }
    drop(folder_with(&session, "Mail", &["a"]));
    assert_eq!(take(&heard), ["Created folder", "Created message"]);
    drop(sink);
    spooler.logoff();
    session.close();
}
