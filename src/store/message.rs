//! Messages.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::EntryId;
use super::attachment::{Attachment, FileAttachment};
use super::calls::{Object, TableOf};
use super::error::StoreError;
use super::properties::{Properties, text_value};
use super::query::Query;
use super::recipient::Recipient;
use mapi_provider_abi::mapi::{
    IMessage, MAPI_E_COMPUTED, MAPI_E_NOT_FOUND, MessageFlags, ModifyRecipientsFlags,
    PR_ATTACH_NUM, PR_DISPLAY_NAME_W, PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS, ReadFlags,
};
use mapi_provider_abi::view::{AddressList, Property};
#[cfg(feature = "transport")]
use mapi_provider_abi::{
    mapi::{CreateMessageFlags, SaveChangesFlags},
    view::{Allocators, Row},
};

/// The class of ordinary mail.
const NOTE: &str = "IPM.Note";

/// An open message.
///
/// Others see neither a new message nor a change before [`save`](Self::save). A message is cheap to clone, and can be
/// used from any thread; the clones are the same message.
///
/// ```
/// use mapi_provider::store::{EntryId, FileAttachment, Folder, Recipient, StoreError};
///
/// /// Puts a message that has arrived into a folder.
/// fn deliver(inbox: &Folder) -> Result<EntryId, StoreError> {
///     let message = inbox.create_message()?;
///     message.set_subject("Hello")?;
///     message.set_from("Ann", "ann@example.org")?;
///     message.add_recipients(&[Recipient::to("Bob", "bob@example.org")])?;
///     message.set_body("Hello, Bob!")?;
///     message.set_html("<p>Hello, <b>Bob</b>!</p>")?;
///     message.attach(&FileAttachment::new("hello.txt", "text/plain", b"Hello."))?;
///     message.set_read(false)?;
///     message.save()
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Message<'run> {
    properties: Properties<'run>,
    message: Object<'run, IMessage>,
    state: Arc<AtomicU32>,
}

/// The message was never saved: its flags are properties still. Beside it in the state are those flags.
const NEW: u32 = 1 << 31;

/// The message lies in an attachment and has no entry ID.
const EMBEDDED: u32 = 1 << 30;

impl<'run> Message<'run> {
    /// A message that was there.
    pub(super) fn opened(message: Object<'run, IMessage>) -> Self {
        Self::with_state(message, 0)
    }

    /// A message in an attachment.
    pub(super) fn embedded(message: Object<'run, IMessage>) -> Self {
        Self::with_state(message, EMBEDDED)
    }

    /// A new message of a folder, with what every message needs.
    pub(super) fn created(
        message: Object<'run, IMessage>,
        flags: MessageFlags,
    ) -> Result<Self, StoreError> {
        Self::with_state(message, NEW | flags.bits()).filled(flags)
    }

    /// A new message in an attachment, with what every message needs.
    pub(super) fn created_within(
        message: Object<'run, IMessage>,
        flags: MessageFlags,
    ) -> Result<Self, StoreError> {
        Self::with_state(message, NEW | EMBEDDED | flags.bits()).filled(flags)
    }

    fn with_state(message: Object<'run, IMessage>, state: u32) -> Self {
        Self {
            properties: Properties::new(message.properties()),
            message,
            state: Arc::new(AtomicU32::new(state)),
        }
    }

    /// Sets class and flags. A store that computes the flags itself may have its way.
    fn filled(self, flags: MessageFlags) -> Result<Self, StoreError> {
        let mut problems = self.set_some(&[
            Property::new(PR_MESSAGE_CLASS_W, NOTE),
            Property::new(PR_MESSAGE_FLAGS, flags.bits() as i32),
        ])?;
        problems
            .retain(|problem| problem.tag != PR_MESSAGE_FLAGS || problem.status != MAPI_E_COMPUTED);
        if problems.is_empty() {
            Ok(self)
        } else {
            Err(StoreError::refused("create a message", problems))
        }
    }

    /// What the store says of the message: `PR_MESSAGE_FLAGS`.
    ///
    /// # Errors
    ///
    /// They can’t be read.
    pub fn flags(&self) -> Result<MessageFlags, StoreError> {
        let flags = self.long(PR_MESSAGE_FLAGS)?.unwrap_or_default();
        Ok(MessageFlags::from_bits_retain(flags as u32))
    }

    /// Whether the message counts as read. Of many messages a table tells it sooner: [`Row::is_read`](super::Row::is_read).
    ///
    /// # Errors
    ///
    /// It can’t be read.
    pub fn is_read(&self) -> Result<bool, StoreError> {
        Ok(self.flags()?.contains(MessageFlags::READ))
    }

    /// Marks the message as read or unread. No report of it is sent. For a saved message, the store does it at once;
    /// for a new one, saving does it.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_read(&self, read: bool) -> Result<(), StoreError> {
        let state = self.state.load(Ordering::Relaxed);
        if state & NEW == 0 {
            return self.message.set_read_flag(read_flags(read));
        }
        let mut flags = MessageFlags::from_bits_retain(state & !(NEW | EMBEDDED));
        flags.set(MessageFlags::READ, read);
        self.set(PR_MESSAGE_FLAGS, flags.bits() as i32)?;
        let state = state & (NEW | EMBEDDED) | flags.bits();
        self.state.store(state, Ordering::Relaxed);
        Ok(())
    }

    /// The recipients, in the order of the table.
    ///
    /// # Errors
    ///
    /// They can’t be read.
    pub fn recipients(&self) -> Result<Vec<Recipient>, StoreError> {
        let query = self.recipient_table().columns(&Recipient::COLUMNS);
        let recipients = query.rows()?.map(|row| Ok(Recipient::from_row(&row?)));
        recipients.collect()
    }

    /// The recipients as a table, for properties that [`Recipient`] doesn’t have.
    pub fn recipient_table(&self) -> Query<'run> {
        Query::new(TableOf::Recipients(self.message.clone()))
    }

    /// Adds recipients.
    ///
    /// # Errors
    ///
    /// The message refuses them.
    pub fn add_recipients(&self, recipients: &[Recipient]) -> Result<(), StoreError> {
        if recipients.is_empty() {
            return Ok(());
        }
        self.modify(recipients, ModifyRecipientsFlags::MODRECIP_ADD)
    }

    /// Replaces the recipients.
    ///
    /// # Errors
    ///
    /// The message refuses them.
    pub fn set_recipients(&self, recipients: &[Recipient]) -> Result<(), StoreError> {
        self.modify(recipients, ModifyRecipientsFlags::empty())
    }

    fn modify(
        &self,
        recipients: &[Recipient],
        flags: ModifyRecipientsFlags,
    ) -> Result<(), StoreError> {
        let list = AddressList(recipients.iter().map(Recipient::to_entry).collect());
        self.message.modify_recipients(&list, flags)
    }

    /// Removes a recipient that [`recipients`](Self::recipients) has returned.
    ///
    /// # Errors
    ///
    /// It isn’t one of this message, or the message refuses it.
    pub fn remove_recipient(&self, recipient: &Recipient) -> Result<(), StoreError> {
        let entry = recipient.to_row_id();
        let entry =
            entry.ok_or_else(|| StoreError::new("remove a recipient", MAPI_E_NOT_FOUND, None))?;
        let flags = ModifyRecipientsFlags::MODRECIP_REMOVE;
        self.message
            .modify_recipients(&AddressList(vec![entry]), flags)
    }

    /// Attaches a file.
    ///
    /// # Errors
    ///
    /// The message refuses it, or some of its properties.
    pub fn attach(&self, file: &FileAttachment<'_>) -> Result<Attachment<'run>, StoreError> {
        let attachment = self.create_attachment()?;
        attachment.set_all(&file.properties())?;
        attachment.save()?;
        Ok(attachment)
    }

    /// Attaches a message, which `fill` fills; both are saved into this one.
    ///
    /// ```
    /// use mapi_provider::store::{Message, StoreError};
    ///
    /// fn forward(message: &Message) -> Result<(), StoreError> {
    ///     message.attach_message("Old news", |inner| {
    ///         inner.set_subject("Old news")?;
    ///         inner.set_body("Once upon a time…")
    ///     })?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// What `fill` fails with; or the message refuses the attachment.
    pub fn attach_message<E: From<StoreError>>(
        &self,
        name: &str,
        fill: impl FnOnce(&Message) -> Result<(), E>,
    ) -> Result<Attachment<'run>, E> {
        let (attachment, message) = self.begin_message(name)?;
        fill(&message)?;
        message.commit()?;
        attachment.save()?;
        Ok(attachment)
    }

    fn begin_message(&self, name: &str) -> Result<(Attachment<'run>, Message<'run>), StoreError> {
        let attachment = self.create_attachment()?;
        attachment.set(PR_DISPLAY_NAME_W, text_value(name))?;
        let message = attachment.create_message(MessageFlags::READ)?;
        Ok((attachment, message))
    }

    /// A new attachment without any properties, for what [`attach`](Self::attach) can’t do. It is saved after they are
    /// set, and before the message is.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn create_attachment(&self) -> Result<Attachment<'run>, StoreError> {
        let (number, attachment) = self.message.create_attach()?;
        Ok(Attachment::new(number, &attachment))
    }

    /// The attachments, each of them opened.
    ///
    /// # Errors
    ///
    /// They can’t be read, or one of them can’t be opened.
    pub fn attachments(&self) -> Result<Vec<Attachment<'run>>, StoreError> {
        let query = self.attachment_table().columns(&[PR_ATTACH_NUM]);
        let attachments = query.rows()?.map(|row| {
            let missing =
                || StoreError::senseless("list attachments", "an attachment has no number");
            let number = row?.long(PR_ATTACH_NUM).ok_or_else(missing)?;
            // A number of which MAPI makes an unsigned one elsewhere.
            self.open_attachment(number as u32)
        });
        attachments.collect()
    }

    /// The attachments as a table.
    pub fn attachment_table(&self) -> Query<'run> {
        Query::new(TableOf::Attachments(self.message.clone()))
    }

    /// Opens the attachment with a number, `PR_ATTACH_NUM`.
    ///
    /// # Errors
    ///
    /// There is none, or it can’t be opened.
    pub fn open_attachment(&self, number: u32) -> Result<Attachment<'run>, StoreError> {
        let attachment = self.message.open_attach(number)?;
        Ok(Attachment::new(number, &attachment))
    }

    /// Deletes the attachment with a number, `PR_ATTACH_NUM`.
    ///
    /// # Errors
    ///
    /// There is none, or the message refuses it.
    pub fn delete_attachment(&self, number: u32) -> Result<(), StoreError> {
        self.message.delete_attach(number)
    }

    /// Saves the message, and returns its entry ID. It stays open and may be changed and saved again.
    ///
    /// A message in an attachment has no entry ID: then the result is empty.
    ///
    /// # Errors
    ///
    /// The message can’t be saved; [`StoreError::is_changed`] if somebody else has changed it meanwhile.
    pub fn save(&self) -> Result<EntryId, StoreError> {
        self.commit()?;
        if self.state.load(Ordering::Relaxed) & EMBEDDED != 0 {
            return Ok(EntryId::default());
        }
        self.entry_id()
    }

    /// Hands the message over to be sent, with all changes, as its user does. It should lie in the
    /// [`outbox`](super::Store::outbox), and `PR_SENTMAIL_ENTRYID` says where it goes when it was sent. From then on it is
    /// the spooler’s: neither this message nor its clones can be used any more.
    ///
    /// # Errors
    ///
    /// The store refuses it, or sends nothing (`MAPI_E_NO_SUPPORT`).
    pub fn submit(self) -> Result<(), StoreError> {
        self.message.submit()
    }

    /// A message that MAPI has handed to a transport, for as long as the call.
    #[cfg(feature = "transport")]
    pub(crate) fn handed_in(message: IMessage, allocators: Allocators) -> Self {
        Self::opened(Object::new(message, allocators))
    }

    /// Changes rows of the recipient table, found by their `PR_ROWID`; all that a row is to have is in it.
    #[cfg(feature = "transport")]
    pub(crate) fn modify_rows(&self, rows: Vec<Row<'static>>) -> Result<(), StoreError> {
        let flags = ModifyRecipientsFlags::MODRECIP_MODIFY;
        self.message.modify_recipients(&AddressList(rows), flags)
    }

    /// Adds rows to the recipient table as they are.
    #[cfg(feature = "transport")]
    pub(crate) fn add_rows(&self, rows: Vec<Row<'static>>) -> Result<(), StoreError> {
        let flags = ModifyRecipientsFlags::MODRECIP_ADD;
        self.message.modify_recipients(&AddressList(rows), flags)
    }

    /// Saves a message that has come in: the store applies its rules to it (XP-26).
    #[cfg(feature = "transport")]
    pub(crate) fn save_arrived(&self) -> Result<(), StoreError> {
        let flags = SaveChangesFlags::KEEP_OPEN_READWRITE
            | SaveChangesFlags::NON_EMS_XP_SAVE
            // A flag of CreateMessage, which SaveChanges is given too.
            | SaveChangesFlags::from_bits_retain(CreateMessageFlags::ITEMPROC_FORCE.bits());
        self.object().save_as("save a message", flags)
    }

    /// Saves the message and leaves it open, without asking for its entry ID.
    #[cfg(feature = "transport")]
    pub(crate) fn save_changes(&self) -> Result<(), StoreError> {
        self.commit()
    }

    fn commit(&self) -> Result<(), StoreError> {
        self.object().save("save a message")?;
        self.state.fetch_and(EMBEDDED, Ordering::Relaxed);
        Ok(())
    }
}

/// What a mark is set with: without any report to the sender.
pub(super) fn read_flags(read: bool) -> ReadFlags {
    if read {
        ReadFlags::SUPPRESS_RECEIPT
    } else {
        ReadFlags::CLEAR_READ_FLAG
    }
}

impl<'run> Deref for Message<'run> {
    type Target = Properties<'run>;

    fn deref(&self) -> &Properties<'run> {
        &self.properties
    }
}
