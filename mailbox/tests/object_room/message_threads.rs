//! One message that many threads work with at once: nothing is locked for good, and what is saved is whole.

use crate::object_support;
use crate::parts_support::{attachment_table, create_attachment, delete_attachment};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{Allocators, PropTags, Property};
use object_support::*;

/// How often each thread does its own.
const TIMES: usize = 60;

/// A sink that asks the message something whenever it is told something.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Curious {
    message: IMessage,
    allocators: Allocators,
    heard: Arc<AtomicUsize>,
}

impl IMAPIAdviseSink_Impl for Curious {
    unsafe fn OnNotify(this: &Object<Self>, _: u32, _: *mut NOTIFICATION) -> u32 {
        this.heard.fetch_add(1, Ordering::Relaxed);
        let _ = look(&this.message, this.allocators);
        0
    }
}

/// Reads the message.
fn look(message: &IMessage, allocators: Allocators) -> HRESULT {
    let tags = PropTags::from(vec![PR_SUBJECT_W, PR_DISPLAY_TO_W, PR_HASATTACH]);
    let tags = allocators.build(&tags).expect("memory");
    let (mut count, mut values) = (0, ptr::null_mut());
    let flags = UnicodeFlags::MAPI_UNICODE;
    unsafe {
        let status = message.GetProps(tags.as_ptr(), flags, &mut count, &mut values);
        drop(allocators.adopt(values, count));
        status
    }
}

/// Objects are free-threaded; each thread has references of its own.
struct Shared(IMessage, Allocators);
unsafe impl Send for Shared {}

type Work = fn(&IMessage, Allocators, usize);

fn name(message: &IMessage, allocators: Allocators, time: usize) {
    let subject = format!("subject {time}");
    let subject = allocators.build(&[Property::new(PR_SUBJECT_W, &*subject)][..]);
    let subject = subject.expect("memory");
    let status = unsafe { message.SetProps(1, subject.as_ptr(), ptr::null_mut()) };
    assert_eq!(status, S_OK);
}

fn write(message: &IMessage, _: Allocators, time: usize) {
    let mut out = ptr::null_mut();
    let bytes = vec![time as u8; 3000 * time];
    unsafe {
        let flags = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
        let status = message.OpenProperty(PR_HTML, &IStream::IID, 0, flags, &mut out);
        assert_eq!(status, S_OK);
        let stream = IStream::from_raw(out);
        let status = stream.Write(bytes.as_ptr().cast(), bytes.len() as u32, ptr::null_mut());
        assert!(status == S_OK || bytes.is_empty());
        assert_eq!(stream.Commit(StreamCommitFlags::empty()), S_OK);
    }
}

fn address(message: &IMessage, allocators: Allocators, time: usize) {
    let name = format!("name {time}");
    let entry = vec![Property::new(PR_DISPLAY_NAME_W, &*name)];
    let list = mapi_provider::view::AddressList(vec![entry.into()]);
    let list = allocators.build(&list).expect("memory");
    let flags = ModifyRecipientsFlags::empty();
    assert_eq!(
        unsafe { message.ModifyRecipients(flags, list.as_ptr()) },
        S_OK
    );
}

fn attach(message: &IMessage, _: Allocators, _: usize) {
    let (number, attachment) = create_attachment(message);
    save_and_go_on(&attachment);
    assert_eq!(delete_attachment(message, number), S_OK);
    let (_, attachment) = create_attachment(message);
    save_and_go_on(&attachment);
}

fn save(message: &IMessage, _: Allocators, _: usize) {
    save_and_go_on(message);
}

fn mark(message: &IMessage, _: Allocators, time: usize) {
    let flags = match time % 2 {
        0 => ReadFlags::CLEAR_READ_FLAG,
        _ => ReadFlags::SUPPRESS_RECEIPT,
    };
    assert_eq!(unsafe { message.SetReadFlag(flags) }, S_OK);
}

fn show(message: &IMessage, allocators: Allocators, _: usize) {
    assert!(look(message, allocators).is_ok());
    let (recipients, attachments) = (recipient_table(message), attachment_table(message));
    for table in [recipients, attachments] {
        let mut rows = ptr::null_mut();
        unsafe {
            assert_eq!(
                table.QueryRows(100, QueryRowsFlags::empty(), &mut rows),
                S_OK
            );
            drop(allocators.adopt(rows, 1));
        }
    }
}

#[test]
fn store_21_many_threads_work_with_one_message() {
    let (_folder, path) = place();
    let session = Session::open(file(&path));
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    save_and_go_on(&message);
    let allocators = session.allocators();
    let heard = Arc::new(AtomicUsize::new(0));
    let sink: IMAPIAdviseSink = ObjectRef::new(Curious {
        message: message.clone(),
        allocators,
        heard: Arc::clone(&heard),
    })
    .into_interface();
    let tables = [
        recipient_table(&message),
        attachment_table(&message),
        contents(&folder),
    ];
    for table in &tables {
        let mut connection = 0;
        let events = NotificationEvents::fnevTableModified;
        assert_eq!(
            unsafe { table.Advise(events, sink.as_raw(), &mut connection) },
            S_OK
        );
    }
    let all: [Work; 7] = [name, write, address, attach, save, mark, show];
    let threads = all.map(|work| {
        let shared = Shared(message.clone(), allocators);
        thread::spawn(move || {
            let Shared(message, allocators) = &{ shared };
            (0..TIMES).for_each(|time| work(message, *allocators, time));
        })
    });
    for thread in threads {
        thread.join().expect("done");
    }
    save_and_go_on(&message);
    assert!(heard.load(Ordering::Relaxed) > 0);
    // What is in the store is what the message has.
    let again = open_message(&session, &entry_id_of(&session, &message));
    let own = get_props(&session, &message, None);
    assert_eq!(own, get_props(&session, &again, None));
    let count = |message: &IMessage| query(&session, &attachment_table(message), 1000).len();
    assert_eq!((count(&message), count(&again)), (TIMES, TIMES));
    let store = mapi_provider_mailbox::database::Store::open(&path).expect("opened");
    assert_eq!(
        store.check().expect("checked").problems,
        Vec::<String>::new()
    );
    drop((folder, message, again, tables, sink));
    session.close();
}
