//! IDs of objects: numbers in the file, entry IDs outside.

use mapi_provider::abi::{MAPI_E_INVALID_ENTRYID, MAPI_E_UNKNOWN_ENTRYID};

use crate::fault::Result;

/// A folder or a message of a store. The lower five bits are the kind, as in a PST.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Id(pub(crate) u32);

/// The kinds of objects that have an entry ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    Message,
    /// A message that is not for people: views, forms, settings.
    Associated,
}

/// The first free number in a new store.
pub(crate) const FIRST_FREE: u32 = 0x404;

/// The end of the numbers.
const LAST: u32 = u32::MAX >> 5;

impl Id {
    /// The folder that contains all others.
    pub(crate) const ROOT: Self = Self(0x122);
    /// "Top of Personal Folders".
    pub(crate) const IPM_SUBTREE: Self = Self(0x8022);
    /// The root of search folders.
    pub(crate) const FINDER: Self = Self(0x8042);
    /// "Deleted Items".
    pub(crate) const WASTEBASKET: Self = Self(0x8062);

    pub(crate) fn new(kind: Kind, number: u32) -> Option<Self> {
        let kind = match kind {
            Kind::Folder => 0x02,
            Kind::Message => 0x04,
            Kind::Associated => 0x08,
        };
        (number <= LAST).then_some(Self(number << 5 | kind))
    }

    pub(crate) fn kind(self) -> Option<Kind> {
        match self.0 & 0x1F {
            0x02 => Some(Kind::Folder),
            0x04 => Some(Kind::Message),
            0x08 => Some(Kind::Associated),
            _ => None,
        }
    }

    pub(crate) fn number(self) -> u32 {
        self.0 >> 5
    }

    pub(crate) fn is_folder(self) -> bool {
        self.kind() == Some(Kind::Folder)
    }
}

/// Which store: its `PR_RECORD_KEY`, which is in all its entry IDs, and the store's own entry ID as clients
/// see it.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) uid: [u8; 16],
    pub(crate) store_entry_id: Vec<u8>,
}

impl Identity {
    /// The entry ID of an object: flags, the store's UID, the number.
    pub(crate) fn entry_id(&self, id: Id) -> Vec<u8> {
        [&[0; 4][..], &self.uid, &id.0.to_le_bytes()].concat()
    }

    /// The object of an entry ID.
    ///
    /// # Errors
    ///
    /// It is not an entry ID, or another provider's or store's.
    pub(crate) fn parse(&self, entry_id: &[u8]) -> Result<Id> {
        let Some((flags, rest)) = entry_id.split_first_chunk::<4>() else {
            return Err(MAPI_E_INVALID_ENTRYID.into());
        };
        let Some((uid, id)) = rest.split_first_chunk::<16>() else {
            return Err(MAPI_E_INVALID_ENTRYID.into());
        };
        if uid != &self.uid {
            return Err(MAPI_E_UNKNOWN_ENTRYID.into());
        }
        let id: Option<[u8; 4]> = id.try_into().ok();
        let id = id.map(|bytes| Id(u32::from_le_bytes(bytes)));
        match id.filter(|id| id.kind().is_some() && flags == &[0; 4]) {
            Some(id) => Ok(id),
            None => Err(MAPI_E_INVALID_ENTRYID.into()),
        }
    }

    /// What the store's own notifications are about.
    pub(crate) fn store_key(&self) -> Vec<u8> {
        [&[0; 4][..], &self.uid].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_ids_lead_back_to_their_objects_and_others_are_refused() {
        let identity = Identity {
            uid: [7; 16],
            store_entry_id: Vec::new(),
        };
        let id = Id::new(Kind::Message, FIRST_FREE).expect("small");
        let entry_id = identity.entry_id(id);
        assert_eq!(identity.parse(&entry_id), Ok(id));
        assert_eq!((id.kind(), id.number()), (Some(Kind::Message), FIRST_FREE));
        for length in 0..entry_id.len() {
            assert!(
                identity.parse(&entry_id[..length]).is_err(),
                "{length} bytes"
            );
        }
        let mut other = entry_id.clone();
        other[4] = 8;
        assert_eq!(
            identity.parse(&other).map_err(|fault| fault.status),
            Err(MAPI_E_UNKNOWN_ENTRYID)
        );
        assert_eq!(Id::new(Kind::Folder, u32::MAX), None);
    }
}
