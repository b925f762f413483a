//! Changes: the file is a list of them. What they do to the state.

use std::collections::BTreeMap;
use std::sync::Arc;

use mapi_provider::view::PropName;

use super::codec::{Decoder, Encoder};
use super::id::{Id, Kind};
use super::props::PropSet;
use super::state::{Attachment, Folder, Message, MessageData, Recipient, State};

/// One step; a record of the file has one or more, which happen all or not at all.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// The store's properties are these now.
    Store(Arc<PropSet>),
    /// A named property has got the next ID.
    Name(PropName<'static>),
    /// A folder is new, or has other properties or another parent.
    Folder {
        id: Id,
        parent: Option<Id>,
        props: Arc<PropSet>,
    },
    /// A folder is gone with everything in it.
    FolderGone(Id),
    /// A message is new or saved again.
    Message(Arc<Message>),
    /// A message is marked.
    Marked { id: Id, read: bool, status: u32 },
    /// A message is in another folder.
    Moved { id: Id, folder: Id },
    /// A message is gone.
    MessageGone(Id),
    /// A message class is received in a folder, or no longer has its own.
    Receive { class: String, folder: Option<Id> },
}

/// What has happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Created,
    Deleted,
    Modified,
    /// From another parent.
    Moved {
        from: Id,
    },
}

/// Something that others may want to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) what: What,
    pub(crate) id: Id,
    pub(crate) parent: Id,
}

/// The change does not fit the state: the file is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misfit;

impl State {
    /// Does a change.
    ///
    /// # Errors
    ///
    /// It is about an object that doesn't exist. The state is unchanged.
    pub(crate) fn apply(&mut self, change: Change, events: &mut Vec<Event>) -> Result<(), Misfit> {
        self.version += 1;
        match change {
            Change::Store(props) => self.store = props,
            Change::Name(name) => self.names.add(name),
            Change::Folder { id, parent, props } => {
                events.extend(self.put_folder(id, parent, props)?);
            }
            Change::FolderGone(id) => events.push(self.remove_folder(id)?),
            Change::Message(message) => events.push(self.put_message(message)?),
            Change::Marked { id, read, status } => {
                let old = self.message(id).ok_or(Misfit)?;
                let new = Message {
                    read,
                    status,
                    ..Message::clone(old)
                };
                events.push(self.put_message(Arc::new(new))?);
            }
            Change::Moved { id, folder } => {
                let old = self.message(id).ok_or(Misfit)?;
                let new = Message {
                    folder,
                    ..Message::clone(old)
                };
                events.push(self.put_message(Arc::new(new))?);
            }
            Change::MessageGone(id) => {
                let message = self.take_message(id).ok_or(Misfit)?;
                events.push(Event {
                    what: What::Deleted,
                    id,
                    parent: message.folder,
                });
            }
            Change::Receive { class, folder } => {
                match folder {
                    Some(folder) => self.receive.insert(class, folder),
                    None => self.receive.remove(&class),
                };
            }
        }
        Ok(())
    }

    fn put_folder(
        &mut self,
        id: Id,
        parent: Option<Id>,
        props: Arc<PropSet>,
    ) -> Result<Option<Event>, Misfit> {
        let fits = match parent {
            Some(parent) => self.folders.contains_key(&parent) && !self.is_within(parent, id),
            None => id == Id::ROOT,
        };
        if !fits || !id.is_folder() {
            return Err(Misfit);
        }
        let version = self.version;
        let old = self.folders.get(&id).map(|folder| folder.parent);
        let folder = self.folders.entry(id).or_insert_with(|| Folder {
            version,
            ..Folder::default()
        });
        folder.parent = parent;
        folder.props = props;
        let Some(parent) = parent else {
            return Ok(None);
        };
        let what = match old {
            None => What::Created,
            Some(Some(from)) if from != parent => What::Moved { from },
            Some(_) => What::Modified,
        };
        if let What::Moved { from } = what
            && let Some(from) = self.folders.get_mut(&from)
        {
            from.children.remove(&id);
        }
        if let Some(parent) = self.folders.get_mut(&parent) {
            parent.children.insert(id);
        }
        Ok(Some(Event { what, id, parent }))
    }

    fn remove_folder(&mut self, id: Id) -> Result<Event, Misfit> {
        let parent = self.folders.get(&id).and_then(|folder| folder.parent);
        let parent = parent.ok_or(Misfit)?;
        for (gone, _) in self.tree(id) {
            let Some(folder) = self.folders.remove(&gone) else {
                continue;
            };
            for message in folder.messages.keys().chain(folder.associated.keys()) {
                self.places.remove(message);
            }
            self.receive.retain(|_, folder| *folder != gone);
        }
        if let Some(parent) = self.folders.get_mut(&parent) {
            parent.children.remove(&id);
        }
        Ok(Event {
            what: What::Deleted,
            id,
            parent,
        })
    }

    fn put_message(&mut self, message: Arc<Message>) -> Result<Event, Misfit> {
        let (id, folder) = (message.id, message.folder);
        if !self.folders.contains_key(&folder) || id.is_folder() || id.kind().is_none() {
            return Err(Misfit);
        }
        let what = match self.take_message(id) {
            None => What::Created,
            Some(old) if old.folder != folder => What::Moved { from: old.folder },
            Some(_) => What::Modified,
        };
        let version = self.version;
        let unread = usize::from(!message.read);
        let place = self.folders.get_mut(&folder).ok_or(Misfit)?;
        if id.kind() == Some(Kind::Associated) {
            place.associated.insert(id, message);
        } else {
            place.messages.insert(id, message);
            place.unread += unread;
        }
        place.version = version;
        self.places.insert(id, folder);
        Ok(Event {
            what,
            id,
            parent: folder,
        })
    }

    fn take_message(&mut self, id: Id) -> Option<Arc<Message>> {
        let version = self.version;
        let folder = self.folders.get_mut(&self.places.remove(&id)?)?;
        folder.version = version;
        if let Some(message) = folder.messages.remove(&id) {
            folder.unread -= usize::from(!message.read);
            return Some(message);
        }
        folder.associated.remove(&id)
    }

    /// The changes that turn an empty state into this one.
    pub(crate) fn changes(&self) -> Vec<Change> {
        let mut changes = vec![Change::Store(Arc::clone(&self.store))];
        let names = self.names.iter();
        changes.extend(names.map(|(_, name)| Change::Name(name.clone())));
        for (id, _) in self.tree(Id::ROOT) {
            let Some(folder) = self.folders.get(&id) else {
                continue;
            };
            changes.push(Change::Folder {
                id,
                parent: folder.parent,
                props: Arc::clone(&folder.props),
            });
            let messages = folder.messages.values().chain(folder.associated.values());
            changes.extend(messages.cloned().map(Change::Message));
        }
        changes.extend(self.receive.iter().map(|(class, folder)| Change::Receive {
            class: class.clone(),
            folder: Some(*folder),
        }));
        changes
    }
}

/// The bytes of a record.
pub(crate) fn encode(changes: &[Change]) -> Vec<u8> {
    let mut encoder = Encoder::default();
    changes
        .iter()
        .for_each(|change| encode_one(&mut encoder, change));
    encoder.0
}

fn encode_one(to: &mut Encoder, change: &Change) {
    match change {
        Change::Store(props) => {
            to.byte(1);
            to.props(props);
        }
        Change::Name(name) => {
            to.byte(2);
            to.name(name);
        }
        Change::Folder { id, parent, props } => {
            to.byte(3);
            to.long(id.0);
            to.long(parent.map_or(0, |parent| parent.0));
            to.props(props);
        }
        Change::FolderGone(id) => {
            to.byte(4);
            to.long(id.0);
        }
        Change::Message(message) => {
            to.byte(5);
            to.long(message.id.0);
            to.long(message.folder.0);
            to.byte(u8::from(message.read));
            to.long(message.status);
            encode_data(to, &message.data);
        }
        Change::Marked { id, read, status } => {
            to.byte(6);
            to.long(id.0);
            to.byte(u8::from(*read));
            to.long(*status);
        }
        Change::Moved { id, folder } => {
            to.byte(7);
            to.long(id.0);
            to.long(folder.0);
        }
        Change::MessageGone(id) => {
            to.byte(8);
            to.long(id.0);
        }
        Change::Receive { class, folder } => {
            to.byte(9);
            to.bytes(class.as_bytes());
            to.long(folder.map_or(0, |folder| folder.0));
        }
    }
}

fn encode_data(to: &mut Encoder, data: &MessageData) {
    to.props(&data.props);
    to.count(data.recipients.len());
    for recipient in &data.recipients {
        to.long(recipient.row);
        to.props(&recipient.props);
    }
    to.count(data.attachments.len());
    for (number, attachment) in &data.attachments {
        to.long(*number);
        to.props(&attachment.props);
        to.byte(u8::from(attachment.embedded.is_some()));
        if let Some(message) = &attachment.embedded {
            encode_data(to, message);
        }
    }
}

/// The changes of a record; `None` if it is damaged.
pub(crate) fn decode(record: &[u8]) -> Option<Vec<Change>> {
    let mut decoder = Decoder::new(record);
    let mut changes = Vec::new();
    while !decoder.is_at_end() {
        changes.push(decode_one(&mut decoder)?);
    }
    Some(changes)
}

fn decode_one(from: &mut Decoder<'_>) -> Option<Change> {
    let some_id = |number: u32| (number != 0).then_some(Id(number));
    Some(match from.byte()? {
        1 => Change::Store(Arc::new(from.props()?)),
        2 => Change::Name(from.name()?),
        3 => Change::Folder {
            id: Id(from.long()?),
            parent: some_id(from.long()?),
            props: Arc::new(from.props()?),
        },
        4 => Change::FolderGone(Id(from.long()?)),
        5 => Change::Message(Arc::new(Message {
            id: Id(from.long()?),
            folder: Id(from.long()?),
            read: from.byte()? != 0,
            status: from.long()?,
            data: Arc::new(decode_data(from, 0)?),
        })),
        6 => Change::Marked {
            id: Id(from.long()?),
            read: from.byte()? != 0,
            status: from.long()?,
        },
        7 => Change::Moved {
            id: Id(from.long()?),
            folder: Id(from.long()?),
        },
        8 => Change::MessageGone(Id(from.long()?)),
        9 => Change::Receive {
            class: String::from_utf8(from.bytes()?).ok()?,
            folder: some_id(from.long()?),
        },
        _ => return None,
    })
}

/// The greatest depth of messages in attachments, because each level takes stack.
pub(crate) const DEEPEST: usize = 32;

fn decode_data(from: &mut Decoder<'_>, depth: usize) -> Option<MessageData> {
    if depth > DEEPEST {
        return None;
    }
    let props = from.props()?;
    let mut recipients = Vec::new();
    for _ in 0..from.count()? {
        recipients.push(Recipient {
            row: from.long()?,
            props: Arc::new(from.props()?),
        });
    }
    let mut attachments = BTreeMap::new();
    for _ in 0..from.count()? {
        let number = from.long()?;
        let props = from.props()?;
        let embedded = match from.byte()? {
            0 => None,
            _ => Some(Arc::new(decode_data(from, depth + 1)?)),
        };
        attachments.insert(number, Arc::new(Attachment { props, embedded }));
    }
    Some(MessageData {
        props,
        recipients,
        attachments,
    })
}
