//! Who sees what of a message, and when.

use mapi_provider::abi::{
    CreateMessageFlags, IMAPIProp, IMessage, MAPI_E_NOT_FOUND, MAPI_E_OBJECT_CHANGED,
    MAPI_E_OBJECT_DELETED, OpenEntryFlags, PR_BODY_W, PR_CONTENT_COUNT, PR_DISPLAY_NAME_W,
    PR_ENTRYID, PR_SUBJECT_W, PropTag, S_OK, SaveChangesFlags, StoreSupportMask,
};
use mapi_provider::store::{FileAttachment, Recipient};
use mapi_provider::view::Property;

use super::calls::save;
use super::{Mail, Played, Stage, with_mail};
use crate::status::Status;

const NONE: StoreSupportMask = StoreSupportMask::empty();
const READWRITE: SaveChangesFlags = SaveChangesFlags::KEEP_OPEN_READWRITE;

/// How many rows the scenario's folder shows, in a table that is opened afresh, and what PR_CONTENT_COUNT says.
fn shown(mail: &Mail<'_>) -> Result<(usize, Option<i32>), super::Halt> {
    let rows = mail.table(&[PR_SUBJECT_W])?.all()?;
    let count = mail.caller.value(&*mail.raw_folder()?, PR_CONTENT_COUNT)?;
    Ok((rows.len(), count.as_long()))
}

/// A text of a message, as another opener sees it.
fn elsewhere(mail: &Mail<'_>, id: &[u8], tag: PropTag) -> Result<Option<String>, super::Halt> {
    let (_, other) = mail
        .caller
        .open(mail.store(), id, OpenEntryFlags::empty())?;
    let other: IMessage = super::cast("QueryInterface for IMessage", &other)?;
    Ok(mail.caller.value(&other, tag)?.to_text())
}

fn set(mail: &Mail<'_>, object: &IMAPIProp, tag: PropTag, text: &str) -> Played {
    mail.caller.set(object, &[Property::new(tag, text)])?;
    Ok(())
}

pub(in super::super) fn unsaved(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-21";
    with_mail(stage, &[RULE], NONE, |mail| {
        mail.step(RULE, "a message that is not saved");
        let folder = mail.raw_folder()?;
        let open = mail.table(&[PR_SUBJECT_W])?;
        open.all()?;
        let message = mail
            .caller
            .create_message(&folder, CreateMessageFlags::empty())?;
        set(mail, &message, PR_SUBJECT_W, "first")?;
        mail.same(
            RULE,
            "rows and PR_CONTENT_COUNT while a message is not saved",
            &shown(mail)?,
            &(0, Some(0)),
        );
        let id = mail.caller.value(&message, PR_ENTRYID)?;
        if let Some(id) = id.as_binary() {
            let opened = mail.caller.open(mail.store(), id, OpenEntryFlags::empty());
            mail.refuses(
                RULE,
                "OpenEntry of a message that was never saved",
                opened,
                &[MAPI_E_NOT_FOUND],
            );
        }
        mail.step(RULE, "a message that is saved");
        mail.answers(RULE, "SaveChanges", save(&message, READWRITE), &[S_OK]);
        mail.same(
            RULE,
            "rows and PR_CONTENT_COUNT once a message is saved",
            &shown(mail)?,
            &(1, Some(1)),
        );
        mail.same(
            RULE,
            "the row of a saved message in a table that was open",
            &open.texts(PR_SUBJECT_W)?,
            &vec!["first".to_owned()],
        );

        mail.step(RULE, "changes that are not saved");
        let id = mail.id_of(&message)?;
        set(mail, &message, PR_SUBJECT_W, "second")?;
        let own = mail.caller.value(&message, PR_SUBJECT_W)?.to_text();
        mail.same(
            RULE,
            "a change, as its own object sees it",
            &own.as_deref(),
            &Some("second"),
        );
        mail.same(
            RULE,
            "a change that is not saved, as another opener sees it",
            &elsewhere(mail, &id, PR_SUBJECT_W)?.as_deref(),
            &Some("first"),
        );
        mail.same(
            RULE,
            "a change that is not saved, in a table",
            &mail.table(&[PR_SUBJECT_W])?.texts(PR_SUBJECT_W)?,
            &vec!["first".to_owned()],
        );
        mail.step(RULE, "changes that are given up");
        drop(message);
        mail.same(
            RULE,
            "a change whose object was released without a save",
            &elsewhere(mail, &id, PR_SUBJECT_W)?.as_deref(),
            &Some("first"),
        );

        mail.step(RULE, "recipients and attachments that are not saved");
        let entry = mapi_provider::store::EntryId::from(id.clone());
        let message = mail.client().open_message(&entry)?;
        message.add_recipients(&[Recipient::to("Ann", "ann@example.org")])?;
        message.attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))?;
        let other = mail.client().open_message(&entry)?;
        mail.same(
            RULE,
            "recipients that are not saved, as another opener sees them",
            &other.recipients()?.len(),
            &0,
        );
        mail.same(
            RULE,
            "attachments that are not saved, as another opener sees them",
            &other.attachments()?.len(),
            &0,
        );
        message.save()?;
        let other = mail.client().open_message(&entry)?;
        mail.same(
            RULE,
            "recipients once they are saved",
            &other.recipients()?.len(),
            &1,
        );
        mail.same(
            RULE,
            "attachments once they are saved",
            &other.attachments()?.len(),
            &1,
        );

        mail.step(RULE, "a folder, which is saved at once");
        let child = mail.folder.create_folder("Child")?;
        child.set(PR_DISPLAY_NAME_W, "Renamed")?;
        let found = mail.folder.folder("Renamed")?;
        mail.holds(RULE, found.is_some(), || {
            "a new name of a folder isn’t seen at once".to_owned()
        });
        let raw = mail
            .caller
            .folder(mail.store(), child.entry_id()?.as_bytes())?;
        mail.answers(
            RULE,
            "SaveChanges of a folder",
            save(&raw, READWRITE),
            &[S_OK],
        );
        Ok(())
    })
}

pub(in super::super) fn conflicts(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-22";
    with_mail(stage, &[RULE], NONE, |mail| {
        let id = mail.deliver("base")?;
        mail.step(RULE, "SaveChanges and what is open afterwards");
        let message = mail.raw_message(&id)?;
        set(mail, &message, PR_BODY_W, "1")?;
        mail.answers(
            RULE,
            "SaveChanges(KEEP_OPEN_READWRITE)",
            save(&message, READWRITE),
            &[S_OK],
        );
        set(mail, &message, PR_BODY_W, "2")?;
        mail.answers(
            RULE,
            "a second SaveChanges(KEEP_OPEN_READWRITE)",
            save(&message, READWRITE),
            &[S_OK],
        );
        mail.answers(
            RULE,
            "SaveChanges(KEEP_OPEN_READONLY)",
            save(&message, SaveChangesFlags::KEEP_OPEN_READONLY),
            &[S_OK],
        );
        let read = mail.caller.value(&message, PR_BODY_W)?;
        mail.same(
            RULE,
            "reading after SaveChanges(KEEP_OPEN_READONLY)",
            &read.to_text().as_deref(),
            &Some("2"),
        );
        drop(message);

        mail.step(RULE, "two who change one message");
        let (one, other) = (mail.raw_message(&id)?, mail.raw_message(&id)?);
        set(mail, &one, PR_SUBJECT_W, "one")?;
        set(mail, &other, PR_SUBJECT_W, "other")?;
        mail.answers(
            RULE,
            "SaveChanges of the first",
            save(&one, READWRITE),
            &[S_OK],
        );
        mail.answers(
            RULE,
            "SaveChanges of the second, after somebody else’s",
            save(&other, READWRITE),
            &[MAPI_E_OBJECT_CHANGED],
        );
        mail.same(
            RULE,
            "the subject after a conflict",
            &elsewhere(mail, id.as_bytes(), PR_SUBJECT_W)?.as_deref(),
            &Some("one"),
        );
        let own = mail.caller.value(&other, PR_SUBJECT_W)?.to_text();
        mail.same(
            RULE,
            "what the second has after a save that failed",
            &own.as_deref(),
            &Some("other"),
        );
        let force = READWRITE | SaveChangesFlags::FORCE_SAVE;
        mail.answers(
            RULE,
            "SaveChanges(FORCE_SAVE) of the second",
            save(&other, force),
            &[S_OK],
        );
        mail.same(
            RULE,
            "the subject after SaveChanges(FORCE_SAVE)",
            &elsewhere(mail, id.as_bytes(), PR_SUBJECT_W)?.as_deref(),
            &Some("other"),
        );
        drop((one, other));

        mail.step(RULE, "SaveChanges of a message that was deleted");
        let message = mail.raw_message(&id)?;
        set(mail, &message, PR_SUBJECT_W, "too late")?;
        mail.folder.delete_messages(std::slice::from_ref(&id))?;
        mail.answers(
            RULE,
            "SaveChanges of a message that was deleted",
            save(&message, READWRITE),
            &[MAPI_E_OBJECT_DELETED],
        );
        mail.answers(
            RULE,
            "SaveChanges(FORCE_SAVE) of a message that was deleted",
            save(&message, force),
            &[MAPI_E_OBJECT_DELETED],
        );
        mail.same(
            RULE,
            "rows and PR_CONTENT_COUNT after that",
            &shown(mail)?,
            &(0, Some(0)),
        );
        Ok(())
    })
}

pub(in super::super) fn reopened(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-43";
    with_mail(stage, &[RULE], NONE, |mail| {
        let kept = mail.deliver_with("kept", |message| message.set_body("the body"))?;
        let gone = mail.deliver("gone")?;
        mail.folder.delete_messages(std::slice::from_ref(&gone))?;
        mail.step(RULE, "the store, opened by another provider object");
        let library = stage.load()?;
        let host = crate::host::Host::new(library, mail.rig.host.profile().clone());
        let host = host.map_err(|error| super::Halt::Unplayable(error.to_string()))?;
        let again = stage.rig_in(host)?;
        {
            let client = again.store.client();
            let message = client.open_message(&kept)?;
            mail.same(
                RULE,
                "a saved message’s body, seen by another provider object",
                &message.text(PR_BODY_W)?.as_deref(),
                &Some("the body"),
            );
            let opened = client.open_message(&gone).map(drop);
            let status = super::store_status(&opened);
            mail.holds(RULE, opened.is_err(), || {
                format!(
                    "a deleted message opens in another provider object: {}",
                    Status(status)
                )
            });
            let folder = client.open_folder(&mail.folder.entry_id()?)?;
            mail.same(
                RULE,
                "PR_CONTENT_COUNT, seen by another provider object",
                &folder.long(PR_CONTENT_COUNT)?,
                &Some(1),
            );
        }
        stage.finish(again);
        Ok(())
    })
}
