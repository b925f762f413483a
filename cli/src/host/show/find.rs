//! Which message of a store is meant.

use std::fmt::Write;

use mapi_provider::abi::{PR_DISPLAY_NAME_W, PR_ENTRYID, PR_SUBJECT_W};
use mapi_provider::store::{EntryId, Folder, Store, StoreError};

/// So many folders are looked into: a store may say anything.
const MOST_FOLDERS: usize = 10_000;

/// A message, and where it lies.
pub(in crate::host) struct Found<'run> {
    pub(in crate::host) folder: Folder<'run>,
    pub(in crate::host) id: EntryId,
    /// The names of the folders around it, without the one that has all that users see.
    pub(in crate::host) place: Vec<String>,
    /// Whether it is in the deleted items, or in a folder there.
    pub(in crate::host) deleted: bool,
}

/// Where is looked for a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::host) enum Among {
    All,
    /// Those that are not in the deleted items.
    Kept,
}

/// The message that has this subject, or this entry ID in hexadecimal digits.
pub(in crate::host) fn one<'run>(
    store: &Store<'run>,
    named: &str,
    among: Among,
) -> Result<Found<'run>, String> {
    let mut found = all(store, named, among).map_err(|error| error.to_string())?;
    if let (Some(only), true) = (found.pop(), found.is_empty()) {
        return Ok(only);
    }
    if found.is_empty() {
        return Err(format!(
            "there is no message `{named}`: one is named by its whole subject, or by the `entry_id` that `--json` shows"
        ));
    }
    Err(format!(
        "{} messages have the subject `{named}`: name one by the `entry_id` that `--json` shows",
        found.len() + 1
    ))
}

/// All messages that have this subject, or this entry ID in hexadecimal digits.
pub(in crate::host) fn all<'run>(
    store: &Store<'run>,
    named: &str,
    among: Among,
) -> Result<Vec<Found<'run>>, StoreError> {
    let trash = store.wastebasket().and_then(|trash| trash.entry_id()).ok();
    let mut found = Vec::new();
    let mut waiting = vec![(store.ipm_subtree()?, Vec::new(), false)];
    let mut seen = 0;
    while let Some((folder, place, deleted)) = waiting.pop() {
        let query = folder.messages().columns(&[PR_ENTRYID, PR_SUBJECT_W]);
        for row in query.rows()? {
            let row = row?;
            let Some(id) = row.entry_id() else { continue };
            let has_subject = row.text(PR_SUBJECT_W).unwrap_or_default() == named;
            if has_subject || hexadecimal(&id).eq_ignore_ascii_case(named) {
                found.push(Found {
                    folder: folder.clone(),
                    id,
                    place: place.clone(),
                    deleted,
                });
            }
        }
        for (name, id) in folders(&folder)? {
            let is_trash = match &trash {
                Some(trash) => store.same_entry(trash, &id)?,
                None => false,
            };
            let deleted = deleted || is_trash;
            seen += 1;
            if seen < MOST_FOLDERS && !(deleted && among == Among::Kept) {
                let place = place.iter().cloned().chain([name]).collect();
                waiting.push((folder.open_folder(&id)?, place, deleted));
            }
        }
    }
    Ok(found)
}

/// The folders in a folder, by name.
pub(in crate::host) fn folders(folder: &Folder) -> Result<Vec<(String, EntryId)>, StoreError> {
    let query = folder.folders().columns(&[PR_ENTRYID, PR_DISPLAY_NAME_W]);
    let mut found = Vec::new();
    for row in query.rows()? {
        let row = row?;
        let name = row.text(PR_DISPLAY_NAME_W).unwrap_or_default();
        found.extend(row.entry_id().map(|id| (name, id)));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found)
}

/// An entry ID as programs and people name it.
pub(in crate::host) fn hexadecimal(id: &EntryId) -> String {
    digits(&id.0)
}

/// Octets in hexadecimal digits, lower-case ones.
pub(super) fn digits(octets: &[u8]) -> String {
    let mut digits = String::with_capacity(octets.len() * 2);
    for byte in octets {
        // Writing to a string can't fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
