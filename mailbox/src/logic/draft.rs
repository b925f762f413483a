//! A message that the logic fills in.

use std::collections::BTreeSet;
use std::io::Read;
use std::sync::Arc;

use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_TO, PR_ADDRTYPE_W, PR_ATTACH_DATA_BIN, PR_ATTACH_FILENAME_W,
    PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_MIME_TAG_W, PR_BODY_W,
    PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_HTML, PR_INTERNET_CPID,
    PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_RECIPIENT_TYPE, PR_RENDERING_POSITION,
    PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_NAME_W,
    PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PT_BINARY, PropTag,
};
use mapi_provider_abi::view::{FileTime, PropValue};

use crate::database::{
    Attachment, Error, MessageData, Property, PropertySet, Recipient, Result, Store,
};

/// `ATTACH_BY_VALUE`.
const BY_VALUE: i32 = 1;
/// UTF-8, for `PR_INTERNET_CPID`.
const UTF_8: i32 = 65001;
/// How much of a large value is in memory at once.
const PIECE: usize = 256 * 1024;

/// A message that the logic fills in: empty if the store does not have it yet, else as it is.
#[derive(Debug)]
pub struct Draft<'s> {
    pub(super) store: &'s Store,
    pub(super) data: MessageData,
    pub(super) is_new: bool,
    pub(super) read: Option<bool>,
    pub(super) over_local: bool,
    pub(super) server_version: Option<String>,
    /// Whether the recipients are the server's: those of before are taken out with the first new one.
    has_recipients: bool,
    /// The same of the attachments.
    has_attachments: bool,
}

impl<'s> Draft<'s> {
    pub(super) fn new(store: &'s Store, data: MessageData, is_new: bool) -> Self {
        Self {
            store,
            data,
            is_new,
            read: None,
            over_local: false,
            server_version: None,
            has_recipients: is_new,
            has_attachments: is_new,
        }
    }

    /// Whether the store does not have the message yet.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// The server's version of the message, kept beside it.
    pub fn server_version(&mut self, version: &str) {
        self.server_version = Some(version.to_owned());
    }

    /// What the server has wins over what clients did and the server does not know yet. Without this they win. Of what this
    /// draft does not say, that is whether it is read, they win even so.
    pub fn overwrite_local_changes(&mut self) {
        self.over_local = true;
    }

    /// Whether the message is read.
    pub fn read(&mut self, read: bool) {
        self.read = Some(read);
    }

    /// The subject.
    pub fn subject(&mut self, subject: &str) {
        self.set(PR_SUBJECT_W, subject);
    }

    /// The message class, `IPM.Note` for mail.
    pub fn class(&mut self, class: &str) {
        self.set(PR_MESSAGE_CLASS_W, class);
    }

    /// When the message arrived.
    pub fn received(&mut self, time: FileTime) {
        self.set(PR_MESSAGE_DELIVERY_TIME, time);
    }

    /// When it was sent.
    pub fn sent(&mut self, time: FileTime) {
        self.set(PR_CLIENT_SUBMIT_TIME, time);
    }

    /// Who sent it, by an Internet address.
    pub fn sender(&mut self, name: &str, address: &str) {
        let name = if name.is_empty() { address } else { name };
        for tag in [PR_SENDER_NAME_W, PR_SENT_REPRESENTING_NAME_W] {
            self.set(tag, name);
        }
        for tag in [PR_SENDER_ADDRTYPE_W, PR_SENT_REPRESENTING_ADDRTYPE_W] {
            self.set(tag, "SMTP");
        }
        for tag in [
            PR_SENDER_EMAIL_ADDRESS_W,
            PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
        ] {
            self.set(tag, address);
        }
    }

    /// The body as plain text.
    pub fn body(&mut self, text: &str) {
        self.set(PR_BODY_W, text);
    }

    /// The body as HTML in UTF-8.
    pub fn html(&mut self, html: &str) {
        self.set(PR_INTERNET_CPID, PropValue::Long(UTF_8));
        self.set(PR_HTML, html.as_bytes().to_vec());
    }

    /// Any property, by its tag's ID.
    pub fn set(&mut self, tag: PropTag, value: impl Into<PropValue<'static>>) {
        self.data.props.set_tag(tag, value);
    }

    /// All properties.
    pub fn props(&mut self) -> &mut PropertySet {
        &mut self.data.props
    }

    /// The whole message, for what has no method of its own.
    pub fn data(&mut self) -> &mut MessageData {
        &mut self.data
    }

    /// A binary property from a source of any length: no more than 256 KiB of it are in memory.
    ///
    /// # Errors
    ///
    /// The source can't be read, or the store can't be written.
    pub fn set_from(&mut self, tag: PropTag, from: impl Read) -> Result<()> {
        let property = stage(self.store, from)?;
        self.data.props.put(tag.id(), property);
        Ok(())
    }

    /// Takes out all recipients.
    pub fn clear_recipients(&mut self) {
        self.has_recipients = true;
        self.data.recipients.clear();
    }

    /// Adds somebody to whom it was sent, by an Internet address. The first recipient that is added by this, by
    /// [`cc`](Self::cc) or by [`bcc`](Self::bcc) replaces all that the message had before: to bring it in again changes
    /// nothing.
    pub fn to(&mut self, name: &str, address: &str) {
        self.recipient(MAPI_TO, name, address);
    }

    /// Adds somebody who got a copy.
    pub fn cc(&mut self, name: &str, address: &str) {
        self.recipient(MAPI_CC, name, address);
    }

    /// Adds somebody who got a copy that the others don't know of.
    pub fn bcc(&mut self, name: &str, address: &str) {
        self.recipient(MAPI_BCC, name, address);
    }

    fn recipient(&mut self, kind: u32, name: &str, address: &str) {
        let name = if name.is_empty() { address } else { name };
        let mut props = PropertySet::default();
        props.set_tag(PR_RECIPIENT_TYPE, PropValue::Long(kind.cast_signed()));
        props.set_tag(PR_DISPLAY_NAME_W, name);
        props.set_tag(PR_ADDRTYPE_W, "SMTP");
        props.set_tag(PR_EMAIL_ADDRESS_W, address);
        if !self.has_recipients {
            self.clear_recipients();
        }
        let row = free_number(self.data.recipients.iter().map(|one| one.row));
        self.data.recipients.push(Recipient {
            row,
            props: Arc::new(props),
        });
    }

    /// Takes out all attachments.
    pub fn clear_attachments(&mut self) {
        self.has_attachments = true;
        self.data.attachments.clear();
    }

    /// Adds a file. `kind` is its MIME type, or empty. The first one replaces all that the message had before; what is
    /// equal to one of those keeps its ID, so that to bring it in again changes nothing.
    ///
    /// # Errors
    ///
    /// The source can't be read, or the store can't be written.
    pub fn attach(&mut self, name: &str, kind: &str, from: impl Read) -> Result<()> {
        if !self.has_attachments {
            self.clear_attachments();
        }
        let mut props = PropertySet::default();
        props.set_tag(PR_ATTACH_METHOD, PropValue::Long(BY_VALUE));
        props.set_tag(PR_RENDERING_POSITION, PropValue::Long(-1));
        props.set_tag(PR_ATTACH_FILENAME_W, name);
        props.set_tag(PR_ATTACH_LONG_FILENAME_W, name);
        if !kind.is_empty() {
            props.set_tag(PR_ATTACH_MIME_TAG_W, kind);
        }
        props.put(PR_ATTACH_DATA_BIN.id(), stage(self.store, from)?);
        let id = self.store.reserve_attachment()?;
        let number = free_number(self.data.attachments.keys().copied());
        let attachment = Attachment {
            id,
            props,
            embedded: None,
        };
        self.data.attachments.insert(number, Arc::new(attachment));
        Ok(())
    }

    /// How many bytes of it are in memory.
    pub(super) fn weight(&self) -> usize {
        fn props(set: &PropertySet) -> usize {
            let here = set.iter().filter_map(|(_, property)| match property {
                Property::Value(_) => usize::try_from(property.size()).ok(),
                Property::Large(_) => None,
            });
            here.sum::<usize>() + 64 * set.len()
        }
        let recipients: usize = self
            .data
            .recipients
            .iter()
            .map(|one| props(&one.props))
            .sum();
        let attachments = self.data.attachments.values().map(|one| props(&one.props));
        props(&self.data.props) + recipients + attachments.sum::<usize>() + 512
    }
}

/// The number after the last one; where there is none, the first that is free.
fn free_number(taken: impl Iterator<Item = u32> + Clone) -> u32 {
    let next = taken
        .clone()
        .max()
        .map_or(Some(0), |last| last.checked_add(1));
    // There is no memory for so many that none would be free.
    next.unwrap_or_else(|| {
        let taken: BTreeSet<u32> = taken.collect();
        (0..u32::MAX)
            .find(|number| !taken.contains(number))
            .unwrap_or(u32::MAX)
    })
}

/// Puts bytes where they belong: small ones beside the other properties, others apart.
pub(super) fn stage(store: &Store, mut from: impl Read) -> Result<Property> {
    let mut piece = vec![0; PIECE];
    let mut first = 0;
    while first < piece.len() {
        match read(&mut from, &mut piece[first..])? {
            0 => break,
            some => first += some,
        }
    }
    if first <= crate::database::LARGEST {
        piece.truncate(first);
        return Ok(Property::Value(PropValue::from(piece)));
    }
    let mut staged = store.new_blob()?;
    let mut length = first;
    while length > 0 {
        staged.write_at(staged.size(), &piece[..length])?;
        length = read(&mut from, &mut piece)?;
    }
    staged.property(PT_BINARY)
}

fn read(from: &mut impl Read, to: &mut [u8]) -> Result<usize> {
    loop {
        match from.read(to) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            other => {
                return other.map_err(|error| {
                    Error::refused(
                        mapi_provider_abi::mapi::MAPI_E_DISK_ERROR,
                        format!("what was to be put into the store can't be read: {error}"),
                    )
                });
            }
        }
    }
}
