//! A PST file of either format, and what is opened in it.

use std::io;
use std::path::Path;
use std::rc::Rc;

use outlook_pst::messaging::attachment::{AnsiAttachment, Attachment, UnicodeAttachment};
use outlook_pst::messaging::folder::Folder;
use outlook_pst::messaging::message::{AnsiMessage, Message, UnicodeMessage};
use outlook_pst::messaging::store::{AnsiStore, EntryId, Store, UnicodeStore};
use outlook_pst::ndb::node_id::NodeId;
use outlook_pst::{AnsiPstFile, UnicodePstFile};

/// A PST file. Only an object of the very format opens attachments, so the two are told apart.
pub(super) enum Source {
    Unicode(Rc<UnicodeStore>),
    Ansi(Rc<AnsiStore>),
}

/// A message of either format.
pub(super) enum SourceMessage {
    Unicode(Rc<UnicodeMessage>),
    Ansi(Rc<AnsiMessage>),
}

impl Source {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        match UnicodePstFile::open(path) {
            Ok(file) => UnicodeStore::read(Rc::new(file)).map(Self::Unicode),
            Err(_) => {
                let file = AnsiPstFile::open(path)?;
                AnsiStore::read(Rc::new(file)).map(Self::Ansi)
            }
        }
    }

    pub(super) fn store(&self) -> &dyn Store {
        match self {
            Self::Unicode(store) => &**store,
            Self::Ansi(store) => &**store,
        }
    }

    fn entry_id(&self, node: NodeId) -> io::Result<EntryId> {
        self.store().properties().make_entry_id(node)
    }

    /// The folder that the user's folders are in.
    pub(super) fn top_folder(&self) -> io::Result<Rc<dyn Folder>> {
        let top = self.store().properties().ipm_sub_tree_entry_id()?;
        self.store().open_folder(&top)
    }

    pub(super) fn folder(&self, node: NodeId) -> io::Result<Rc<dyn Folder>> {
        self.store().open_folder(&self.entry_id(node)?)
    }

    pub(super) fn message(&self, node: NodeId) -> io::Result<SourceMessage> {
        let entry_id = self.entry_id(node)?;
        match self {
            Self::Unicode(store) => {
                UnicodeMessage::read(Rc::clone(store), &entry_id, None).map(SourceMessage::Unicode)
            }
            Self::Ansi(store) => {
                AnsiMessage::read(Rc::clone(store), &entry_id, None).map(SourceMessage::Ansi)
            }
        }
    }
}

impl SourceMessage {
    pub(super) fn message(&self) -> &dyn Message {
        match self {
            Self::Unicode(message) => &**message,
            Self::Ansi(message) => &**message,
        }
    }

    pub(super) fn attachment(&self, node: NodeId) -> io::Result<Rc<dyn Attachment>> {
        Ok(match self {
            Self::Unicode(message) => UnicodeAttachment::read(Rc::clone(message), node, None)?,
            Self::Ansi(message) => AnsiAttachment::read(Rc::clone(message), node, None)?,
        })
    }
}
