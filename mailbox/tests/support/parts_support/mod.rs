//! What tests of recipients and attachments have in common.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::ptr;
use std::sync::Mutex;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, Limits, Notification, PropValue, Property, TableEvent};

pub(crate) fn attachment_table(message: &IMessage) -> IMAPITable {
    let mut out = ptr::null_mut();
    unsafe {
        let flags = GetAttachmentTableFlags::MAPI_UNICODE;
        assert_eq!(message.GetAttachmentTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

pub(crate) fn create_attachment(message: &IMessage) -> (u32, IAttach) {
    let (mut number, mut out) = (u32::MAX, ptr::null_mut());
    unsafe {
        let flags = CreateAttachFlags::empty();
        let status = message.CreateAttach(ptr::null(), flags, &mut number, &mut out);
        assert_eq!(status, S_OK);
        (number, IAttach::from_raw(out))
    }
}

pub(crate) fn open_attachment(
    message: &IMessage,
    number: u32,
    flags: OpenAttachFlags,
) -> Result<IAttach, HRESULT> {
    let mut out = ptr::null_mut();
    unsafe {
        let status = message.OpenAttach(number, ptr::null(), flags, &mut out);
        if status.is_ok() {
            Ok(IAttach::from_raw(out))
        } else {
            assert!(out.is_null());
            Err(status)
        }
    }
}

pub(crate) fn delete_attachment(message: &IMessage, number: u32) -> HRESULT {
    let flags = DeleteAttachFlags::empty();
    unsafe { message.DeleteAttach(number, 0, ptr::null_mut(), flags) }
}

/// The message in an attachment.
pub(crate) fn embedded(
    attachment: &IAttach,
    flags: OpenPropertyFlags,
) -> Result<IMessage, HRESULT> {
    let mut out = ptr::null_mut();
    unsafe {
        let tag = PR_ATTACH_DATA_OBJ;
        let status = attachment.OpenProperty(tag, &IMessage::IID, 0, flags, &mut out);
        if status.is_ok() {
            Ok(IMessage::from_raw(out))
        } else {
            assert!(out.is_null());
            Err(status)
        }
    }
}

pub(crate) fn create() -> OpenPropertyFlags {
    OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY
}

pub(crate) fn named(tag: PropTag, name: &str) -> Property<'static> {
    Property::new(tag, name).into_owned()
}

pub(crate) fn entry(row: Option<i32>, name: &str) -> Vec<Property<'static>> {
    let mut entry = vec![named(PR_DISPLAY_NAME_W, name)];
    entry.extend(row.map(|row| Property::new(PR_ROWID, row)));
    entry
}

/// Keeps a copy of a table's rows, as the events say.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
pub(crate) struct Follower {
    /// Keys and names.
    rows: Mutex<Vec<(Vec<u8>, String)>>,
    /// What the rows are called by.
    name: PropTag,
}

impl Follower {
    fn change(&self, event: &TableEvent<'_>) {
        let mut rows = self.rows.lock().expect("sound");
        let key = |property: &Property<'_>| property.value.as_binary().expect("a key").to_vec();
        match event {
            TableEvent::RowAdded { index, prior, row }
            | TableEvent::RowModified { index, prior, row } => {
                rows.retain(|(one, _)| *one != key(index));
                let place = prior.as_ref().map_or(0, |prior| {
                    let place = rows.iter().position(|(one, _)| *one == key(prior));
                    place.expect("a row that is known") + 1
                });
                let name = row.get(self.name).and_then(PropValue::to_text);
                rows.insert(place, (key(index), name.unwrap_or_default()));
            }
            TableEvent::RowDeleted { index } => rows.retain(|(one, _)| *one != key(index)),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let rows = self.rows.lock().expect("sound");
        rows.iter().map(|(_, name)| name.clone()).collect()
    }
}

impl IMAPIAdviseSink_Impl for Follower {
    unsafe fn OnNotify(this: &Object<Self>, count: u32, first: *mut NOTIFICATION) -> u32 {
        let all = unsafe { view::read_array::<Notification>(count, first, &Limits::default()) };
        for one in all.expect("well-formed") {
            match one {
                Notification::TableModified(event) => this.change(&event),
                other => panic!("{other:?}"),
            }
        }
        0
    }
}

/// Follows a table from now on.
pub(crate) fn follow(table: &IMAPITable, name: PropTag) -> ObjectRef<Follower> {
    let follower = ObjectRef::new(Follower {
        rows: Mutex::default(),
        name,
    });
    let sink: IMAPIAdviseSink = follower.to_interface();
    let mut connection = 0;
    let events = NotificationEvents::fnevTableModified;
    let status = unsafe { table.Advise(events, sink.as_raw(), &mut connection) };
    assert_eq!(status, S_OK);
    follower
}
