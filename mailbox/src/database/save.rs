//! Saving a message: all of it, or nothing (STORE-21, STORE-22).

use std::collections::BTreeSet;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MessageFlags, PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W,
    PR_MESSAGE_FLAGS, PR_READ_RECEIPT_REQUESTED, PR_SEARCH_KEY,
};
use mapi_provider_abi::view::PropValue;

use super::codec;
use super::columns::Columns;
use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{BlobId, FolderId, MessageId};
use super::message::{Attachment, DEEPEST, Message, MessageData, MessageInfo, Recipient, Save};
use super::property::{LargeValue, Property, PropertySet, large_bytes};
use super::transaction::Transaction;

/// What of `PR_MESSAGE_FLAGS` is told by other columns.
const COMPUTED: u32 = MessageFlags::READ
    .union(MessageFlags::HASATTACH)
    .union(MessageFlags::ASSOCIATED)
    .bits();
/// What of it changes without a save, and so is not what a working copy says.
const KEPT: u32 = MessageFlags::SUBMIT.bits() | REPORTS;
/// Somebody waits to hear that the message was read, or was deleted unread.
const REPORTS: u32 = MessageFlags::RN_PENDING
    .union(MessageFlags::NRN_PENDING)
    .bits();

impl Transaction<'_> {
    /// Saves a message with its recipients, attachments and embedded messages. Tells it as it is saved: with what every
    /// message has (search key, class, times), and large values apart.
    ///
    /// # Errors
    ///
    /// [`Error::Changed`]: somebody else has saved it since `base`. [`Error::Deleted`]: it or its folder is gone.
    /// [`Error::TooDeep`]: messages are nested too deep. [`Error::SearchFolder`]: a search folder can't have it. Or
    /// the store can't be written. Then nothing of this transaction must be committed: pass the error on.
    pub fn save_message(&self, save: &Save<'_>) -> Result<Message> {
        if save.data.depth() > DEEPEST {
            return Err(Error::TooDeep);
        }
        let before = self.message_info(save.id)?;
        let info = match (before, save.base) {
            (Some(before), Some(base)) if before.version != base && !save.force => {
                return Err(Error::Changed);
            }
            (Some(before), Some(_)) => before,
            (Some(_), None) => return Err(Error::Changed),
            (None, Some(_)) => return Err(Error::Deleted),
            (None, None) => self.new_info(save)?,
        };
        let mut data = save.data.clone();
        let flags = self.complete(&mut data, save, before.as_ref())?;
        let id = info.id;
        if before.is_some() {
            self.clear_content(id)?;
        }
        self.put_content(id.raw(), &mut data)?;
        data.props
            .set_tag(PR_MESSAGE_FLAGS, PropValue::Long(flags.cast_signed()));
        let columns = Columns::of(&data);
        let info = MessageInfo {
            flags,
            size: columns.size,
            version: self.version(),
            ..info
        };
        self.put_row(&info, &columns, before.is_none(), None)?;
        self.put_rest(id, &data.props, before.is_none())?;
        Ok(Message {
            info,
            data: Arc::new(data),
        })
    }

    /// Adds a copy of a saved message: the same data, marks of its own.
    pub(super) fn insert_copy(&self, of: &Message, folder: FolderId) -> Result<MessageId> {
        let id = MessageId::new(self.take_ids(1));
        let mut data = MessageData::clone(&of.data);
        self.renumber(&mut data);
        self.put_content(id.raw(), &mut data)?;
        // STORE-23, STORE-24: the status and receipts that wait are not copied.
        let flags = of.info.flags & !KEPT;
        data.props
            .set_tag(PR_MESSAGE_FLAGS, PropValue::Long(flags.cast_signed()));
        let info = MessageInfo {
            id,
            folder,
            flags,
            status: 0,
            version: self.version(),
            ..of.info
        };
        self.put_row(&info, &Columns::of(&data), true, Some(of.info.id))?;
        self.put_rest(id, &data.props, true)?;
        Ok(id)
    }

    fn new_info(&self, save: &Save<'_>) -> Result<MessageInfo> {
        let folder = self.folder_kind(save.folder)?.ok_or(Error::Deleted)?;
        if folder == FolderKind::Search {
            return Err(Error::SearchFolder);
        }
        Ok(MessageInfo {
            id: save.id,
            folder: save.folder,
            associated: save.associated,
            read: save.read,
            flags: 0,
            status: 0,
            size: 0,
            version: self.version(),
        })
    }

    /// Gives the data what every message has. Tells the flags.
    fn complete(
        &self,
        data: &mut MessageData,
        save: &Save<'_>,
        before: Option<&MessageInfo>,
    ) -> Result<u32> {
        let props = &mut data.props;
        if !props.contains(PR_CREATION_TIME.id()) {
            props.set_tag(PR_CREATION_TIME, self.now());
        }
        if !save.keep_time || !props.contains(PR_LAST_MODIFICATION_TIME.id()) {
            props.set_tag(PR_LAST_MODIFICATION_TIME, self.now());
        }
        // STORE-25: an empty class becomes IPM.
        if props.lacks_text(PR_MESSAGE_CLASS_W) {
            props.set_tag(PR_MESSAGE_CLASS_W, "IPM");
        }
        if !props.contains(PR_SEARCH_KEY.id()) {
            let mut random = self.prepared("SELECT randomblob(16)")?;
            let key: Vec<u8> = random.query_row([], |row| row.get(0))?;
            props.set_tag(PR_SEARCH_KEY, key);
        }
        let set = props.long(PR_MESSAGE_FLAGS).unwrap_or(0).cast_unsigned() & !COMPUTED;
        let set = match before {
            // Who submits says it himself: a copy that MAPI was preparing for that may be saved by others.
            None => set & !MessageFlags::SUBMIT.bits(),
            // STORE-23: the second save modifies the message.
            Some(before) => {
                let set = set & !KEPT & !MessageFlags::UNMODIFIED.bits();
                set | before.flags & KEPT
            }
        };
        let waits = self.asks_for_reports(props, save, before)?;
        Ok(if waits { set | REPORTS } else { set })
    }

    /// Whether from now on somebody waits to hear that the message was read, or was not (STORE-24): the first save that
    /// asks for it says so, and only of a message that nobody has read.
    fn asks_for_reports(
        &self,
        props: &PropertySet,
        save: &Save<'_>,
        before: Option<&MessageInfo>,
    ) -> Result<bool> {
        let id = PR_READ_RECEIPT_REQUESTED.id();
        let asks = |props: &PropertySet| {
            let asked = props.value(id).and_then(PropValue::as_bool);
            asked == Some(true)
        };
        if !asks(props) {
            return Ok(false);
        }
        match before {
            None => Ok(!save.read && !save.associated),
            Some(before) if before.read || before.associated => Ok(false),
            Some(before) => Ok(!asks(&self.some_message_props(before.id, &[id])?)),
        }
    }

    /// Takes out what a message has besides its row.
    fn clear_content(&self, id: MessageId) -> Result<()> {
        self.execute("DELETE FROM recipient WHERE message = ?1", [id])?;
        self.execute("DELETE FROM attachment WHERE message = ?1", [id])?;
        self.execute("DELETE FROM large WHERE object = ?1", [id])?;
        Ok(())
    }

    /// Writes recipients, attachments and large values of a message, or of an embedded one.
    fn put_content(&self, owner: i64, data: &mut MessageData) -> Result<()> {
        self.put_large(owner, &mut data.props)?;
        for (place, Recipient { row, props }) in data.recipients.iter().enumerate() {
            self.execute(
                "INSERT INTO recipient (message, place, row, props) VALUES (?1, ?2, ?3, ?4)",
                (owner, place, row, codec::encode(props)),
            )?;
        }
        for (number, attachment) in &mut data.attachments {
            self.put_attachment(owner, *number, Arc::make_mut(attachment))?;
        }
        Ok(())
    }

    fn put_attachment(&self, owner: i64, number: u32, attachment: &mut Attachment) -> Result<()> {
        self.put_large(attachment.id.raw(), &mut attachment.props)?;
        let embedded = match &mut attachment.embedded {
            None => None,
            Some(message) => {
                let id = self.take_ids(1);
                let message = Arc::make_mut(message);
                self.put_content(id, message)?;
                self.execute(
                    "INSERT INTO embedded (id, props) VALUES (?1, ?2)",
                    (id, codec::encode(&message.props)),
                )?;
                Some(id)
            }
        };
        self.execute(
            "INSERT INTO attachment (id, message, number, embedded, props) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                attachment.id,
                owner,
                number,
                embedded,
                codec::encode(&attachment.props),
            ),
        )?;
        Ok(())
    }

    /// Puts large values apart, and says that the object has them.
    pub(super) fn put_large(&self, owner: i64, props: &mut PropertySet) -> Result<()> {
        let mut blobs = BTreeSet::new();
        for (_, property) in props.iter_mut() {
            if let Property::Value(value) = &*property
                && let Some(bytes) = large_bytes(value)
            {
                let large = LargeValue {
                    prop_type: value.prop_type(),
                    blob: self.new_blob(&bytes)?,
                    size: bytes.len() as u64,
                    pin: None,
                };
                *property = Property::Large(large);
            }
            if let Property::Large(large) = property {
                blobs.insert(large.blob);
            }
        }
        blobs
            .into_iter()
            .try_for_each(|blob| self.refer(owner, blob))
    }

    fn refer(&self, owner: i64, blob: BlobId) -> Result<()> {
        let found = self.execute(
            "INSERT INTO large (object, blob) SELECT ?1, id FROM blob WHERE id = ?2",
            (owner, blob),
        )?;
        if found == 0 {
            return Err(Error::NotFound("large value"));
        }
        Ok(())
    }

    /// Attachments of a copy are others than those of the original.
    fn renumber(&self, data: &mut MessageData) {
        for attachment in data.attachments.values_mut() {
            let attachment = Arc::make_mut(attachment);
            attachment.id = super::id::AttachmentId::new(self.take_ids(1));
            if let Some(embedded) = &mut attachment.embedded {
                self.renumber(Arc::make_mut(embedded));
            }
        }
    }

    /// Writes the properties of a message whose row is there. With those of a new one it is told and counted.
    fn put_rest(&self, id: MessageId, props: &PropertySet, is_new: bool) -> Result<()> {
        let sql = if is_new {
            "INSERT INTO rest (id, props) VALUES (?1, ?2)"
        } else {
            "UPDATE rest SET props = ?2 WHERE id = ?1"
        };
        self.execute(sql, (id, codec::encode(props)))?;
        Ok(())
    }

    fn put_row(
        &self,
        info: &MessageInfo,
        columns: &Columns,
        is_new: bool,
        origin: Option<MessageId>,
    ) -> Result<()> {
        let sql = if is_new {
            "INSERT INTO message (
               id, folder, assoc, read, flags, status, size, attachments, importance, sensitivity, class, subject,
               normal_at, sender, display_to, display_cc, delivered, submitted, modified, conversation, topic, odd,
               subject_key, sender_key, origin, version
             ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
               ?22, ?23, ?24, ?25, ?26)"
        } else {
            "UPDATE message SET
               flags = ?5, size = ?7, attachments = ?8, importance = ?9, sensitivity = ?10, class = ?11, subject = ?12,
               normal_at = ?13, sender = ?14, display_to = ?15, display_cc = ?16, delivered = ?17, submitted = ?18,
               modified = ?19, conversation = ?20, topic = ?21, odd = ?22, subject_key = ?23, sender_key = ?24,
               version = ?26
             WHERE id = ?1"
        };
        self.execute(
            sql,
            rusqlite::params![
                info.id,
                info.folder,
                info.associated,
                info.read,
                info.flags,
                info.status,
                columns.size.cast_signed(),
                columns.attachments,
                columns.importance,
                columns.sensitivity,
                columns.class,
                columns.subject,
                columns.normal_at,
                columns.sender,
                columns.display_to,
                columns.display_cc,
                columns.delivered,
                columns.submitted,
                columns.modified,
                columns.conversation,
                columns.topic,
                columns.odd,
                columns.subject_key(),
                columns.sender_key(),
                origin,
                info.version.0,
            ],
        )?;
        Ok(())
    }
}
