//! Entry IDs as keys: their bytes in hexadecimal.

use std::fmt::Write;

use mapi_provider_abi::mapi::MAPI_SHORTTERM;
use mapi_provider_twoway::{LocalFolderKey, LocalKey};

use crate::store::EntryId;

pub(super) fn local(id: &EntryId) -> LocalKey {
    LocalKey::new(hex(id.as_bytes()))
}

pub(super) fn folder(id: &EntryId) -> LocalFolderKey {
    LocalFolderKey::new(hex(id.as_bytes()))
}

/// The entry ID of a key. A key of another's making has none.
pub(super) fn entry_id(key: &str) -> Option<EntryId> {
    let digit = |letter: u8| char::from(letter).to_digit(16);
    let (pairs, rest) = key.as_bytes().as_chunks::<2>();
    let bytes = pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok());
    let bytes: Option<Vec<u8>> = bytes.collect();
    // An empty one would be the root.
    let bytes = bytes.filter(|bytes| !bytes.is_empty() && rest.is_empty())?;
    Some(EntryId::from(bytes))
}

/// Whether an entry ID is good only for as long as its table is open.
pub(super) fn is_short_term(id: &EntryId) -> bool {
    let first = id.as_bytes().first().copied().unwrap_or_default();
    u32::from(first) & MAPI_SHORTTERM != 0
}

pub(super) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // A string takes everything.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_id_comes_back() {
        let id = EntryId::from(vec![0, 1, 0xfe, 0x10]);
        assert_eq!(local(&id).as_str(), "0001fe10");
        assert_eq!(entry_id("0001fe10"), Some(id));
        for other in ["", "0", "0g", "00 1", "é0", "0001f"] {
            assert_eq!(entry_id(other), None, "{other}");
        }
    }
}
