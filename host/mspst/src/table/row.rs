//! A row of a table. It shares its data with the store: nothing is copied to make a table.

use std::sync::Arc;

use mapi_provider::abi::{PR_INSTANCE_KEY, PR_ROW_TYPE, PR_ROWID, PropTag, TBL_LEAF_ROW};
use mapi_provider::view::PropValue;

use crate::computed::{
    AttachmentView, FolderIn, FolderView, MessageView, Properties, RecipientView, long, stored,
};
use crate::db::{Attachment, Identity, Message, PropSet, Recipient};

/// A row of a table.
#[derive(Clone)]
pub(crate) enum Row {
    Message(Arc<Message>),
    Folder(Arc<FolderView>),
    Recipient(Recipient),
    Attachment(u32, Arc<Attachment>),
    /// A receive folder, or anything else that only has stored properties.
    Plain(u32, Arc<PropSet>),
}

impl Row {
    /// What distinguishes the row from the others in its table: the number in
    /// `PR_INSTANCE_KEY`.
    pub(crate) fn key(&self) -> u32 {
        match self {
            Self::Message(message) => message.id.0,
            Self::Folder(folder) => folder.id.0,
            Self::Recipient(recipient) => recipient.row,
            Self::Attachment(number, _) | Self::Plain(number, _) => *number,
        }
    }

    /// Whether two states of a row show the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Message(one), Self::Message(other)) => Arc::ptr_eq(one, other),
            (Self::Folder(one), Self::Folder(other)) => one.is_same(other),
            (Self::Recipient(one), Self::Recipient(other)) => Arc::ptr_eq(&one.props, &other.props),
            (Self::Attachment(_, one), Self::Attachment(_, other)) => Arc::ptr_eq(one, other),
            (Self::Plain(_, one), Self::Plain(_, other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// The value of a column.
    pub(crate) fn value<'a>(&'a self, identity: &'a Identity, id: u16) -> Option<PropValue<'a>> {
        if id == PR_ROW_TYPE.id() {
            return Some(long(TBL_LEAF_ROW));
        }
        match self {
            Self::Message(message) => MessageView::of(message, identity)
                .get(id)
                .or_else(|| self.row_id(id)),
            Self::Folder(folder) => folder.get(identity, id).or_else(|| self.row_id(id)),
            Self::Recipient(recipient) => RecipientView(recipient).get(id),
            Self::Attachment(number, attachment) => attachment_view(identity, *number, attachment)
                .get(id)
                .or_else(|| self.row_id(id)),
            Self::Plain(_, props) => stored(props, id).or_else(|| self.row_id(id)),
        }
    }

    /// `PR_ROWID` and `PR_INSTANCE_KEY` for rows that have none of their own.
    fn row_id(&self, id: u16) -> Option<PropValue<'static>> {
        if id == PR_ROWID.id() {
            return Some(long(self.key()));
        }
        (id == PR_INSTANCE_KEY.id()).then(|| self.key().to_le_bytes().to_vec().into())
    }

    /// All columns that have a value in this row.
    pub(crate) fn tags(&self, identity: &Identity) -> Vec<PropTag> {
        match self {
            Self::Message(message) => MessageView::of(message, identity).tags(),
            Self::Folder(folder) => FolderIn(folder, identity).tags(),
            Self::Recipient(recipient) => RecipientView(recipient).tags(),
            Self::Attachment(number, attachment) => {
                attachment_view(identity, *number, attachment).tags()
            }
            Self::Plain(_, props) => {
                let tag = |(id, value): (u16, &PropValue<'_>)| PropTag::new(id, value.prop_type());
                props.iter().map(tag).collect()
            }
        }
    }
}

fn attachment_view<'a>(
    identity: &'a Identity,
    number: u32,
    attachment: &'a Attachment,
) -> AttachmentView<'a> {
    AttachmentView {
        identity,
        number,
        writable: true,
        attachment,
    }
}
