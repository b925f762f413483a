//! How MFCMAPI and Outlook use a store, where that is another way than a page's example: they ask for all that there is,
//! put calls together in batches, and leave marks at the top.

use std::ptr;

use mapi_provider::abi::{
    CopyFlags, CreateAttachFlags, GetContentsTableFlags, IAttach, IMAPIProp, IMessage,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_FOUND, MAPI_FOLDER, MAPI_MESSAGE, OpenAttachFlags,
    OpenEntryFlags, PR_ENTRYID, PR_IPM_APPOINTMENT_ENTRYID, PR_SUBJECT_W, PT_OBJECT, PropTag,
    QueryColumnsFlags, S_OK, SaveChangesFlags, StoreSupportMask, TableFlags, UnicodeFlags,
};
use mapi_provider::store::{FileAttachment, Recipient};
use mapi_provider::view::{Property, SortDirection};
use windows_core::Interface;

use super::calls::{Answer, built, cast, done, save};
use super::table::{BEGINNING, Table, by, order};
use super::{Mail, Played, Stage, error_of, with_mail};

const NONE: StoreSupportMask = StoreSupportMask::empty();
const UNICODE: UnicodeFlags = UnicodeFlags::MAPI_UNICODE;

pub(in super::super) fn browsed(stage: &Stage<'_>) -> Played {
    with_mail(stage, &["STORE-10", "STORE-11", "STORE-19"], NONE, |mail| {
        let id = mail.deliver_with("browsed", |message| {
            message.set_body(&"body ".repeat(4000))?;
            message.add_recipients(&[Recipient::to("Ann", "ann@example.org")])?;
            message
                .attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))
                .map(drop)
        })?;
        mail.deliver("another")?;
        let best = OpenEntryFlags::MAPI_BEST_ACCESS;
        mail.step("STORE-10", "OpenEntry with MAPI_BEST_ACCESS");
        let folder_id = mail.folder.entry_id()?.as_bytes().to_vec();
        let (kind, folder) = mail.caller.open(mail.store(), &folder_id, best)?;
        mail.same("STORE-10", "the kind of a folder", &kind, &MAPI_FOLDER);
        let (kind, message) = mail.caller.open(mail.store(), id.as_bytes(), best)?;
        mail.same("STORE-10", "the kind of a message", &kind, &MAPI_MESSAGE);
        let folder: IMAPIProp = cast("QueryInterface for IMAPIProp", &folder)?;
        let message: IMAPIProp = cast("QueryInterface for IMAPIProp", &message)?;
        for (what, object) in [
            ("the store", &**mail.store()),
            ("a folder", &folder),
            ("a message", &message),
        ] {
            listed(mail, what, object)?;
        }
        let raw = mail.raw_folder()?;
        let table = mail.caller.contents(&raw, GetContentsTableFlags::empty())?;
        let table = Table::new(table, mail.caller.allocators);
        all_columns(mail, &table)?;
        in_batches(mail, &table)
    })
}

/// What GetPropList lists, GetProps gives, and GetProps of everything gives nothing else.
fn listed(mail: &Mail<'_>, what: &str, object: &IMAPIProp) -> Played {
    const RULE: &str = "STORE-10";
    mail.step(
        RULE,
        &format!("GetPropList and GetProps of all properties of {what}"),
    );
    let tags = mail.caller.prop_list(object)?;
    // Objects are opened, not read.
    let tags: Vec<PropTag> = tags
        .into_iter()
        .filter(|tag| tag.prop_type() != PT_OBJECT)
        .collect();
    let given = mail.caller.props(object, Some(&tags), UNICODE)?;
    for (index, tag) in tags.iter().enumerate() {
        let error = error_of(&given.value(index));
        mail.holds(
            RULE,
            error.is_none_or(|status| status == MAPI_E_NOT_ENOUGH_MEMORY),
            || {
                format!(
                    "GetPropList of {what} lists 0x{:08X}, which GetProps doesn’t give",
                    tag.0
                )
            },
        );
    }
    let all = mail.caller.props(object, None, UNICODE)?;
    let has_id = all.tags().any(|tag| tag.id() == PR_ENTRYID.id());
    mail.holds(RULE, has_id, || {
        format!("GetProps of all properties of {what} has no PR_ENTRYID")
    });
    Ok(())
}

/// All columns that a table has can be set, and no cell has an error but that the value isn't there, or is too large.
fn all_columns(mail: &Mail<'_>, table: &Table) -> Played {
    const RULE: &str = "STORE-11";
    mail.step(RULE, "SetColumns of all columns that there are");
    let columns = table.columns(QueryColumnsFlags::TBL_ALL_COLUMNS)?;
    mail.holds(
        RULE,
        columns.iter().any(|tag| tag.id() == PR_SUBJECT_W.id()),
        || "QueryColumns(TBL_ALL_COLUMNS) of a contents table has no PR_SUBJECT".to_owned(),
    );
    table.set_columns(&columns)?;
    let rows = table.all()?;
    mail.same(
        RULE,
        "how many rows there are with all columns",
        &rows.len(),
        &2,
    );
    for row in &rows {
        mail.same(
            RULE,
            "how many columns a row has",
            &row.properties.len(),
            &columns.len(),
        );
        let odd = row.properties.iter().find(|cell| {
            let error = error_of(&cell.value);
            error.is_some_and(|status| {
                ![MAPI_E_NOT_FOUND, MAPI_E_NOT_ENOUGH_MEMORY].contains(&status)
            })
        });
        mail.holds(RULE, odd.is_none(), || {
            format!("a cell has another error than that its value is not there: {odd:?}")
        });
    }
    Ok(())
}

/// Columns, order and restriction may be put off, but whoever reads rows sees them all.
fn in_batches(mail: &Mail<'_>, table: &Table) -> Played {
    const RULE: &str = "STORE-19";
    mail.step(RULE, "SetColumns, Restrict and SortTable with TBL_BATCH");
    let allocators = mail.caller.allocators;
    let batch = TableFlags::TBL_BATCH;
    let tags = [PR_SUBJECT_W, PR_ENTRYID];
    let columns = built(allocators.build(&mapi_provider::view::PropTags::from(&tags[..])))?;
    // SAFETY: the array is one.
    done("IMAPITable::SetColumns", unsafe {
        table.table.SetColumns(columns.as_ptr(), batch)
    })?;
    if mail.mask.contains(StoreSupportMask::RESTRICTION_OK) {
        // SAFETY: NULL stands for no restriction.
        done("IMAPITable::Restrict", unsafe {
            table.table.Restrict(ptr::null_mut(), batch)
        })?;
    }
    let sorts = mail.mask.contains(StoreSupportMask::SORT_OK);
    if sorts {
        let sorted = built(allocators.build(&order(&[by(PR_SUBJECT_W, SortDirection::Descend)])))?;
        // SAFETY: the structure is one.
        done("IMAPITable::SortTable", unsafe {
            table.table.SortTable(sorted.as_ptr(), batch)
        })?;
    }
    table.seek(BEGINNING, 0)?;
    mail.same(
        RULE,
        "GetRowCount after calls with TBL_BATCH",
        &table.count()?,
        &2,
    );
    let mut shown = table.texts(PR_SUBJECT_W)?;
    if !sorts {
        shown.sort_by(|one, other| other.cmp(one));
    }
    mail.same(
        RULE,
        "the rows after calls with TBL_BATCH",
        &shown.join(" ").as_str(),
        &"browsed another",
    );
    Ok(())
}

pub(in super::super) fn marks_at_the_top(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-09";
    with_mail(stage, &[RULE], NONE, |mail| {
        let inbox = mail
            .client()
            .receive_folder("")?
            .entry_id()?
            .as_bytes()
            .to_vec();
        let own = mail.folder.entry_id()?.as_bytes().to_vec();
        for (what, id) in [("the root", Vec::new()), ("the Inbox", inbox)] {
            mail.step(RULE, &format!("PR_IPM_APPOINTMENT_ENTRYID of {what}"));
            let folder = mail.caller.folder(mail.store(), &id)?;
            let before = mail.caller.value(&folder, PR_IPM_APPOINTMENT_ENTRYID)?;
            let mark = Property::new(PR_IPM_APPOINTMENT_ENTRYID, own.as_slice());
            let problems = mail.caller.set(&folder, std::slice::from_ref(&mark))?;
            mail.same(
                RULE,
                &format!("the problems of SetProps of PR_IPM_APPOINTMENT_ENTRYID of {what}"),
                &problems,
                &Vec::new(),
            );
            let again = mail.caller.folder(mail.store(), &id)?;
            let kept = mail.caller.value(&again, PR_IPM_APPOINTMENT_ENTRYID)?;
            mail.same(
                RULE,
                &format!("PR_IPM_APPOINTMENT_ENTRYID of {what}, read again"),
                &kept,
                &mark.value,
            );
            // What was there before this check belongs to somebody.
            if error_of(&before).is_none() {
                mail.caller.set(
                    &folder,
                    &[Property {
                        tag: PR_IPM_APPOINTMENT_ENTRYID,
                        value: before,
                    }],
                )?;
            } else {
                mail.caller.delete(&folder, &[PR_IPM_APPOINTMENT_ENTRYID])?;
                let gone = mail.caller.value(&folder, PR_IPM_APPOINTMENT_ENTRYID)?;
                mail.same(
                    RULE,
                    &format!("PR_IPM_APPOINTMENT_ENTRYID of {what} after DeleteProps"),
                    &error_of(&gone),
                    &Some(MAPI_E_NOT_FOUND),
                );
            }
        }
        Ok(())
    })
}

pub(in super::super) fn attachment_by_copy(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-29";
    with_mail(stage, &[RULE], StoreSupportMask::ATTACH_OK, |mail| {
        let from = mail.deliver_with("from", |message| {
            message
                .attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))
                .map(drop)
        })?;
        let to = mail.deliver("to")?;
        mail.step(
            RULE,
            "an attachment that has nothing but what CopyTo gave it",
        );
        let (source, target) = (mail.raw_message(&from)?, mail.raw_message(&to)?);
        let number = mail
            .client()
            .open_message(&from)?
            .attachments()?
            .first()
            .map_or(0, |file| file.number());
        let (original, copy) = (
            open_attachment(&source, number)?,
            create_attachment(&target)?,
        );
        let mut problems = ptr::null_mut();
        // SAFETY: a live attachment with its interface, and a live variable; there is no dialog.
        let status = unsafe {
            original.CopyTo(
                0,
                ptr::null(),
                ptr::null_mut(),
                0,
                ptr::null_mut(),
                &IAttach::IID,
                copy.as_raw(),
                CopyFlags::empty(),
                &mut problems,
            )
        };
        // SAFETY: NULL, or problems that are ours to free.
        drop(unsafe { mail.caller.allocators.adopt(problems, 1) });
        mail.answers(RULE, "CopyTo of an attachment", status, &[S_OK]);
        let keep = SaveChangesFlags::KEEP_OPEN_READWRITE;
        mail.answers(RULE, "SaveChanges of the copy", save(&copy, keep), &[S_OK]);
        mail.answers(
            RULE,
            "SaveChanges of the message",
            save(&target, keep),
            &[S_OK],
        );
        let made = mail.client().open_message(&to)?;
        let files = made.attachments()?;
        let bytes = files.first().map(|file| file.read_to_vec()).transpose()?;
        mail.same(RULE, "how many attachments there are", &files.len(), &1);
        mail.same(
            RULE,
            "the bytes of the copy",
            &bytes.as_deref(),
            &Some(&b"bytes"[..]),
        );
        Ok(())
    })
}

fn open_attachment(message: &IMessage, number: u32) -> Answer<IAttach> {
    let mut out = ptr::null_mut();
    // SAFETY: a live variable.
    done("IMessage::OpenAttach", unsafe {
        message.OpenAttach(number, ptr::null(), OpenAttachFlags::empty(), &mut out)
    })?;
    // SAFETY: the call has succeeded, so this is an attachment, and the reference is ours.
    Ok(unsafe { IAttach::from_raw(out) })
}

fn create_attachment(message: &IMessage) -> Answer<IAttach> {
    let (mut number, mut out) = (0, ptr::null_mut());
    // SAFETY: live variables.
    done("IMessage::CreateAttach", unsafe {
        message.CreateAttach(
            ptr::null(),
            CreateAttachFlags::empty(),
            &mut number,
            &mut out,
        )
    })?;
    // SAFETY: the call has succeeded, so this is an attachment, and the reference is ours.
    Ok(unsafe { IAttach::from_raw(out) })
}
