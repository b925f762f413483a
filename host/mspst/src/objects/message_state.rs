//! An open message: the copy that its client works on, until it is saved.

use std::sync::{Arc, Mutex, Weak};

use mapi_provider::abi::{
    HRESULT, MAPI_E_COMPUTED, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, MAPI_E_OBJECT_CHANGED,
    MAPI_E_OBJECT_DELETED, MessageFlags, PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME,
    PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS, PR_SEARCH_KEY, PT_ERROR, PT_NULL, PT_OBJECT, PropTag,
    ReadFlags, SaveChangesFlags,
};
use mapi_provider::view::PropValue;

use super::attach::AttachState;
use super::shared::{StoreShared, lock};
use super::stream::Pending;
use crate::answers::Problems;
use crate::arguments::Given;
use crate::computed::MessageView;
use crate::db::{Attachment, Change, Event, Id, Message, MessageData, State, new_uid, now};
use crate::fault::{Fault, Result};

/// An open message. Its object, its attachments and its streams share this.
pub(super) struct MessageState {
    pub(super) shared: Arc<StoreShared>,
    home: Home,
    working: Mutex<Working>,
}

/// Where a message is saved to.
enum Home {
    Folder(Id),
    /// The attachment that it is in.
    Attachment(Arc<AttachState>),
}

struct Working {
    data: Arc<MessageData>,
    /// What the store had when this was opened or last saved; `None` for a new message.
    base: Option<Arc<MessageData>>,
    /// The folder, as far as this knows.
    folder: Id,
    read: bool,
    status: u32,
    is_writable: bool,
    /// The client has set the time of the last change itself.
    is_timed: bool,
    /// The least number of the next attachment.
    next_attachment: u32,
    /// Changes that are not in the data yet.
    pending: Vec<Weak<dyn Pending>>,
}

/// A message at one moment.
pub(super) struct Snapshot {
    place: Option<(Id, Id)>,
    read: bool,
    status: u32,
    writable: bool,
    pub(super) data: Arc<MessageData>,
}

impl Snapshot {
    /// The message as its properties.
    pub(super) fn view<'a>(&'a self, shared: &'a StoreShared) -> MessageView<'a> {
        MessageView {
            identity: &shared.identity,
            place: self.place,
            read: self.read,
            status: self.status,
            writable: self.writable,
            data: &self.data,
        }
    }
}

impl MessageState {
    /// A message of the store.
    pub(super) fn of_saved(
        shared: Arc<StoreShared>,
        message: Arc<Message>,
        writable: bool,
    ) -> Arc<Self> {
        let working = Working {
            data: Arc::clone(&message.data),
            base: Some(Arc::clone(&message.data)),
            folder: message.folder,
            read: message.read,
            status: message.status,
            is_writable: writable,
            is_timed: false,
            next_attachment: 0,
            pending: Vec::new(),
        };
        Arc::new(Self {
            shared,
            home: Home::Folder(message.id),
            working: Mutex::new(working),
        })
    }

    /// A new message in a folder, which isn't there until it is saved.
    pub(super) fn of_new(shared: Arc<StoreShared>, id: Id, folder: Id) -> Arc<Self> {
        Arc::new(Self {
            shared,
            home: Home::Folder(id),
            working: Mutex::new(Working::new(new_data(), folder)),
        })
    }

    /// The message in an attachment, or a new one if there is none yet.
    pub(super) fn of_embedded(
        attachment: Arc<AttachState>,
        data: Option<Arc<MessageData>>,
        writable: bool,
    ) -> Arc<Self> {
        let is_new = data.is_none();
        let mut working = Working::new(MessageData::default(), Id::ROOT);
        working.data = data.unwrap_or_else(|| Arc::new(new_data()));
        working.base = (!is_new).then(|| Arc::clone(&working.data));
        working.is_writable = writable;
        Arc::new(Self {
            shared: Arc::clone(&attachment.message.shared),
            home: Home::Attachment(attachment),
            working: Mutex::new(working),
        })
    }

    /// The message as it is now, saved or not.
    pub(super) fn snapshot(&self) -> Snapshot {
        let working = lock(&self.working);
        let place = match &self.home {
            Home::Folder(id) => Some((*id, working.folder)),
            Home::Attachment(_) => None,
        };
        Snapshot {
            place,
            read: working.read,
            status: working.status,
            writable: working.is_writable,
            data: Arc::clone(&working.data),
        }
    }

    /// How deeply the message is nested in attachments of others.
    pub(super) fn depth(&self) -> usize {
        match &self.home {
            Home::Folder(_) => 0,
            Home::Attachment(attachment) => attachment.message.depth() + 1,
        }
    }

    pub(super) fn is_writable(&self) -> bool {
        lock(&self.working).is_writable
    }

    /// Changes the copy. A message that others share is copied first.
    ///
    /// # Errors
    ///
    /// The message is open for reading only, or what `change` says.
    pub(super) fn change<T>(
        &self,
        change: impl FnOnce(&mut MessageData) -> Result<T>,
    ) -> Result<T> {
        let mut working = lock(&self.working);
        working.check_writable()?;
        change(Arc::make_mut(&mut working.data))
    }

    /// Sets properties.
    ///
    /// # Errors
    ///
    /// The message is open for reading only.
    pub(super) fn set_props(&self, given: Vec<Given>) -> Result<Problems> {
        let mut working = lock(&self.working);
        working.check_writable()?;
        let mut problems = Problems::default();
        for (index, Given { tag, value }) in given.into_iter().enumerate() {
            let set = match value {
                _ if matches!(tag.prop_type(), PT_ERROR | PT_NULL | PT_OBJECT) => Ok(()),
                Ok(value) => working.set(tag, value),
                Err(status) => Err(status),
            };
            if let Err(status) = set {
                problems.add(index, tag, status);
            }
        }
        Ok(problems)
    }

    /// Deletes properties.
    ///
    /// # Errors
    ///
    /// The message is open for reading only.
    pub(super) fn delete_props(&self, tags: Vec<PropTag>) -> Result<Problems> {
        let mut problems = Problems::default();
        self.change(|data| {
            for (index, tag) in tags.into_iter().enumerate() {
                if MessageView::is_computed(tag.id()) {
                    problems.add(index, tag, MAPI_E_COMPUTED);
                } else if data.props.remove(tag.id()).is_none() {
                    problems.add(index, tag, MAPI_E_NOT_FOUND);
                }
            }
            Ok(())
        })?;
        Ok(problems)
    }

    /// Marks the message as read or not. A saved message is marked at once.
    ///
    /// # Errors
    ///
    /// The mark can't be written.
    pub(super) fn set_read(&self, flags: ReadFlags) -> Result<()> {
        if flags.contains(ReadFlags::GENERATE_RECEIPT_ONLY) {
            return Ok(());
        }
        let read = !flags.contains(ReadFlags::CLEAR_READ_FLAG);
        let is_saved = {
            let mut working = lock(&self.working);
            working.read = read;
            working.base.is_some()
        };
        let Home::Folder(id) = self.home else {
            return Ok(());
        };
        if !is_saved {
            return Ok(());
        }
        self.shared
            .commit(|state| Ok((mark(state, id, |_| (read, None))?, ())))
    }

    /// Registers something to flush before the message is saved.
    pub(super) fn add_pending(&self, pending: Weak<dyn Pending>) {
        let mut working = lock(&self.working);
        working.pending.retain(|one| one.strong_count() > 0);
        working.pending.push(pending);
    }

    /// Adds what streams have not written back yet.
    pub(super) fn flush(&self) {
        let pending: Vec<Weak<dyn Pending>> = lock(&self.working).pending.clone();
        let alive = pending.iter().filter_map(Weak::upgrade);
        alive.for_each(|pending| pending.flush());
    }

    /// `SaveChanges`: one record of the file, or one change of the attachment that this message is in.
    ///
    /// # Errors
    ///
    /// The message is open for reading only, somebody else has saved it meanwhile, it or its folder is gone,
    /// or it can't be written. The copy is unchanged.
    pub(super) fn save(&self, flags: SaveChangesFlags) -> Result<()> {
        self.flush();
        let mut working = lock(&self.working);
        working.check_writable()?;
        let data = working.ready();
        let events = match &self.home {
            Home::Folder(id) => {
                let force = flags.contains(SaveChangesFlags::FORCE_SAVE);
                let commit = |state: &State| working.plan(state, *id, &data, force);
                let (saved, events) = self.shared.db.commit(commit)?;
                working.folder = saved.folder;
                working.read = saved.read;
                working.status = saved.status;
                events
            }
            Home::Attachment(attachment) => {
                attachment.embed(Arc::clone(&data))?;
                Vec::<Event>::new()
            }
        };
        working.base = Some(Arc::clone(&data));
        working.data = data;
        working.is_timed = false;
        working.is_writable = flags.contains(SaveChangesFlags::KEEP_OPEN_READWRITE);
        // Whoever hears of it may call this object.
        drop(working);
        self.shared.announce(&events);
        Ok(())
    }

    /// A number for a new attachment, which no other in this copy has had.
    ///
    /// # Errors
    ///
    /// The message is open for reading only.
    pub(super) fn new_attachment(&self) -> Result<u32> {
        let mut working = lock(&self.working);
        working.check_writable()?;
        let last = working.data.attachments.keys().next_back();
        let next = last.map_or(0, |last| last.wrapping_add(1));
        let number = next.max(working.next_attachment);
        working.next_attachment = number.wrapping_add(1);
        Ok(number)
    }

    /// An attachment, by its number.
    pub(super) fn attachment(&self, number: u32) -> Option<Arc<Attachment>> {
        lock(&self.working).data.attachments.get(&number).cloned()
    }
}

/// The data of a new message.
fn new_data() -> MessageData {
    let mut data = MessageData::default();
    let unsent = MessageFlags::UNSENT | MessageFlags::UNMODIFIED;
    data.props
        .put(PR_MESSAGE_FLAGS, PropValue::Long(unsent.bits() as i32));
    data.props.put(PR_SEARCH_KEY, new_uid().to_vec());
    data.props.put(PR_CREATION_TIME, now());
    data
}

impl Working {
    fn new(data: MessageData, folder: Id) -> Self {
        Self {
            data: Arc::new(data),
            base: None,
            folder,
            read: false,
            status: 0,
            is_writable: true,
            is_timed: false,
            next_attachment: 0,
            pending: Vec::new(),
        }
    }

    fn check_writable(&self) -> Result<()> {
        if self.is_writable {
            Ok(())
        } else {
            let text = "the message is open for reading only";
            Err(Fault::new(MAPI_E_NO_ACCESS, text))
        }
    }

    fn set(&mut self, tag: PropTag, value: PropValue<'static>) -> Result<(), HRESULT> {
        // The flags are the client's until the message is saved for the first time.
        if tag == PR_MESSAGE_FLAGS && self.base.is_none() {
            let flags = MessageFlags::from_bits_retain(value.as_long().unwrap_or(0) as u32);
            self.read = flags.contains(MessageFlags::READ);
        } else if MessageView::is_computed(tag.id()) {
            return Err(MAPI_E_COMPUTED);
        }
        self.is_timed |= tag == PR_LAST_MODIFICATION_TIME;
        Arc::make_mut(&mut self.data).props.set(tag.id(), value);
        Ok(())
    }

    /// The data to save: with the times, and a class.
    fn ready(&self) -> Arc<MessageData> {
        let mut data = MessageData::clone(&self.data);
        let now = now();
        if !data.props.contains(PR_CREATION_TIME.id()) {
            data.props.put(PR_CREATION_TIME, now);
        }
        if !self.is_timed {
            data.props.put(PR_LAST_MODIFICATION_TIME, now);
        }
        if !data.props.contains(PR_MESSAGE_CLASS_W.id()) {
            data.props.put(PR_MESSAGE_CLASS_W, "IPM");
        }
        let flags = data.props.long(PR_MESSAGE_FLAGS) as u32;
        let flags = MessageFlags::from_bits_retain(flags) - MessageFlags::UNMODIFIED;
        data.props
            .put(PR_MESSAGE_FLAGS, PropValue::Long(flags.bits() as i32));
        Arc::new(data)
    }

    /// The change that puts the message into the store. Its marks and place stay as they are there.
    fn plan(
        &self,
        state: &State,
        id: Id,
        data: &Arc<MessageData>,
        force: bool,
    ) -> Result<(Vec<Change>, Arc<Message>)> {
        let message = match (state.message(id), &self.base) {
            (Some(current), Some(base)) => {
                if !force && !Arc::ptr_eq(&current.data, base) {
                    let text = "somebody else has changed the message";
                    return Err(Fault::new(MAPI_E_OBJECT_CHANGED, text));
                }
                Message {
                    data: Arc::clone(data),
                    ..Message::clone(current)
                }
            }
            (None, Some(_)) => {
                let text = "the message has been deleted";
                return Err(Fault::new(MAPI_E_OBJECT_DELETED, text));
            }
            (_, None) => Message {
                id,
                folder: self.folder,
                read: self.read,
                status: self.status,
                data: Arc::clone(data),
            },
        };
        if !state.folders.contains_key(&message.folder) {
            let text = "the folder of the message has been deleted";
            return Err(Fault::new(MAPI_E_OBJECT_DELETED, text));
        }
        let message = Arc::new(message);
        Ok((vec![Change::Message(Arc::clone(&message))], message))
    }
}

/// The change that marks a message, if it isn't marked that way already: `new` returns whether it is
/// read, and its new status if that changes.
///
/// # Errors
///
/// There is no such message.
pub(super) fn mark(
    state: &State,
    id: Id,
    new: impl FnOnce(&Message) -> (bool, Option<u32>),
) -> Result<Vec<Change>> {
    let gone = || Fault::new(MAPI_E_NOT_FOUND, "the message no longer exists");
    let message = state.message(id).ok_or_else(gone)?;
    let (read, status) = new(message);
    let status = status.unwrap_or(message.status);
    if (read, status) == (message.read, message.status) {
        return Ok(Vec::new());
    }
    Ok(vec![Change::Marked { id, read, status }])
}
