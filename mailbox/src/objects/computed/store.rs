//! The properties of a store (STORE-01).

use mapi_provider_abi::mapi::{
    MAPI_STORE, PR_ACCESS_LEVEL, PR_COMMON_VIEWS_ENTRYID, PR_DISPLAY_NAME_W, PR_ENTRYID,
    PR_FINDER_ENTRYID, PR_IPM_OUTBOX_ENTRYID, PR_IPM_SENTMAIL_ENTRYID, PR_IPM_SUBTREE_ENTRYID,
    PR_IPM_WASTEBASKET_ENTRYID, PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_OBJECT_TYPE,
    PR_PROVIDER_DISPLAY_W, PR_RECORD_KEY, PR_SEARCH_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,
    PR_STORE_SUPPORT_MASK, PR_VALID_FOLDER_MASK, PR_VIEWS_ENTRYID, PropTag, ValidFolderMask,
};
use mapi_provider_abi::view::PropValue;

use super::{Computed, MASK, Properties, Shown, all_tags, long, stored};
use crate::database::{FolderId, PropertySet, Special};
use crate::objects::identity::Identity;

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
    PR_IPM_OUTBOX_ENTRYID,
    PR_IPM_SENTMAIL_ENTRYID,
    PR_FINDER_ENTRYID,
    PR_VIEWS_ENTRYID,
    PR_COMMON_VIEWS_ENTRYID,
]);

/// The folders that the store itself tells, and their bits in `PR_VALID_FOLDER_MASK`. The Inbox has a bit and no
/// property: `GetReceiveFolder` tells it.
const FOLDERS: [(Special, Option<PropTag>, ValidFolderMask); 8] = [
    (
        Special::IpmSubtree,
        Some(PR_IPM_SUBTREE_ENTRYID),
        ValidFolderMask::IPM_SUBTREE_VALID,
    ),
    (Special::Inbox, None, ValidFolderMask::IPM_INBOX_VALID),
    (
        Special::Outbox,
        Some(PR_IPM_OUTBOX_ENTRYID),
        ValidFolderMask::IPM_OUTBOX_VALID,
    ),
    (
        Special::DeletedItems,
        Some(PR_IPM_WASTEBASKET_ENTRYID),
        ValidFolderMask::IPM_WASTEBASKET_VALID,
    ),
    (
        Special::SentItems,
        Some(PR_IPM_SENTMAIL_ENTRYID),
        ValidFolderMask::IPM_SENTMAIL_VALID,
    ),
    (
        Special::Views,
        Some(PR_VIEWS_ENTRYID),
        ValidFolderMask::VIEWS_VALID,
    ),
    (
        Special::CommonViews,
        Some(PR_COMMON_VIEWS_ENTRYID),
        ValidFolderMask::COMMON_VIEWS_VALID,
    ),
    (
        Special::SearchRoot,
        Some(PR_FINDER_ENTRYID),
        ValidFolderMask::FINDER_VALID,
    ),
];

/// A store as its properties.
pub(crate) struct StoreView<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) props: PropertySet,
    /// The folders that every store has, as far as they are there (STORE-02).
    pub(crate) special: Vec<(Special, FolderId)>,
}

impl StoreView<'_> {
    /// Whether a property of stores is worked out, and so can't be set.
    pub(crate) fn is_computed(id: u16) -> bool {
        COMPUTED.is_computed(id)
    }

    fn folder(&self, special: Special) -> Option<FolderId> {
        let found = self.special.iter().find(|(known, _)| *known == special)?;
        Some(found.1)
    }

    /// STORE-02: a bit is set exactly if its folder is there.
    fn valid_folders(&self) -> ValidFolderMask {
        let there = FOLDERS
            .iter()
            .filter(|(special, ..)| self.folder(*special).is_some());
        there.fold(ValidFolderMask::empty(), |all, (_, _, bit)| all | *bit)
    }
}

impl Properties for StoreView<'_> {
    fn value(&self, id: u16) -> Option<Shown<'_>> {
        let identity = self.identity;
        let Some(tag) = COMPUTED.tag(id) else {
            let unnamed = || (id == PR_DISPLAY_NAME_W.id()).then(|| (&*identity.name).into());
            return stored(&self.props, id).or_else(unnamed);
        };
        let value = match tag {
            PR_ENTRYID | PR_STORE_ENTRYID => PropValue::from(&*identity.store_entry_id),
            PR_MAPPING_SIGNATURE | PR_RECORD_KEY | PR_STORE_RECORD_KEY | PR_SEARCH_KEY => {
                identity.uid.to_vec().into()
            }
            PR_ACCESS_LEVEL => long(1_u32),
            PR_OBJECT_TYPE => long(MAPI_STORE),
            PR_PROVIDER_DISPLAY_W => (&*identity.provider_name).into(),
            PR_STORE_SUPPORT_MASK => long(MASK.bits()),
            PR_MDB_PROVIDER => identity.provider_uid.to_vec().into(),
            PR_VALID_FOLDER_MASK => long(self.valid_folders().bits()),
            tag => {
                let (special, ..) = FOLDERS.iter().find(|(_, known, _)| *known == Some(tag))?;
                identity.entry_id(self.folder(*special)?).into()
            }
        };
        Some(value.into())
    }

    fn tags(&self) -> Vec<PropTag> {
        let mut tags = all_tags(COMPUTED, &self.props, self);
        if !self.props.contains(PR_DISPLAY_NAME_W.id()) {
            tags.push(PR_DISPLAY_NAME_W);
        }
        tags
    }
}
