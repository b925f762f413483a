//! What rows have: what their objects have.

use mapi_provider::abi::{
    GetHierarchyTableFlags, IMAPIProp, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY,
    MAPI_E_NOT_FOUND, PR_BODY_W, PR_COMMENT_W, PR_CONTAINER_CLASS_W, PR_CONTENT_COUNT,
    PR_DISPLAY_NAME_W, PR_DISPLAY_TO_W, PR_ENTRYID, PR_HASATTACH, PR_IMPORTANCE, PR_INSTANCE_KEY,
    PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS,
    PR_MESSAGE_SIZE, PR_NORMALIZED_SUBJECT_W, PR_NULL, PR_OBJECT_TYPE, PR_PARENT_ENTRYID,
    PR_RECORD_KEY, PR_SEARCH_KEY, PR_SUBFOLDERS, PR_SUBJECT_W, PT_BINARY, PT_BOOLEAN, PT_LONG,
    PT_UNICODE, PropTag, QueryColumnsFlags, StoreSupportMask, UnicodeFlags,
};
use mapi_provider::store::Recipient;
use mapi_provider::view::{FileTime, PropValue, Row};

use super::table::Table;
use super::{Mail, Played, Stage, error_of, with_mail};

const NONE: StoreSupportMask = StoreSupportMask::empty();
/// Properties of the check's own, that no store knows.
const TEXT: PropTag = PropTag::new(0x6701, PT_UNICODE);
const BYTES: PropTag = PropTag::new(0x6702, PT_BINARY);
const NUMBER: PropTag = PropTag::new(0x6703, PT_LONG);
const TRUTH: PropTag = PropTag::new(0x6704, PT_BOOLEAN);
const MISSING: PropTag = PropTag::new(0x6705, PT_LONG);

pub(in super::super) fn rows(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-10";
    with_mail(stage, &[RULE], NONE, |mail| {
        let id = mail.deliver_with("Re: rows", |message| {
            message.set(PR_MESSAGE_CLASS_W, "IPM.Check")?;
            message.set_body("the body")?;
            message.set(PR_IMPORTANCE, 2)?;
            message.set(
                PR_MESSAGE_DELIVERY_TIME,
                FileTime::from_ticks(134_116_992_000_000_000),
            )?;
            message.set(TEXT, "a text")?;
            message.set(BYTES, &[1_u8, 2, 3][..])?;
            message.set(NUMBER, -7)?;
            message.set(TRUTH, true)?;
            message.add_recipients(&[Recipient::to("Ann", "ann@example.org")])
        })?;
        mail.step(RULE, "the row of a message");
        let message = mail.raw_message(&id)?;
        let tags = [
            PR_ENTRYID,
            PR_RECORD_KEY,
            PR_SEARCH_KEY,
            PR_PARENT_ENTRYID,
            PR_OBJECT_TYPE,
            PR_SUBJECT_W,
            PR_NORMALIZED_SUBJECT_W,
            PR_MESSAGE_CLASS_W,
            PR_MESSAGE_FLAGS,
            PR_MESSAGE_SIZE,
            PR_IMPORTANCE,
            PR_MESSAGE_DELIVERY_TIME,
            PR_LAST_MODIFICATION_TIME,
            PR_DISPLAY_TO_W,
            PR_HASATTACH,
            PR_BODY_W,
            TEXT,
            BYTES,
            NUMBER,
            TRUTH,
            MISSING,
        ];
        let table = mail.table(&tags)?;
        as_the_object(mail, "a message", &message, &table, &tags)?;
        let default = [
            PR_ENTRYID,
            PR_INSTANCE_KEY,
            PR_MESSAGE_CLASS_W,
            PR_MESSAGE_DELIVERY_TIME,
            PR_MESSAGE_FLAGS,
            PR_OBJECT_TYPE,
            PR_PARENT_ENTRYID,
            PR_RECORD_KEY,
            PR_SUBJECT_W,
        ];
        let folder = mail.raw_folder()?;
        let table = mail
            .caller
            .contents(&folder, mapi_provider::abi::GetContentsTableFlags::empty())?;
        default_columns(
            mail,
            "contents table",
            &Table::new(table, mail.caller.allocators),
            &default,
        )?;

        mail.step(RULE, "the row of a folder");
        let child = mail.folder.create_folder("Child")?;
        child.set(PR_COMMENT_W, "a comment")?;
        child.set(PR_CONTAINER_CLASS_W, "IPF.Check")?;
        child.set(TEXT, "a text")?;
        let child = mail
            .caller
            .folder(mail.store(), child.entry_id()?.as_bytes())?;
        let tags = [
            PR_ENTRYID,
            PR_RECORD_KEY,
            PR_PARENT_ENTRYID,
            PR_OBJECT_TYPE,
            PR_DISPLAY_NAME_W,
            PR_COMMENT_W,
            PR_CONTAINER_CLASS_W,
            PR_CONTENT_COUNT,
            PR_SUBFOLDERS,
            TEXT,
            MISSING,
        ];
        let table = mail.tree_of(&folder, GetHierarchyTableFlags::empty(), &tags)?;
        as_the_object(mail, "a folder", &child, &table, &tags)?;
        let default = [
            PR_ENTRYID,
            PR_DISPLAY_NAME_W,
            PR_INSTANCE_KEY,
            PR_OBJECT_TYPE,
        ];
        let table = mail
            .caller
            .hierarchy(&folder, GetHierarchyTableFlags::empty())?;
        default_columns(
            mail,
            "hierarchy table",
            &Table::new(table, mail.caller.allocators),
            &default,
        )
    })
}

/// The only row of a table has what GetProps of its object gives.
fn as_the_object(
    mail: &Mail<'_>,
    what: &str,
    object: &IMAPIProp,
    table: &Table,
    tags: &[PropTag],
) -> Played {
    const RULE: &str = "STORE-10";
    let given = mail
        .caller
        .props(object, Some(tags), UnicodeFlags::MAPI_UNICODE)?;
    let rows = table.all()?;
    mail.same(
        RULE,
        &format!("how many rows there are of {what}"),
        &rows.len(),
        &1,
    );
    let Some(row) = rows.first() else {
        return Ok(());
    };
    for (index, tag) in tags.iter().enumerate() {
        let (of_row, of_object) = (
            row.properties.get(index).map(|cell| cell.value.clone()),
            given.value(index),
        );
        mail.same(
            RULE,
            &format!(
                "property 0x{:08X} of {what} in its table, and from GetProps",
                tag.0
            ),
            &of_row,
            &Some(of_object),
        );
    }
    Ok(())
}

fn default_columns(mail: &Mail<'_>, what: &str, table: &Table, required: &[PropTag]) -> Played {
    mail.step("STORE-10", &format!("the default columns of a {what}"));
    let columns = table.columns(QueryColumnsFlags::empty())?;
    for tag in required {
        let is_there = columns.iter().any(|column| column.id() == tag.id());
        mail.holds("STORE-10", is_there, || {
            format!("the default columns of a {what} lack 0x{:08X}", tag.0)
        });
    }
    Ok(())
}

pub(in super::super) fn columns(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-11";
    with_mail(stage, &[RULE], NONE, |mail| {
        mail.deliver("one")?;
        mail.step(
            RULE,
            "SetColumns with gaps and a property that is not there",
        );
        let tags = [
            PR_SUBJECT_W,
            PR_NULL,
            MISSING,
            PR_NULL,
            PR_ENTRYID,
            PR_SUBJECT_W,
        ];
        let table = mail.table(&tags)?;
        let rows = table.all()?;
        let row: Vec<(PropTag, PropValue<'static>)> = rows
            .first()
            .map(|row| {
                row.properties
                    .iter()
                    .map(|cell| (cell.tag, cell.value.clone()))
                    .collect()
            })
            .unwrap_or_default();
        mail.same(RULE, "how many columns a row has", &row.len(), &tags.len());
        for (place, (tag, value)) in row.iter().enumerate() {
            let asked = tags[place];
            if asked == PR_NULL {
                continue;
            }
            mail.same(
                RULE,
                &format!("the property of column {place}"),
                &tag.id(),
                &asked.id(),
            );
            if asked == MISSING {
                mail.same(
                    RULE,
                    "the value of a property that is not there",
                    &error_of(value),
                    &Some(MAPI_E_NOT_FOUND),
                );
            } else {
                mail.same(RULE, &format!("the tag of column {place}"), tag, &asked);
            }
        }
        let told = table.columns(QueryColumnsFlags::empty())?;
        mail.same(RULE, "QueryColumns after SetColumns", &told, &tags.to_vec());
        mail.step(RULE, "SetColumns with no column");
        mail.refuses(
            RULE,
            "SetColumns with no column",
            table.set_columns(&[]),
            &[MAPI_E_INVALID_PARAMETER],
        );
        mail.same(
            RULE,
            "the columns after a SetColumns that was refused",
            &table.columns(QueryColumnsFlags::empty())?,
            &tags.to_vec(),
        );
        Ok(())
    })
}

pub(in super::super) fn long_values(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-12";
    with_mail(stage, &[RULE], NONE, |mail| {
        let body = "0123456789abcdef".repeat(4096);
        let bytes: Vec<u8> = body.bytes().collect();
        let text = body.clone();
        let id = mail.deliver_with("long", |message| {
            message.set_body(&text)?;
            message.set(BYTES, bytes.as_slice())
        })?;
        mail.step(RULE, "GetProps of a long string and a long binary value");
        let message = mail.raw_message(&id)?;
        let tags = [PR_SUBJECT_W, PR_BODY_W, BYTES, PR_MESSAGE_CLASS_W];
        let given = mail
            .caller
            .props(&message, Some(&tags), UnicodeFlags::MAPI_UNICODE)?;
        mail.same(
            RULE,
            "PR_SUBJECT beside a long value",
            &given.value(0).to_text().as_deref(),
            &Some("long"),
        );
        for (index, whole) in [
            (1, PropValue::from(body.as_str())),
            (2, PropValue::from(body.as_bytes().to_vec())),
        ] {
            let value = given.value(index);
            let refused = error_of(&value) == Some(MAPI_E_NOT_ENOUGH_MEMORY);
            mail.holds(RULE, refused || value == whole, || {
                format!("GetProps of a value of 64 KiB gave {}, neither the whole nor MAPI_E_NOT_ENOUGH_MEMORY", super::brief(&value))
            });
        }
        mail.holds(RULE, error_of(&given.value(3)).is_none(), || {
            "a property behind a long one has an error of its own".to_owned()
        });
        mail.step(
            RULE,
            "OpenProperty of a long string and a long binary value",
        );
        let message = mail.client().open_message(&id)?;
        mail.same(
            RULE,
            "the length of a long body that is read from its stream",
            &message.text(PR_BODY_W)?.map(|text| text.len()),
            &Some(body.len()),
        );
        mail.same(
            RULE,
            "a long binary value that is read from its stream is what was written",
            &(message.binary(BYTES)?.as_deref() == Some(body.as_bytes())),
            &true,
        );
        mail.step(RULE, "a long string and a long binary value in a table");
        let rows = mail.table(&[PR_BODY_W, BYTES])?.all()?;
        let cell = |tag: PropTag| {
            rows.first()
                .and_then(|row: &Row<'static>| row.get(tag))
                .cloned()
        };
        let text = cell(PR_BODY_W).and_then(|value| value.to_text());
        let kept = text
            .as_ref()
            .is_some_and(|text| text.chars().count() >= 255 && body.starts_with(text.as_str()));
        mail.holds(RULE, kept, || {
            format!(
                "a long body in a table is {}, not its first 255 characters or more",
                super::brief(&text)
            )
        });
        let begins = cell(BYTES).is_some_and(|value| {
            value
                .as_binary()
                .is_some_and(|bytes| bytes.len() >= 255 && body.as_bytes().starts_with(bytes))
        });
        mail.holds(RULE, begins, || {
            "a long binary value in a table is not its first bytes".to_owned()
        });
        Ok(())
    })
}
