//! Messages that a run makes or changes.

use std::time::{Duration, SystemTime};

use mapi_provider_abi::mapi::{
    MAPI_E_UNEXPECTED_TYPE, PR_ATTACH_NUM, PR_MESSAGE_DELIVERY_TIME, PR_SEARCH_KEY, PT_BINARY,
    PropTag,
};
use mapi_provider_mime::marks::{DRAFT, SEEN};
use mapi_provider_mime::{Mail, original_name};
use mapi_provider_twoway::{
    Answer, Created, LocalChange, LocalEntry, LocalFolderKey, NewLocal, Trouble,
};

use super::trouble::{mime_trouble, trouble};
use super::{StoreSide, keys};
use crate::store::{EntryId, Folder, Message, StoreError};

/// The octets of a message: those that it came as, if nobody has edited it.
pub(super) fn read(message: &Message<'_>) -> Answer<Vec<u8>> {
    message.to_mime().map_err(mime_trouble)
}

impl StoreSide<'_> {
    pub(super) fn create_one(&self, new: &NewLocal) -> Answer<Created> {
        let folder = self.open_target(&new.folder)?;
        let message = match new.flags.contains(DRAFT) {
            true => folder.create_draft(),
            false => folder.create_message(),
        };
        let message = message.map_err(trouble)?;
        self.fill(&message, new).map_err(trouble)?;
        let id = match message.save() {
            Ok(id) => id,
            // It may be there all the same, and be unable to say what it is called.
            Err(error) => match self.rows_of_pair(&folder, &new.pair) {
                Ok(rows) if !rows.is_empty() => rows[0].1.clone(),
                _ => return Err(trouble(error)),
            },
        };
        self.created(&id, &message)
    }

    /// A message with its pair's name, its flags and its content, all in one save.
    fn fill(&self, message: &Message<'_>, new: &NewLocal) -> Result<(), StoreError> {
        let arrived = time(new.date);
        // TWOWAY-18: whatever it is, it goes back as it came.
        let parsed = Mail::read(&new.content);
        message.set_mail_header(parsed.mail(), arrived)?;
        if !new.is_header_only {
            message.set_mail_body(&parsed)?;
        }
        self.columns.mark_new(message, &new.flags)?;
        message.set(self.columns.pair(), new.pair.as_str())?;
        message.set_read(new.flags.contains(SEEN))
    }

    /// Saves a message with another content and other flags, and then marks it as read or not: a store does that at once.
    pub(super) fn rewrite(
        &self,
        message: &Message<'_>,
        before: &LocalEntry,
        wanted: &LocalChange,
    ) -> Answer<()> {
        let mut is_changed = false;
        if let Some(content) = &wanted.content {
            replace(message, content, time(before.date)).map_err(trouble)?;
            is_changed = true;
        }
        if let Some(flags) = &wanted.flags {
            is_changed |= self.columns.mark(message, flags).map_err(trouble)?;
        }
        if is_changed {
            message.save().map_err(trouble)?;
        }
        match &wanted.flags {
            Some(flags) if flags.contains(SEEN) != before.flags.contains(SEEN) => {
                message.set_read(flags.contains(SEEN)).map_err(trouble)
            }
            _ => Ok(()),
        }
    }

    /// Moves a message. Answers what it is called there.
    pub(super) fn move_to(
        &self,
        id: &EntryId,
        before: &LocalEntry,
        to: &LocalFolderKey,
    ) -> Answer<EntryId> {
        let (source, target) = (self.open_folder(&before.folder)?, self.open_target(to)?);
        let key = self
            .store
            .open_message(id)
            .map_err(trouble)?
            .binary(PR_SEARCH_KEY);
        let key = key.map_err(trouble)?;
        source
            .move_messages(std::slice::from_ref(id), &target)
            .map_err(trouble)?;
        if self.is_in(id, to) {
            return Ok(id.clone());
        }
        let moved = self.moved(&target, before, key.as_deref());
        let missing = || Trouble::failed("it was moved, and is not to be found where it should be");
        moved.map_err(trouble)?.ok_or_else(missing)
    }

    fn is_in(&self, id: &EntryId, folder: &LocalFolderKey) -> bool {
        let message = self.store.open_message(id);
        let entry = message
            .ok()
            .map(|message| self.columns.entry_of(&message, &keys::local(id)));
        entry.is_some_and(|entry| entry.is_ok_and(|entry| entry.folder == *folder))
    }

    /// A message that has another entry ID since it was moved, by its pair's name and by the key that it keeps.
    fn moved(
        &self,
        target: &Folder<'_>,
        before: &LocalEntry,
        key: Option<&[u8]>,
    ) -> Result<Option<EntryId>, StoreError> {
        let Some(pair) = &before.pair else {
            return Ok(None);
        };
        for (_, id) in self.rows_of_pair(target, pair)? {
            let is_it = match key {
                None => true,
                Some(key) => {
                    let message = target.open_message(&id)?;
                    message.binary(PR_SEARCH_KEY)?.as_deref() == Some(key)
                }
            };
            if is_it {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// Lets a message be another mail: nothing of the old one stays, but when it arrived.
fn replace(message: &Message<'_>, content: &[u8], arrived: SystemTime) -> Result<(), StoreError> {
    let attachments = message.attachment_table().columns(&[PR_ATTACH_NUM]);
    let numbers: Vec<u32> = attachments
        .rows()?
        .map(|row| Ok(row?.long(PR_ATTACH_NUM).unwrap_or_default() as u32))
        .collect::<Result<_, StoreError>>()?;
    for number in numbers {
        message.delete_attachment(number)?;
    }
    let old = message.get_all(&Mail::TAGS)?;
    // HTML may be there as a string.
    let is_there = |tag: PropTag| {
        let error = old.error(tag);
        error.is_none_or(|why| why == MAPI_E_UNEXPECTED_TYPE)
    };
    let tags = Mail::TAGS.into_iter();
    let stale: Vec<PropTag> = tags
        .filter(|tag| *tag != PR_MESSAGE_DELIVERY_TIME && is_there(*tag))
        .collect();
    message.delete(&stale)?;
    if let Some(original) = message.find_named_property(&original_name(), PT_BINARY)? {
        message.delete(&[original])?;
    }
    message.set_mail(&Mail::read(content), arrived)
}

/// The time of a second since 1970.
fn time(seconds: i64) -> SystemTime {
    let by = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(by),
        false => SystemTime::UNIX_EPOCH.checked_add(by),
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
