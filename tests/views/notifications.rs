//! Notifications, there and back.

use mapi_provider::abi::{HRESULT, NOTIFICATION, PR_NULL, PropTag, SPropValue, SRow};
use mapi_provider::view::{
    BuildError, Limits, Notification, ObjectEvent, ObjectNotification, PropValue, Property,
    TableEvent,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;

use crate::memory::{allocators, build_and_fail, build_error};
use crate::strategies::{bytes, described, entry_id, properties, property, row, tags, text};

fn table_event() -> impl Strategy<Value = TableEvent<'static>> {
    let row_event = || (property(), option::of(property()), row());
    Union::new([
        select(vec![
            TableEvent::Changed,
            TableEvent::SortDone,
            TableEvent::RestrictDone,
            TableEvent::SetColumnsDone,
            TableEvent::Reload,
        ])
        .boxed(),
        any::<i32>()
            .prop_map(|code| TableEvent::Error(HRESULT(code)))
            .boxed(),
        row_event()
            .prop_map(|(index, prior, row)| TableEvent::RowAdded { index, prior, row })
            .boxed(),
        property()
            .prop_map(|index| TableEvent::RowDeleted { index })
            .boxed(),
        row_event()
            .prop_map(|(index, prior, row)| TableEvent::RowModified { index, prior, row })
            .boxed(),
    ])
}

fn object() -> impl Strategy<Value = Notification<'static>> {
    let event = select(vec![
        ObjectEvent::Created,
        ObjectEvent::Deleted,
        ObjectEvent::Modified,
        ObjectEvent::Moved,
        ObjectEvent::Copied,
        ObjectEvent::SearchComplete,
    ]);
    let ids = (entry_id(), entry_id(), entry_id(), entry_id());
    (event, ids, any::<u32>(), option::of(tags())).prop_map(|(event, ids, object_type, tags)| {
        let object = ObjectNotification {
            entry_id: ids.0,
            object_type,
            parent_id: ids.1,
            old_id: ids.2,
            old_parent_id: ids.3,
            tags,
        };
        Notification::Object {
            event,
            object: Box::new(object),
        }
    })
}

fn notification() -> impl Strategy<Value = Notification<'static>> {
    Union::new([
        (entry_id(), any::<i32>(), option::of(described()))
            .prop_map(|(entry_id, code, error)| Notification::CriticalError {
                entry_id,
                status: HRESULT(code),
                error,
            })
            .boxed(),
        (entry_id(), entry_id(), option::of(text()), any::<u32>())
            .prop_map(
                |(entry_id, parent_id, message_class, message_flags)| Notification::NewMail {
                    entry_id,
                    parent_id,
                    message_class,
                    message_flags,
                },
            )
            .boxed(),
        object().boxed(),
        table_event().prop_map(Notification::TableModified).boxed(),
        (entry_id(), properties())
            .prop_map(
                |(entry_id, properties)| Notification::StatusObjectModified {
                    entry_id,
                    properties,
                },
            )
            .boxed(),
        (any::<u32>(), bytes())
            .prop_map(|(event, parameters)| Notification::Extended { event, parameters })
            .boxed(),
    ])
}

proptest! {
    #[test]
    fn notifications_come_back(all in vec(notification(), 0..4)) {
        build_and_fail(&all[..], 1, |buffer| {
            let read: Vec<Notification> = buffer.read_all(&Limits::default()).expect("well-formed");
            assert_eq!(read, all);
        });
    }
}

/// What an event does not tell may be anything.
#[test]
fn a_table_event_is_read_no_further_than_it_tells() {
    let buffer = allocators()
        .build(&[Notification::TableModified(TableEvent::Reload)][..])
        .expect("memory");
    // SAFETY: the buffer has one notification.
    let mut raw: NOTIFICATION = unsafe { buffer.as_ptr().read() };
    let junk = [0xA5_u64; 16];
    // SAFETY: numbers and pointers may have any bits, and these are enough.
    let (property, row) = unsafe {
        let junk = junk.as_ptr();
        (junk.cast::<SPropValue>().read(), junk.cast::<SRow>().read())
    };
    raw.info.tab.propIndex = property;
    raw.info.tab.propPrior = property;
    raw.info.tab.row = row;
    // SAFETY: the event says that there is nothing to be read.
    let read: Result<Notification, _> =
        unsafe { mapi_provider::view::read(&raw const raw, &Limits::default()) };
    assert_eq!(read, Ok(Notification::TableModified(TableEvent::Reload)));
}

#[test]
fn the_first_row_has_none_before_it() {
    let first = TableEvent::RowDeleted {
        index: Property::with_id(0x0FF6, PropValue::Binary(b"key"[..].into())),
    };
    let buffer = allocators()
        .build(&[Notification::TableModified(first)][..])
        .expect("memory");
    // SAFETY: the buffer has one notification, about a table.
    let prior = unsafe { (*buffer.as_ptr()).info.tab.propPrior.ulPropTag };
    assert_eq!(prior, PR_NULL);
}

#[test]
fn a_bad_property_deep_inside_is_an_error() {
    let bad = Property::new(PropTag(0x3001_001F), PropValue::Long(1));
    let event = TableEvent::RowAdded {
        index: Property::with_id(0x0FF6, 1),
        prior: None,
        row: vec![bad].into(),
    };
    let error = build_error(&[Notification::TableModified(event)][..]);
    assert!(matches!(error, BuildError::TypeMismatch { .. }), "{error}");
}
