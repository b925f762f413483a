//! Attachments of a message, and messages within messages.

use mapi_provider::abi::{
    ATTACH_BY_VALUE, ATTACH_EMBEDDED_MSG, IMAPITable, IMessage, NO_ATTACHMENT, OpenPropertyFlags,
    PR_ATTACH_DATA_BIN, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_NUM,
    PR_MESSAGE_ATTACHMENTS, PR_RECORD_KEY, PR_RENDERING_POSITION, PR_SUBJECT_W, StoreSupportMask,
    UnicodeFlags,
};
use mapi_provider::store::{FileAttachment, Message};

use super::table::Table;
use super::{Mail, Played, Stage, with_mail};

const RULE: &str = "STORE-29";
const ATTACH: StoreSupportMask = StoreSupportMask::ATTACH_OK;

/// The names in a message's attachment table, in its order.
fn names(message: &Message<'_>) -> Result<Vec<String>, super::Halt> {
    let rows = message
        .attachment_table()
        .columns(&[PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_NUM])
        .rows()?;
    let mut names = Vec::new();
    for row in rows {
        names.push(
            row?.text(PR_ATTACH_LONG_FILENAME_W)
                .unwrap_or_else(|| "-".to_owned()),
        );
    }
    Ok(names)
}

pub(in super::super) fn attachments(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], ATTACH, |mail| {
        let id = mail.deliver("attachments")?;
        let message = mail.client().open_message(&id)?;
        mail.step(RULE, "a new attachment");
        let attachment = message.create_attachment()?;
        let method = attachment.long(PR_ATTACH_METHOD)?;
        mail.same(
            RULE,
            "PR_ATTACH_METHOD of a new attachment",
            &method,
            &Some(NO_ATTACHMENT.cast_signed()),
        );
        attachment.set(PR_ATTACH_LONG_FILENAME_W, "late.txt")?;
        attachment.set(PR_ATTACH_METHOD, ATTACH_BY_VALUE.cast_signed())?;
        attachment.set(PR_RENDERING_POSITION, 5)?;
        attachment.set(PR_ATTACH_DATA_BIN, &b"late"[..])?;
        mail.same(
            RULE,
            "the attachment table before the attachment is saved",
            &names(&message)?,
            &Vec::new(),
        );
        attachment.save()?;
        let first = FileAttachment::new("first.txt", "text/plain", b"first");
        let first = message.attach(&first)?;
        mail.holds(RULE, first.number() != attachment.number(), || {
            "two attachments have the same number".to_owned()
        });
        first.set(PR_RENDERING_POSITION, 1)?;
        first.save()?;
        mail.step(RULE, "attachments once they are saved");
        let expected = vec!["first.txt".to_owned(), "late.txt".to_owned()];
        let other = mail.client().open_message(&id)?;
        mail.same(
            RULE,
            "the attachment table of another opener before the message is saved",
            &names(&other)?,
            &Vec::new(),
        );
        message.save()?;
        let other = mail.client().open_message(&id)?;
        mail.same(
            RULE,
            "the attachment table once the message is saved, in the order of PR_RENDERING_POSITION",
            &names(&other)?,
            &expected,
        );
        let mut keys = Vec::new();
        for (attachment, content) in other.attachments()?.iter().zip(["first", "late"]) {
            mail.same(
                RULE,
                "the content of an attachment",
                &attachment.read_to_vec()?.as_slice(),
                &content.as_bytes(),
            );
            keys.push(attachment.binary(PR_RECORD_KEY)?);
        }
        let own = keys.len() == 2 && keys[0] != keys[1] && keys.iter().all(Option::is_some);
        mail.holds(RULE, own, || {
            format!("the PR_RECORD_KEY of two attachments are {keys:?}: each needs one of its own")
        });
        mail.step(RULE, "PR_MESSAGE_ATTACHMENTS");
        let raw = mail.raw_message(&id)?;
        let none = OpenPropertyFlags::empty();
        let table = mail.caller.open_property::<IMAPITable>(
            &raw,
            PR_MESSAGE_ATTACHMENTS,
            UnicodeFlags::MAPI_UNICODE.bits(),
            none,
        )?;
        let table = Table::new(table, mail.caller.allocators);
        let rows = table
            .with_columns(&[PR_ATTACH_LONG_FILENAME_W])?
            .texts(PR_ATTACH_LONG_FILENAME_W)?;
        mail.same(RULE, "the rows of PR_MESSAGE_ATTACHMENTS", &rows, &expected);

        mail.step(RULE, "DeleteAttach");
        let number = other
            .attachments()?
            .first()
            .map(mapi_provider::store::Attachment::number);
        other.delete_attachment(number.unwrap_or_default())?;
        other.save()?;
        let other = mail.client().open_message(&id)?;
        mail.same(
            RULE,
            "the attachment table after DeleteAttach",
            &names(&other)?,
            &vec!["late.txt".to_owned()],
        );
        Ok(())
    })
}

/// What the message inside a message is called, as it is read from the store.
fn inner_subject(
    mail: &Mail<'_>,
    id: &mapi_provider::store::EntryId,
) -> Result<Option<String>, super::Halt> {
    let message = mail.client().open_message(id)?;
    let attachments = message.attachments()?;
    let Some(attachment) = attachments.first() else {
        return Ok(None);
    };
    let method = attachment.long(PR_ATTACH_METHOD)?;
    mail.same(
        RULE,
        "PR_ATTACH_METHOD of a message in a message",
        &method,
        &Some(ATTACH_EMBEDDED_MSG.cast_signed()),
    );
    match attachment.message()? {
        Some(inner) => Ok(inner.text(PR_SUBJECT_W)?),
        None => Ok(None),
    }
}

pub(in super::super) fn embedded(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], ATTACH, |mail| {
        mail.step(RULE, "a message in a message");
        let outer = mail.folder.create_message()?;
        outer.set_subject("outer")?;
        outer.attach_message("inner", |inner: &Message<'_>| {
            inner.set_subject("inner")?;
            inner.attach(&FileAttachment::new("a.txt", "text/plain", b"deep"))?;
            Ok::<(), mapi_provider::store::StoreError>(())
        })?;
        let id = outer.save()?.into_owned();
        drop(outer);
        mail.same(
            RULE,
            "the subject of a message in a message",
            &inner_subject(mail, &id)?.as_deref(),
            &Some("inner"),
        );
        let outer = mail.client().open_message(&id)?;
        let inner = outer
            .attachments()?
            .first()
            .map(|attachment| attachment.message())
            .transpose()?
            .flatten();
        let deep = inner
            .as_ref()
            .map(Message::attachments)
            .transpose()?
            .unwrap_or_default();
        let content = deep.first().map(|file| file.read_to_vec()).transpose()?;
        mail.same(
            RULE,
            "the file in a message in a message",
            &content.as_deref(),
            &Some(&b"deep"[..]),
        );
        drop((deep, inner, outer));

        mail.step(
            RULE,
            "a message in a message, changed and saved from the inside out",
        );
        let raw = mail.raw_message(&id)?;
        let open = || -> Result<(mapi_provider::abi::IAttach, IMessage), super::Halt> {
            let mut out = std::ptr::null_mut();
            let number = {
                let outer = mail.client().open_message(&id)?;
                outer
                    .attachments()?
                    .first()
                    .map_or(0, |attachment| attachment.number())
            };
            let flags = mapi_provider::abi::OpenAttachFlags::MAPI_MODIFY;
            // SAFETY: a live variable.
            let status = unsafe { raw.OpenAttach(number, std::ptr::null(), flags, &mut out) };
            super::calls::done("IMessage::OpenAttach", status)?;
            // SAFETY: the call has succeeded, so this is an attachment, and the reference is ours.
            let attachment: mapi_provider::abi::IAttach =
                unsafe { windows_core::Interface::from_raw(out) };
            let tag = mapi_provider::abi::PR_ATTACH_DATA_OBJ;
            let inner = mail.caller.open_property::<IMessage>(
                &attachment,
                tag,
                0,
                OpenPropertyFlags::MAPI_MODIFY,
            )?;
            Ok((attachment, inner))
        };
        let (attachment, inner) = open()?;
        mail.caller.set(
            &inner,
            &[mapi_provider::view::Property::new(PR_SUBJECT_W, "changed")],
        )?;
        let keep = mapi_provider::abi::SaveChangesFlags::KEEP_OPEN_READWRITE;
        for (what, object) in [
            ("inner message", &*inner as &mapi_provider::abi::IMAPIProp),
            ("attachment", &attachment),
            ("outer message", &raw),
        ] {
            mail.same(
                RULE,
                &format!("the inner subject before the {what} is saved"),
                &inner_subject(mail, &id)?.as_deref(),
                &Some("inner"),
            );
            mail.answers(
                RULE,
                &format!("SaveChanges of the {what}"),
                super::calls::save(object, keep),
                &[mapi_provider::abi::S_OK],
            );
        }
        mail.same(
            RULE,
            "the inner subject after three saves",
            &inner_subject(mail, &id)?.as_deref(),
            &Some("changed"),
        );
        Ok(())
    })
}
