//! Reading messages in full.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use mapi_provider_abi::mapi::PR_MESSAGE_FLAGS;
use mapi_provider_abi::view::PropValue;
use rusqlite::{OptionalExtension, Row};

use super::blob::Pin;
use super::codec;
use super::error::{Error, Result};
use super::folder::FolderKind;
use super::id::{AttachmentId, FolderId, MessageId, Version};
use super::message::{Attachment, DEEPEST, Message, MessageData, MessageInfo, Recipient};
use super::property::{Property, PropertySet};
use super::store::Store;
use super::transaction::Reader;

pub(super) const INFO: &str = "id, folder, assoc, read, flags, status, size, version";

impl MessageInfo {
    pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            folder: row.get(1)?,
            associated: row.get(2)?,
            read: row.get(3)?,
            flags: row.get(4)?,
            status: row.get(5)?,
            size: row.get(6)?,
            version: Version(row.get(7)?),
        })
    }
}

impl Reader<'_> {
    /// What the store says of a message; none where it is gone.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn message_info(&self, id: MessageId) -> Result<Option<MessageInfo>> {
        static SQL: LazyLock<String> =
            LazyLock::new(|| format!("SELECT {INFO} FROM message WHERE id = ?1"));
        let found = self.prepared(&SQL)?.query_row([id], MessageInfo::of_row);
        Ok(found.optional()?)
    }

    /// What the store says of a message that must be there.
    ///
    /// # Errors
    ///
    /// It is gone, or the store can't be read.
    pub fn existing_message(&self, id: MessageId) -> Result<MessageInfo> {
        self.message_info(id)?.ok_or(Error::NotFound("message"))
    }

    /// All messages of a folder, associated ones included, in the order of their IDs.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn message_ids(&self, folder: FolderId) -> Result<Vec<MessageId>> {
        let mut select = self.prepared("SELECT id FROM message WHERE folder = ?1 ORDER BY id")?;
        let ids = select.query_map([folder], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The messages of a folder that nobody has read, and that have one of these bits of `PR_MESSAGE_FLAGS`.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn unread_with(&self, folder: FolderId, flags: u32) -> Result<Vec<MessageId>> {
        let mut select = self.prepared(
            "SELECT id FROM message WHERE folder = ?1 AND assoc = 0 AND read = 0 AND flags & ?2 ORDER BY id",
        )?;
        let ids = select.query_map((folder, flags), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// The next messages of a folder by ID, without associated ones.
    pub(super) fn ids_after(
        &self,
        folder: FolderId,
        last: i64,
        count: usize,
    ) -> Result<Vec<MessageId>> {
        let mut select = self.prepared(
            "SELECT id FROM message WHERE folder = ?1 AND assoc = 0 AND id > ?2 ORDER BY id LIMIT ?3",
        )?;
        let ids = select.query_map((folder, last, count), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }

    /// A message with all that belongs to it; none where it is gone. Large values stay where they are.
    ///
    /// What others do with the message later may take its large values away: a client opens one by
    /// [`Store::open_message`].
    ///
    /// # Errors
    ///
    /// The store can't be read, or is damaged.
    pub fn message(&self, id: MessageId) -> Result<Option<Message>> {
        let Some(info) = self.message_info(id)? else {
            return Ok(None);
        };
        // The message itself is there.
        let props = self.message_props(id).map_err(|error| match error {
            Error::NotFound(_) => Error::Corrupt("a message has no properties".into()),
            other => other,
        });
        let mut props = props?;
        let flags = PropValue::Long(info.flags.cast_signed());
        props.set_tag(PR_MESSAGE_FLAGS, flags);
        let data = self.content(id.raw(), props, 0)?;
        Ok(Some(Message {
            info,
            data: Arc::new(data),
        }))
    }

    /// The properties of a message, without recipients and attachments: what a table shows beyond the narrow row. The
    /// bits of `PR_MESSAGE_FLAGS` may be old; those of the row hold.
    ///
    /// # Errors
    ///
    /// It is gone, or the store can't be read.
    pub fn message_props(&self, id: MessageId) -> Result<PropertySet> {
        let mut find = self.prepared("SELECT props FROM rest WHERE id = ?1")?;
        let props: Option<Vec<u8>> = find.query_row([id], |row| row.get(0)).optional()?;
        codec::decode(&props.ok_or(Error::NotFound("message"))?)
    }

    /// Some properties of a message, by their IDs: much faster than all.
    ///
    /// # Errors
    ///
    /// As [`message_props`](Self::message_props).
    pub fn some_message_props(&self, id: MessageId, ids: &[u16]) -> Result<PropertySet> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        let mut find = self.prepared("SELECT props FROM rest WHERE id = ?1")?;
        let mut rows = find.query([id])?;
        let row = rows.next()?.ok_or(Error::NotFound("message"))?;
        codec::decode_some(row.get_ref(0)?.as_blob().unwrap_or_default(), &ids)
    }

    /// The recipients of a message, in their order.
    ///
    /// # Errors
    ///
    /// The store can't be read.
    pub fn recipients(&self, id: MessageId) -> Result<Vec<Recipient>> {
        self.recipients_of(id.raw())
    }

    fn content(&self, owner: i64, props: PropertySet, depth: usize) -> Result<MessageData> {
        if depth > DEEPEST {
            return Err(Error::Corrupt("messages are nested too deep".into()));
        }
        Ok(MessageData {
            props,
            recipients: self.recipients_of(owner)?,
            attachments: self.attachments_of(owner, depth)?,
        })
    }

    fn recipients_of(&self, owner: i64) -> Result<Vec<Recipient>> {
        let mut select =
            self.prepared("SELECT row, props FROM recipient WHERE message = ?1 ORDER BY place")?;
        let rows = select.query_map([owner], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| {
            let (row, props): (u32, Vec<u8>) = row?;
            let props = Arc::new(codec::decode(&props)?);
            Ok(Recipient { row, props })
        })
        .collect()
    }

    fn attachments_of(&self, owner: i64, depth: usize) -> Result<BTreeMap<u32, Arc<Attachment>>> {
        type Found = (u32, AttachmentId, Option<i64>, Vec<u8>);
        let mut select = self.prepared(
            "SELECT number, id, embedded, props FROM attachment WHERE message = ?1 ORDER BY number",
        )?;
        let rows: Vec<Found> = select
            .query_map([owner], |row| row.try_into())?
            .collect::<rusqlite::Result<_>>()?;
        let mut attachments = BTreeMap::new();
        for (number, id, embedded, props) in rows {
            let embedded = embedded
                .map(|id| self.embedded(id, depth + 1))
                .transpose()?;
            let attachment = Attachment {
                id,
                props: codec::decode(&props)?,
                embedded: embedded.map(Arc::new),
            };
            attachments.insert(number, Arc::new(attachment));
        }
        Ok(attachments)
    }

    fn embedded(&self, id: i64, depth: usize) -> Result<MessageData> {
        let mut find = self.prepared("SELECT props FROM embedded WHERE id = ?1")?;
        let props: Option<Vec<u8>> = find.query_row([id], |row| row.get(0)).optional()?;
        let props = props.ok_or_else(|| Error::Corrupt("an embedded message is missing".into()))?;
        self.content(id, codec::decode(&props)?, depth)
    }

    pub(super) fn folder_kind(&self, id: FolderId) -> Result<Option<FolderKind>> {
        let mut find = self.prepared("SELECT kind FROM folder WHERE id = ?1")?;
        let kind: Option<i64> = find.query_row([id], |row| row.get(0)).optional()?;
        Ok(kind.map(FolderKind::of_number))
    }
}

impl Store {
    /// A message for somebody who keeps it open: he sees it as it was, large values included, whatever others do with it
    /// (STORE-21). None where it is gone.
    ///
    /// # Errors
    ///
    /// The store can't be read, or is damaged.
    pub fn open_message(&self, id: MessageId) -> Result<Option<Message>> {
        self.0.check_not_nested()?;
        // As long as this is held, nobody throws large values away.
        let _opening = self
            .0
            .opening
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(mut message) = self.read(|reader| reader.message(id))? else {
            return Ok(None);
        };
        self.pin_all(Arc::make_mut(&mut message.data));
        Ok(Some(message))
    }

    /// Keeps all large values of some data readable as long as the data are there.
    pub fn pin_all(&self, data: &mut MessageData) {
        self.pin_all_properties(&mut data.props);
        for attachment in data.attachments.values_mut() {
            let attachment = Arc::make_mut(attachment);
            self.pin_all_properties(&mut attachment.props);
            if let Some(embedded) = &mut attachment.embedded {
                self.pin_all(Arc::make_mut(embedded));
            }
        }
    }

    /// Keeps all large values among some properties readable as long as the properties are there.
    pub fn pin_all_properties(&self, props: &mut PropertySet) {
        for (_, property) in props.iter_mut() {
            self.pin_property(property);
        }
    }

    /// Keeps a large value readable as long as somebody has this.
    pub fn pin_property(&self, property: &mut Property) {
        if let Property::Large(large) = property
            && large.pin.is_none()
        {
            large.pin = Some(Pin::new(&self.0, large.blob));
        }
    }
}
