//! The keys by which objects and rows are known.

use mapi_provider::abi::{
    CreateMessageFlags, IMAPIProp, PR_ENTRYID, PR_INSTANCE_KEY, PR_MAPPING_SIGNATURE,
    PR_RECORD_KEY, PR_SEARCH_KEY, PropTag, StoreSupportMask,
};
use mapi_provider::store::EntryId;
use mapi_provider::view::{PropValue, Row};

use super::{Halt, Played, Stage, error_of, with_mail};

pub(in super::super) fn keys(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-06";
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        mail.step(RULE, "the search key of a message that is not saved");
        let folder = mail.raw_folder()?;
        let none = CreateMessageFlags::empty();
        let message = mail.caller.create_message(&folder, none)?;
        let key = mail.caller.value(&message, PR_SEARCH_KEY)?;
        mail.holds(
            RULE,
            key.as_binary().is_some_and(|key| !key.is_empty()),
            || format!("after CreateMessage, PR_SEARCH_KEY is {key:?}"),
        );
        drop(message);

        mail.step(RULE, "the keys of two messages and a copy");
        let (first, second) = (mail.deliver("one")?, mail.deliver("two")?);
        let other = mail.folder.create_folder("Other")?;
        mail.folder
            .copy_messages(std::slice::from_ref(&first), &other)?;
        let copy = other.messages().columns(&[PR_ENTRYID]).first()?;
        let copy = copy.and_then(|row| row.entry_id());
        let copy =
            copy.ok_or_else(|| Halt::Unplayable("the copy of a message has no row".to_owned()))?;
        let read = |id: &EntryId, tag: PropTag| {
            let message = mail.raw_message(id)?;
            mail.caller.value(&message, tag)
        };
        let record = [
            read(&first, PR_RECORD_KEY)?,
            read(&second, PR_RECORD_KEY)?,
            read(&copy, PR_RECORD_KEY)?,
        ];
        let has_record = record
            .iter()
            .all(|key| key.as_binary().is_some_and(|key| !key.is_empty()));
        mail.holds(RULE, has_record, || {
            "a message has no PR_RECORD_KEY".to_owned()
        });
        let own = record[0] != record[1] && record[1] != record[2] && record[0] != record[2];
        mail.holds(RULE, own, || {
            "two messages have the same PR_RECORD_KEY".to_owned()
        });
        let search = [
            read(&first, PR_SEARCH_KEY)?,
            read(&second, PR_SEARCH_KEY)?,
            read(&copy, PR_SEARCH_KEY)?,
        ];
        mail.same(
            RULE,
            "PR_SEARCH_KEY of a copy is the original’s",
            &search[2],
            &search[0],
        );
        mail.holds(RULE, search[0] != search[1], || {
            "two new messages have the same PR_SEARCH_KEY".to_owned()
        });

        mail.step(RULE, "PR_MAPPING_SIGNATURE");
        let message = mail.raw_message(&first)?;
        let of_store = mail.caller.value(mail.store(), PR_MAPPING_SIGNATURE)?;
        let objects: [(&str, &IMAPIProp); 2] = [("a folder", &folder), ("a message", &message)];
        for (what, object) in objects {
            let came = mail.caller.value(object, PR_MAPPING_SIGNATURE)?;
            if error_of(&came).is_none() && error_of(&of_store).is_none() {
                mail.same(
                    RULE,
                    &format!("PR_MAPPING_SIGNATURE of {what} is the store’s"),
                    &came,
                    &of_store,
                );
            }
        }

        mail.step(RULE, "instance keys");
        let table = mail.table(&[PR_INSTANCE_KEY])?;
        let keys = |rows: Vec<Row<'static>>| -> Vec<Vec<u8>> {
            let key = |row: &Row<'static>| {
                row.get(PR_INSTANCE_KEY)
                    .and_then(PropValue::as_binary)
                    .unwrap_or_default()
                    .to_vec()
            };
            rows.iter().map(key).collect()
        };
        let before = keys(table.all()?);
        let has_key = before.iter().all(|key| !key.is_empty());
        mail.holds(
            RULE,
            has_key && before.len() == 2 && before[0] != before[1],
            || {
                format!(
                    "the PR_INSTANCE_KEY of two rows are {before:?}: each row needs one of its own"
                )
            },
        );
        mail.same(
            RULE,
            "instance keys of the same rows, read again",
            &keys(table.all()?),
            &before,
        );
        Ok(())
    })
}
