//! The tables of a message's recipients and attachments: they live as long as the message is open, and follow it.
//!
//! Recipients are those of the copy. Attachments are in the table once they and the message are saved (STORE-29).

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::{Arc, Mutex, Weak};

use mapi_provider_abi::mapi::{
    PR_ADDRTYPE_W, PR_ATTACH_ENCODING, PR_ATTACH_EXTENSION_W, PR_ATTACH_FILENAME_W,
    PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_MIME_TAG_W, PR_ATTACH_NUM,
    PR_ATTACH_SIZE, PR_DISPLAY_NAME_W, PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W, PR_ENTRYID,
    PR_INSTANCE_KEY, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_RECORD_KEY, PR_RENDERING_POSITION,
    PR_RESPONSIBILITY, PR_ROWID, PR_SEARCH_KEY, PR_SEND_RICH_INFO, PT_OBJECT, PT_UNICODE, PropTag,
};
use mapi_provider_abi::view::{PropValue, SortDirection, SortOrder, SortOrderSet};

use super::super::computed::{AttachmentView, Properties, RecipientView, Shown};
use super::super::fault::Result;
use super::super::shared::{StoreShared, lock};
use super::super::tables;
use super::state::MessageState;
use crate::database::{Attachment, LargeValue, Property, PropertySet, Recipient};
use mapi_provider_table::table::{Abilities, MemoryRow, MemoryRows, NEVER_CUT};

/// The columns of a table of recipients (STORE-28).
const RECIPIENTS: [PropTag; 12] = [
    PR_ROWID,
    PR_INSTANCE_KEY,
    PR_RECIPIENT_TYPE,
    PR_DISPLAY_NAME_W,
    PR_ADDRTYPE_W,
    PR_EMAIL_ADDRESS_W,
    PR_ENTRYID,
    PR_SEARCH_KEY,
    PR_OBJECT_TYPE,
    PR_DISPLAY_TYPE,
    PR_SEND_RICH_INFO,
    PR_RESPONSIBILITY,
];

/// The columns of a table of attachments.
const ATTACHMENTS: [PropTag; 12] = [
    PR_ATTACH_NUM,
    PR_INSTANCE_KEY,
    PR_RECORD_KEY,
    PR_RENDERING_POSITION,
    PR_ATTACH_METHOD,
    PR_ATTACH_SIZE,
    PR_DISPLAY_NAME_W,
    PR_ATTACH_FILENAME_W,
    PR_ATTACH_LONG_FILENAME_W,
    PR_ATTACH_EXTENSION_W,
    PR_ATTACH_MIME_TAG_W,
    PR_ATTACH_ENCODING,
];

/// How much of a value a row has at most, in bytes: it shows less, and nobody wants a gigabyte of an attachment's data in
/// memory for it.
const MOST: usize = NEVER_CUT;

/// The tables of a message that somebody has open.
#[derive(Default)]
pub(super) struct Tables {
    recipients: Mutex<Followed<PropertySet>>,
    attachments: Mutex<Followed<Attachment>>,
}

impl MessageState {
    /// `GetRecipientTable`.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn recipient_table(&self, unicode: bool) -> Result<*mut c_void> {
        let new = || MemoryRows::new(RECIPIENTS.to_vec());
        let rows = lock(&self.tables.recipients).rows(new);
        self.follow_recipients();
        tables::of_source(&self.shared, rows, unicode)
    }

    /// `GetAttachmentTable`.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub(super) fn attachment_table(&self, unicode: bool) -> Result<*mut c_void> {
        let rows = lock(&self.tables.attachments).rows(new_attachment_rows);
        self.follow_attachments();
        tables::of_source(&self.shared, rows, unicode)
    }

    /// Brings the tables in step with the message, and tells those who follow them. Nothing may be locked.
    pub(super) fn follow_parts(&self) {
        self.follow_recipients();
        self.follow_attachments();
    }

    fn follow_recipients(&self) {
        let mut followed = lock(&self.tables.recipients);
        let changed = followed.follow(
            || {
                let data = Arc::clone(&self.working().data);
                let recipients = data.recipients.iter();
                recipients
                    .map(|one| (one.row, Arc::clone(&one.props)))
                    .collect()
            },
            |row, props| recipient_row(&self.shared, row, props),
        );
        drop(followed);
        tell(changed);
    }

    fn follow_attachments(&self) {
        let mut followed = lock(&self.tables.attachments);
        let changed = followed.follow(
            || self.working().saved_attachments.clone(),
            |number, attachment| attachment_row(&self.shared, number, attachment),
        );
        drop(followed);
        tell(changed);
    }
}

fn tell(changed: Option<Arc<MemoryRows>>) {
    if let Some(rows) = changed {
        rows.tell();
    }
}

/// The table is in the order of the positions, which have a sign; what lies nowhere is last (STORE-29). It has no
/// bookmarks (STORE-16).
fn new_attachment_rows() -> MemoryRows {
    let order = SortOrderSet {
        orders: vec![SortOrder {
            tag: PR_RENDERING_POSITION,
            direction: SortDirection::Ascend,
        }],
        ..SortOrderSet::default()
    };
    let abilities = Abilities {
        bookmarks: false,
        ..Abilities::default()
    };
    MemoryRows::new(ATTACHMENTS.to_vec())
        .with_order(order)
        .with_abilities(abilities)
}

/// The rows of a table, and the parts of the message that they are of.
struct Followed<P> {
    rows: Weak<MemoryRows>,
    parts: BTreeMap<u32, Arc<P>>,
}

impl<P> Default for Followed<P> {
    fn default() -> Self {
        Self {
            rows: Weak::new(),
            parts: BTreeMap::new(),
        }
    }
}

impl<P: PartialEq> Followed<P> {
    /// The rows that all tables of these parts have in common, none in them where they are new.
    fn rows(&mut self, new: impl FnOnce() -> MemoryRows) -> Arc<MemoryRows> {
        if let Some(rows) = self.rows.upgrade() {
            return rows;
        }
        let rows = Arc::new(new());
        self.rows = Arc::downgrade(&rows);
        self.parts.clear();
        rows
    }

    /// Makes the rows those of the parts that there are, if anybody has them. Answers them if they are others now.
    fn follow(
        &mut self,
        parts: impl FnOnce() -> BTreeMap<u32, Arc<P>>,
        row: impl Fn(u32, &Arc<P>) -> MemoryRow,
    ) -> Option<Arc<MemoryRows>> {
        let rows = self.rows.upgrade()?;
        // Asked for with the rows locked, so that no older ones can come after newer ones.
        let now = parts();
        let is_same = |one: &Arc<P>, other: &Arc<P>| Arc::ptr_eq(one, other) || one == other;
        let is_kept = |number: &u32, part: &Arc<P>| {
            self.parts.get(number).is_some_and(|old| is_same(old, part))
        };
        let new = now.iter().filter(|(number, part)| !is_kept(number, part));
        let new = new.map(|(number, part)| (u64::from(*number), Some(row(*number, part))));
        let gone = self.parts.keys().filter(|number| !now.contains_key(number));
        let gone = gone.map(|number| (u64::from(*number), None));
        let changes: Vec<_> = gone.chain(new).collect();
        self.parts = now;
        if changes.is_empty() {
            return None;
        }
        rows.change_silently(changes);
        Some(rows)
    }
}

fn recipient_row(shared: &StoreShared, row: u32, props: &Arc<PropertySet>) -> MemoryRow {
    let recipient = Recipient {
        row,
        props: Arc::clone(props),
    };
    row_of(shared, &RecipientView(&recipient), props)
}

fn attachment_row(shared: &StoreShared, number: u32, attachment: &Attachment) -> MemoryRow {
    let view = AttachmentView {
        identity: &shared.identity,
        number,
        writable: true,
        attachment,
    };
    row_of(shared, &view, &attachment.props)
}

/// All properties of an object as a row (STORE-10).
fn row_of(shared: &StoreShared, object: &dyn Properties, props: &PropertySet) -> MemoryRow {
    object
        .tags()
        .into_iter()
        .fold(MemoryRow::new(), |row, tag| {
            let value = match object.value(tag.id()) {
                Some(Shown::Value(value)) => Some(cut(value).into_owned()),
                // It is opened, whatever is in it.
                Some(Shown::Large(PT_OBJECT)) => Some(PropValue::Object),
                Some(Shown::Large(_)) => match props.get(tag.id()) {
                    Some(Property::Large(large)) => beginning(shared, large),
                    _ => None,
                },
                None => None,
            };
            let row = match value {
                Some(value) => row.with(tag, value),
                None => row,
            };
            // STORE-12: of what a row has only the beginning of, it says how large it is.
            match size_of(object, props, tag) {
                Some(size) if size > MOST as u64 => row.with_size(tag, size),
                _ => row,
            }
        })
}

/// How many bytes a string or binary has.
fn size_of(object: &dyn Properties, props: &PropertySet, tag: PropTag) -> Option<u64> {
    match object.value(tag.id())? {
        Shown::Large(PT_OBJECT) => None,
        Shown::Large(_) => props.get(tag.id()).map(Property::size),
        Shown::Value(PropValue::Binary(bytes)) => Some(bytes.len() as u64),
        Shown::Value(PropValue::Unicode(text)) => Some(size_of_val(&*text) as u64),
        Shown::Value(_) => None,
    }
}

/// The beginning of a value that is not saved yet, and so lies in memory whatever its size.
fn cut(value: PropValue<'_>) -> PropValue<'_> {
    match value {
        PropValue::Binary(bytes) if bytes.len() > MOST => bytes[..MOST].to_vec().into(),
        PropValue::Unicode(text) if size_of_val(&*text) > MOST => {
            PropValue::Unicode(text[..MOST / 2].to_vec().into())
        }
        other => other,
    }
}

/// The beginning of a large value; none where it can't be read.
fn beginning(shared: &StoreShared, large: &LargeValue) -> Option<PropValue<'static>> {
    let length = usize::try_from(large.size()).unwrap_or(MOST).min(MOST);
    let mut bytes = vec![0; length];
    let read = shared.store().read_blob(large, 0, &mut bytes).ok()?;
    bytes.truncate(read);
    if large.prop_type() != PT_UNICODE {
        return Some(bytes.into());
    }
    let (units, _) = bytes.as_chunks::<2>();
    let units = units.iter().copied().map(u16::from_le_bytes);
    Some(PropValue::Unicode(units.collect()))
}
