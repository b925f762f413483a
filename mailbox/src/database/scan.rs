//! What no index orders: all IDs in any order of the narrow row, and walks through a folder.

use std::ops::ControlFlow;

use super::codec;
use super::error::Result;
use super::id::MessageId;
use super::order::{Contents, Direction};
use super::property::PropertySet;
use super::row::{COLUMN_COUNT, COLUMNS, Row};
use super::transaction::Reader;

/// What lies beside the narrow row, as a column of it.
pub(super) const PROPS: &str = "(SELECT props FROM rest WHERE rest.id = m.id)";

/// A column of the narrow row that SQLite can sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// `PR_MESSAGE_DELIVERY_TIME`.
    Delivered,
    /// `PR_LAST_MODIFICATION_TIME`.
    Modified,
    /// `PR_CLIENT_SUBMIT_TIME`.
    Submitted,
    /// `PR_NORMALIZED_SUBJECT`.
    NormalizedSubject,
    /// `PR_SUBJECT`.
    Subject,
    /// `PR_SENT_REPRESENTING_NAME`.
    Sender,
    /// `PR_MESSAGE_SIZE`.
    Size,
    /// `PR_DISPLAY_TO`.
    DisplayTo,
    /// `PR_DISPLAY_CC`.
    DisplayCc,
    /// `PR_IMPORTANCE`.
    Importance,
    /// `PR_SENSITIVITY`.
    Sensitivity,
    /// `PR_MESSAGE_CLASS`.
    Class,
    /// `PR_CONVERSATION_TOPIC`.
    Topic,
    /// `PR_CONVERSATION_ID`.
    Conversation,
    /// `PR_HASATTACH`.
    HasAttachments,
    /// Read or not; no property by itself.
    Read,
    /// `PR_MSG_STATUS`.
    Status,
    /// `PR_MESSAGE_FLAGS`, with the bits that are computed.
    Flags,
}

impl Column {
    /// What it is sorted by: texts without regard to case.
    fn sql(self) -> &'static str {
        match self {
            Self::Delivered => "m.delivered",
            Self::Modified => "m.modified",
            Self::Submitted => "m.submitted",
            Self::NormalizedSubject => "m.subject_key",
            Self::Subject => "mapi_folded(m.subject)",
            Self::Sender => "m.sender_key",
            // STORE-14: the numbers that are shown. What is larger is alike.
            Self::Size => "min(m.size, 2147483647)",
            Self::DisplayTo => "mapi_folded(m.display_to)",
            Self::DisplayCc => "mapi_folded(m.display_cc)",
            Self::Importance => "m.importance",
            Self::Sensitivity => "m.sensitivity",
            Self::Class => "mapi_folded(m.class)",
            Self::Topic => "mapi_folded(m.topic)",
            Self::Conversation => "m.conversation",
            Self::HasAttachments => "m.attachments > 0",
            Self::Read => "m.read",
            // As numbers with a sign, which properties are: the lower half comes last.
            Self::Status => "(m.status + 2147483648) & 4294967295",
            // The bits of `Row::message_flags`. In SQL shifts bind no closer than `|`.
            Self::Flags => {
                "(((m.flags & ~81) | m.read | ((m.attachments > 0) << 4) | (m.assoc << 6)) + 2147483648) & 4294967295"
            }
        }
    }
}

impl Reader<'_> {
    /// All messages of a table in an order of any columns: rows without a column last, ties by ID, in the direction of
    /// the first (STORE-14).
    ///
    /// A row whose property is of an unusual type or longer than 8 KiB counts as one without it:
    /// [`odd_rows`](Self::odd_rows) tells whether there are any.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn ids_in_order(
        &self,
        contents: Contents,
        keys: &[(Column, Direction)],
    ) -> Result<Vec<MessageId>> {
        let ids = keys
            .first()
            .map_or(Direction::Ascending, |(_, direction)| *direction);
        let mut order: Vec<String> = keys
            .iter()
            .map(|(column, direction)| format!("{} {} NULLS LAST", column.sql(), direction.sql()))
            .collect();
        order.push(format!("m.id {}", ids.sql()));
        let sql = format!(
            "SELECT m.id {} ORDER BY {}",
            contents.source_by_id(),
            order.join(", ")
        );
        let mut select = self.prepared(&sql)?;
        let ids = select.query_map((contents.folder, contents.associated), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Which messages of a table have a property that a column of the row can't say.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn odd_rows(&self, contents: Contents) -> Result<Vec<MessageId>> {
        let sql = format!(
            "SELECT m.id {} AND m.odd = 1 ORDER BY m.id",
            contents.source()
        );
        let mut select = self.prepared(&sql)?;
        let ids = select.query_map((contents.folder, contents.associated), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// Shows the rows of a table one by one, in the order of their IDs, until `look` has seen enough.
    ///
    /// # Errors
    ///
    /// Those of `look`, or the store can't be read.
    pub fn each_row(
        &self,
        contents: Contents,
        mut look: impl FnMut(Row) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let sql = format!("SELECT {COLUMNS} {}", contents.source_by_id());
        let mut select = self.prepared(&sql)?;
        let mut rows = select.query((contents.folder, contents.associated))?;
        while let Some(row) = rows.next()? {
            if look(Row::of_row(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The same, with some properties of each message, by their IDs: for a sort or a restriction by what the row has not.
    ///
    /// # Errors
    ///
    /// As [`each_row`](Self::each_row).
    pub fn each_row_with(
        &self,
        contents: Contents,
        ids: &[u16],
        look: impl FnMut(Row, PropertySet) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        self.each_row_and(contents, |bytes| codec::decode_some(bytes, &ids), look)
    }

    /// The same, with all properties that each message has.
    ///
    /// # Errors
    ///
    /// As [`each_row`](Self::each_row).
    pub fn each_full_row(
        &self,
        contents: Contents,
        look: impl FnMut(Row, PropertySet) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        self.each_row_and(contents, codec::decode, look)
    }

    fn each_row_and(
        &self,
        contents: Contents,
        decode: impl Fn(&[u8]) -> Result<PropertySet>,
        mut look: impl FnMut(Row, PropertySet) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let sql = format!("SELECT {COLUMNS}, {PROPS} {}", contents.source_by_id());
        let mut select = self.prepared(&sql)?;
        let mut rows = select.query((contents.folder, contents.associated))?;
        while let Some(row) = rows.next()? {
            let props = decode(row.get_ref(COLUMN_COUNT)?.as_blob().unwrap_or_default())?;
            if look(Row::of_row(row)?, props)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
