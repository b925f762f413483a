//! The properties of a store.

use std::path::Path;
use std::sync::Arc;

use mapi_provider::abi::{
    MAPI_STORE, PR_ACCESS_LEVEL, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_FINDER_ENTRYID,
    PR_IPM_SUBTREE_ENTRYID, PR_IPM_WASTEBASKET_ENTRYID, PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER,
    PR_OBJECT_TYPE, PR_PROVIDER_DISPLAY_W, PR_PST_PATH, PR_RECORD_KEY, PR_SEARCH_KEY,
    PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_VALID_FOLDER_MASK, PropTag,
    ValidFolderMask,
};
use mapi_provider::view::PropValue;

use super::{Computed, MASK, Properties, all_tags, long, stored};
use crate::db::{IPM_SUBTREE_NAME, Id, Identity, PropSet};

/// `PR_MDB_PROVIDER`, and what is registered with MAPI: that of all stores which replication wraps.
pub(crate) const fn provider_uid() -> [u8; 16] {
    [
        0xE9, 0x2F, 0xEB, 0x75, 0x96, 0x50, 0x44, 0x86, 0x83, 0xB8, 0x7D, 0xE5, 0x22, 0xAA, 0x49,
        0x48,
    ]
}

/// `PR_PST_PATH`, in UTF-16.
const PATH: PropTag = PR_PST_PATH.unicode();

const COMPUTED: Computed = Computed(&[
    PR_ACCESS_LEVEL,
    PR_MAPPING_SIGNATURE,
    PR_RECORD_KEY,
    PR_STORE_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_OBJECT_TYPE,
    PR_ENTRYID,
    PR_PROVIDER_DISPLAY_W,
    PR_SEARCH_KEY,
    PR_STORE_SUPPORT_MASK,
    PR_MDB_PROVIDER,
    PR_VALID_FOLDER_MASK,
    PR_IPM_SUBTREE_ENTRYID,
    PR_IPM_WASTEBASKET_ENTRYID,
    PR_FINDER_ENTRYID,
    PATH,
]);

/// A store as its properties.
pub(crate) struct StoreView<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) path: &'a Path,
    pub(crate) props: Arc<PropSet>,
}

impl StoreView<'_> {
    /// Whether a property of stores is computed, and so can't be set.
    pub(crate) fn is_computed(id: u16) -> bool {
        COMPUTED.tag(id).is_some()
    }
}

impl Properties for StoreView<'_> {
    fn value(&self, id: u16) -> Option<PropValue<'_>> {
        let Some(tag) = COMPUTED.tag(id) else {
            let default = || (id == PR_DISPLAY_NAME_W.id()).then(|| IPM_SUBTREE_NAME.into());
            return stored(&self.props, id).or_else(default);
        };
        let entry_id = |id| PropValue::from(self.identity.entry_id(id));
        Some(match tag {
            PR_ENTRYID | PR_STORE_ENTRYID => PropValue::from(&*self.identity.store_entry_id),
            PR_MAPPING_SIGNATURE | PR_RECORD_KEY | PR_STORE_RECORD_KEY | PR_SEARCH_KEY => {
                self.identity.uid.to_vec().into()
            }
            PR_ACCESS_LEVEL => long(1_u32),
            PR_OBJECT_TYPE => long(MAPI_STORE),
            PR_PROVIDER_DISPLAY_W => "Personal Folders".into(),
            PR_STORE_SUPPORT_MASK => long(MASK.bits()),
            PR_MDB_PROVIDER => provider_uid().to_vec().into(),
            PR_VALID_FOLDER_MASK => long(
                (ValidFolderMask::IPM_SUBTREE_VALID
                    | ValidFolderMask::IPM_WASTEBASKET_VALID
                    | ValidFolderMask::FINDER_VALID)
                    .bits(),
            ),
            PR_IPM_SUBTREE_ENTRYID => entry_id(Id::IPM_SUBTREE),
            PR_IPM_WASTEBASKET_ENTRYID => entry_id(Id::WASTEBASKET),
            PR_FINDER_ENTRYID => entry_id(Id::FINDER),
            PATH => PropValue::from(&*self.path.to_string_lossy()),
            _ => return None,
        })
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, &self.props, self);
        if !self.props.contains(PR_DISPLAY_NAME_W.id()) {
            tags.push(PR_DISPLAY_NAME_W);
        }
        tags
    }
}
