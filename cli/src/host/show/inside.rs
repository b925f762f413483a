//! What is in a message, beside what lists of mail have: read by the process that runs the provider.

use std::io;

use mapi_provider::abi::{
    ATTACH_BY_REF_ONLY, ATTACH_BY_REF_RESOLVE, ATTACH_BY_REFERENCE, ATTACH_BY_WEBREFERENCE,
    ATTACH_EMBEDDED_MSG, MAPI_E_NO_SUPPORT, PR_ATTACH_DATA_BIN, PR_ATTACH_METHOD, PR_ATTACH_NUM,
    PR_ATTACH_SIZE, PR_BODY_W, PR_HTML, PS_PUBLIC_STRINGS, PT_MV_UNICODE,
};
use mapi_provider::store::{Attachment, EntryId, Message, Store, StoreError};
use mapi_provider::view::{NameId, PropName, PropValue};

use super::digest;
use crate::host::child::Tell;
use crate::host::protocol::{Attached, Inside, Message as Told, Part, bounded};

/// Methods of attachments that are elsewhere, or are messages.
const WITHOUT_OCTETS: [u32; 5] = [
    ATTACH_BY_REFERENCE,
    ATTACH_BY_REF_RESOLVE,
    ATTACH_BY_REF_ONLY,
    ATTACH_BY_WEBREFERENCE,
    ATTACH_EMBEDDED_MSG,
];

/// Tells what is in a message of a list. Where something of it can't be read, the end is not told: keywords and digests.
pub(super) fn tell_inside(store: &Store, id: &EntryId, tell: Tell<'_>) -> io::Result<()> {
    let message = store.open_message(id)?;
    if tell_attached(&message, true, tell)? {
        tell(&Told::Part(Part::Inside(inside(&message, true)?)));
    }
    Ok(())
}

/// Tells what is attached; whether the octets of all of it could be read, if their digests are wanted.
///
/// One is open at a time: there may be many.
pub(super) fn tell_attached(
    message: &Message,
    digests: bool,
    tell: Tell<'_>,
) -> Result<bool, StoreError> {
    let mut all = true;
    let query = message.attachment_table().columns(&[PR_ATTACH_NUM]);
    for row in query.rows()? {
        let Some(number) = row?.long(PR_ATTACH_NUM) else {
            all = false;
            continue;
        };
        // A number of which MAPI makes an unsigned one elsewhere.
        let attachment = message.open_attachment(number as u32)?;
        let method = attachment.long(PR_ATTACH_METHOD)?.unwrap_or_default() as u32;
        let sha256 = match digests && !WITHOUT_OCTETS.contains(&method) {
            true => digest::of_octets(&attachment, PR_ATTACH_DATA_BIN),
            false => Ok(None),
        };
        all &= sha256.is_ok();
        let attached = attached(&attachment, method, sha256.ok().flatten())?;
        tell(&Told::Part(Part::Attached(attached)));
    }
    Ok(all)
}

fn attached(
    attachment: &Attachment,
    method: u32,
    sha256: Option<String>,
) -> Result<Attached, StoreError> {
    let is_message = method == ATTACH_EMBEDDED_MSG;
    Ok(Attached {
        name: bounded(attachment.name()?),
        mime_type: bounded(attachment.mime_type()?),
        size: match is_message {
            false => content_size(attachment).or(stated_size(attachment)?),
            true => stated_size(attachment)?,
        },
        is_message,
        sha256,
    })
}

/// How many bytes a file has. None where it is not in the store, but a link, say.
fn content_size(attachment: &Attachment) -> Option<u64> {
    attachment.reader(PR_ATTACH_DATA_BIN).ok()?.size().ok()
}

/// How many bytes the store says that it takes, all that is about it included.
fn stated_size(attachment: &Attachment) -> Result<Option<u64>, StoreError> {
    let size = attachment.long(PR_ATTACH_SIZE)?;
    Ok(size.and_then(|size| size.try_into().ok()))
}

/// The keywords of a message, and digests of its texts if they are wanted.
pub(super) fn inside(message: &Message, digests: bool) -> io::Result<Inside> {
    let inside = Inside::of(keywords(message)?);
    if !digests {
        return Ok(inside);
    }
    Ok(Inside {
        body_sha256: digest::of_text(message, PR_BODY_W)?,
        html_sha256: digest::of_octets(message, PR_HTML)?,
        ..inside
    })
}

/// What Outlook calls categories. The name is looked up, and never made: to look at a store changes nothing in it.
fn keywords(message: &Message) -> Result<Vec<String>, StoreError> {
    let name = PropName {
        set: PS_PUBLIC_STRINGS,
        id: NameId::from("Keywords"),
    };
    let tag = match message.find_named_property(&name, PT_MV_UNICODE) {
        // A store without names has no keywords.
        Err(error) if error.status() == MAPI_E_NO_SUPPORT => None,
        tag => tag?,
    };
    let Some(tag) = tag else { return Ok(vec![]) };
    let texts = match message.get(tag)? {
        Some(PropValue::MvUnicode(texts)) => texts,
        _ => vec![],
    };
    Ok(texts
        .iter()
        .map(|text| String::from_utf16_lossy(text))
        .collect())
}
