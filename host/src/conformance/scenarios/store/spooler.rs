//! Messages that wait to be sent: taken back by clients, locked by a spooler, whose part is played here.

use mapi_provider::abi::{
    IMessage, IMsgStore, MAPI_E_NO_ACCESS, MAPI_E_NOT_IN_QUEUE, MAPI_E_UNABLE_TO_ABORT, MAPI_TO,
    MSG_LOCKED, MSG_UNLOCKED, MessageFlags, ModifyRecipientsFlags, OpenEntryFlags, PR_ADDRTYPE_W,
    PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_MESSAGE_FLAGS, PR_RECIPIENT_TYPE,
    PR_SUBJECT_W, S_OK, SaveChangesFlags, SubmitMessageFlags,
};
use mapi_provider::store::{EntryId, Folder};
use mapi_provider::view::{PropValue, Property};
use windows_core::{HRESULT, Interface};

use super::calls::save;
use super::sending::{SUBMIT, queue_of};
use super::{Halt, Mail, Played, Stage, with_mail};

/// A message that waits to be sent; its entry ID. None where the store can't send here, which is said.
fn submitted(mail: &Mail<'_>, rule: &str, subject: &str) -> Result<Option<Vec<u8>>, Halt> {
    let id = mail.deliver(subject)?;
    submit(mail, rule, id)
}

/// The same of a message that is there.
fn submit(mail: &Mail<'_>, rule: &str, id: EntryId) -> Result<Option<Vec<u8>>, Halt> {
    let message = mail.raw_message(&id)?;
    let to = vec![
        Property::new(PR_RECIPIENT_TYPE, MAPI_TO.cast_signed()),
        Property::new(PR_DISPLAY_NAME_W, "Ann"),
        Property::new(PR_ADDRTYPE_W, "SMTP"),
        Property::new(PR_EMAIL_ADDRESS_W, "ann@example.org"),
    ];
    let add = ModifyRecipientsFlags::MODRECIP_ADD;
    mail.caller.recipients(&message, add, vec![to])?;
    // SAFETY: it takes nothing but a number.
    let status = unsafe { message.SubmitMessage(SubmitMessageFlags::empty()) };
    if status.is_err() {
        // The host has no address book and no spooler that a store may want to ask.
        let status = crate::status::Status(status);
        let why = format!("SubmitMessage answers {status} with this host, which has no spooler");
        mail.stage.skip(rule, why);
        return Ok(None);
    }
    Ok(Some(id.as_bytes().to_vec()))
}

fn abort(store: &IMsgStore, id: &[u8]) -> HRESULT {
    let mut id = id.to_vec();
    let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
    // SAFETY: the bytes of the ID.
    unsafe { store.AbortSubmit(count, id, 0) }
}

fn is_submitted(mail: &Mail<'_>, message: &IMessage) -> Result<bool, Halt> {
    let flags = mail.caller.value(message, PR_MESSAGE_FLAGS)?;
    let flags = flags.as_long().unwrap_or_default().cast_unsigned();
    Ok(MessageFlags::from_bits_retain(flags).contains(MessageFlags::SUBMIT))
}

pub(in super::super) fn taken_back(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-37";
    with_mail(stage, &[RULE], SUBMIT, |mail| {
        mail.step(RULE, "AbortSubmit of a message that waits");
        let Some(id) = submitted(mail, RULE, "taken back")? else {
            return Ok(());
        };
        let waiting = queue_of(mail)?.count()?;
        mail.same(RULE, "rows of the queue after SubmitMessage", &waiting, &1);
        let status = abort(mail.store(), &id);
        mail.answers(RULE, "AbortSubmit of a message that waits", status, &[S_OK]);
        let waiting = queue_of(mail)?.count()?;
        mail.same(RULE, "rows of the queue after AbortSubmit", &waiting, &0);
        let message = mail.caller.message(mail.store(), &id);
        mail.holds(RULE, message.is_ok(), || {
            "a message that was taken back can't be opened for changes".to_owned()
        });
        if let Ok(message) = message {
            mail.holds(RULE, !is_submitted(mail, &message)?, || {
                "a message that was taken back has MSGFLAG_SUBMIT".to_owned()
            });
            let subject = [Property::new(PR_SUBJECT_W, "edited")];
            mail.caller.set(&message, &subject)?;
            let saved = save(&message, SaveChangesFlags::empty());
            mail.answers(RULE, "SaveChanges after AbortSubmit", saved, &[S_OK]);
        }
        let again = abort(mail.store(), &id);
        let expected = [MAPI_E_NOT_IN_QUEUE];
        mail.answers(RULE, "AbortSubmit for the second time", again, &expected);
        Ok(())
    })
}

/// Outlook moves a message out of the Outbox by taking it back first.
pub(in super::super) fn moved_out(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-37";
    with_mail(stage, &[RULE], SUBMIT, |mail| {
        let Ok(outbox) = mail.client().outbox() else {
            mail.stage.skip(RULE, "the store has no Outbox");
            return Ok(());
        };
        mail.step(RULE, "a message that waits in the Outbox");
        let message = outbox.create_message()?;
        message.set_subject("moved out")?;
        let id = message.save()?.into_owned();
        drop(message);
        let played = taken_out(mail, RULE, &outbox, &id);
        // Where it was not taken out, it is not left there to be sent.
        let _ = abort(mail.store(), id.as_bytes());
        let _ = outbox.delete_messages(std::slice::from_ref(&id));
        played
    })
}

fn taken_out(mail: &Mail<'_>, rule: &str, outbox: &Folder<'_>, id: &EntryId) -> Played {
    let Some(bytes) = submit(mail, rule, id.clone())? else {
        return Ok(());
    };
    mail.step(rule, "a move of a message that waits");
    let moved = outbox.move_messages(std::slice::from_ref(id), &mail.folder);
    mail.holds(rule, moved.is_err(), || {
        "a message that waits to be sent was moved, and waits no more".to_owned()
    });
    let waiting = queue_of(mail)?.count()?;
    mail.same(rule, "rows of the queue after that", &waiting, &1);
    mail.step(rule, "AbortSubmit, and a move out of the Outbox");
    let status = abort(mail.store(), &bytes);
    mail.answers(rule, "AbortSubmit of a message that waits", status, &[S_OK]);
    outbox.move_messages(std::slice::from_ref(id), &mail.folder)?;
    let shown = mail.table(&[PR_SUBJECT_W])?.texts(PR_SUBJECT_W)?;
    mail.same(
        rule,
        "the rows of the folder that it was moved to",
        &shown,
        &vec!["moved out".to_owned()],
    );
    let waiting = queue_of(mail)?.count()?;
    mail.same(rule, "rows of the queue after that", &waiting, &0);
    let rows = mail.table(&[PR_ENTRYID, PR_MESSAGE_FLAGS])?.all()?;
    let flags = rows.first().and_then(|row| row.get(PR_MESSAGE_FLAGS));
    let flags = flags.and_then(PropValue::as_long).unwrap_or_default();
    let flags = MessageFlags::from_bits_retain(flags.cast_unsigned());
    let of_drafts = flags & (MessageFlags::SUBMIT | MessageFlags::UNSENT);
    mail.same(
        rule,
        "what it has of MSGFLAG_SUBMIT and MSGFLAG_UNSENT",
        &of_drafts,
        &MessageFlags::UNSENT,
    );
    // Its ID may be another one than before.
    let moved = rows.first().and_then(|row| row.get(PR_ENTRYID));
    let moved = moved.and_then(PropValue::as_binary).unwrap_or_default();
    let message = mail.caller.message(mail.store(), moved)?;
    mail.caller
        .set(&message, &[Property::new(PR_SUBJECT_W, "edited")])?;
    let saved = save(&message, SaveChangesFlags::empty());
    mail.answers(rule, "SaveChanges after the move", saved, &[S_OK]);
    Ok(())
}

pub(in super::super) fn spooler_locks(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-36";
    with_mail(stage, &[RULE], SUBMIT, |mail| {
        mail.step(RULE, "SpoolerLogon");
        let spooler = match mail.rig.provider.spooler_logon() {
            Ok(spooler) => spooler,
            Err(failure) => {
                let why = format!("the spooler can't log on: {failure}");
                mail.stage.skip(RULE, why);
                return Ok(());
            }
        };
        let played = locked(mail, RULE, spooler.interface());
        mail.step(RULE, "the spooler’s logoff");
        spooler.logoff();
        played
    })
}

/// What the spooler has locked.
fn locked(mail: &Mail<'_>, rule: &str, spooler: &IMsgStore) -> Played {
    let Some(id) = submitted(mail, rule, "locked")? else {
        return Ok(());
    };
    mail.step(rule, "SetLockState(MSG_LOCKED)");
    let message = mail.caller.message(spooler, &id)?;
    let subject = [Property::new(PR_SUBJECT_W, "changed by the spooler")];
    mail.caller.set(&message, &subject)?;
    // SAFETY: a live message.
    let lock = |state| unsafe { spooler.SetLockState(message.as_raw(), state) };
    mail.answers(rule, "SetLockState(MSG_LOCKED)", lock(MSG_LOCKED), &[S_OK]);
    for flags in [
        OpenEntryFlags::MAPI_MODIFY,
        OpenEntryFlags::MAPI_BEST_ACCESS,
    ] {
        let opened = mail.caller.open(mail.store(), &id, flags);
        let what = format!("OpenEntry({flags:?}) of a message that is locked");
        mail.refuses(rule, &what, opened, &[MAPI_E_NO_ACCESS]);
    }
    let status = abort(mail.store(), &id);
    let expected = [MAPI_E_UNABLE_TO_ABORT];
    mail.answers(
        rule,
        "AbortSubmit of a message that is locked",
        status,
        &expected,
    );
    mail.step(rule, "SetLockState(MSG_UNLOCKED)");
    mail.answers(
        rule,
        "SetLockState(MSG_UNLOCKED)",
        lock(MSG_UNLOCKED),
        &[S_OK],
    );
    drop(message);
    let status = abort(mail.store(), &id);
    mail.answers(
        rule,
        "AbortSubmit of a message that is free",
        status,
        &[S_OK],
    );
    // It was saved by the lock.
    let message = mail.caller.message(mail.store(), &id)?;
    let subject = mail.caller.value(&message, PR_SUBJECT_W)?;
    let expected = PropValue::from("changed by the spooler");
    mail.same(rule, "PR_SUBJECT after a lock", &subject, &expected);
    Ok(())
}
