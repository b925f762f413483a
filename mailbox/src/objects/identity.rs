//! Which store a store is, and what its objects are called by clients: entry IDs (STORE-05).

use mapi_provider_abi::mapi::{MAPI_E_INVALID_ENTRYID, MAPI_E_UNKNOWN_ENTRYID};

use super::fault::{Fault, Result};
use crate::database::{FolderId, MessageId, ObjectId};

/// Which form of entry IDs these are.
const VERSION: u8 = 1;
/// The kinds of objects.
const FOLDER: u8 = 1;
const MESSAGE: u8 = 2;

/// Which store a store is.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The store's own UID, made with it. It is given to `SetProviderUID` and stands in all its entry IDs, so that MAPI
    /// finds the store of an object even where a profile has several of one provider.
    pub(crate) uid: [u8; 16],
    /// What clients see as the entry ID of the store itself.
    pub(crate) store_entry_id: Vec<u8>,
    /// `PR_MDB_PROVIDER`.
    pub(crate) provider_uid: [u8; 16],
    /// `PR_PROVIDER_DISPLAY`, and who speaks in error texts.
    pub(crate) provider_name: String,
    /// `PR_DISPLAY_NAME` of a store that nobody has named.
    pub(crate) name: String,
}

impl Identity {
    /// The entry ID of an object: the same in properties, tables and notifications.
    pub(crate) fn entry_id(&self, id: impl Into<ObjectId>) -> Vec<u8> {
        let (kind, number) = match id.into() {
            ObjectId::Folder(id) => (FOLDER, id.number()),
            ObjectId::Message(id) => (MESSAGE, id.number()),
        };
        [
            &[0; 4][..],
            &self.uid,
            &[VERSION, kind, 0, 0],
            &number.to_le_bytes(),
        ]
        .concat()
    }

    /// The object of an entry ID.
    ///
    /// # Errors
    ///
    /// It is none: `MAPI_E_INVALID_ENTRYID`. It is another provider's or store's: `MAPI_E_UNKNOWN_ENTRYID`.
    pub(crate) fn parse(&self, entry_id: &[u8]) -> Result<ObjectId> {
        let malformed = || Fault::new(MAPI_E_INVALID_ENTRYID, "this is no entry ID of an object");
        let (flags, rest) = entry_id.split_first_chunk::<4>().ok_or_else(malformed)?;
        let (uid, rest) = rest.split_first_chunk::<16>().ok_or_else(malformed)?;
        if uid != &self.uid {
            let text = "the entry ID is not one of this store";
            return Err(Fault::new(MAPI_E_UNKNOWN_ENTRYID, text));
        }
        let parsed = match (flags, rest.split_first_chunk::<4>()) {
            ([0, 0, 0, 0], Some(([VERSION, kind, 0, 0], number))) => number
                .try_into()
                .ok()
                .and_then(|number| object(*kind, u64::from_le_bytes(number))),
            _ => None,
        };
        parsed.ok_or_else(malformed)
    }
}

fn object(kind: u8, number: u64) -> Option<ObjectId> {
    match kind {
        FOLDER => FolderId::from_number(number).map(ObjectId::Folder),
        MESSAGE => MessageId::from_number(number).map(ObjectId::Message),
        _ => None,
    }
}

impl From<FolderId> for ObjectId {
    fn from(id: FolderId) -> Self {
        Self::Folder(id)
    }
}

impl From<MessageId> for ObjectId {
    fn from(id: MessageId) -> Self {
        Self::Message(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags, UID, version, kind, two bytes of nothing, number.
    const LENGTH: usize = 4 + 16 + 4 + 8;

    fn identity() -> Identity {
        Identity {
            uid: [7; 16],
            store_entry_id: Vec::new(),
            provider_uid: [8; 16],
            provider_name: String::new(),
            name: String::new(),
        }
    }

    #[test]
    fn store_05_entry_ids_lead_back_to_their_objects() {
        let identity = identity();
        for id in [
            ObjectId::Folder(FolderId::new(1)),
            ObjectId::Message(MessageId::new(i64::MAX)),
        ] {
            let entry_id = identity.entry_id(id);
            assert_eq!(entry_id.len(), LENGTH);
            assert_eq!(
                (&entry_id[..4], &entry_id[4..20]),
                (&[0; 4][..], &[7; 16][..])
            );
            assert_eq!(identity.parse(&entry_id), Ok(id));
        }
    }

    #[test]
    fn store_05_malformed_and_foreign_ids_are_refused() {
        let identity = identity();
        let entry_id = identity.entry_id(MessageId::new(5));
        let status = |bytes: &[u8]| identity.parse(bytes).map_err(|fault| fault.status);
        for length in 0..entry_id.len() {
            assert_eq!(status(&entry_id[..length]), Err(MAPI_E_INVALID_ENTRYID));
        }
        let longer = [&entry_id[..], &[0]].concat();
        assert_eq!(status(&longer), Err(MAPI_E_INVALID_ENTRYID));
        for index in 0..LENGTH {
            let mut other = entry_id.clone();
            other[index] ^= 0x80;
            let expected = match index {
                4..20 => Err(MAPI_E_UNKNOWN_ENTRYID),
                // Another number is another object; one with a sign is none.
                24..31 => continue,
                _ => Err(MAPI_E_INVALID_ENTRYID),
            };
            assert_eq!(status(&other), expected, "byte {index}");
        }
    }
}
