//! What a store holds: folders, messages, names. Messages are shared, and never changed in place: whoever
//! has one sees it as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use mapi_provider::view::PropName;

use super::id::Id;
use super::props::PropSet;

/// The property of a folder that keeps the order of its contents tables: alternating tag and direction.
/// It is in no list, and only we use it.
pub(crate) const SORT_ORDER: u16 = 0x6FF0;

/// A whole store.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// Properties of the store itself.
    pub(crate) store: Arc<PropSet>,
    pub(crate) folders: BTreeMap<Id, Folder>,
    /// The folder of each message.
    pub(crate) places: HashMap<Id, Id>,
    pub(crate) names: Names,
    /// Receive folders by message class; the empty class is the default.
    pub(crate) receive: BTreeMap<String, Id>,
    /// Counts all changes.
    pub(crate) version: u64,
}

/// A folder.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    /// `None` for the root.
    pub(crate) parent: Option<Id>,
    pub(crate) props: Arc<PropSet>,
    pub(crate) children: BTreeSet<Id>,
    pub(crate) messages: BTreeMap<Id, Arc<Message>>,
    pub(crate) associated: BTreeMap<Id, Arc<Message>>,
    pub(crate) unread: usize,
    /// The state's version when the contents last changed.
    pub(crate) version: u64,
}

/// A saved message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) id: Id,
    pub(crate) folder: Id,
    /// Not part of the data, because it changes without saving the message.
    pub(crate) read: bool,
    /// `PR_MSG_STATUS`.
    pub(crate) status: u32,
    pub(crate) data: Arc<MessageData>,
}

/// What is saved together: properties, recipients, attachments.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct MessageData {
    pub(crate) props: PropSet,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) attachments: BTreeMap<u32, Arc<Attachment>>,
}

/// A recipient of a message.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recipient {
    /// `PR_ROWID`.
    pub(crate) row: u32,
    pub(crate) props: Arc<PropSet>,
}

/// An attachment.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Attachment {
    pub(crate) props: PropSet,
    /// The message in it, if it is one.
    pub(crate) embedded: Option<Arc<MessageData>>,
}

/// Named properties, in the order of their IDs from 0x8000 on.
#[derive(Debug, Default)]
pub(crate) struct Names {
    all: Vec<PropName<'static>>,
    ids: HashMap<PropName<'static>, u16>,
}

/// The first ID of a named property.
const FIRST_NAMED: u16 = 0x8000;
/// How many IDs there are.
const MOST_NAMES: usize = 0x7FFE;

impl Names {
    pub(crate) fn id(&self, name: &PropName<'static>) -> Option<u16> {
        self.ids.get(name).copied()
    }

    pub(crate) fn name(&self, id: u16) -> Option<&PropName<'static>> {
        self.all.get(usize::from(id.checked_sub(FIRST_NAMED)?))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u16, &PropName<'static>)> {
        (FIRST_NAMED..).zip(&self.all)
    }

    /// The ID for a new name, after that many others; `None` if all are used up.
    pub(crate) fn next_id(&self, beyond: usize) -> Option<u16> {
        let number = self.all.len() + beyond;
        (number < MOST_NAMES).then(|| FIRST_NAMED + number as u16)
    }

    pub(crate) fn add(&mut self, name: PropName<'static>) {
        if let Some(id) = self.next_id(0) {
            self.ids.insert(name.clone(), id);
            self.all.push(name);
        }
    }
}

impl MessageData {
    /// `PR_MESSAGE_SIZE`: properties, recipients and attachments.
    pub(crate) fn size(&self) -> usize {
        let recipients: usize = self.recipients.iter().map(|one| one.props.bytes()).sum();
        let attachments: usize = self.attachments.values().map(|one| one.size()).sum();
        self.props.bytes() + recipients + attachments
    }
}

impl Attachment {
    pub(crate) fn size(&self) -> usize {
        let embedded = self.embedded.as_ref().map_or(0, |message| message.size());
        self.props.bytes() + embedded
    }
}

impl State {
    pub(crate) fn message(&self, id: Id) -> Option<&Arc<Message>> {
        let folder = self.folders.get(self.places.get(&id)?)?;
        folder
            .messages
            .get(&id)
            .or_else(|| folder.associated.get(&id))
    }

    /// Whether a folder is another one or is somewhere below it.
    pub(crate) fn is_within(&self, id: Id, ancestor: Id) -> bool {
        let mut next = Some(id);
        while let Some(id) = next {
            if id == ancestor {
                return true;
            }
            next = self.folders.get(&id).and_then(|folder| folder.parent);
        }
        false
    }

    /// A folder and all below it, parents before children, with how deep below it they are.
    pub(crate) fn tree(&self, id: Id) -> Vec<(Id, u32)> {
        let mut found = Vec::new();
        let mut waiting = vec![(id, 0)];
        while let Some((id, depth)) = waiting.pop() {
            found.push((id, depth));
            if let Some(folder) = self.folders.get(&id) {
                waiting.extend(
                    folder
                        .children
                        .iter()
                        .rev()
                        .map(|child| (*child, depth + 1)),
                );
            }
        }
        found
    }

    /// The child of a folder that has a name, whatever the case of its letters.
    pub(crate) fn child_named(&self, parent: Id, name: &str) -> Option<Id> {
        let name = name.to_lowercase();
        let children = &self.folders.get(&parent)?.children;
        let is_it = |id: &&Id| {
            let folder = self.folders.get(id);
            folder.is_some_and(|folder| folder.name().to_lowercase() == name)
        };
        children.iter().find(is_it).copied()
    }
}

impl Folder {
    pub(crate) fn name(&self) -> String {
        self.props.text(mapi_provider::abi::PR_DISPLAY_NAME_W)
    }

    /// The messages of one kind.
    pub(crate) fn contents(&self, associated: bool) -> &BTreeMap<Id, Arc<Message>> {
        if associated {
            &self.associated
        } else {
            &self.messages
        }
    }
}
