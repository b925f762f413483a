//! What the engine is told of the provider.

use std::path::{Path, PathBuf};

use mapi_provider::abi::{
    MAPI_E_INVALID_ENTRYID, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, PR_IDENTITY_DISPLAY_W,
    PR_IDENTITY_ENTRYID, PR_IDENTITY_SEARCH_KEY, PR_PST_PATH, StoreLogonFlags,
};
use mapi_provider::view::{PropValue, Property};
use mapi_provider_mailbox::database::{Options, Store};
use mapi_provider_mailbox::objects::{self, Face, Fault, Location, LogonRequest, Place, Result};

use crate::profile::{self, Flavour};

/// `PR_MDB_PROVIDER`: that of all stores which replication wraps.
const PROVIDER_UID: [u8; 16] = [
    0xE9, 0x2F, 0xEB, 0x75, 0x96, 0x50, 0x44, 0x86, 0x83, 0xB8, 0x7D, 0xE5, 0x22, 0xAA, 0x49, 0x48,
];

/// The PST provider's face on the engine.
pub(crate) struct PstFace;

impl Face for PstFace {
    fn provider_uid(&self) -> [u8; 16] {
        PROVIDER_UID
    }

    fn name(&self) -> &str {
        "Personal Folders"
    }

    fn locate(&self, logon: &LogonRequest<'_>) -> Result<Location> {
        let is_wrapped = logon.flags.contains(StoreLogonFlags::MDB_OST_LOGON_UNICODE);
        let flavour = match is_wrapped {
            true => Flavour::Nst,
            false => Flavour::Pst,
        };
        let path = profile::store_path(logon.support, flavour, logon.allocators)?;
        let store = open(&path)?;
        let path = path.canonicalize().unwrap_or(path);
        let stem = path.file_stem().unwrap_or_default();
        Ok(Location {
            place: Place::Open(store),
            entry_id: StoreEntryId::of(&path),
            name: stem.to_string_lossy().into_owned(),
        })
    }

    fn is_same_store(&self, first: &[u8], second: &[u8]) -> Result<bool> {
        match (StoreEntryId::path(first), StoreEntryId::path(second)) {
            (Some(first), Some(second)) => Ok(first == second),
            _ => Err(MAPI_E_INVALID_ENTRYID.into()),
        }
    }

    /// An identity, which a wrapper has to remove (WRAP-04).
    fn status_columns<'a>(&self, uid: &'a [u8; 16], name: &'a str) -> Vec<Property<'a>> {
        vec![
            Property::new(PR_IDENTITY_DISPLAY_W, name),
            Property::new(PR_IDENTITY_ENTRYID, [&[0; 4][..], uid].concat()),
            Property::new(PR_IDENTITY_SEARCH_KEY, &uid[..]),
        ]
    }
}

/// The store in a file, which is made where there is none. It says where it is: `PR_PST_PATH`.
///
/// # Errors
///
/// It can't be opened.
fn open(path: &Path) -> Result<Store> {
    let failed = |fault: Fault| {
        let text = format!("can't open the store {}: {}", path.display(), fault.text);
        Fault::new(fault.status, text)
    };
    check_place(path).map_err(failed)?;
    // Nobody sends what clients do to a server.
    let options = Options::new().track_local_changes(false);
    let store = objects::database(path, options).map_err(failed)?;
    let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let tag = PR_PST_PATH.unicode();
    let text = canonical.to_string_lossy().into_owned();
    let known = store.read(|reader| Ok(reader.store_props()?.text(tag)));
    if known.map_err(|error| failed(error.into()))?.as_ref() != Some(&text) {
        let written = store.write(|tx| {
            tx.change_store(|props| {
                props.set_tag(tag, PropValue::from(&*text).into_owned());
                Ok(())
            })
        });
        written.map_err(|error| failed(error.into()))?;
    }
    Ok(store)
}

/// Refuses what no file can be, with the codes that the PST provider has for it.
fn check_place(path: &Path) -> Result<()> {
    if path.is_dir() {
        return Err(Fault::new(MAPI_E_NO_ACCESS, "it is a folder"));
    }
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
            let text = format!("there is no folder {}", folder.display());
            Err(Fault::new(MAPI_E_NOT_FOUND, text))
        }
        _ => Ok(()),
    }
}

/// The entry ID of a store before MAPI wraps it: flags, the provider's UID, a reserved byte, an empty ANSI
/// path, and the path in UTF-16.
struct StoreEntryId;

/// Where the path begins.
const PATH: usize = 4 + 16 + 1 + 1;

impl StoreEntryId {
    fn of(path: &Path) -> Vec<u8> {
        let mut bytes = [&[0; 4][..], &PROVIDER_UID, &[0, 0]].concat();
        let path = path.to_string_lossy();
        bytes.extend(path.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        bytes
    }

    /// The path; `None` if this is not the entry ID of a store.
    fn path(entry_id: &[u8]) -> Option<PathBuf> {
        let (head, path) = entry_id.split_at_checked(PATH)?;
        if head[4..20] != PROVIDER_UID || path.len() % 2 != 0 {
            return None;
        }
        let units = path
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        (!units.is_empty()).then(|| PathBuf::from(String::from_utf16_lossy(&units)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_id_of_a_store_has_its_path() {
        let path = Path::new("/mail/Grüße.ost");
        let id = StoreEntryId::of(path);
        assert_eq!(StoreEntryId::path(&id).as_deref(), Some(path));
        assert_eq!(StoreEntryId::path(&id[..PATH]), None);
        assert_eq!(StoreEntryId::path(&id[..id.len() - 1]), None);
        assert_eq!(StoreEntryId::path(&[7; 40]), None);
    }
}
