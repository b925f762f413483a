//! What a run has to know of a message, from a row of a table or from the message itself.

use mapi_provider_abi::mapi::{
    MAPI_E_NOT_FOUND, MessageFlags, PR_CHANGE_KEY, PR_CLIENT_SUBMIT_TIME, PR_CREATION_TIME,
    PR_ENTRYID, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME,
    PR_MESSAGE_FLAGS, PR_PARENT_ENTRYID, PR_SUBJECT_W, PT_MV_UNICODE, PT_UNICODE, PropTag,
};
use mapi_provider_abi::view::{FileTime, NameId, PropName};
use mapi_provider_mime::marks::{Change, DRAFT, MarkTags, Marks, unsent_reason_name};
use mapi_provider_mime::original_name;
use mapi_provider_twoway::{
    Answer, Flags, LocalEntry, LocalFolderKey, LocalKey, PairId, Trouble, Version,
};

use super::keys;
use super::trouble::trouble;
use crate::store::{EntryId, Message, Properties, Row, Store, StoreError};

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

/// The classes of what is mail.
const MAIL: [&str; 3] = ["ipm.note", "report", "ipm.schedule.meeting"];

/// The properties that a run looks at, as this store numbers them.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    all: Vec<PropTag>,
    marks: MarkTags,
    pair: PropTag,
    reason: PropTag,
}

impl Columns {
    pub(super) fn of(store: &Store<'_>) -> Result<Self, StoreError> {
        let [categories, kept] = MarkTags::names();
        let id = |name: PropName<'_>| Ok(store.named_property(&name, PT_MV_UNICODE)?.id());
        let marks = MarkTags::new([id(categories)?, id(kept)?]);
        let pair = PropName {
            set: original_name().set,
            id: NameId::from("Pair"),
        };
        let pair = store.named_property(&pair, PT_UNICODE)?;
        let mut all = vec![
            PR_ENTRYID,
            PR_PARENT_ENTRYID,
            PR_MESSAGE_CLASS_W,
            PR_MESSAGE_FLAGS,
            PR_SUBJECT_W,
            PR_CHANGE_KEY,
            pair,
        ];
        all.extend(marks.all());
        all.extend(TIMES);
        Ok(Self {
            all,
            marks,
            pair,
            reason: store.named_property(&unsent_reason_name(), PT_UNICODE)?,
        })
    }

    pub(super) fn all(&self) -> &[PropTag] {
        &self.all
    }

    /// The property that keeps the pair's name.
    pub(super) fn pair(&self) -> PropTag {
        self.pair
    }

    /// A message as a row tells it; none where the row does not tell all of it.
    pub(super) fn entry(
        &self,
        row: &Row,
        key: &LocalKey,
        folder: LocalFolderKey,
    ) -> Option<LocalEntry> {
        let needed = [PR_MESSAGE_FLAGS, PR_LAST_MODIFICATION_TIME, self.pair];
        let mut needed = needed.into_iter().chain(self.marks.all());
        let is_whole = needed.all(|tag| row.error(tag).is_none_or(|why| why == MAPI_E_NOT_FOUND));
        let state = row.message_flags().filter(|_| is_whole)?;
        let marks = Marks::read(
            self.marks,
            state.contains(MessageFlags::READ),
            state.contains(MessageFlags::UNSENT),
            |tag| row.get(tag),
        );
        let time = TIMES.into_iter().find_map(|tag| row.time(tag));
        Some(LocalEntry {
            key: key.clone(),
            folder,
            flags: marks.flags().into_iter().collect(),
            date: time.map_or(0, seconds),
            revision: revision(row),
            // What the server calls the content is not kept here.
            identity: None,
            pair: row.text(self.pair).map(PairId::new),
            title: row.text(PR_SUBJECT_W).unwrap_or_default(),
        })
    }

    /// A message as it says itself.
    pub(super) fn entry_of(&self, message: &Message<'_>, key: &LocalKey) -> Answer<LocalEntry> {
        let row = message.get_all(&self.all).map_err(trouble)?;
        let folder = row.binary(PR_PARENT_ENTRYID).unwrap_or_default();
        let folder = LocalFolderKey::new(keys::hex(folder));
        let entry = self.entry(&row, key, folder);
        entry.ok_or_else(|| Trouble::failed("the message can’t be read"))
    }

    /// Lets a message have flags, as far as they are properties. Says whether anything is different now.
    pub(super) fn mark(&self, message: &Message<'_>, flags: &Flags) -> Result<bool, StoreError> {
        let names: Vec<&str> = flags.iter().collect();
        apply(message, self.marks(message)?.change(self.marks, &names))
    }

    /// The same for a new one, which the store will count as a draft or not.
    pub(super) fn mark_new(&self, message: &Message<'_>, flags: &Flags) -> Result<(), StoreError> {
        let names: Vec<&str> = flags.iter().collect();
        let marks = Marks::read(self.marks, false, flags.contains(DRAFT), |_| None);
        apply(message, marks.change(self.marks, &names)).map(drop)
    }

    /// Shows people that a message is not on the server, and why; or that this is over. Says whether anything is different
    /// now.
    pub(super) fn mark_unsent(
        &self,
        message: &Message<'_>,
        why: Option<&str>,
    ) -> Result<bool, StoreError> {
        let marks = self.marks(message)?;
        let mut changes: Vec<Change> = Vec::new();
        changes.extend(marks.mark_unsent(self.marks, why.is_some()));
        if message.text(self.reason)?.as_deref() != why {
            changes.push((self.reason, why.map(Into::into)));
        }
        apply(message, changes)
    }

    fn marks(&self, message: &Message<'_>) -> Result<Marks, StoreError> {
        let row = message.get_all(&self.marks.all())?;
        let state = message.flags()?;
        let is_draft = state.contains(MessageFlags::UNSENT);
        let is_read = state.contains(MessageFlags::READ);
        Ok(Marks::read(self.marks, is_read, is_draft, |tag| {
            row.get(tag)
        }))
    }
}

fn apply(message: &Properties<'_>, changes: Vec<Change>) -> Result<bool, StoreError> {
    let is_changed = !changes.is_empty();
    for (tag, value) in changes {
        match value {
            Some(value) => message.set(tag, value)?,
            None => message.delete(&[tag])?,
        }
    }
    Ok(is_changed)
}

/// Whether a row is about mail. What is not, nobody sends to a server.
pub(super) fn is_mail(row: &Row) -> bool {
    let class = row.text(PR_MESSAGE_CLASS_W).unwrap_or_default();
    let class = class.to_ascii_lowercase();
    MAIL.iter().any(|mail| {
        let rest = class.strip_prefix(mail);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// When a message was last saved, and by which change, where the store keeps that: the clock is coarser than people and
/// programs are fast.
fn revision(row: &Row) -> Version {
    let time = row.time(PR_LAST_MODIFICATION_TIME);
    let time = time.map_or(0, FileTime::ticks);
    let change = row.binary(PR_CHANGE_KEY).unwrap_or_default();
    Version::new(format!("{time:x}.{}", keys::hex(change)))
}

/// Whether two revisions are the same, as far as both say it: a table may not have what the message has.
pub(super) fn is_same_revision(one: &Version, other: &Version) -> bool {
    let parts = |version: &Version| {
        let (time, change) = version.as_str().split_once('.').unwrap_or_default();
        (time.to_owned(), change.to_owned())
    };
    let ((time, change), (other_time, other_change)) = (parts(one), parts(other));
    let is_silent = change.is_empty() || other_change.is_empty();
    time == other_time && (is_silent || change == other_change)
}

fn seconds(time: FileTime) -> i64 {
    time.ticks().cast_signed() / STEPS - TO_1970
}

/// The entry ID of a message in a row, good for as long as the message is.
pub(super) fn lasting_id(store: &Store<'_>, row: &Row) -> Result<Option<EntryId>, StoreError> {
    match row.entry_id() {
        Some(id) if keys::is_short_term(&id) => Ok(Some(store.open_message(&id)?.entry_id()?)),
        id => Ok(id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_abi::view::Property;

    #[test]
    fn only_mail_is_mail() {
        let is_mail =
            |class: &str| is_mail(&Row::from(vec![Property::new(PR_MESSAGE_CLASS_W, class)]));
        assert!(is_mail("IPM.Note") && is_mail("ipm.note.smime") && is_mail("REPORT.IPM.Note.NDR"));
        assert!(!is_mail("IPM.Notebook") && !is_mail("IPM.Contact") && !is_mail(""));
    }

    #[test]
    fn a_revision_is_another_one_after_each_save() {
        let row = |time, change: &[u8]| {
            let time = Property::new(PR_LAST_MODIFICATION_TIME, FileTime::from_ticks(time));
            let change =
                (!change.is_empty()).then(|| Property::new(PR_CHANGE_KEY, change.to_vec()));
            revision(&Row::from(
                [Some(time), change]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>(),
            ))
        };
        assert!(is_same_revision(&row(1, &[1]), &row(1, &[1])));
        assert!(is_same_revision(&row(1, &[1]), &row(1, &[])));
        assert!(!is_same_revision(&row(1, &[1]), &row(1, &[2])));
        assert!(!is_same_revision(&row(1, &[]), &row(2, &[])));
    }
}
