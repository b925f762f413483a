//! Folders that things are copied from.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::sync::Arc;

use mapi_provider::abi::*;
use mapi_provider::view::Property;
use mapi_provider_mailbox::database::{self, FolderId};

use super::object_mock::{Node, Rules};
use super::object_support::*;

/// A property of ours.
pub(crate) const OURS: PropTag = PropTag::new(0x6620, PT_UNICODE);

/// One with a large value.
pub(crate) const LARGE: PropTag = PropTag::new(0x6621, PT_BINARY);

/// A folder here.
pub(crate) struct Made {
    pub(crate) folder: IMAPIFolder,
    pub(crate) id: FolderId,
    pub(crate) entry_id: Vec<u8>,
}

/// A new one.
pub(crate) fn made(session: &Session, name: &str) -> Made {
    let entry_id = session.folder(name).entry_id().expect("an ID").into_owned();
    Made {
        folder: raw_folder(session, &entry_id),
        id: folder_id(&entry_id),
        entry_id: entry_id.as_bytes().to_vec(),
    }
}

pub(crate) fn other_store(session: &Session) -> Arc<Node> {
    Node::root(Rules::new(session.allocators()))
}

/// How many messages are in a folder.
pub(crate) fn left(store: &database::Store, folder: FolderId) -> usize {
    store
        .read(|reader| reader.message_ids(folder))
        .expect("read")
        .len()
}

pub(crate) fn set_ours(session: &Session, folder: &IMAPIFolder) {
    let object: IMAPIProp = folder.clone().into();
    let ours = [
        Property::new(OURS, "ours"),
        Property::new(LARGE, &[5_u8; 20_000][..]),
        Property::new(PR_COMMENT_W, "a comment"),
    ];
    assert_eq!(set_props(session, &object, &ours), (S_OK, vec![]));
}
