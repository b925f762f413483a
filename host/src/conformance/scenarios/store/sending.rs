//! Sending, as far as clients see it. What the spooler does is in `spooler.rs`.

use mapi_provider::abi::{
    IMAPITable, MAPI_E_NO_RECIPIENTS, MAPI_E_NOT_IN_QUEUE, PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_TO_W,
    PR_ENTRYID, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_PRIORITY, PR_SENDER_NAME_W, PR_SUBJECT_W,
    PR_SUBMIT_FLAGS, QueryColumnsFlags, StoreSupportMask, SubmitMessageFlags,
};
use mapi_provider::view::Property;

use super::calls::done;
use super::table::Table;
use super::{Mail, Played, Stage, with_mail};

pub(super) const SUBMIT: StoreSupportMask = StoreSupportMask::SUBMIT_OK;

pub(in super::super) fn submit(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-34";
    with_mail(stage, &[RULE, "STORE-37"], SUBMIT, |mail| {
        mail.step(RULE, "SubmitMessage without a recipient");
        let id = mail.deliver("to nobody")?;
        let message = mail.raw_message(&id)?;
        // SAFETY: it takes nothing but a number.
        let status = unsafe { message.SubmitMessage(SubmitMessageFlags::empty()) };
        mail.answers(
            RULE,
            "SubmitMessage without a recipient",
            status,
            &[MAPI_E_NO_RECIPIENTS],
        );
        let problems = mail
            .caller
            .set(&message, &[Property::new(PR_SUBJECT_W, "still open")])?;
        mail.same(
            RULE,
            "the problems of SetProps after a SubmitMessage that was refused",
            &problems,
            &Vec::new(),
        );
        mail.same(
            RULE,
            "rows of the outgoing queue after that",
            &queue_of(mail)?.count()?,
            &0,
        );
        mail.step(
            "STORE-37",
            "AbortSubmit of a message that was not submitted",
        );
        let mut bytes = id.as_bytes().to_vec();
        let (count, bytes) = (bytes.len() as u32, bytes.as_mut_ptr().cast());
        // SAFETY: the bytes of the ID.
        let status = unsafe { mail.store().AbortSubmit(count, bytes, 0) };
        mail.answers(
            "STORE-37",
            "AbortSubmit of a message that was not submitted",
            status,
            &[MAPI_E_NOT_IN_QUEUE],
        );
        Ok(())
    })
}

pub(super) fn queue_of(mail: &Mail<'_>) -> Result<Table, super::Halt> {
    let mut out = std::ptr::null_mut();
    // SAFETY: a live variable.
    done("IMsgStore::GetOutgoingQueue", unsafe {
        mail.store().GetOutgoingQueue(0, &mut out)
    })?;
    // SAFETY: the call has succeeded, so this is a table, and the reference is ours.
    let table: IMAPITable = unsafe { windows_core::Interface::from_raw(out) };
    Ok(Table::new(table, mail.caller.allocators))
}

pub(in super::super) fn queue(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-35";
    with_mail(stage, &[RULE], SUBMIT, |mail| {
        mail.step(RULE, "the columns of the outgoing queue");
        let table = queue_of(mail)?;
        let columns = table.columns(QueryColumnsFlags::empty())?;
        for (name, tag) in [
            ("PR_CLIENT_SUBMIT_TIME", PR_CLIENT_SUBMIT_TIME),
            ("PR_DISPLAY_TO", PR_DISPLAY_TO_W),
            ("PR_ENTRYID", PR_ENTRYID),
            ("PR_MESSAGE_FLAGS", PR_MESSAGE_FLAGS),
            ("PR_MESSAGE_SIZE", PR_MESSAGE_SIZE),
            ("PR_PRIORITY", PR_PRIORITY),
            ("PR_SENDER_NAME", PR_SENDER_NAME_W),
            ("PR_SUBJECT", PR_SUBJECT_W),
            ("PR_SUBMIT_FLAGS", PR_SUBMIT_FLAGS),
        ] {
            let is_there = columns.iter().any(|column| column.id() == tag.id());
            mail.holds(RULE, is_there, || {
                format!("the outgoing queue’s default columns lack {name}")
            });
        }
        Ok(())
    })
}
