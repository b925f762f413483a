//! Messages and folders as a run knows them.

use std::collections::HashMap;

use mapi_provider_abi::mapi::{
    PR_CLIENT_SUBMIT_TIME, PR_CREATION_TIME, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_DELIVERY_TIME,
    PR_SUBJECT_W, PropTag,
};
use mapi_provider_abi::view::FileTime;
use mapi_provider_twoway::{
    Answer, LocalEntry, LocalFolderKey, LocalKey, PairId, Trouble, Version as Revision,
};

use crate::database::{FolderId, MessageId, MessageInfo, ObjectId, Reader, Result, Version};

use super::flags::Names;

/// Steps of a `FILETIME` in a second.
const STEPS: i64 = 10_000_000;
/// Seconds from 1601 to 1970.
const TO_1970: i64 = 11_644_473_600;

/// When a message arrived, or what comes next to it: one that was made here did not arrive.
const TIMES: [PropTag; 4] = [
    PR_MESSAGE_DELIVERY_TIME,
    PR_CLIENT_SUBMIT_TIME,
    PR_CREATION_TIME,
    PR_LAST_MODIFICATION_TIME,
];

pub(super) fn read(reader: &Reader<'_>, info: &MessageInfo, names: Names) -> Result<LocalEntry> {
    let mut ids = names.ids().to_vec();
    ids.push(PR_SUBJECT_W.id());
    ids.extend(TIMES.map(PropTag::id));
    let props = reader.some_message_props(info.id, &ids)?;
    let time = TIMES.into_iter().find_map(|tag| props.time(tag));
    let remote = reader.remote(ObjectId::Message(info.id))?;
    Ok(LocalEntry {
        key: key_of(info.id),
        folder: folder_key(info.folder),
        flags: names.flags(info, &props),
        date: time.map_or(0, seconds),
        revision: revision(info.version),
        // What the server calls the content is not kept here.
        identity: None,
        pair: remote.map(|remote| PairId::new(remote.server_id)),
        title: props.text(PR_SUBJECT_W).unwrap_or_default(),
    })
}

/// Which folders the server has a part in.
pub(super) struct Place {
    top: FolderId,
    outbox: FolderId,
    known: HashMap<FolderId, bool>,
}

impl Place {
    pub(super) fn new(top: FolderId, outbox: FolderId) -> Self {
        Self {
            top,
            outbox,
            known: HashMap::new(),
        }
    }

    pub(super) fn is_shared(&mut self, reader: &Reader<'_>, folder: FolderId) -> Result<bool> {
        if let Some(known) = self.known.get(&folder) {
            return Ok(*known);
        }
        let is_shared = folder != self.outbox
            && !reader.is_within(folder, self.outbox)?
            && reader.is_within(folder, self.top)?;
        self.known.insert(folder, is_shared);
        Ok(is_shared)
    }
}

pub(super) fn key_of(id: MessageId) -> LocalKey {
    LocalKey::new(id.number().to_string())
}

/// The message of a key. A key of another's making is of none that is there.
pub(super) fn message_of(key: &LocalKey) -> Answer<MessageId> {
    let number = key.as_str().parse().ok();
    number
        .and_then(MessageId::from_number)
        .ok_or_else(Trouble::gone)
}

pub(super) fn folder_key(id: FolderId) -> LocalFolderKey {
    LocalFolderKey::new(id.number().to_string())
}

pub(super) fn folder_of(key: &LocalFolderKey) -> Answer<FolderId> {
    let number = key.as_str().parse().ok();
    number
        .and_then(FolderId::from_number)
        .ok_or_else(Trouble::gone)
}

pub(super) fn parent(key: Option<&LocalFolderKey>, top: FolderId) -> Answer<FolderId> {
    key.map_or(Ok(top), folder_of)
}

/// Each save has a number of its own, and marking a message as read is no save.
pub(super) fn revision(version: Version) -> Revision {
    Revision::new(version.0.to_string())
}

fn seconds(time: FileTime) -> i64 {
    time.ticks().cast_signed() / STEPS - TO_1970
}

/// The time of a second since 1970; the earliest one there is, for what is before 1601.
pub(super) fn file_time(seconds: i64) -> FileTime {
    let since_1601 = seconds.saturating_add(TO_1970).max(0);
    FileTime::from_ticks(since_1601.saturating_mul(STEPS).cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_the_same_on_both_sides() {
        for time in [0, 1, -1, 1_767_225_600, -TO_1970] {
            assert_eq!(seconds(file_time(time)), time);
        }
        assert_eq!(seconds(file_time(i64::MIN)), -TO_1970);
        assert!(seconds(file_time(i64::MAX)) > 0);
    }
}
