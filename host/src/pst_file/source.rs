//! Folders, messages and attachments of a PST file.

use std::fs;
use std::path::Path;

use mapi_provider::abi::{
    ATTACH_EMBEDDED_MSG, PR_ATTACH_DATA_BIN, PR_ATTACH_METHOD, PR_IPM_SUBTREE_ENTRYID,
};
use mapi_provider::view::PropValue;

use super::read::{File, Node, Properties, ReadError, Refusal, Row, SubNodes, Table};

/// The node of the store.
const STORE: u32 = 0x21;
/// The types of nodes that belong to a folder: they have its ID, except for the type.
const HIERARCHY: u32 = 0x0D;
const CONTENTS: u32 = 0x0E;
const ASSOCIATED: u32 = 0x0F;
/// The types of the tables in a message.
const ATTACHMENTS: u32 = 0x11;
const RECIPIENTS: u32 = 0x12;
/// Which bits of an ID are the type.
const TYPE: u32 = 0x1F;

/// A PST file.
pub(super) struct Source {
    pub(super) file: File,
}

/// A folder. A missing table counts as empty.
pub(super) struct SourceFolder {
    pub(super) properties: Properties,
    pub(super) contents: Option<Table>,
    pub(super) associated: Option<Table>,
    pub(super) hierarchy: Option<Table>,
}

/// A message, wherever it is.
pub(super) struct SourceMessage {
    pub(super) properties: Properties,
    pub(super) recipients: Option<Table>,
    pub(super) attachments: Option<Table>,
}

/// An attachment.
pub(super) struct SourceAttachment {
    pub(super) properties: Properties,
    pub(super) content: Content,
}

/// What is in an attachment besides its properties.
pub(super) enum Content {
    /// Nothing: the data are in one of the properties.
    Properties,
    /// A message.
    Message(Node),
    /// Data that are not a property in the file, but are one in a store.
    Data(Vec<u8>),
}

impl Source {
    pub(super) fn open(path: &Path) -> Result<Self, Refusal> {
        let file = fs::File::open(path).map_err(ReadError::from)?;
        File::open(file).map(Self::of)
    }

    pub(super) fn of(file: File) -> Self {
        Self { file }
    }

    /// The folder that contains the user's folders.
    pub(super) fn top_folder(&self) -> Result<u32, ReadError> {
        let store = Properties::read(&self.file, self.file.node(STORE)?)?;
        let top = store.get(&self.file, PR_IPM_SUBTREE_ENTRYID.id());
        // Flags, the store's ID, the node's.
        let node = match &top {
            Some(PropValue::Binary(id)) => id.get(20..24),
            _ => None,
        };
        let node = node.and_then(|node| node.try_into().ok());
        let missing = || ReadError::Damaged("it does not say where the user's folders are".into());
        node.map(u32::from_le_bytes).ok_or_else(missing)
    }

    pub(super) fn folder(&self, id: u32) -> Result<SourceFolder, ReadError> {
        let table = |kind: u32| {
            let node = self.file.find_node(id & !TYPE | kind)?;
            let table = node.map(|node| Table::read(&self.file, node));
            table.transpose()
        };
        Ok(SourceFolder {
            properties: Properties::read(&self.file, self.file.node(id)?)?,
            contents: table(CONTENTS)?,
            associated: table(ASSOCIATED)?,
            hierarchy: table(HIERARCHY)?,
        })
    }

    pub(super) fn message(&self, row: &Row) -> Result<SourceMessage, ReadError> {
        self.message_of(self.file.node(row.id)?)
    }

    /// The message of a node, which may be within an attachment.
    pub(super) fn message_of(&self, node: Node) -> Result<SourceMessage, ReadError> {
        let properties = Properties::read(&self.file, node)?;
        let table = |kind| self.table_in(properties.sub_nodes(), kind);
        Ok(SourceMessage {
            recipients: table(RECIPIENTS)?,
            attachments: table(ATTACHMENTS)?,
            properties,
        })
    }

    /// The table of a type within a message. A message without recipients or attachments need not
    /// have it.
    fn table_in(&self, nodes: &SubNodes, kind: u32) -> Result<Option<Table>, ReadError> {
        let found = nodes.iter().find(|(id, _)| **id & TYPE == kind);
        let table = found.map(|(_, node)| Table::read(&self.file, *node));
        table.transpose()
    }

    /// The attachment for a row of a message's table.
    pub(super) fn attachment(
        &self,
        message: &SourceMessage,
        row: &Row,
    ) -> Result<SourceAttachment, ReadError> {
        let node = message.properties.sub_nodes().get(&row.id).copied();
        let missing = || ReadError::Damaged(format!("there is no attachment 0x{:X}", row.id));
        let properties = Properties::read(&self.file, node.ok_or_else(missing)?)?;
        let object = properties.object(&self.file, PR_ATTACH_DATA_BIN.id())?;
        let method = properties.get(&self.file, PR_ATTACH_METHOD.id());
        let is_message = method == Some(PropValue::Long(ATTACH_EMBEDDED_MSG.cast_signed()));
        let content = match object {
            None => Content::Properties,
            Some(node) if is_message => Content::Message(node),
            Some(node) => Content::Data(self.file.data(node.data)?),
        };
        Ok(SourceAttachment {
            properties,
            content,
        })
    }
}
