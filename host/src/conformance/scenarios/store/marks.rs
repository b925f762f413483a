//! Flags, status and read marks of messages.

use std::ptr;

use mapi_provider::abi::{
    CreateMessageFlags, IMAPIProp, MAPI_E_COMPUTED, MAPI_E_INVALID_PARAMETER,
    MAPI_W_PARTIAL_COMPLETION, MessageFlags, MessageStatus, PR_HASATTACH, PR_MESSAGE_FLAGS,
    PR_MSG_STATUS, PR_SUBJECT_W, ReadFlags, S_OK, SaveChangesFlags, StoreSupportMask,
};
use mapi_provider::store::{EntryId, FileAttachment};
use mapi_provider::view::Property;

use super::calls::save;
use super::{Mail, Played, Stage, with_mail};

const NONE: StoreSupportMask = StoreSupportMask::empty();
const READWRITE: SaveChangesFlags = SaveChangesFlags::KEEP_OPEN_READWRITE;

fn flags_of(mail: &Mail<'_>, message: &IMAPIProp) -> Result<MessageFlags, super::Halt> {
    let flags = mail.caller.value(message, PR_MESSAGE_FLAGS)?;
    let flags = flags.as_long().unwrap_or_default();
    Ok(MessageFlags::from_bits_retain(flags.cast_unsigned()))
}

pub(in super::super) fn flags(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-23";
    with_mail(stage, &[RULE], NONE, |mail| {
        mail.step(RULE, "PR_MESSAGE_FLAGS of a new message");
        let folder = mail.raw_folder()?;
        let message = mail
            .caller
            .create_message(&folder, CreateMessageFlags::empty())?;
        let new = flags_of(mail, &message)?;
        mail.holds(RULE, new.contains(MessageFlags::UNSENT), || {
            format!("PR_MESSAGE_FLAGS of a new message are {new:?}, without MSGFLAG_UNSENT")
        });
        mail.step(RULE, "SetProps of PR_MESSAGE_FLAGS before the first save");
        let problems = mail.caller.set(
            &message,
            &[
                Property::new(PR_MESSAGE_FLAGS, 1),
                Property::new(PR_SUBJECT_W, "flags"),
            ],
        )?;
        mail.same(
            RULE,
            "the problems of SetProps of PR_MESSAGE_FLAGS before the first save",
            &problems,
            &Vec::new(),
        );
        mail.answers(RULE, "SaveChanges", save(&message, READWRITE), &[S_OK]);
        let saved = flags_of(mail, &message)?;
        mail.holds(RULE, saved.contains(MessageFlags::READ) && !saved.contains(MessageFlags::UNSENT), || {
            format!("PR_MESSAGE_FLAGS that were set to MSGFLAG_READ before the first save are {saved:?} after it")
        });
        mail.step(RULE, "SetProps of PR_MESSAGE_FLAGS after the first save");
        let problems = mail
            .caller
            .set(&message, &[Property::new(PR_MESSAGE_FLAGS, 0)])?;
        let told = problems.first().map(|problem| problem.status);
        mail.same(
            RULE,
            "the problem of SetProps of PR_MESSAGE_FLAGS after the first save",
            &told,
            &Some(MAPI_E_COMPUTED),
        );

        mail.step(RULE, "MSGFLAG_HASATTACH");
        let id = mail.deliver_with("file", |message| {
            message
                .attach(&FileAttachment::new("a.txt", "text/plain", b"x"))
                .map(drop)
        })?;
        let with = mail.raw_message(&id)?;
        let has = mail.caller.value(&with, PR_HASATTACH)?.as_bool();
        mail.same(
            RULE,
            "PR_HASATTACH of a message with a file",
            &has,
            &Some(true),
        );
        mail.same(
            RULE,
            "MSGFLAG_HASATTACH of a message with a file",
            &flags_of(mail, &with)?.contains(MessageFlags::HASATTACH),
            &true,
        );
        mail.step(RULE, "MSGFLAG_ASSOCIATED");
        let hidden = mail
            .caller
            .create_message(&folder, CreateMessageFlags::MAPI_ASSOCIATED)?;
        mail.answers(
            RULE,
            "SaveChanges of a hidden item",
            save(&hidden, READWRITE),
            &[S_OK],
        );
        mail.same(
            RULE,
            "MSGFLAG_ASSOCIATED of a hidden item",
            &flags_of(mail, &hidden)?.contains(MessageFlags::ASSOCIATED),
            &true,
        );
        mail.same(
            RULE,
            "MSGFLAG_ASSOCIATED of a message",
            &flags_of(mail, &message)?.contains(MessageFlags::ASSOCIATED),
            &false,
        );
        Ok(())
    })
}

pub(in super::super) fn status(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-23";
    with_mail(stage, &[RULE], NONE, |mail| {
        mail.step(RULE, "SetMessageStatus");
        let id = mail.deliver("status")?;
        let folder = mail.raw_folder()?;
        let (tagged, hidden) = (
            MessageStatus::MSGSTATUS_TAGGED,
            MessageStatus::MSGSTATUS_HIDDEN,
        );
        let change = |new: MessageStatus, mask: MessageStatus| {
            let mut bytes = id.as_bytes().to_vec();
            let mut old = MessageStatus::from_bits_retain(u32::MAX);
            let (count, bytes) = (bytes.len() as u32, bytes.as_mut_ptr().cast());
            // SAFETY: the bytes of the ID, and a live variable.
            let status = unsafe { folder.SetMessageStatus(count, bytes, new, mask, &mut old) };
            (status, old)
        };
        let both = tagged | hidden;
        mail.same(
            RULE,
            "SetMessageStatus of a new message, and the old status",
            &change(tagged, tagged),
            &(S_OK, MessageStatus::empty()),
        );
        mail.same(
            RULE,
            "SetMessageStatus under a mask, and the old status",
            &change(both, hidden),
            &(S_OK, tagged),
        );
        mail.same(
            RULE,
            "SetMessageStatus that clears what isn’t under its mask, and the old status",
            &change(MessageStatus::empty(), tagged),
            &(S_OK, both),
        );
        let rows = mail.table(&[PR_MSG_STATUS])?.all()?;
        let row = rows
            .first()
            .and_then(|row| row.get(PR_MSG_STATUS))
            .and_then(mapi_provider::view::PropValue::as_long);
        mail.same(
            RULE,
            "PR_MSG_STATUS in the contents table",
            &row,
            &Some(hidden.bits().cast_signed()),
        );
        Ok(())
    })
}

pub(in super::super) fn read_flags(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-24";
    with_mail(stage, &[RULE], NONE, |mail| {
        let first = mail.deliver("one")?;
        let second = mail.deliver("two")?;
        let is_read = |id: &EntryId| -> Result<bool, super::Halt> {
            let message = mail.raw_message(id)?;
            Ok(flags_of(mail, &message)?.contains(MessageFlags::READ))
        };
        mail.step(RULE, "SetReadFlag");
        let message = mail.raw_message(&first)?;
        let quiet = ReadFlags::SUPPRESS_RECEIPT;
        for (what, flags, expected) in [
            ("SetReadFlag", quiet, true),
            (
                "SetReadFlag(CLEAR_READ_FLAG)",
                ReadFlags::CLEAR_READ_FLAG,
                false,
            ),
        ] {
            // SAFETY: it takes nothing but a number.
            let status = unsafe { message.SetReadFlag(flags) };
            mail.answers(RULE, what, status, &[S_OK]);
            mail.same(
                RULE,
                &format!("MSGFLAG_READ after {what}, as another opener sees it"),
                &is_read(&first)?,
                &expected,
            );
        }
        mail.step(RULE, "a mark is no conflict");
        mail.caller
            .set(&message, &[Property::new(PR_SUBJECT_W, "changed")])?;
        mail.folder.set_read(std::slice::from_ref(&first), true)?;
        mail.answers(
            RULE,
            "SaveChanges after somebody has marked the message as read",
            save(&message, READWRITE),
            &[S_OK],
        );
        mail.same(
            RULE,
            "MSGFLAG_READ after that save",
            &is_read(&first)?,
            &true,
        );
        drop(message);

        mail.step(RULE, "SetReadFlags");
        let folder = mail.raw_folder()?;
        let mark = |ids: &[Vec<u8>], flags: ReadFlags| {
            // SAFETY: the list is one; there is no dialog.
            mail.caller.with_list(ids, |list| unsafe {
                folder.SetReadFlags(list, 0, ptr::null_mut(), flags)
            })
        };
        let bytes = |id: &EntryId| id.as_bytes().to_vec();
        let both = [bytes(&first), bytes(&second)];
        mail.answers(
            RULE,
            "SetReadFlags of two messages",
            mark(&both, quiet)?,
            &[S_OK],
        );
        mail.same(
            RULE,
            "MSGFLAG_READ of both after SetReadFlags",
            &(is_read(&first)?, is_read(&second)?),
            &(true, true),
        );
        // SAFETY: NULL stands for all messages; there is no dialog.
        let status = unsafe {
            folder.SetReadFlags(
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                ReadFlags::CLEAR_READ_FLAG,
            )
        };
        mail.answers(
            RULE,
            "SetReadFlags(CLEAR_READ_FLAG) of all messages",
            status,
            &[S_OK],
        );
        mail.same(
            RULE,
            "MSGFLAG_READ of both after that",
            &(is_read(&first)?, is_read(&second)?),
            &(false, false),
        );
        mail.step(RULE, "SetReadFlags with flags that contradict each other");
        for flags in [
            ReadFlags::SUPPRESS_RECEIPT | ReadFlags::CLEAR_READ_FLAG,
            ReadFlags::SUPPRESS_RECEIPT
                | ReadFlags::CLEAR_READ_FLAG
                | ReadFlags::GENERATE_RECEIPT_ONLY,
            ReadFlags::CLEAR_READ_FLAG | ReadFlags::GENERATE_RECEIPT_ONLY,
        ] {
            mail.answers(
                RULE,
                &format!("SetReadFlags(0x{:X})", flags.bits()),
                mark(&both, flags)?,
                &[MAPI_E_INVALID_PARAMETER],
            );
        }
        mail.step(RULE, "SetReadFlags of a message that is gone");
        mail.folder.delete_messages(std::slice::from_ref(&first))?;
        mail.answers(
            RULE,
            "SetReadFlags of a message that is gone and one that is there",
            mark(&both, quiet)?,
            &[MAPI_W_PARTIAL_COMPLETION],
        );
        mail.same(
            RULE,
            "MSGFLAG_READ of the one that is there",
            &is_read(&second)?,
            &true,
        );
        Ok(())
    })
}
