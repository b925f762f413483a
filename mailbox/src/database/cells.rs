//! A narrow row that SQLite still has: of the rows of a page only what a table shows is taken out, as it is shown.

use mapi_provider_abi::mapi::{
    MessageFlags, PR_CLIENT_SUBMIT_TIME, PR_CONVERSATION_ID, PR_CONVERSATION_TOPIC_W,
    PR_DISPLAY_CC_W, PR_DISPLAY_TO_W, PR_HASATTACH, PR_IMPORTANCE, PR_LAST_MODIFICATION_TIME,
    PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_MSG_STATUS,
    PR_NORMALIZED_SUBJECT_W, PR_SENSITIVITY, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider_abi::view::{FileTime, PropValue};
use rusqlite::types::FromSqlError;

use super::error::Result;
use super::id::{FolderId, MessageId};
use super::row::{Row, message_flags};

/// Where a narrow row has a property, by the numbers of [`COLUMNS`](super::row::COLUMNS).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Flags,
    Size,
    HasAttachments,
    NormalizedSubject,
    /// A number without a sign.
    Bits(usize),
    Long(usize),
    Text(usize),
    Time(usize),
    Binary(usize),
}

const PLACES: [(PropTag, Place); 17] = [
    (PR_MESSAGE_FLAGS, Place::Flags),
    (PR_MSG_STATUS, Place::Bits(5)),
    (PR_MESSAGE_SIZE, Place::Size),
    (PR_HASATTACH, Place::HasAttachments),
    (PR_IMPORTANCE, Place::Long(9)),
    (PR_SENSITIVITY, Place::Long(10)),
    (PR_MESSAGE_CLASS_W, Place::Text(11)),
    (PR_SUBJECT_W, Place::Text(12)),
    (PR_NORMALIZED_SUBJECT_W, Place::NormalizedSubject),
    (PR_SENT_REPRESENTING_NAME_W, Place::Text(14)),
    (PR_DISPLAY_TO_W, Place::Text(15)),
    (PR_DISPLAY_CC_W, Place::Text(16)),
    (PR_MESSAGE_DELIVERY_TIME, Place::Time(17)),
    (PR_CLIENT_SUBMIT_TIME, Place::Time(18)),
    (PR_LAST_MODIFICATION_TIME, Place::Time(19)),
    (PR_CONVERSATION_ID, Place::Binary(20)),
    (PR_CONVERSATION_TOPIC_W, Place::Text(21)),
];

impl Place {
    /// Where a row that is not odd has a property; none where it has not.
    pub(crate) fn of(id: u16) -> Option<Self> {
        let found = PLACES.iter().find(|(tag, _)| tag.id() == id);
        found.map(|(_, place)| *place)
    }
}

/// A narrow row that SQLite still has.
pub(crate) struct RowAt<'r, 's>(pub(super) &'r rusqlite::Row<'s>);

impl RowAt<'_, '_> {
    pub(crate) fn id(&self) -> Result<MessageId> {
        Ok(self.0.get(0)?)
    }

    pub(crate) fn folder(&self) -> Result<FolderId> {
        Ok(self.0.get(1)?)
    }

    /// Whether a property is such that a column can't say it.
    pub(crate) fn is_odd(&self) -> Result<bool> {
        Ok(self.0.get(22)?)
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Result<Row> {
        Ok(Row::of_row(self.0)?)
    }

    /// A property of a row that is not odd; none where the message has none.
    pub(crate) fn value(&self, place: Place) -> Result<Option<PropValue<'static>>> {
        let row = self.0;
        Ok(match place {
            Place::Flags => Some(PropValue::Long(self.flags()?.bits().cast_signed())),
            Place::Size => {
                let size: u64 = row.get(6)?;
                Some(PropValue::Long(i32::try_from(size).unwrap_or(i32::MAX)))
            }
            Place::HasAttachments => Some(PropValue::Boolean(row.get::<_, u32>(8)? > 0)),
            Place::NormalizedSubject => {
                let at: usize = row.get(13)?;
                let normal = self.text(12)?.and_then(|subject| subject.get(at..));
                normal.map(PropValue::from)
            }
            Place::Bits(at) => Some(PropValue::Long(row.get::<_, u32>(at)?.cast_signed())),
            Place::Long(at) => row.get::<_, Option<i32>>(at)?.map(PropValue::Long),
            Place::Text(at) => self.text(at)?.map(PropValue::from),
            Place::Time(at) => row.get::<_, Option<i64>>(at)?.map(time),
            Place::Binary(at) => row.get::<_, Option<Vec<u8>>>(at)?.map(PropValue::from),
        })
    }

    fn flags(&self) -> rusqlite::Result<MessageFlags> {
        let (read, associated) = (self.0.get(3)?, self.0.get(2)?);
        Ok(message_flags(
            self.0.get(4)?,
            read,
            self.0.get(8)?,
            associated,
        ))
    }

    fn text(&self, at: usize) -> rusqlite::Result<Option<&str>> {
        let value = self.0.get_ref(at)?;
        let failed = |error: FromSqlError| {
            let error = Box::new(error);
            rusqlite::Error::FromSqlConversionFailure(at, value.data_type(), error)
        };
        value.as_str_or_null().map_err(failed)
    }
}

fn time(ticks: i64) -> PropValue<'static> {
    PropValue::SysTime(FileTime::from_ticks(ticks.cast_unsigned()))
}
