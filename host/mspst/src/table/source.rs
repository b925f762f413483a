//! Where the rows of a table come from.

use std::sync::Arc;

use mapi_provider::abi::{
    PR_ADDRTYPE_W, PR_ATTACH_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_NUM, PR_ATTACH_SIZE,
    PR_COMMENT_W, PR_CONTAINER_CLASS_W, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DEPTH,
    PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_FOLDER_TYPE, PR_HASATTACH,
    PR_INSTANCE_KEY, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME,
    PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_MSG_STATUS, PR_NORMALIZED_SUBJECT_W, PR_OBJECT_TYPE,
    PR_PARENT_ENTRYID, PR_RECIPIENT_TYPE, PR_RECORD_KEY, PR_RENDERING_POSITION, PR_ROWID,
    PR_SEARCH_KEY, PR_SENDER_NAME_W, PR_SUBFOLDERS, PR_SUBJECT_W, PropTag,
};
use mapi_provider::view::PropValue;

use super::row::Row;
use crate::computed::FolderView;
use crate::db::{Id, Identity, PropSet, State};

/// Where the rows of a table come from.
pub(crate) enum Source {
    /// The messages of a folder.
    Contents { folder: Id, associated: bool },
    /// The folders in a folder, or all below it.
    Hierarchy { folder: Id, deep: bool },
    /// Which message classes are received where.
    Receive,
    /// Rows that don't change: recipients and attachments of a message, as they were.
    Recipients(Vec<Row>),
    /// The same of attachments.
    Attachments(Vec<Row>),
}

impl Source {
    /// What changes whenever the rows do.
    pub(crate) fn version(&self, state: &State) -> u64 {
        match self {
            // A folder that is gone has a version that no existing folder had.
            Self::Contents { folder, .. } => state
                .folders
                .get(folder)
                .map_or(u64::MAX, |folder| folder.version),
            Self::Hierarchy { .. } | Self::Receive => state.version,
            Self::Recipients(_) | Self::Attachments(_) => 0,
        }
    }

    /// All rows, in the order in which they were created.
    pub(crate) fn rows(&self, state: &State, identity: &Identity) -> Vec<Row> {
        match self {
            Self::Contents { folder, associated } => {
                let contents = state
                    .folders
                    .get(folder)
                    .map(|folder| folder.contents(*associated));
                let messages = contents.into_iter().flat_map(|contents| contents.values());
                messages.cloned().map(Row::Message).collect()
            }
            Self::Hierarchy { folder, deep } => hierarchy(state, *folder, *deep),
            Self::Receive => receive(state, identity),
            Self::Recipients(rows) | Self::Attachments(rows) => rows.clone(),
        }
    }

    /// The default columns of a table.
    pub(crate) fn columns(&self) -> &'static [PropTag] {
        match self {
            Self::Contents { .. } => &[
                PR_ENTRYID,
                PR_INSTANCE_KEY,
                PR_RECORD_KEY,
                PR_SEARCH_KEY,
                PR_PARENT_ENTRYID,
                PR_OBJECT_TYPE,
                PR_MESSAGE_CLASS_W,
                PR_MESSAGE_FLAGS,
                PR_MESSAGE_SIZE,
                PR_MSG_STATUS,
                PR_HASATTACH,
                PR_SUBJECT_W,
                PR_NORMALIZED_SUBJECT_W,
                PR_SENDER_NAME_W,
                PR_MESSAGE_DELIVERY_TIME,
                PR_LAST_MODIFICATION_TIME,
            ],
            Self::Hierarchy { .. } => &[
                PR_ENTRYID,
                PR_INSTANCE_KEY,
                PR_RECORD_KEY,
                PR_PARENT_ENTRYID,
                PR_OBJECT_TYPE,
                PR_DEPTH,
                PR_DISPLAY_NAME_W,
                PR_COMMENT_W,
                PR_CONTAINER_CLASS_W,
                PR_FOLDER_TYPE,
                PR_CONTENT_COUNT,
                PR_CONTENT_UNREAD,
                PR_SUBFOLDERS,
            ],
            Self::Receive => &[PR_ENTRYID, PR_RECORD_KEY, PR_MESSAGE_CLASS_W, PR_ROWID],
            Self::Recipients(_) => &[
                PR_ROWID,
                PR_INSTANCE_KEY,
                PR_RECIPIENT_TYPE,
                PR_DISPLAY_NAME_W,
                PR_ADDRTYPE_W,
                PR_EMAIL_ADDRESS_W,
                PR_ENTRYID,
                PR_SEARCH_KEY,
            ],
            Self::Attachments(_) => &[
                PR_ATTACH_NUM,
                PR_INSTANCE_KEY,
                PR_RECORD_KEY,
                PR_RENDERING_POSITION,
                PR_ATTACH_FILENAME_W,
                PR_ATTACH_METHOD,
                PR_ATTACH_SIZE,
            ],
        }
    }
}

fn hierarchy(state: &State, folder: Id, deep: bool) -> Vec<Row> {
    let below = state.tree(folder).into_iter().skip(1);
    let wanted = below.filter(|(_, depth)| deep || *depth == 1);
    let row = |(id, depth)| {
        let mut view = FolderView::of(id, state.folders.get(&id)?);
        view.depth = Some(depth);
        Some(Row::Folder(Arc::new(view)))
    };
    wanted.filter_map(row).collect()
}

fn receive(state: &State, identity: &Identity) -> Vec<Row> {
    let row = |(number, (class, folder)): (u32, (&String, &Id))| {
        let mut props = PropSet::default();
        props.put(PR_MESSAGE_CLASS_W, &**class);
        props.put(PR_ENTRYID, identity.entry_id(*folder));
        props.put(PR_RECORD_KEY, PropValue::from(identity.entry_id(*folder)));
        Row::Plain(number, Arc::new(props))
    };
    (0..).zip(&state.receive).map(row).collect()
}
