//! The identity of a store: its entry ID and record key.

use windows_core::HRESULT;

use super::limits;
use crate::sync::SectionKey;
use mapi_provider_abi::mapi::{ENTRYID, MAPI_E_INVALID_ENTRYID, MAPI_E_UNKNOWN_ENTRYID};
use mapi_provider_abi::view::EntryId;

/// The form of the entry IDs that we make: abFlags, MAPIUID of the provider, version, MAPIUID of the
/// profile section, so that two accounts of one provider are two stores.
const VERSION: [u8; 4] = [1, 0, 0, 0];

/// Where the flags of an entry ID end; they don't belong to the identity.
const FLAGS: usize = 4;

/// The identity of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StoreIdentity(Vec<u8>);

impl StoreIdentity {
    /// The identity in an entry ID at a pointer; `None` if there is no entry ID.
    ///
    /// # Errors
    ///
    /// The count makes no sense, or what is there is too short to be an entry ID.
    ///
    /// # Safety
    ///
    /// `entry_id` is NULL or points to as many bytes as `count` says.
    pub(super) unsafe fn read(
        count: u32,
        entry_id: *const ENTRYID,
    ) -> Result<Option<Self>, HRESULT> {
        if entry_id.is_null() || count == 0 {
            return Ok(None);
        }
        // SAFETY: the caller's word.
        let entry_id = unsafe { EntryId::read(count, entry_id, &limits::entry_id()) };
        let identity = entry_id.ok().and_then(|id| Self::given(id.as_bytes()));
        identity.map(Some).ok_or(MAPI_E_INVALID_ENTRYID)
    }

    /// As [`read`](Self::read), for a store that makes its entry IDs itself.
    ///
    /// # Errors
    ///
    /// ENTRY-12: it is not one of ours: another provider's, or of another form.
    ///
    /// # Safety
    ///
    /// As for [`read`](Self::read).
    pub(super) unsafe fn read_own(
        count: u32,
        entry_id: *const ENTRYID,
        provider: &[u8; 16],
    ) -> Result<Option<Self>, HRESULT> {
        // SAFETY: the caller's word.
        let given = unsafe { Self::read(count, entry_id) }.map_err(|_| MAPI_E_UNKNOWN_ENTRYID)?;
        match given {
            Some(given) if given.section_of(provider).is_none() => Err(MAPI_E_UNKNOWN_ENTRYID),
            given => Ok(given),
        }
    }

    /// The section in an entry ID of our own form.
    fn section_of(&self, provider: &[u8; 16]) -> Option<[u8; 16]> {
        let rest = self.record_key().strip_prefix(provider.as_slice())?;
        rest.strip_prefix(VERSION.as_slice())?.try_into().ok()
    }

    /// Which section of a profile it stands for, at a provider object of this number. `section` is
    /// the MAPIUID of the section that the logon has opened, if it has one.
    pub(super) fn section_key(&self, section: Option<[u8; 16]>, provider: u64) -> SectionKey {
        match section {
            Some(uid) => SectionKey::Uid(uid),
            None => SectionKey::Unknown {
                provider,
                entry_id: self.record_key().to_vec(),
            },
        }
    }

    /// The identity in an entry ID that MAPI gives us.
    pub(super) fn given(entry_id: &[u8]) -> Option<Self> {
        (entry_id.len() > FLAGS).then(|| Self(entry_id.to_vec()))
    }

    /// The identity of the store of a profile section.
    pub(super) fn of_section(provider: &[u8; 16], section: &[u8; 16]) -> Self {
        Self([&[0; FLAGS], &provider[..], &VERSION, section].concat())
    }

    /// The entry ID.
    pub(super) fn entry_id(&self) -> &[u8] {
        &self.0
    }

    /// The record key: the part of the entry ID that can be compared byte by byte.
    pub(super) fn record_key(&self) -> &[u8] {
        self.0.get(FLAGS..).unwrap_or_default()
    }

    /// Whether both name the same store: the flags may differ.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.record_key() == other.record_key()
    }
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::{MAPI_E_INVALID_ENTRYID, MAPI_E_UNKNOWN_ENTRYID, StoreIdentity};

    #[test]
    fn flags_do_not_count() {
        let made = StoreIdentity::of_section(&[7; 16], &[9; 16]);
        let mut bytes = made.entry_id().to_vec();
        bytes[0] = 0x80;
        let given = StoreIdentity::given(&bytes).expect("long enough");
        assert!(given.is_same(&made));
        assert!(!StoreIdentity::of_section(&[7; 16], &[8; 16]).is_same(&made));
    }

    #[test]
    fn entry_12_only_entry_ids_of_our_form_are_ours() {
        let ours = StoreIdentity::of_section(&[7; 16], &[9; 16]);
        let read = |bytes: &[u8]| {
            // SAFETY: as many bytes as the slice has.
            unsafe { StoreIdentity::read_own(bytes.len() as u32, bytes.as_ptr().cast(), &[7; 16]) }
        };
        let id = ours.entry_id();
        assert_eq!(read(id), Ok(Some(ours.clone())));
        let other = StoreIdentity::of_section(&[8; 16], &[9; 16]);
        let newer = [&id[..20], &[2], &id[21..]].concat();
        let longer = [id, &[0]].concat();
        let foreign = [0, 0, 0, 0, 0xAA, 0xBB, 0xCC];
        for bytes in [
            other.entry_id(),
            &newer,
            &longer,
            &id[..39],
            &foreign,
            &[0; 4],
        ] {
            assert_eq!(read(bytes), Err(MAPI_E_UNKNOWN_ENTRYID), "{bytes:?}");
        }
    }

    #[test]
    fn what_has_no_identity_is_refused() {
        assert_eq!(StoreIdentity::given(&[0; 4]), None);
    }

    #[test]
    fn absurd_counts_are_refused() {
        let bytes = [7_u8; 8];
        let read = |count, bytes: *const u8| {
            // SAFETY: NULL, as many bytes, or a count that is refused.
            unsafe { StoreIdentity::read(count, bytes.cast()) }
        };
        assert_eq!(
            read(8, bytes.as_ptr()),
            Ok(StoreIdentity::given(&bytes)),
            "as many as there are"
        );
        for count in [(1 << 24) + 1, u32::MAX] {
            assert_eq!(read(count, bytes.as_ptr()), Err(MAPI_E_INVALID_ENTRYID));
        }
        assert_eq!(read(8, ptr::null()), Ok(None));
        assert_eq!(read(0, bytes.as_ptr()), Ok(None));
    }
}
