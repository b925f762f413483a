//! What a new store has.

use std::sync::Arc;

use mapi_provider::abi::{
    FOLDER_GENERIC, FOLDER_ROOT, PR_CREATION_TIME, PR_DISPLAY_NAME_W, PR_FOLDER_TYPE,
    PR_LAST_MODIFICATION_TIME,
};
use mapi_provider::view::{FileTime, PropValue};

use super::change::Change;
use super::id::Id;
use super::props::PropSet;

/// The name of the folder of a new store in which all others are shown.
pub(crate) const IPM_SUBTREE_NAME: &str = "Top of Personal Folders";

/// The changes that make a new store: its folders.
pub(crate) fn changes(now: FileTime) -> Vec<Change> {
    let folder = |id, parent, name: &str, kind: u32| {
        let mut props = PropSet::default();
        props.put(PR_DISPLAY_NAME_W, name);
        props.put(PR_FOLDER_TYPE, PropValue::Long(kind as i32));
        props.put(PR_CREATION_TIME, now);
        props.put(PR_LAST_MODIFICATION_TIME, now);
        Change::Folder {
            id,
            parent,
            props: Arc::new(props),
        }
    };
    let root = Some(Id::ROOT);
    vec![
        folder(Id::ROOT, None, "", FOLDER_ROOT),
        folder(Id::IPM_SUBTREE, root, IPM_SUBTREE_NAME, FOLDER_GENERIC),
        folder(Id::FINDER, root, "Search Root", FOLDER_GENERIC),
        folder(
            Id::WASTEBASKET,
            Some(Id::IPM_SUBTREE),
            "Deleted Items",
            FOLDER_GENERIC,
        ),
    ]
}
