//! NOTIFICATION to [`Notification`].

use super::super::described::DescribedError;
use super::super::entries::EntryId;
use super::super::error::ViewError;
use super::super::property::Property;
use super::super::reader::{Reader, field};
use super::super::reading::View;
use super::super::rows::Row;
use super::super::tags::PropTags;
use super::{Notification, ObjectEvent, ObjectNotification, TableEvent};
use crate::mapi::{
    ERROR_NOTIFICATION, HRESULT, NEWMAIL_NOTIFICATION, NOTIFICATION, NotificationEvents,
    OBJECT_NOTIFICATION, PT_NULL, SPropTagArray, SPropValue, STATUS_OBJECT_NOTIFICATION,
    TABLE_CHANGED, TABLE_ERROR, TABLE_NOTIFICATION, TABLE_RELOAD, TABLE_RESTRICT_DONE,
    TABLE_ROW_ADDED, TABLE_ROW_DELETED, TABLE_ROW_MODIFIED, TABLE_SETCOL_DONE, TABLE_SORT_DONE,
    UnicodeFlags,
};

impl<'a> View<'a> for Notification<'a> {
    type Raw = NOTIFICATION;

    unsafe fn read_with(raw: *const NOTIFICATION, reader: &Reader<'_>) -> Result<Self, ViewError> {
        // SAFETY: the caller's word; the member that is read is the one for the event.
        unsafe {
            Ok(match field!(raw, ulEventType) {
                NotificationEvents::fnevCriticalError => error(&raw const (*raw).info.err, reader)?,
                NotificationEvents::fnevNewMail => {
                    new_mail(&raw const (*raw).info.newmail, reader)?
                }
                NotificationEvents::fnevTableModified => {
                    Notification::TableModified(table(&raw const (*raw).info.tab, reader)?)
                }
                NotificationEvents::fnevStatusObjectModified => {
                    status(&raw const (*raw).info.statobj, reader)?
                }
                NotificationEvents::fnevExtended => {
                    let bytes = field!(raw, info.ext.pbEventParameters).cast_const();
                    let what = "EXTENDED_NOTIFICATION::pbEventParameters";
                    Notification::Extended {
                        event: field!(raw, info.ext.ulEvent),
                        parameters: reader.bytes(what, bytes, field!(raw, info.ext.cb))?,
                    }
                }
                events => Notification::Object {
                    event: object_event(events)?,
                    object: Box::new(object(&raw const (*raw).info.obj, reader)?),
                },
            })
        }
    }
}

fn object_event(events: NotificationEvents) -> Result<ObjectEvent, ViewError> {
    Ok(match events {
        NotificationEvents::fnevObjectCreated => ObjectEvent::Created,
        NotificationEvents::fnevObjectDeleted => ObjectEvent::Deleted,
        NotificationEvents::fnevObjectModified => ObjectEvent::Modified,
        NotificationEvents::fnevObjectMoved => ObjectEvent::Moved,
        NotificationEvents::fnevObjectCopied => ObjectEvent::Copied,
        NotificationEvents::fnevSearchComplete => ObjectEvent::SearchComplete,
        unknown => {
            let what = "NOTIFICATION::ulEventType";
            let value = unknown.bits();
            return Err(ViewError::UnknownKind { what, value });
        }
    })
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn error<'a>(
    raw: *const ERROR_NOTIFICATION,
    reader: &Reader<'_>,
) -> Result<Notification<'a>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let flags = field!(raw, ulFlags);
        let error = field!(raw, lpMAPIError).cast_const();
        let error = match error.is_null() {
            true => None,
            false => Some(DescribedError::read_with(error, flags, reader)?),
        };
        Ok(Notification::CriticalError {
            entry_id: EntryId::read_with(field!(raw, cbEntryID), field!(raw, lpEntryID), reader)?,
            status: HRESULT(field!(raw, scode)),
            error,
        })
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn new_mail<'a>(
    raw: *const NEWMAIL_NOTIFICATION,
    reader: &Reader<'_>,
) -> Result<Notification<'a>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let flags = field!(raw, ulFlags);
        let class = field!(raw, lpszMessageClass).cast_const();
        let what = "NEWMAIL_NOTIFICATION::lpszMessageClass";
        Ok(Notification::NewMail {
            entry_id: EntryId::read_with(field!(raw, cbEntryID), field!(raw, lpEntryID), reader)?,
            parent_id: EntryId::read_with(
                field!(raw, cbParentID),
                field!(raw, lpParentID),
                reader,
            )?,
            message_class: reader.tstring(
                what,
                class,
                flags.contains(UnicodeFlags::MAPI_UNICODE),
            )?,
            message_flags: field!(raw, ulMessageFlags),
        })
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn object<'a>(
    raw: *const OBJECT_NOTIFICATION,
    reader: &Reader<'_>,
) -> Result<ObjectNotification<'a>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let id = |count, entry_id: *mut _| EntryId::read_with(count, entry_id, reader);
        let tags: *const SPropTagArray = field!(raw, lpPropTagArray);
        let tags = match tags.is_null() {
            true => None,
            false => Some(PropTags::read_with(tags, reader)?),
        };
        Ok(ObjectNotification {
            entry_id: id(field!(raw, cbEntryID), field!(raw, lpEntryID))?,
            object_type: field!(raw, ulObjType),
            parent_id: id(field!(raw, cbParentID), field!(raw, lpParentID))?,
            old_id: id(field!(raw, cbOldID), field!(raw, lpOldID))?,
            old_parent_id: id(field!(raw, cbOldParentID), field!(raw, lpOldParentID))?,
            tags,
        })
    }
}

/// # Safety
///
/// That of [`View::read_with`].
unsafe fn status<'a>(
    raw: *const STATUS_OBJECT_NOTIFICATION,
    reader: &Reader<'_>,
) -> Result<Notification<'a>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let properties = field!(raw, lpPropVals).cast_const();
        let what = "STATUS_OBJECT_NOTIFICATION::lpPropVals";
        Ok(Notification::StatusObjectModified {
            entry_id: EntryId::read_with(field!(raw, cbEntryID), field!(raw, lpEntryID), reader)?,
            properties: reader.views(what, properties, field!(raw, cValues))?,
        })
    }
}

/// The event, and only those parts of the structure that it uses: the rest may be anything.
///
/// # Safety
///
/// That of [`View::read_with`].
unsafe fn table<'a>(
    raw: *const TABLE_NOTIFICATION,
    reader: &Reader<'_>,
) -> Result<TableEvent<'a>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let index = || Property::read_with(&raw const (*raw).propIndex, reader);
        let prior = || prior(&raw const (*raw).propPrior, reader);
        let row = || Row::read_with(&raw const (*raw).row, reader);
        Ok(match field!(raw, ulTableEvent) {
            TABLE_CHANGED => TableEvent::Changed,
            TABLE_ERROR => TableEvent::Error(field!(raw, hResult)),
            TABLE_ROW_ADDED => TableEvent::RowAdded {
                index: index()?,
                prior: prior()?,
                row: row()?,
            },
            TABLE_ROW_DELETED => TableEvent::RowDeleted { index: index()? },
            TABLE_ROW_MODIFIED => TableEvent::RowModified {
                index: index()?,
                prior: prior()?,
                row: row()?,
            },
            TABLE_SORT_DONE => TableEvent::SortDone,
            TABLE_RESTRICT_DONE => TableEvent::RestrictDone,
            TABLE_SETCOL_DONE => TableEvent::SetColumnsDone,
            TABLE_RELOAD => TableEvent::Reload,
            value => {
                let what = "TABLE_NOTIFICATION::ulTableEvent";
                return Err(ViewError::UnknownKind { what, value });
            }
        })
    }
}

/// The row before; `None` for `PR_NULL`, and for the 0 that sloppy senders put there
/// instead.
///
/// # Safety
///
/// That of [`View::read_with`].
unsafe fn prior<'a>(
    raw: *const SPropValue,
    reader: &Reader<'_>,
) -> Result<Option<Property<'a>>, ViewError> {
    // SAFETY: the caller's word.
    unsafe {
        let tag = field!(raw, ulPropTag);
        if tag.id() == 0 && tag.prop_type() <= PT_NULL {
            return Ok(None);
        }
        Property::read_with(raw, reader).map(Some)
    }
}
