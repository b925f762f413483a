//! The folders of a store that the server has a part in.

use mapi_provider_abi::mapi::{
    FOLDER_SEARCH, PR_CONTAINER_CLASS_W, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_FOLDER_TYPE,
    PR_IPM_OUTBOX_ENTRYID, PR_IPM_SENTMAIL_ENTRYID, PR_IPM_WASTEBASKET_ENTRYID, PR_PARENT_ENTRYID,
    PT_BINARY, PropTag,
};
use mapi_provider_twoway::{LocalFolder, LocalFolderKey, Role};

use super::keys;
use crate::store::{EntryId, Properties, Store, StoreError};

/// The class of folders for mail.
pub(super) const MAIL_CLASS: &str = "IPF.Note";

/// PidTagIpmDraftsEntryId, a property of the inbox, which MAPI's headers don't have.
const DRAFTS: PropTag = PropTag::new(0x36D7, PT_BINARY);

/// How often the folders are listed anew while somebody changes them.
const ATTEMPTS: usize = 5;

/// The folders that every store has.
#[derive(Debug, Clone)]
pub(super) struct Places {
    top: EntryId,
    outbox: Option<EntryId>,
    /// Those that nobody renames or deletes, and what they are for.
    fixed: Vec<(EntryId, Option<Role>)>,
}

/// A folder.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) id: EntryId,
    pub(super) parent: EntryId,
    is_at_top: bool,
    name: String,
    is_fixed: bool,
    role: Option<Role>,
    /// The server has a part in it. Elsewhere messages only are not gone.
    pub(super) is_shared: bool,
}

impl Place {
    pub(super) fn key(&self) -> LocalFolderKey {
        keys::folder(&self.id)
    }

    pub(super) fn to_local(&self) -> LocalFolder {
        LocalFolder {
            key: self.key(),
            parent: (!self.is_at_top).then(|| keys::folder(&self.parent)),
            name: self.name.clone(),
            is_fixed: self.is_fixed,
            role: self.role,
        }
    }
}

/// All folders that users see, but for search folders.
#[derive(Debug, Default)]
pub(super) struct Tree(Vec<Place>);

impl Tree {
    /// Nothing below this folder is sent to the server.
    fn keep_to_ourselves(&mut self, above: &EntryId) {
        let mut next = vec![above.clone()];
        while let Some(above) = next.pop() {
            // What lies in itself would never end.
            for place in self
                .0
                .iter_mut()
                .filter(|place| place.parent == above && place.is_shared)
            {
                place.is_shared = false;
                next.push(place.id.clone());
            }
        }
    }

    pub(super) fn shared(&self) -> impl Iterator<Item = &Place> {
        self.0.iter().filter(|place| place.is_shared)
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.0.iter()
    }

    pub(super) fn into_places(self) -> impl Iterator<Item = Place> {
        self.0.into_iter()
    }
}

impl Places {
    pub(super) fn of(store: &Store<'_>) -> Result<Self, StoreError> {
        let inbox = store.receive_folder("IPM.Note").ok();
        let outbox = id_in(store, PR_IPM_OUTBOX_ENTRYID);
        let mut fixed = vec![
            (outbox.clone(), None),
            (id_in(store, PR_IPM_SENTMAIL_ENTRYID), Some(Role::Sent)),
            (id_in(store, PR_IPM_WASTEBASKET_ENTRYID), Some(Role::Trash)),
        ];
        if let Some(inbox) = &inbox {
            fixed.push((inbox.entry_id().ok(), Some(Role::Inbox)));
            fixed.push((id_in(inbox, DRAFTS), Some(Role::Drafts)));
        }
        let fixed = fixed.into_iter();
        let fixed = fixed.filter_map(|(id, role)| Some((id?, role))).collect();
        Ok(Self {
            top: store.ipm_subtree()?.entry_id()?,
            outbox,
            fixed,
        })
    }

    /// The folder that all others are in.
    pub(super) fn top(&self) -> &EntryId {
        &self.top
    }

    pub(super) fn tree(&self, store: &Store<'_>) -> Result<Tree, StoreError> {
        for _ in 0..ATTEMPTS {
            if let Some(tree) = self.try_tree(store)? {
                return Ok(tree);
            }
        }
        let text = "the store lists fewer folders than it says there are";
        Err(StoreError::senseless("list folders", text))
    }

    /// `None` if the store lists fewer folders, or more, than it says there are: what is not listed would be taken as gone.
    fn try_tree(&self, store: &Store<'_>) -> Result<Option<Tree>, StoreError> {
        let top = store.open_folder(&self.top)?;
        let query = top.all_folders().columns(&[
            PR_ENTRYID,
            PR_PARENT_ENTRYID,
            PR_DISPLAY_NAME_W,
            PR_FOLDER_TYPE,
            PR_CONTAINER_CLASS_W,
        ]);
        let mut count = 0;
        let mut tree = Tree::default();
        for row in query.rows()? {
            let row = row?;
            count += 1;
            if row.long(PR_FOLDER_TYPE) == Some(FOLDER_SEARCH as i32) {
                continue;
            }
            let Some(mut id) = row.entry_id() else {
                return Ok(None);
            };
            let parent = row.binary(PR_PARENT_ENTRYID);
            let mut parent = parent.map(|parent| EntryId::from(parent.to_vec()));
            if keys::is_short_term(&id) {
                let folder = store.open_folder(&id)?;
                (id, parent) = (folder.entry_id()?, id_in(&folder, PR_PARENT_ENTRYID));
            }
            let parent = parent.unwrap_or_else(|| self.top.clone());
            let class = row.text(PR_CONTAINER_CLASS_W).unwrap_or_default();
            let fixed = self.fixed.iter().find(|(fixed, _)| *fixed == id);
            tree.0.push(Place {
                is_at_top: parent == self.top,
                name: row.text(PR_DISPLAY_NAME_W).unwrap_or_default(),
                is_fixed: fixed.is_some(),
                role: fixed.and_then(|(_, role)| *role),
                is_shared: is_for_mail(&class) && self.outbox.as_ref() != Some(&id),
                parent,
                id,
            });
        }
        if let Some(outbox) = &self.outbox {
            tree.keep_to_ourselves(outbox);
        }
        Ok((query.count()? == count).then_some(tree))
    }
}

/// Whether a folder of this class has mail in it; without one, Outlook assumes so.
pub(super) fn is_for_mail(class: &str) -> bool {
    let class = class.to_ascii_lowercase();
    class.is_empty()
        || ["ipf.note", "ipf.imap"].contains(&&*class)
        || class.starts_with("ipf.note.")
}

fn id_in(object: &Properties<'_>, tag: PropTag) -> Option<EntryId> {
    let id = object.binary(tag).ok().flatten()?;
    (!id.is_empty()).then(|| EntryId::from(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_for_mail_are() {
        assert!(
            is_for_mail("") && is_for_mail("ipf.note") && is_for_mail("IPF.Note.OutlookHomepage")
        );
        assert!(!is_for_mail("IPF.Appointment") && !is_for_mail("IPF.Notebook"));
    }
}
