//! The properties of folders.

use mapi_provider_abi::mapi::{
    MAPI_FOLDER, ObjectAccess, PR_ACCESS, PR_ACCESS_LEVEL, PR_ASSOC_CONTENT_COUNT, PR_CHANGE_KEY,
    PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY, PR_CONTENT_COUNT, PR_CONTENT_UNREAD,
    PR_DISPLAY_NAME_W, PR_ENTRYID, PR_FOLDER_ASSOCIATED_CONTENTS, PR_FOLDER_TYPE, PR_INSTANCE_KEY,
    PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_PARENT_ENTRYID, PR_RECORD_KEY,
    PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_SUBFOLDERS, PropTag,
};
use mapi_provider_abi::view::PropValue;

use super::{Computed, MASK, Properties, Shown, all_tags, long, stored};
use crate::database::{Folder, Version};
use crate::objects::identity::Identity;

const COMPUTED: Computed = Computed(&[
    PR_PARENT_ENTRYID,
    PR_ACCESS,
    PR_INSTANCE_KEY,
    PR_ACCESS_LEVEL,
    PR_MAPPING_SIGNATURE,
    PR_RECORD_KEY,
    PR_STORE_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_OBJECT_TYPE,
    PR_ENTRYID,
    PR_MDB_PROVIDER,
    PR_STORE_SUPPORT_MASK,
    PR_FOLDER_TYPE,
    PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD,
    PR_SUBFOLDERS,
    PR_CONTAINER_HIERARCHY,
    PR_CONTAINER_CONTENTS,
    PR_FOLDER_ASSOCIATED_CONTENTS,
    PR_ASSOC_CONTENT_COUNT,
    PR_CHANGE_KEY,
]);

/// `PR_ACCESS`: everything may be done with a folder (STORE-44).
const ACCESS: ObjectAccess = ObjectAccess::MODIFY
    .union(ObjectAccess::READ)
    .union(ObjectAccess::DELETE)
    .union(ObjectAccess::CREATE_HIERARCHY)
    .union(ObjectAccess::CREATE_CONTENTS)
    .union(ObjectAccess::CREATE_ASSOCIATED);

/// A folder as it was at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FolderView {
    pub(crate) folder: Folder,
    pub(crate) writable: bool,
}

impl FolderView {
    /// Whether a property of folders is worked out, and so can't be set.
    pub(crate) fn is_computed(id: u16) -> bool {
        COMPUTED.is_computed(id)
    }

    /// The value of a property.
    pub(crate) fn get<'a>(&'a self, identity: &'a Identity, id: u16) -> Option<Shown<'a>> {
        let folder = &self.folder;
        let Some(tag) = COMPUTED.tag(id) else {
            return stored(&folder.props, id);
        };
        let value = match tag {
            // The root is in itself, as far as anybody asks.
            PR_PARENT_ENTRYID => identity.entry_id(folder.parent.unwrap_or(folder.id)).into(),
            PR_ACCESS => long(ACCESS.bits()),
            PR_INSTANCE_KEY => folder.id.number().to_le_bytes().to_vec().into(),
            PR_ACCESS_LEVEL => long(u32::from(self.writable)),
            PR_MAPPING_SIGNATURE | PR_STORE_RECORD_KEY => identity.uid.to_vec().into(),
            PR_ENTRYID | PR_RECORD_KEY => identity.entry_id(folder.id).into(),
            PR_STORE_ENTRYID => PropValue::from(&*identity.store_entry_id),
            PR_OBJECT_TYPE => long(MAPI_FOLDER),
            PR_MDB_PROVIDER => identity.provider_uid.to_vec().into(),
            PR_STORE_SUPPORT_MASK => long(MASK.bits()),
            PR_FOLDER_TYPE => long(folder.kind as u32),
            // STORE-03: counts are always there.
            PR_CONTENT_COUNT => long(folder.total),
            PR_CONTENT_UNREAD => long(folder.unread),
            PR_SUBFOLDERS => (folder.children > 0).into(),
            PR_ASSOC_CONTENT_COUNT => long(folder.associated),
            PR_CHANGE_KEY => change_key(identity, folder.version).into(),
            // The three tables.
            _ => PropValue::Object,
        };
        Some(value.into())
    }
}

/// `PR_CHANGE_KEY`: the store, and which save of it this is. // STORE-06
pub(crate) fn change_key(identity: &Identity, version: Version) -> Vec<u8> {
    [&identity.uid[..], &version.number().to_le_bytes()].concat()
}

/// A folder, and the store that it is in.
pub(crate) struct FolderIn<'a>(pub(crate) &'a FolderView, pub(crate) &'a Identity);

impl Properties for FolderIn<'_> {
    fn value(&self, id: u16) -> Option<Shown<'_>> {
        let unnamed = || (id == PR_DISPLAY_NAME_W.id()).then(|| "".into());
        self.0.get(self.1, id).or_else(unnamed)
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, &self.0.folder.props, self);
        // The root has no name, and yet the property.
        if !self.0.folder.props.contains(PR_DISPLAY_NAME_W.id()) {
            tags.push(PR_DISPLAY_NAME_W);
        }
        tags
    }
}
