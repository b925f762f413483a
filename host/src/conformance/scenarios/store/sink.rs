//! Who hears of changes.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPIAdviseSink, IMAPIAdviseSink_Impl, NOTIFICATION};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, Limits, Notification, ObjectEvent, PropValue, Row, TableEvent};

use crate::locks::lock;

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Heard {
    /// Something happened to an object.
    Object {
        event: ObjectEvent,
        id: Vec<u8>,
        parent: Vec<u8>,
        old_id: Vec<u8>,
        old_parent: Vec<u8>,
    },
    /// A row came; behind the row with this key, or first.
    Added {
        key: Vec<u8>,
        prior: Option<Vec<u8>>,
        row: Row<'static>,
    },
    /// A row changed, and is now behind the row with this key, or first.
    Modified {
        key: Vec<u8>,
        prior: Option<Vec<u8>>,
        row: Row<'static>,
    },
    /// A row went.
    Deleted { key: Vec<u8> },
    /// The table must be read again.
    Changed,
    /// New mail: message, folder, class, flags.
    NewMail { id: Vec<u8>, parent: Vec<u8> },
    /// Anything else.
    Other(String),
}

#[derive(Default)]
struct Ears {
    heard: Mutex<Vec<Heard>>,
    came: Condvar,
}

/// A sink, and what it has heard.
pub(super) struct Listener {
    ears: Arc<Ears>,
    pub(super) sink: IMAPIAdviseSink,
}

impl Listener {
    pub(super) fn new() -> Self {
        let ears = Arc::<Ears>::default();
        let sink = ObjectRef::new(Sink(Arc::clone(&ears))).into_interface();
        Self { ears, sink }
    }

    /// What was heard so far, and is now forgotten.
    pub(super) fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *lock(&self.ears.heard))
    }

    /// Waits until what was heard is enough; then that, or whatever there is in the end.
    pub(super) fn wait(&self, longest: Duration, enough: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        let heard = lock(&self.ears.heard);
        let waited = self
            .ears
            .came
            .wait_timeout_while(heard, longest, |heard| !enough(heard));
        let (mut heard, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *heard)
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Sink(Arc<Ears>);

impl IMAPIAdviseSink_Impl for Sink {
    unsafe fn OnNotify(this: &Object<Self>, count: u32, first: *mut NOTIFICATION) -> u32 {
        // SAFETY: as many notifications as the caller says.
        let all = unsafe { view::read_array::<Notification<'_>>(count, first, &Limits::default()) };
        let heard = match all {
            Ok(all) => all.iter().map(heard).collect(),
            Err(error) => vec![Heard::Other(format!("a malformed notification: {error}"))],
        };
        lock(&this.0.heard).extend(heard);
        this.0.came.notify_all();
        0
    }
}

fn heard(notification: &Notification<'_>) -> Heard {
    match notification {
        Notification::Object { event, object } => Heard::Object {
            event: *event,
            id: object.entry_id.as_bytes().to_vec(),
            parent: object.parent_id.as_bytes().to_vec(),
            old_id: object.old_id.as_bytes().to_vec(),
            old_parent: object.old_parent_id.as_bytes().to_vec(),
        },
        Notification::NewMail {
            entry_id,
            parent_id,
            ..
        } => Heard::NewMail {
            id: entry_id.as_bytes().to_vec(),
            parent: parent_id.as_bytes().to_vec(),
        },
        Notification::TableModified(event) => of_table(event),
        other => Heard::Other(format!("{other:?}")),
    }
}

fn of_table(event: &TableEvent<'_>) -> Heard {
    let key = |property: &view::Property<'_>| bytes(&property.value);
    let prior = |prior: &Option<view::Property<'_>>| prior.as_ref().map(key);
    match event {
        TableEvent::RowAdded {
            index,
            prior: before,
            row,
        } => Heard::Added {
            key: key(index),
            prior: prior(before),
            row: row.clone().into_owned(),
        },
        TableEvent::RowModified {
            index,
            prior: before,
            row,
        } => Heard::Modified {
            key: key(index),
            prior: prior(before),
            row: row.clone().into_owned(),
        },
        TableEvent::RowDeleted { index } => Heard::Deleted { key: key(index) },
        TableEvent::Changed => Heard::Changed,
        other => Heard::Other(format!("{other:?}")),
    }
}

fn bytes(value: &PropValue<'_>) -> Vec<u8> {
    value.as_binary().unwrap_or_default().to_vec()
}
