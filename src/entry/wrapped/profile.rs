//! What a wrapped store has in its profile sections beside its settings.

use windows_core::HRESULT;

use super::super::changes::Changes;
use super::super::profile::ProfileSection;
use super::super::properties::Value;
use super::super::support::Support;
use super::path::{self, PATH};
use crate::error::LogonError;
use crate::log;
use crate::manifest::Manifest;
use mapi_provider_abi::internal::{ansi_to_string, string_to_ansi};
use mapi_provider_abi::mapi::{
    PR_ENTRYID, PR_MDB_PROVIDER, PR_STORE_ENTRYID, PT_BINARY, PT_UNICODE, PropTag,
};
use mapi_provider_abi::view::{Allocators, PropValue, Property};

/// The PST provider's MAPIUID in PR_MDB_PROVIDER and in entry IDs; every wrapped store has it (W: `g_muidProvPrvNST`).
const NST_PROVIDER: [u8; 16] = [
    0xE9, 0x2F, 0xEB, 0x75, 0x96, 0x50, 0x44, 0x86, 0x83, 0xB8, 0x7D, 0xE5, 0x22, 0xAA, 0x49, 0x48,
];

/// The property with the manifest's `uid`, which tells our sections from those of other wrapped stores.
const OWN_UID: PropTag = PropTag::new(0x67E1, PT_BINARY);

/// PR_PST_PATH_W.
const PST_PATH: PropTag = PropTag::new(0x6700, PT_UNICODE);

/// What the sections of a service had before a configuration began.
pub(super) struct Before<'a> {
    tags: Vec<PropTag>,
    sections: [(&'a ProfileSection, Vec<Option<Value>>); 2],
}

impl<'a> Before<'a> {
    /// Of the properties that are to change, and of those that we write by ourselves.
    ///
    /// # Errors
    ///
    /// A section can't be read.
    pub(super) fn of(
        sections: [&'a ProfileSection; 2],
        changes: &Changes,
    ) -> Result<Self, HRESULT> {
        let ours = [
            PATH,
            PR_MDB_PROVIDER,
            OWN_UID,
            PST_PATH,
            PR_ENTRYID,
            PR_STORE_ENTRYID,
        ];
        let mut tags: Vec<PropTag> = changes.tags().into_iter().chain(ours).collect();
        tags.sort_by_key(|tag| tag.0);
        tags.dedup();
        let [own, global] = sections;
        let values = [own.read(&tags)?, global.read(&tags)?];
        let [own_values, global_values] = values;
        Ok(Self {
            tags,
            sections: [(own, own_values), (global, global_values)],
        })
    }

    /// Puts it back. Best effort: the failure that led here is what counts.
    pub(super) fn put_back(self) {
        for (section, values) in self.sections {
            section.restore(&self.tags, values);
            if section.save().is_err() {
                log::warn!("a profile section could not be put back");
            }
        }
    }
}

/// What NSTServiceEntry is given: the path, where there is one, and whose store it is. The path is 8 bits wide, as the
/// PST provider knows it, where it is the same in the ANSI code page.
pub(super) fn given_properties(path: Option<&str>) -> Vec<Property<'_>> {
    let path = path.map(|path| {
        let value = match is_ansi(path) {
            true => PropValue::ansi(path),
            false => path.into(),
        };
        Property::with_id(PATH.id(), value)
    });
    let provider = Property::new(PR_MDB_PROVIDER, NST_PROVIDER.to_vec());
    path.into_iter().chain([provider]).collect()
}

/// Writes what makes the sections those of a store: its entry ID, whose it is, and where its file is.
///
/// # Errors
///
/// A section can't be written to.
pub(super) fn finish(
    manifest: &Manifest,
    support: &Support,
    allocators: Allocators,
    path: &str,
    sections: [&ProfileSection; 2],
) -> Result<(), LogonError> {
    let own = store_entry_id(path);
    // Where MAPI makes none yet, the store is found by its section.
    let entry_id = support.wrap_store_entry_id(allocators, &own);
    let (tag, path) = path::property(path);
    let mut properties = vec![
        (PR_MDB_PROVIDER, Value::Binary(NST_PROVIDER.to_vec())),
        (OWN_UID, Value::Binary(manifest.uid.to_vec())),
        (tag, path.clone()),
        (PST_PATH, path),
    ];
    if let Some(entry_id) = entry_id {
        properties.push((PR_ENTRYID, Value::Binary(entry_id.clone())));
        properties.push((PR_STORE_ENTRYID, Value::Binary(entry_id)));
    }
    for section in sections {
        section.write(&properties).map_err(|status| {
            LogonError::new(status, "the store can't be written to the profile")
        })?;
    }
    Ok(())
}

/// The entry ID of a PST provider's store: flags, its MAPIUID, a byte that is reserved, the path; where that has no
/// form in the ANSI code page, an empty one and then the path in UTF-16.
fn store_entry_id(path: &str) -> Vec<u8> {
    let mut entry_id = vec![0; 4];
    entry_id.extend_from_slice(&NST_PROVIDER);
    entry_id.push(0);
    if is_ansi(path) {
        entry_id.extend(string_to_ansi(path));
        entry_id.push(0);
    } else {
        entry_id.extend_from_slice(&[0, 0]);
        let units = path.encode_utf16().chain([0]);
        entry_id.extend(units.flat_map(u16::to_le_bytes));
    }
    entry_id
}

/// Whether a text comes back from the ANSI code page as it was.
fn is_ansi(text: &str) -> bool {
    ansi_to_string(&string_to_ansi(text)) == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_id_has_the_path_in_one_of_two_forms() {
        let short = store_entry_id(r"C:\a.nst");
        assert_eq!(short[..4], [0; 4]);
        assert_eq!(short[4..20], NST_PROVIDER);
        assert_eq!(&short[20..], b"\0C:\\a.nst\0");
        let wide = store_entry_id("C:\\\u{3042}.nst");
        assert_eq!(wide[20..23], [0, 0, 0]);
        assert_eq!(wide[23..25], [b'C', 0]);
        assert_eq!(wide[wide.len() - 2..], [0, 0]);
    }
}
