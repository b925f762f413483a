//! An open message: the copy that its client works on.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::time::SystemTime;

use mapi_provider_abi::mapi::{
    MAPI_E_NO_ACCESS, MessageFlags, PR_CREATION_TIME, PR_MESSAGE_FLAGS, PR_SEARCH_KEY,
};
use mapi_provider_abi::view::{FileTime, PropValue};

use super::super::computed::{Lists, MessageView, embedded_key};
use super::super::fault::{Fault, Result};
use super::super::identity::Identity;
use super::super::shared::{StoreShared, lock};
use super::super::stream::Pending;
use super::attachment_state::AttachmentState;
use super::parts::Tables;
use crate::database::{
    Attachment, AttachmentId, FolderId, Message, MessageData, MessageId, PropertySet, Version,
};

/// What of `PR_MESSAGE_FLAGS` follows from something else, and is no part of the copy's properties.
const COMPUTED: MessageFlags = MessageFlags::READ
    .union(MessageFlags::HASATTACH)
    .union(MessageFlags::ASSOCIATED);

/// An open message. Its object, its attachments and its streams share this.
pub(super) struct MessageState {
    pub(super) shared: Arc<StoreShared>,
    pub(super) home: Home,
    working: Mutex<Working>,
    pub(super) tables: Tables,
}

/// Where a message is saved to.
pub(super) enum Home {
    /// A folder: which one, the copy knows.
    Folder {
        /// What the message is called.
        id: MessageId,
        /// It is one that is not for people.
        associated: bool,
    },
    /// The attachment that it is in.
    Attachment(Arc<AttachmentState>),
}

/// The copy.
pub(super) struct Working {
    /// Cheap to look at: who changes it while somebody looks makes another one.
    pub(super) data: Arc<MessageData>,
    /// It was saved at least once.
    pub(super) is_saved: bool,
    /// The save that it is of; none before the first, and in an attachment.
    pub(super) version: Option<Version>,
    /// The folder, as far as this knows.
    pub(super) folder: Option<FolderId>,
    pub(super) read: bool,
    /// `PR_MSG_STATUS`.
    pub(super) status: u32,
    pub(super) is_writable: bool,
    /// The client has set the time of the last change itself.
    pub(super) is_timed: bool,
    /// The least `PR_ROWID` of the next recipient (STORE-06: none is used again).
    pub(super) next_recipient: u32,
    /// The least number of the next attachment (STORE-29: none is used again).
    pub(super) next_attachment: u32,
    /// The attachments as the message was last saved, without those that were deleted: what the table shows (STORE-29).
    pub(super) saved_attachments: BTreeMap<u32, Arc<Attachment>>,
    /// What streams have not brought into the copy yet.
    pending: Vec<Weak<dyn Pending>>,
}

/// A message at one moment.
pub(super) struct Snapshot {
    place: Option<(MessageId, FolderId)>,
    attachment: Option<AttachmentId>,
    version: Option<Version>,
    flags: MessageFlags,
    status: u32,
    is_writable: bool,
    pub(super) data: Arc<MessageData>,
}

impl Snapshot {
    /// The message as its properties, those that follow from others included (STORE-25).
    pub(super) fn view<'a>(&'a self, identity: &'a Identity) -> MessageView<'a> {
        MessageView {
            identity,
            place: self.place,
            attachment: self.attachment,
            version: self.version,
            flags: self.flags,
            status: self.status,
            size: self.data.size(),
            writable: self.is_writable,
            props: &self.data.props,
            lists: Lists::Of(&self.data.recipients),
        }
    }
}

impl MessageState {
    /// A message of the store.
    pub(super) fn of_saved(
        shared: &Arc<StoreShared>,
        message: Message,
        is_writable: bool,
    ) -> Arc<Self> {
        let info = message.info;
        let home = Home::Folder {
            id: info.id,
            associated: info.associated,
        };
        let working = Working {
            is_saved: true,
            version: Some(info.version),
            folder: Some(info.folder),
            read: info.read,
            status: info.status,
            is_writable,
            ..Working::new(message.data)
        };
        Self::new(shared, home, working)
    }

    /// A new message in a folder, which isn't there until it is saved.
    pub(super) fn of_new(
        shared: &Arc<StoreShared>,
        id: MessageId,
        folder: FolderId,
        associated: bool,
    ) -> Arc<Self> {
        let working = Working {
            folder: Some(folder),
            ..Working::new(new_data(&shared.identity, id))
        };
        Self::new(shared, Home::Folder { id, associated }, working)
    }

    /// A message in an attachment: the one that is there, or a new one.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub(super) fn of_embedded(
        attachment: Arc<AttachmentState>,
        data: Option<Arc<MessageData>>,
        is_writable: bool,
    ) -> Result<Arc<Self>> {
        let shared = Arc::clone(attachment.shared());
        let is_saved = data.is_some();
        let data = match data {
            Some(data) => data,
            // Nothing of the store is called so; but its number makes a search key that nothing else has.
            None => new_data(&shared.identity, shared.store().reserve_message()?),
        };
        let working = Working {
            is_saved,
            read: is_saved && flags_of(&data.props).contains(MessageFlags::READ),
            is_writable,
            ..Working::new(data)
        };
        Ok(Self::new(&shared, Home::Attachment(attachment), working))
    }

    fn new(shared: &Arc<StoreShared>, home: Home, working: Working) -> Arc<Self> {
        Arc::new(Self {
            shared: Arc::clone(shared),
            home,
            tables: Tables::default(),
            working: Mutex::new(working),
        })
    }

    /// The copy. Nothing foreign may be called while somebody has it.
    pub(super) fn working(&self) -> MutexGuard<'_, Working> {
        lock(&self.working)
    }

    /// The copy, to be changed.
    ///
    /// # Errors
    ///
    /// The message is open for reading only.
    pub(super) fn writable(&self) -> Result<MutexGuard<'_, Working>> {
        let working = self.working();
        working.check_writable()?;
        Ok(working)
    }

    /// The message as it is now, saved or not.
    pub(super) fn snapshot(&self) -> Snapshot {
        let working = self.working();
        let (place, associated) = match self.home {
            Home::Folder { id, associated } => (working.folder.map(|one| (id, one)), associated),
            Home::Attachment(_) => (None, false),
        };
        let attachment = match &self.home {
            Home::Folder { .. } => None,
            Home::Attachment(attachment) => Some(attachment.id()),
        };
        let mut flags = flags_of(&working.data.props) - COMPUTED;
        flags.set(MessageFlags::READ, working.read);
        let has_attachments = !working.data.attachments.is_empty();
        flags.set(MessageFlags::HASATTACH, has_attachments);
        flags.set(MessageFlags::ASSOCIATED, associated);
        Snapshot {
            place,
            attachment,
            version: working.version,
            flags,
            status: working.status,
            is_writable: working.is_writable,
            data: Arc::clone(&working.data),
        }
    }

    pub(super) fn is_writable(&self) -> bool {
        self.working().is_writable
    }

    /// `PR_RECORD_KEY`.
    pub(super) fn record_key(&self) -> Vec<u8> {
        match &self.home {
            Home::Folder { id, .. } => self.shared.identity.entry_id(*id),
            Home::Attachment(attachment) => embedded_key(attachment.id()),
        }
    }

    /// How deep the message is nested in attachments of others.
    pub(super) fn depth(&self) -> usize {
        match &self.home {
            Home::Folder { .. } => 0,
            Home::Attachment(attachment) => attachment.message.depth() + 1,
        }
    }

    /// Has a stream write back before the message is saved.
    pub(super) fn add_pending(&self, stream: Weak<dyn Pending>) {
        add_pending(&mut self.working().pending, stream);
    }

    /// Brings in what streams have not written back yet.
    ///
    /// # Errors
    ///
    /// It can't be brought in: the store can't be written.
    pub(super) fn flush(&self) -> Result<()> {
        let pending = self.working().pending.clone();
        flush(&pending)
    }
}

/// Has a stream write back before an object is saved.
pub(super) fn add_pending(pending: &mut Vec<Weak<dyn Pending>>, stream: Weak<dyn Pending>) {
    pending.retain(|one| one.strong_count() > 0);
    pending.push(stream);
}

/// Has streams write back.
///
/// # Errors
///
/// One can't: the store can't be written.
pub(super) fn flush(pending: &[Weak<dyn Pending>]) -> Result<()> {
    let mut alive = pending.iter().filter_map(Weak::upgrade);
    alive.try_for_each(|stream| stream.flush())
}

/// `PR_MESSAGE_FLAGS` as the properties have it.
pub(super) fn flags_of(props: &PropertySet) -> MessageFlags {
    let flags = props.long(PR_MESSAGE_FLAGS).unwrap_or(0);
    MessageFlags::from_bits_retain(flags.cast_unsigned())
}

/// Sets `PR_MESSAGE_FLAGS` among the properties.
pub(super) fn set_flags(props: &mut PropertySet, flags: MessageFlags) {
    let flags = PropValue::Long(flags.bits().cast_signed());
    props.set_tag(PR_MESSAGE_FLAGS, flags);
}

/// The time, as properties have it.
pub(super) fn now() -> FileTime {
    FileTime::try_from(SystemTime::now()).unwrap_or_default()
}

/// The data of a new message.
fn new_data(identity: &Identity, id: MessageId) -> Arc<MessageData> {
    let mut data = MessageData::default();
    // STORE-23.
    let flags = MessageFlags::UNSENT | MessageFlags::UNMODIFIED;
    set_flags(&mut data.props, flags);
    // STORE-06: it is there at once.
    data.props.set_tag(PR_SEARCH_KEY, search_key(identity, id));
    data.props.set_tag(PR_CREATION_TIME, now());
    Arc::new(data)
}

/// A key that no other message has: it is made of two numbers that are never used again, the store's and the message's.
fn search_key(identity: &Identity, id: MessageId) -> Vec<u8> {
    let number = u128::from(id.number()).to_be_bytes();
    let bytes = identity.uid.iter().zip(number);
    bytes.map(|(one, other)| one ^ other).collect()
}

impl Working {
    fn new(data: Arc<MessageData>) -> Self {
        let last_row = data.recipients.iter().map(|recipient| recipient.row).max();
        let last_attachment = data.attachments.keys().next_back().copied();
        let after = |last: Option<u32>| last.map_or(0, |last| last.saturating_add(1));
        Self {
            next_recipient: after(last_row),
            next_attachment: after(last_attachment),
            saved_attachments: data.attachments.clone(),
            data,
            is_saved: false,
            version: None,
            folder: None,
            read: false,
            status: 0,
            is_writable: true,
            is_timed: false,
            pending: Vec::new(),
        }
    }

    /// The data, to be changed.
    pub(super) fn data_mut(&mut self) -> &mut MessageData {
        Arc::make_mut(&mut self.data)
    }

    pub(super) fn check_writable(&self) -> Result<()> {
        if self.is_writable {
            Ok(())
        } else {
            let text = "the message is open for reading only";
            Err(Fault::new(MAPI_E_NO_ACCESS, text))
        }
    }
}
