//! The recipients of a message.

use mapi_provider::abi::{
    IMAPITable, IMessage, MAPI_CC, MAPI_TO, ModifyRecipientsFlags, OpenPropertyFlags,
    PR_DISPLAY_NAME_W, PR_MESSAGE_RECIPIENTS, PR_RECIPIENT_TYPE, PR_ROWID, PT_NULL, PropTag,
    SaveChangesFlags, StoreSupportMask, UnicodeFlags,
};
use mapi_provider::view::{PropValue, Property, Row};

use super::calls::{Answer, save};
use super::table::{Table, texts};
use super::{Mail, Played, Stage, error_of, with_mail};

const RULE: &str = "STORE-28";

fn recipient(kind: u32, name: &str) -> Vec<Property<'static>> {
    vec![
        Property::new(PR_RECIPIENT_TYPE, kind.cast_signed()),
        Property::new(PR_DISPLAY_NAME_W, name).into_owned(),
    ]
}

fn rows(mail: &Mail<'_>, message: &IMessage) -> Answer<Vec<Row<'static>>> {
    let mut out = std::ptr::null_mut();
    let flags = mapi_provider::abi::GetRecipientTableFlags::MAPI_UNICODE;
    // SAFETY: a live variable.
    super::calls::done("IMessage::GetRecipientTable", unsafe {
        message.GetRecipientTable(flags, &mut out)
    })?;
    // SAFETY: the call has succeeded, so this is a table, and the reference is ours.
    let table: IMAPITable = unsafe { windows_core::Interface::from_raw(out) };
    let tags = [PR_ROWID, PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W];
    Table::new(table, mail.caller.allocators)
        .with_columns(&tags)?
        .all()
}

fn row_id(rows: &[Row<'static>], name: &str) -> Option<i32> {
    let is_it = |row: &&Row<'static>| {
        row.get(PR_DISPLAY_NAME_W)
            .and_then(PropValue::to_text)
            .as_deref()
            == Some(name)
    };
    rows.iter()
        .find(is_it)
        .and_then(|row| row.get(PR_ROWID))
        .and_then(PropValue::as_long)
}

pub(in super::super) fn recipients(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        let id = mail.deliver("recipients")?;
        let message = mail.raw_message(&id)?;
        let add = ModifyRecipientsFlags::MODRECIP_ADD;
        mail.step(RULE, "ModifyRecipients(MODRECIP_ADD)");
        mail.caller.recipients(
            &message,
            add,
            vec![recipient(MAPI_TO, "Ann"), recipient(MAPI_CC, "Bob")],
        )?;
        mail.caller
            .recipients(&message, add, vec![recipient(MAPI_TO, "Cem")])?;
        let three = rows(mail, &message)?;
        mail.same(
            RULE,
            "the recipients after two calls of MODRECIP_ADD",
            &texts(&three, PR_DISPLAY_NAME_W).join(" ").as_str(),
            &"Ann Bob Cem",
        );
        for row in &three {
            let whole = row
                .properties
                .iter()
                .all(|cell| error_of(&cell.value).is_none());
            mail.holds(RULE, whole, || format!("a recipient’s row lacks PR_ROWID, PR_RECIPIENT_TYPE or PR_DISPLAY_NAME: {row:?}"));
        }
        let ids: std::collections::BTreeSet<Option<i32>> = three
            .iter()
            .map(|row| row.get(PR_ROWID).and_then(PropValue::as_long))
            .collect();
        mail.same(
            RULE,
            "how many different PR_ROWID three recipients have",
            &ids.len(),
            &3,
        );
        let bob = row_id(&three, "Bob").unwrap_or_default();
        let with_id = |id: i32, name: &str| {
            [vec![Property::new(PR_ROWID, id)], recipient(MAPI_TO, name)].concat()
        };

        mail.step(RULE, "ModifyRecipients(MODRECIP_MODIFY)");
        mail.caller.recipients(
            &message,
            ModifyRecipientsFlags::MODRECIP_MODIFY,
            vec![with_id(bob, "Bobby")],
        )?;
        let changed = rows(mail, &message)?;
        mail.same(
            RULE,
            "how many recipients there are after MODRECIP_MODIFY",
            &changed.len(),
            &3,
        );
        mail.same(
            RULE,
            "PR_ROWID of the recipient that MODRECIP_MODIFY has changed",
            &row_id(&changed, "Bobby"),
            &Some(bob),
        );

        mail.step(RULE, "ModifyRecipients(MODRECIP_REMOVE)");
        mail.caller.recipients(
            &message,
            ModifyRecipientsFlags::MODRECIP_REMOVE,
            vec![vec![Property::new(PR_ROWID, bob)]],
        )?;
        mail.same(
            RULE,
            "the recipients after MODRECIP_REMOVE",
            &texts(&rows(mail, &message)?, PR_DISPLAY_NAME_W)
                .join(" ")
                .as_str(),
            &"Ann Cem",
        );

        mail.step(RULE, "recipients once they are saved");
        let status = save(&message, SaveChangesFlags::KEEP_OPEN_READWRITE);
        mail.answers(RULE, "SaveChanges", status, &[mapi_provider::abi::S_OK]);
        let again = mail.raw_message(&id)?;
        mail.same(
            RULE,
            "the recipients of a saved message",
            &texts(&rows(mail, &again)?, PR_DISPLAY_NAME_W)
                .join(" ")
                .as_str(),
            &"Ann Cem",
        );
        let none = OpenPropertyFlags::empty();
        let opened = mail.caller.open_property::<IMAPITable>(
            &again,
            PR_MESSAGE_RECIPIENTS,
            UnicodeFlags::MAPI_UNICODE.bits(),
            none,
        );
        mail.holds(RULE, opened.is_ok(), || {
            "PR_MESSAGE_RECIPIENTS can’t be opened as IMAPITable".to_owned()
        });

        mail.step(RULE, "ModifyRecipients(0)");
        mail.caller.recipients(
            &again,
            ModifyRecipientsFlags::empty(),
            vec![recipient(MAPI_TO, "Dan")],
        )?;
        mail.same(
            RULE,
            "the recipients after ModifyRecipients(0)",
            &texts(&rows(mail, &again)?, PR_DISPLAY_NAME_W)
                .join(" ")
                .as_str(),
            &"Dan",
        );

        mail.step(RULE, "a recipient with a property of type PT_NULL");
        let null = Property {
            tag: PropTag::new(PR_DISPLAY_NAME_W.id(), PT_NULL),
            value: PropValue::Null,
        };
        let odd = [recipient(MAPI_TO, "Eve"), vec![null]].concat();
        let answer = mail.caller.recipients(&again, add, vec![odd]);
        mail.holds(RULE, answer.is_err(), || {
            "ModifyRecipients took a property of type PT_NULL".to_owned()
        });
        Ok(())
    })
}
