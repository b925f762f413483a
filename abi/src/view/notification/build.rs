//! [`Notification`] to NOTIFICATION.

use super::super::buffer::MapiBuffer;
use super::super::builder::{Build, array_root};
use super::super::described::width;
use super::super::error::BuildError;
use super::super::memory::{Allocators, Root, counted};
use super::super::property::{Property, properties_in, property_in};
use super::super::rows::Row;
use super::super::text::MapiStr;
use super::{Notification, ObjectEvent, ObjectNotification, TableEvent};
use crate::mapi::{
    ERROR_NOTIFICATION, EXTENDED_NOTIFICATION, HRESULT, NEWMAIL_NOTIFICATION, NOTIFICATION,
    NOTIFICATION_info, NotificationEvents, OBJECT_NOTIFICATION, PR_NULL, S_OK, SPropValue, SRow,
    STATUS_OBJECT_NOTIFICATION, TABLE_CHANGED, TABLE_ERROR, TABLE_NOTIFICATION, TABLE_RELOAD,
    TABLE_RESTRICT_DONE, TABLE_ROW_ADDED, TABLE_ROW_DELETED, TABLE_ROW_MODIFIED, TABLE_SETCOL_DONE,
    TABLE_SORT_DONE,
};
use crate::view::PropValue;

impl Build for [Notification<'_>] {
    type Raw = NOTIFICATION;

    fn build_with(&self, allocators: Allocators) -> Result<MapiBuffer<NOTIFICATION>, BuildError> {
        let count = counted("notifications", self.len())?;
        let root = array_root::<NOTIFICATION>(allocators, self.len())?;
        let room = root.rest(0, self.len());
        for (index, notification) in self.iter().enumerate() {
            room.set(index, in_memory(&root, notification)?);
        }
        Ok(MapiBuffer::of(root, count))
    }
}

fn in_memory(root: &Root, notification: &Notification<'_>) -> Result<NOTIFICATION, BuildError> {
    let mut info = nothing();
    let event = set(&mut info, root, notification)?;
    Ok(NOTIFICATION {
        ulEventType: event,
        ulAlignPad: 0,
        info,
    })
}

fn nothing() -> NOTIFICATION_info {
    // SAFETY: all zeros is a value of every member.
    unsafe { std::mem::zeroed() }
}

/// Sets the member for a notification's event.
fn set(
    info: &mut NOTIFICATION_info,
    root: &Root,
    notification: &Notification<'_>,
) -> Result<NotificationEvents, BuildError> {
    Ok(match notification {
        Notification::CriticalError {
            entry_id,
            status,
            error,
        } => {
            let (flags, error) = match error {
                Some(error) => (error.flags()?, root.copy(&[error.in_memory(root)?])?),
                None => (width(false), std::ptr::null_mut()),
            };
            let (count, entry_id) = entry_id.in_memory(root)?;
            info.err = ERROR_NOTIFICATION {
                cbEntryID: count,
                lpEntryID: entry_id,
                scode: status.0,
                ulFlags: flags,
                lpMAPIError: error,
            };
            NotificationEvents::fnevCriticalError
        }
        Notification::NewMail {
            entry_id,
            parent_id,
            message_class,
            message_flags,
        } => {
            let (count, entry_id) = entry_id.in_memory(root)?;
            let (parent_count, parent_id) = parent_id.in_memory(root)?;
            let is_wide = message_class.as_ref().is_some_and(MapiStr::is_wide);
            info.newmail = NEWMAIL_NOTIFICATION {
                cbEntryID: count,
                lpEntryID: entry_id,
                cbParentID: parent_count,
                lpParentID: parent_id,
                ulFlags: width(is_wide),
                lpszMessageClass: match message_class {
                    Some(class) => class.build(root, "NEWMAIL_NOTIFICATION::lpszMessageClass")?,
                    None => std::ptr::null_mut(),
                },
                ulMessageFlags: *message_flags,
            };
            NotificationEvents::fnevNewMail
        }
        Notification::Object { event, object } => {
            info.obj = object_in(root, object)?;
            object_event(*event)
        }
        Notification::TableModified(event) => {
            info.tab = table_in(root, event)?;
            NotificationEvents::fnevTableModified
        }
        Notification::StatusObjectModified {
            entry_id,
            properties,
        } => {
            let (count, entry_id) = entry_id.in_memory(root)?;
            info.statobj = STATUS_OBJECT_NOTIFICATION {
                cbEntryID: count,
                lpEntryID: entry_id,
                cValues: counted("STATUS_OBJECT_NOTIFICATION::cValues", properties.len())?,
                lpPropVals: properties_in(root, properties)?,
            };
            NotificationEvents::fnevStatusObjectModified
        }
        Notification::Extended { event, parameters } => {
            info.ext = EXTENDED_NOTIFICATION {
                ulEvent: *event,
                cb: counted("EXTENDED_NOTIFICATION::cb", parameters.len())?,
                pbEventParameters: root.copy(parameters)?,
            };
            NotificationEvents::fnevExtended
        }
    })
}

fn object_event(event: ObjectEvent) -> NotificationEvents {
    match event {
        ObjectEvent::Created => NotificationEvents::fnevObjectCreated,
        ObjectEvent::Deleted => NotificationEvents::fnevObjectDeleted,
        ObjectEvent::Modified => NotificationEvents::fnevObjectModified,
        ObjectEvent::Moved => NotificationEvents::fnevObjectMoved,
        ObjectEvent::Copied => NotificationEvents::fnevObjectCopied,
        ObjectEvent::SearchComplete => NotificationEvents::fnevSearchComplete,
    }
}

fn object_in(
    root: &Root,
    object: &ObjectNotification<'_>,
) -> Result<OBJECT_NOTIFICATION, BuildError> {
    let (count, entry_id) = object.entry_id.in_memory(root)?;
    let (parent_count, parent_id) = object.parent_id.in_memory(root)?;
    let (old_count, old_id) = object.old_id.in_memory(root)?;
    let (old_parent_count, old_parent_id) = object.old_parent_id.in_memory(root)?;
    Ok(OBJECT_NOTIFICATION {
        cbEntryID: count,
        lpEntryID: entry_id,
        ulObjType: object.object_type,
        cbParentID: parent_count,
        lpParentID: parent_id,
        cbOldID: old_count,
        lpOldID: old_id,
        cbOldParentID: old_parent_count,
        lpOldParentID: old_parent_id,
        lpPropTagArray: match &object.tags {
            Some(tags) => tags.in_memory(root)?,
            None => std::ptr::null_mut(),
        },
    })
}

fn table_in(root: &Root, event: &TableEvent<'_>) -> Result<TABLE_NOTIFICATION, BuildError> {
    let bare = |event, status| table(root, event, status, [None, None], None);
    let of_row = |event, index, prior, row| table(root, event, S_OK, [Some(index), prior], row);
    match event {
        TableEvent::Changed => bare(TABLE_CHANGED, S_OK),
        TableEvent::Error(status) => bare(TABLE_ERROR, *status),
        TableEvent::RowAdded { index, prior, row } => {
            of_row(TABLE_ROW_ADDED, index, prior.as_ref(), Some(row))
        }
        TableEvent::RowDeleted { index } => of_row(TABLE_ROW_DELETED, index, None, None),
        TableEvent::RowModified { index, prior, row } => {
            of_row(TABLE_ROW_MODIFIED, index, prior.as_ref(), Some(row))
        }
        TableEvent::SortDone => bare(TABLE_SORT_DONE, S_OK),
        TableEvent::RestrictDone => bare(TABLE_RESTRICT_DONE, S_OK),
        TableEvent::SetColumnsDone => bare(TABLE_SETCOL_DONE, S_OK),
        TableEvent::Reload => bare(TABLE_RELOAD, S_OK),
    }
}

fn table(
    root: &Root,
    event: u32,
    status: HRESULT,
    [index, prior]: [Option<&Property<'_>>; 2],
    row: Option<&Row<'_>>,
) -> Result<TABLE_NOTIFICATION, BuildError> {
    Ok(TABLE_NOTIFICATION {
        ulTableEvent: event,
        hResult: status,
        propIndex: property_or_null(root, index)?,
        propPrior: property_or_null(root, prior)?,
        row: row_in(root, row)?,
        ulPad: 0,
    })
}

/// A property; `PR_NULL` if there is none, because a tag of 0 is not allowed.
fn property_or_null(
    root: &Root,
    property: Option<&Property<'_>>,
) -> Result<SPropValue, BuildError> {
    match property {
        Some(property) => property_in(root, property),
        None => property_in(root, &Property::new(PR_NULL, PropValue::Null)),
    }
}

/// A row whose properties belong to the notification: nobody frees them one by one.
fn row_in(root: &Root, row: Option<&Row<'_>>) -> Result<SRow, BuildError> {
    let properties = row.map_or(&[][..], |row| &row.properties);
    Ok(SRow {
        ulAdrEntryPad: 0,
        cValues: counted("SRow::cValues", properties.len())?,
        lpProps: properties_in(root, properties)?,
    })
}
