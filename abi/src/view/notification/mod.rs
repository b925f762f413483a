//! Notifications.

mod build;
mod read;

use std::borrow::Cow;

use super::described::DescribedError;
use super::entries::EntryId;
use super::property::Property;
use super::rows::Row;
use super::tags::PropTags;
use super::text::MapiStr;
use crate::mapi::HRESULT;

/// What an advise sink is told: a `NOTIFICATION`.
///
/// ```
/// use mapi_provider::abi::{HRESULT, NOTIFICATION};
/// use mapi_provider::view::{self, Limits, Notification, TableEvent};
///
/// /// How many rows were added.
/// unsafe fn on_notify(count: u32, first: *const NOTIFICATION) -> Result<usize, HRESULT> {
///     // SAFETY: the caller gives as many notifications, as the method says.
///     let all: Vec<Notification> = unsafe { view::read_array(count, first, &Limits::default()) }?;
///     let added = |one: &&Notification| {
///         matches!(one, Notification::TableModified(TableEvent::RowAdded { .. }))
///     };
///     Ok(all.iter().filter(added).count())
/// }
/// # assert_eq!(unsafe { on_notify(0, std::ptr::null()) }, Ok(0));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Notification<'a> {
    /// `fnevCriticalError`: something went wrong for all.
    CriticalError {
        /// The object that went wrong, if it was one.
        entry_id: EntryId<'a>,
        /// What went wrong.
        status: HRESULT,
        /// A description.
        error: Option<DescribedError<'a>>,
    },
    /// `fnevNewMail`: a message has arrived.
    NewMail {
        /// The message.
        entry_id: EntryId<'a>,
        /// The folder that it is in.
        parent_id: EntryId<'a>,
        /// The message class.
        message_class: Option<MapiStr<'a>>,
        /// Its `PR_MESSAGE_FLAGS`.
        message_flags: u32,
    },
    /// `fnevObject…` and `fnevSearchComplete`: something happened to an object.
    Object {
        /// What happened.
        event: ObjectEvent,
        /// What it happened to.
        object: Box<ObjectNotification<'a>>,
    },
    /// `fnevTableModified`: something happened to a table.
    TableModified(TableEvent<'a>),
    /// `fnevStatusObjectModified`: a row of the status table has changed. Only MAPI sends
    /// it.
    StatusObjectModified {
        /// The status object.
        entry_id: EntryId<'a>,
        /// Its properties.
        properties: Vec<Property<'a>>,
    },
    /// `fnevExtended`: a provider's own event.
    Extended {
        /// Which.
        event: u32,
        /// The provider's data for it.
        parameters: Cow<'a, [u8]>,
    },
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObjectEvent {
    /// `fnevObjectCreated`.
    Created,
    /// `fnevObjectDeleted`.
    Deleted,
    /// `fnevObjectModified`.
    Modified,
    /// `fnevObjectMoved`.
    Moved,
    /// `fnevObjectCopied`.
    Copied,
    /// `fnevSearchComplete`: a search folder has all its results.
    SearchComplete,
}

/// What something happened to. An empty ID was not given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectNotification<'a> {
    /// The object.
    pub entry_id: EntryId<'a>,
    /// Its kind: `MAPI_FOLDER`, `MAPI_MESSAGE` or another.
    pub object_type: u32,
    /// Its parent.
    pub parent_id: EntryId<'a>,
    /// The object that was moved or copied.
    pub old_id: EntryId<'a>,
    /// The parent of that.
    pub old_parent_id: EntryId<'a>,
    /// The properties that changed, if given.
    pub tags: Option<PropTags<'a>>,
}

/// What happened to a table. Members that an event doesn't use are not read.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TableEvent<'a> {
    /// `TABLE_CHANGED`: read it again; bookmarks and instance keys are still valid.
    Changed,
    /// `TABLE_ERROR`: sorting, restricting or setting columns failed.
    Error(HRESULT),
    /// `TABLE_ROW_ADDED`.
    RowAdded {
        /// The row's `PR_INSTANCE_KEY`.
        index: Property<'a>,
        /// That of the row before it; `None` for the first.
        prior: Option<Property<'a>>,
        /// The row.
        row: Row<'a>,
    },
    /// `TABLE_ROW_DELETED`.
    RowDeleted {
        /// The row's `PR_INSTANCE_KEY`.
        index: Property<'a>,
    },
    /// `TABLE_ROW_MODIFIED`.
    RowModified {
        /// The row's `PR_INSTANCE_KEY`.
        index: Property<'a>,
        /// That of the row before it; `None` for the first.
        prior: Option<Property<'a>>,
        /// The row.
        row: Row<'a>,
    },
    /// `TABLE_SORT_DONE`.
    SortDone,
    /// `TABLE_RESTRICT_DONE`.
    RestrictDone,
    /// `TABLE_SETCOL_DONE`.
    SetColumnsDone,
    /// `TABLE_RELOAD`: read it again; nothing is valid any more.
    Reload,
}
