//! The folder of the wrapped store, as the logic sees it.

use std::io;
use std::time::SystemTime;

use mapi_provider::abi::{
    GUID, MessageFlags, PR_ENTRYID, PR_MESSAGE_CLASS_W, PR_SUBJECT_W, PT_BINARY, PT_BOOLEAN,
    PT_UNICODE, PropTag,
};
use mapi_provider::mime::{Mail, MimeError};
use mapi_provider::store::{EntryId, Folder, Message, Row, Store, StoreError};
use mapi_provider::view::{NameId, PropName, Property};

use crate::flags;
use crate::mailbox::{Item, Mailbox, Stamp};
use crate::maildir::Flags;

/// The property set of our stamps.
const STAMPS: GUID = GUID::from_u128(0x2f5ad6b1_83c4_4e0a_b6d9_71e05a3c8f42);

/// The class of the hidden item that the roster is in.
const ROSTER_CLASS: &str = "IPM.MapiProvider.Maildir.Roster";

/// The class of mail, and what the classes of special mail begin with.
const NOTE: &str = "IPM.Note";

/// The properties of our own, as this store numbers them.
#[derive(Debug, Clone, Copy)]
struct Tags {
    key: PropTag,
    agreed: PropTag,
    partial: PropTag,
    roster: PropTag,
}

impl Tags {
    fn of(store: &Store) -> Result<Self, StoreError> {
        let tag = |name: &'static str, prop_type| {
            let id = NameId::from(name);
            store.named_property(&PropName { set: STAMPS, id }, prop_type)
        };
        Ok(Self {
            key: tag("Maildir Key", PT_UNICODE)?,
            agreed: tag("Maildir Flags", PT_UNICODE)?,
            partial: tag("Maildir Header Only", PT_BOOLEAN)?,
            roster: tag("Maildir Roster", PT_BINARY)?,
        })
    }

    fn stamp(&self, stamp: &Stamp<'_>) -> [Property<'static>; 3] {
        [
            Property::new(self.key, stamp.key),
            Property::new(self.agreed, &*stamp.agreed.to_string()),
            Property::new(self.partial, stamp.partial),
        ]
    }
}

/// A folder of the wrapped store, and the properties that its messages are stamped with.
#[derive(Debug)]
pub(crate) struct StoreFolder<'run> {
    folder: Folder<'run>,
    tags: Tags,
}

impl<'run> StoreFolder<'run> {
    /// The folder with a name in the tree that users see; it is created if it is missing.
    pub(crate) fn open(store: &Store<'run>, name: &str) -> Result<Self, StoreError> {
        Ok(Self {
            folder: store.ipm_subtree()?.open_or_create_folder(name)?,
            tags: Tags::of(store)?,
        })
    }

    fn item(&self, row: &Row) -> Option<Item<EntryId>> {
        let key = row.text(self.tags.key).filter(|key| is_name(key));
        let agreed = Flags::parse(&row.text(self.tags.agreed).unwrap_or_default());
        // A message that was never on the server goes there if it is mail, and ready.
        if key.is_none() && (!is_mail(row) || is_draft(row)) {
            return None;
        }
        Some(Item {
            id: row.entry_id()?,
            agreed,
            flags: flags::read(row, agreed),
            partial: key.is_some() && row.bool(self.tags.partial) == Some(true),
            subject: row.text(PR_SUBJECT_W).unwrap_or_default(),
            key,
        })
    }

    fn fill(&self, message: &Message, stamp: &Stamp<'_>) -> Result<(), StoreError> {
        message.set_all(&self.tags.stamp(stamp))
    }

    fn hidden_roster(&self) -> Result<Option<EntryId>, StoreError> {
        let hidden = self.folder.hidden_items();
        for row in hidden.columns(&[PR_ENTRYID, PR_MESSAGE_CLASS_W]).rows()? {
            let row = row?;
            if row.text(PR_MESSAGE_CLASS_W).as_deref() == Some(ROSTER_CLASS) {
                return Ok(row.entry_id());
            }
        }
        Ok(None)
    }
}

impl Mailbox for StoreFolder<'_> {
    type Id = EntryId;

    fn list(&self) -> io::Result<Vec<Item<EntryId>>> {
        let tags = self.tags;
        let mut columns = vec![PR_ENTRYID, PR_SUBJECT_W, PR_MESSAGE_CLASS_W];
        columns.extend([tags.key, tags.agreed, tags.partial]);
        columns.extend(flags::COLUMNS);
        let mut items = Vec::new();
        for row in self.folder.messages().columns(&columns).rows()? {
            items.extend(self.item(&row?));
        }
        Ok(items)
    }

    fn create(&self, stamp: &Stamp<'_>, text: &[u8], arrived: SystemTime) -> io::Result<()> {
        let parsed = Mail::parse(text).map_err(MimeError::from)?;
        let message = if stamp.agreed.has('D') {
            self.folder.create_draft()?
        } else {
            self.folder.create_message()?
        };
        message.set_mail_header(parsed.mail(), arrived)?;
        if !stamp.partial {
            message.set_mail_body(&parsed)?;
        }
        let (set, _) = flags::properties(stamp.agreed);
        message.set_all(&set)?;
        message.set_read(stamp.agreed.has('S'))?;
        self.fill(&message, stamp)?;
        message.save()?;
        Ok(())
    }

    fn complete(&self, id: &EntryId, stamp: &Stamp<'_>, text: &[u8]) -> io::Result<()> {
        let parsed = Mail::parse(text).map_err(MimeError::from)?;
        let message = self.folder.open_message(id)?;
        message.set_mail_body(&parsed)?;
        self.fill(&message, stamp)?;
        message.save()?;
        Ok(())
    }

    fn stamp(&self, id: &EntryId, stamp: &Stamp<'_>) -> io::Result<()> {
        let message = self.folder.open_message(id)?;
        self.fill(&message, stamp)?;
        message.save()?;
        Ok(())
    }

    fn mark(&self, id: &EntryId, flags: Flags, stamp: &Stamp<'_>) -> io::Result<()> {
        // The store does this at once, and before the message is open, because saving it would be a
        // conflict.
        self.folder
            .set_read(std::slice::from_ref(id), flags.has('S'))?;
        let message = self.folder.open_message(id)?;
        let (set, delete) = flags::properties(flags);
        message.set_all(&set)?;
        message.delete(&delete)?;
        self.fill(&message, stamp)?;
        message.save()?;
        Ok(())
    }

    fn text(&self, id: &EntryId, key: &str) -> io::Result<Vec<u8>> {
        let message = self.folder.open_message(id)?;
        let mut mail = message.to_mail()?;
        if let Some(octets) = message.unedited(&mail)? {
            return Ok(octets);
        }
        // On a server each message has an identifier.
        if mail.message_id.is_empty() {
            mail.message_id = format!("<{key}@localhost>");
        }
        Ok(mail.to_octets().map_err(MimeError::from)?)
    }

    fn delete(&self, id: &EntryId) -> io::Result<()> {
        self.folder.delete_messages(std::slice::from_ref(id))?;
        Ok(())
    }

    fn roster(&self) -> io::Result<String> {
        let Some(id) = self.hidden_roster()? else {
            return Ok(String::new());
        };
        let bytes = self.folder.open_message(&id)?.binary(self.tags.roster)?;
        Ok(String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned())
    }

    fn save_roster(&self, text: &str) -> io::Result<()> {
        let item = match self.hidden_roster()? {
            Some(id) => self.folder.open_message(&id)?,
            None => self.folder.create_hidden_item()?,
        };
        item.set_all(&[
            Property::new(PR_MESSAGE_CLASS_W, ROSTER_CLASS),
            Property::new(self.tags.roster, text.as_bytes()),
        ])?;
        item.save()?;
        Ok(())
    }
}

/// Whether a key can be the name of a file: other programs can write to the store, too.
fn is_name(key: &str) -> bool {
    let bad = |letter: char| letter.is_control() || matches!(letter, '/' | '\\');
    !key.is_empty() && !key.starts_with('.') && !key.contains(bad)
}

fn is_mail(row: &Row) -> bool {
    let class = row.text(PR_MESSAGE_CLASS_W).unwrap_or_default();
    let (class, note) = (class.to_ascii_lowercase(), NOTE.to_ascii_lowercase());
    class
        .strip_prefix(&note)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_draft(row: &Row) -> bool {
    flags::message_flags(row).contains(MessageFlags::UNSENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_no_names_are_none() {
        for name in ["1700000000.M1P2.host", "a b", "ü"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "..", ".hidden", "../new/x", r"..\x", "a\nb"] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn only_mail_is_mail() {
        let is_mail =
            |class: &str| is_mail(&Row::from(vec![Property::new(PR_MESSAGE_CLASS_W, class)]));
        assert!(is_mail("IPM.Note") && is_mail("ipm.note.smime"));
        assert!(!is_mail("IPM.Notebook") && !is_mail("IPM.Contact") && !is_mail(""));
    }
}
