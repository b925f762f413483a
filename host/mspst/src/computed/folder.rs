//! The properties of folders.

use std::sync::Arc;

use mapi_provider::abi::{
    FOLDER_ROOT, MAPI_FOLDER, ObjectAccess, PR_ACCESS, PR_ACCESS_LEVEL, PR_ASSOC_CONTENT_COUNT,
    PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY, PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DEPTH,
    PR_ENTRYID, PR_FOLDER_ASSOCIATED_CONTENTS, PR_FOLDER_TYPE, PR_INSTANCE_KEY,
    PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_PARENT_ENTRYID, PR_RECORD_KEY,
    PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_SUBFOLDERS, PropTag,
    StoreSupportMask,
};
use mapi_provider::view::PropValue;

use super::{Computed, Properties, all_tags, long, provider_uid, stored};
use crate::db::{Folder, Id, Identity, PropSet, SORT_ORDER};

/// `PR_STORE_SUPPORT_MASK`: what a store can do.
pub(crate) const MASK: StoreSupportMask = StoreSupportMask::ENTRYID_UNIQUE
    .union(StoreSupportMask::MODIFY_OK)
    .union(StoreSupportMask::CREATE_OK)
    .union(StoreSupportMask::ATTACH_OK)
    .union(StoreSupportMask::NOTIFY_OK)
    .union(StoreSupportMask::MV_PROPS_OK)
    .union(StoreSupportMask::RESTRICTION_OK)
    .union(StoreSupportMask::SORT_OK)
    .union(StoreSupportMask::UNICODE_OK)
    .union(StoreSupportMask::HTML_OK)
    .union(StoreSupportMask::LOCALSTORE)
    .union(StoreSupportMask::PUSHER_OK);

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
    PR_DEPTH,
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
]);

/// `PR_ACCESS`: everything may be done with a folder.
const ACCESS: ObjectAccess = ObjectAccess::MODIFY
    .union(ObjectAccess::READ)
    .union(ObjectAccess::DELETE)
    .union(ObjectAccess::CREATE_HIERARCHY)
    .union(ObjectAccess::CREATE_CONTENTS)
    .union(ObjectAccess::CREATE_ASSOCIATED);

/// A folder as it was at a moment, or its row in the table of folders.
#[derive(Clone)]
pub(crate) struct FolderView {
    pub(crate) id: Id,
    pub(crate) parent: Id,
    pub(crate) props: Arc<PropSet>,
    pub(crate) count: usize,
    pub(crate) associated: usize,
    pub(crate) unread: usize,
    pub(crate) has_children: bool,
    /// The depth below the table's folder; `None` outside tables.
    pub(crate) depth: Option<u32>,
    pub(crate) writable: bool,
}

impl FolderView {
    pub(crate) fn of(id: Id, folder: &Folder) -> Self {
        Self {
            id,
            parent: folder.parent.unwrap_or(id),
            props: Arc::clone(&folder.props),
            count: folder.messages.len(),
            associated: folder.associated.len(),
            unread: folder.unread,
            has_children: !folder.children.is_empty(),
            depth: None,
            writable: true,
        }
    }

    /// Whether a property of folders is computed, and so can't be set.
    pub(crate) fn is_computed(id: u16) -> bool {
        COMPUTED.tag(id).is_some()
    }

    /// Whether two views of a folder show the same.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.props, &other.props)
            && (self.parent, self.count, self.associated)
                == (other.parent, other.count, other.associated)
            && (self.unread, self.has_children, self.depth)
                == (other.unread, other.has_children, other.depth)
    }

    /// The value of a property.
    pub(crate) fn get<'a>(&'a self, identity: &'a Identity, id: u16) -> Option<PropValue<'a>> {
        let Some(tag) = COMPUTED.tag(id) else {
            return stored(&self.props, id);
        };
        Some(match tag {
            PR_PARENT_ENTRYID => identity.entry_id(self.parent).into(),
            PR_ACCESS => long(ACCESS.bits()),
            PR_INSTANCE_KEY => self.id.0.to_le_bytes().to_vec().into(),
            PR_ACCESS_LEVEL => long(u32::from(self.writable)),
            PR_MAPPING_SIGNATURE | PR_STORE_RECORD_KEY => identity.uid.to_vec().into(),
            PR_ENTRYID | PR_RECORD_KEY => identity.entry_id(self.id).into(),
            PR_STORE_ENTRYID => PropValue::from(&*identity.store_entry_id),
            PR_OBJECT_TYPE => long(MAPI_FOLDER),
            PR_DEPTH => long(self.depth?),
            PR_MDB_PROVIDER => provider_uid().to_vec().into(),
            PR_STORE_SUPPORT_MASK => long(MASK.bits()),
            PR_FOLDER_TYPE if self.id == Id::ROOT => long(FOLDER_ROOT),
            PR_FOLDER_TYPE => stored(&self.props, id)?,
            PR_CONTENT_COUNT => long(self.count),
            PR_CONTENT_UNREAD => long(self.unread),
            PR_SUBFOLDERS => self.has_children.into(),
            PR_ASSOC_CONTENT_COUNT => long(self.associated),
            // The three tables.
            _ => PropValue::Object,
        })
    }
}

/// A folder, and the store that it is in.
pub(crate) struct FolderIn<'a>(pub(crate) &'a FolderView, pub(crate) &'a Identity);

impl Properties for FolderIn<'_> {
    fn value(&self, id: u16) -> Option<PropValue<'_>> {
        self.0.get(self.1, id)
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, &self.0.props, self);
        tags.retain(|tag| tag.id() != SORT_ORDER);
        tags
    }
}
