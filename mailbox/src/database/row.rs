//! The narrow row of a message: what tables show without reading the rest (STORE-20).

use mapi_provider_abi::mapi::{
    MessageFlags, PR_CHANGE_KEY, PR_CLIENT_SUBMIT_TIME, PR_CONVERSATION_ID,
    PR_CONVERSATION_TOPIC_W, PR_DISPLAY_CC_W, PR_DISPLAY_TO_W, PR_HASATTACH, PR_IMPORTANCE,
    PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_NORMALIZED_SUBJECT_W, PR_SENSITIVITY,
    PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider_abi::view::{FileTime, PropValue};

use super::error::Result;
use super::id::MessageId;
use super::message::MessageInfo;
use super::transaction::Reader;

/// What tables show of a message most.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What the store says of it.
    pub info: MessageInfo,
    /// How many attachments it has.
    pub attachments: u32,
    /// `PR_IMPORTANCE`.
    pub importance: Option<i32>,
    /// `PR_SENSITIVITY`.
    pub sensitivity: Option<i32>,
    /// `PR_MESSAGE_CLASS`.
    pub class: String,
    /// `PR_SUBJECT`.
    pub subject: Option<String>,
    /// Where in it `PR_NORMALIZED_SUBJECT` begins, in bytes.
    normal_at: usize,
    /// `PR_SENT_REPRESENTING_NAME`.
    pub sender: Option<String>,
    /// `PR_DISPLAY_TO`.
    pub display_to: String,
    /// `PR_DISPLAY_CC`.
    pub display_cc: String,
    /// `PR_MESSAGE_DELIVERY_TIME`.
    pub delivered: Option<FileTime>,
    /// `PR_CLIENT_SUBMIT_TIME`.
    pub submitted: Option<FileTime>,
    /// `PR_LAST_MODIFICATION_TIME`.
    pub modified: Option<FileTime>,
    /// `PR_CONVERSATION_ID`.
    pub conversation: Option<Vec<u8>>,
    /// `PR_CONVERSATION_TOPIC`.
    pub topic: Option<String>,
    /// A property is such that a column can't say it: ill-formed, very long, of an unusual type.
    odd: bool,
}

/// What a row knows of a property.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// It has this value.
    Value(PropValue<'static>),
    /// There is no such property.
    None,
    /// The row does not know: [`Reader::message_props`] does.
    Elsewhere,
}

/// The columns of [`Row::of_row`], of a table that is called `m`: first those of [`MessageInfo::of_row`].
pub(super) const COLUMNS: &str = "m.id, m.folder, m.assoc, m.read, m.flags, m.status, m.size, m.version, m.attachments, \
     m.importance, m.sensitivity, m.class, m.subject, m.normal_at, m.sender, m.display_to, m.display_cc, m.delivered, \
     m.submitted, m.modified, m.conversation, m.topic, m.odd";
/// Those among them that only some properties are told of, and what stands for one that is not read.
const SOME: [(&str, &str, &[PropTag]); 16] = [
    ("m.flags", "0", &[PR_MESSAGE_FLAGS]),
    ("m.status", "0", &[PR_MSG_STATUS]),
    ("m.size", "0", &[PR_MESSAGE_SIZE]),
    ("m.version", "0", &[PR_CHANGE_KEY]),
    ("m.importance", "NULL", &[PR_IMPORTANCE]),
    ("m.sensitivity", "NULL", &[PR_SENSITIVITY]),
    ("m.class", "''", &[PR_MESSAGE_CLASS_W]),
    (
        "m.subject",
        "NULL",
        &[PR_SUBJECT_W, PR_NORMALIZED_SUBJECT_W],
    ),
    ("m.sender", "NULL", &[PR_SENT_REPRESENTING_NAME_W]),
    ("m.display_to", "''", &[PR_DISPLAY_TO_W]),
    ("m.display_cc", "''", &[PR_DISPLAY_CC_W]),
    ("m.delivered", "NULL", &[PR_MESSAGE_DELIVERY_TIME]),
    ("m.submitted", "NULL", &[PR_CLIENT_SUBMIT_TIME]),
    ("m.modified", "NULL", &[PR_LAST_MODIFICATION_TIME]),
    ("m.conversation", "NULL", &[PR_CONVERSATION_ID]),
    ("m.topic", "NULL", &[PR_CONVERSATION_TOPIC_W]),
];

/// [`COLUMNS`] of which some properties are asked for: what has nothing to do with them is not read.
pub(super) fn columns_for(ids: &[u16]) -> String {
    let shown = |column: &'static str| {
        let some = SOME.iter().find(|(some, ..)| *some == column.trim());
        match some {
            Some((_, instead, tags)) if !tags.iter().any(|tag| ids.contains(&tag.id())) => *instead,
            _ => column,
        }
    };
    let shown: Vec<&str> = COLUMNS.split(", ").map(shown).collect();
    shown.join(", ")
}

/// How many columns these are: so the number of the next one in a statement that has more.
pub(super) const COLUMN_COUNT: usize = 23;

impl Row {
    pub(super) fn of_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        let time = |index| {
            let ticks: Option<i64> = row.get(index)?;
            Ok::<_, rusqlite::Error>(ticks.map(|ticks| FileTime::from_ticks(ticks.cast_unsigned())))
        };
        Ok(Self {
            info: MessageInfo::of_row(row)?,
            attachments: row.get(8)?,
            importance: row.get(9)?,
            sensitivity: row.get(10)?,
            class: row.get(11)?,
            subject: row.get(12)?,
            normal_at: row.get(13)?,
            sender: row.get(14)?,
            display_to: row.get(15)?,
            display_cc: row.get(16)?,
            delivered: time(17)?,
            submitted: time(18)?,
            modified: time(19)?,
            conversation: row.get(20)?,
            topic: row.get(21)?,
            odd: row.get(22)?,
        })
    }

    /// `PR_NORMALIZED_SUBJECT`.
    pub fn normalized_subject(&self) -> Option<&str> {
        self.subject.as_deref()?.get(self.normal_at..)
    }

    /// `PR_MESSAGE_FLAGS`, with the bits that are computed.
    pub fn message_flags(&self) -> MessageFlags {
        let info = &self.info;
        message_flags(info.flags, info.read, self.attachments, info.associated)
    }

    /// Whether a row that is not odd knows a property.
    pub fn has_column(id: u16) -> bool {
        ALWAYS.iter().chain(&PLAIN).any(|tag| tag.id() == id)
    }

    /// Whether the row knows a property, or that there is none: whether [`cell`](Self::cell) is not
    /// [`Cell::Elsewhere`].
    pub fn knows(&self, id: u16) -> bool {
        let is_it = |tag: &PropTag| tag.id() == id;
        ALWAYS.iter().any(is_it) || !self.odd && PLAIN.iter().any(is_it)
    }

    /// A property by its ID, as far as the row knows it (STORE-10). IDs and what follows from them are the caller's.
    pub fn cell(&self, id: u16) -> Cell {
        let is = |tag: PropTag| tag.id() == id;
        Cell::Value(if is(PR_MESSAGE_FLAGS) {
            long(self.message_flags().bits())
        } else if is(PR_MSG_STATUS) {
            long(self.info.status)
        } else if is(PR_MESSAGE_SIZE) {
            PropValue::Long(i32::try_from(self.info.size).unwrap_or(i32::MAX))
        } else if is(PR_HASATTACH) {
            PropValue::Boolean(self.attachments > 0)
        } else if is(PR_DISPLAY_TO_W) {
            text(&self.display_to)
        } else if is(PR_DISPLAY_CC_W) {
            text(&self.display_cc)
        } else if self.odd {
            return Cell::Elsewhere;
        } else {
            return self.plain(id);
        })
    }

    /// A property of a row that is not odd.
    fn plain(&self, id: u16) -> Cell {
        let is = |tag: PropTag| tag.id() == id;
        let of = |value: Option<PropValue<'static>>| value.map_or(Cell::None, Cell::Value);
        if is(PR_SUBJECT_W) {
            of(self.subject.as_deref().map(text))
        } else if is(PR_NORMALIZED_SUBJECT_W) {
            of(self.normalized_subject().map(text))
        } else if is(PR_SENT_REPRESENTING_NAME_W) {
            of(self.sender.as_deref().map(text))
        } else if is(PR_MESSAGE_DELIVERY_TIME) {
            of(self.delivered.map(PropValue::SysTime))
        } else if is(PR_CLIENT_SUBMIT_TIME) {
            of(self.submitted.map(PropValue::SysTime))
        } else if is(PR_LAST_MODIFICATION_TIME) {
            of(self.modified.map(PropValue::SysTime))
        } else if is(PR_MESSAGE_CLASS_W) {
            Cell::Value(text(&self.class))
        } else if is(PR_IMPORTANCE) {
            of(self.importance.map(PropValue::Long))
        } else if is(PR_SENSITIVITY) {
            of(self.sensitivity.map(PropValue::Long))
        } else if is(PR_CONVERSATION_ID) {
            of(self.conversation.clone().map(PropValue::from))
        } else if is(PR_CONVERSATION_TOPIC_W) {
            of(self.topic.as_deref().map(text))
        } else {
            Cell::Elsewhere
        }
    }
}

/// `PR_MESSAGE_FLAGS`, with the bits that are computed.
pub(super) fn message_flags(
    stored: u32,
    read: bool,
    attachments: u32,
    associated: bool,
) -> MessageFlags {
    let mut flags = MessageFlags::from_bits_retain(stored);
    flags.set(MessageFlags::READ, read);
    flags.set(MessageFlags::HASATTACH, attachments > 0);
    flags.set(MessageFlags::ASSOCIATED, associated);
    flags
}

/// What each row knows.
const ALWAYS: [PropTag; 6] = [
    PR_MESSAGE_FLAGS,
    PR_MSG_STATUS,
    PR_MESSAGE_SIZE,
    PR_HASATTACH,
    PR_DISPLAY_TO_W,
    PR_DISPLAY_CC_W,
];
/// What a row that is not odd knows besides.
const PLAIN: [PropTag; 11] = [
    PR_SUBJECT_W,
    PR_NORMALIZED_SUBJECT_W,
    PR_SENT_REPRESENTING_NAME_W,
    PR_MESSAGE_DELIVERY_TIME,
    PR_CLIENT_SUBMIT_TIME,
    PR_LAST_MODIFICATION_TIME,
    PR_MESSAGE_CLASS_W,
    PR_IMPORTANCE,
    PR_SENSITIVITY,
    PR_CONVERSATION_ID,
    PR_CONVERSATION_TOPIC_W,
];

fn text(text: &str) -> PropValue<'static> {
    PropValue::from(text)
}

fn long(number: u32) -> PropValue<'static> {
    PropValue::Long(number.cast_signed())
}

impl Reader<'_> {
    /// The rows of some messages, in their order; none for one that is gone.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn rows(&self, ids: &[MessageId]) -> Result<Vec<Option<Row>>> {
        let sql = format!("SELECT {COLUMNS} FROM message m WHERE id = ?1");
        let mut find = self.prepared(&sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = find.query([id])?;
            found.push(rows.next()?.map(Row::of_row).transpose()?);
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::{FolderId, Version};
    use super::*;

    fn row(odd: bool) -> Row {
        Row {
            info: MessageInfo {
                id: MessageId::new(1),
                folder: FolderId::new(1),
                associated: false,
                read: false,
                flags: 0,
                status: 0,
                size: 1,
                version: Version(1),
            },
            attachments: 0,
            importance: None,
            sensitivity: None,
            class: "IPM".to_owned(),
            subject: Some("RE: Größe".to_owned()),
            normal_at: 4,
            sender: None,
            display_to: String::new(),
            display_cc: String::new(),
            delivered: None,
            submitted: None,
            modified: None,
            conversation: None,
            topic: None,
            odd,
        }
    }

    #[test]
    fn what_is_not_asked_for_is_not_read_and_all_else_is_in_its_place() {
        let names = COLUMNS.split(", ").map(str::trim);
        assert_eq!(names.clone().count(), COLUMN_COUNT);
        let known = |(text, ..): &(&str, &str, &[PropTag])| names.clone().any(|name| name == *text);
        assert!(SOME.iter().all(known));
        let some = columns_for(&[PR_SUBJECT_W.id()]);
        assert_eq!(some.split(", ").count(), COLUMN_COUNT);
        assert!(
            some.contains("m.subject") && !some.contains("m.topic"),
            "{some}"
        );
        let all = PLAIN.iter().chain(&ALWAYS).chain(&[PR_CHANGE_KEY]);
        let all: Vec<u16> = all.map(|tag| tag.id()).collect();
        assert_eq!(columns_for(&all), COLUMNS);
    }

    #[test]
    fn store_10_a_row_knows_what_it_has_a_cell_for() {
        for odd in [false, true] {
            let row = row(odd);
            for id in 0..=u16::MAX {
                assert_eq!(row.knows(id), row.cell(id) != Cell::Elsewhere, "{id:#06X}");
            }
        }
        let subject = row(false).cell(PR_NORMALIZED_SUBJECT_W.id());
        assert_eq!(subject, Cell::Value(PropValue::from("Größe")));
    }
}
