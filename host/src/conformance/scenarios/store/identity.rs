//! What a store is, and what its objects are called by.

use mapi_provider::abi::{
    CreateFolderFlags, FOLDER_SEARCH, IMAPIProp, MAPI_E_COMPUTED, MAPI_E_INVALID_ENTRYID,
    MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_E_OBJECT_DELETED, MAPI_E_TOO_COMPLEX,
    MAPI_E_UNKNOWN_ENTRYID, MAPI_FOLDER, MAPI_MESSAGE, MAPI_STORE, OpenEntryFlags,
    PR_DISPLAY_NAME_W, PR_ENTRYID, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_RECORD_KEY,
    PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PR_SUBJECT_W,
    PR_VALID_FOLDER_MASK, StoreSupportMask, UnicodeFlags,
};
use mapi_provider::view::{PropValue, Property, SortDirection, SortOrderSet};
use windows_core::HRESULT;

use super::calls::cast;
use super::table::by;
use super::{Mail, Played, Stage, error_of, with_mail};
use crate::status::Failure;

const UNICODE: UnicodeFlags = UnicodeFlags::MAPI_UNICODE;

pub(in super::super) fn store_properties(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-01";
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        mail.step(RULE, "the properties of the store");
        let store: &IMAPIProp = mail.store();
        let required = [
            ("PR_DISPLAY_NAME", PR_DISPLAY_NAME_W),
            ("PR_ENTRYID", PR_ENTRYID),
            ("PR_STORE_ENTRYID", PR_STORE_ENTRYID),
            ("PR_OBJECT_TYPE", PR_OBJECT_TYPE),
            ("PR_RECORD_KEY", PR_RECORD_KEY),
            ("PR_STORE_RECORD_KEY", PR_STORE_RECORD_KEY),
            ("PR_MDB_PROVIDER", PR_MDB_PROVIDER),
            ("PR_STORE_SUPPORT_MASK", PR_STORE_SUPPORT_MASK),
            ("PR_VALID_FOLDER_MASK", PR_VALID_FOLDER_MASK),
        ];
        let tags = required.map(|(_, tag)| tag);
        let given = mail.caller.props(store, Some(&tags), UNICODE)?;
        let listed = mail.caller.prop_list(store)?;
        for (index, (name, tag)) in required.into_iter().enumerate() {
            let error = error_of(&given.value(index));
            mail.holds(RULE, error.is_none(), || {
                format!(
                    "GetProps of the store has no {name}: {}",
                    crate::status::Status(error.unwrap_or_default())
                )
            });
            let is_listed = listed.iter().any(|other| other.id() == tag.id());
            mail.holds(RULE, is_listed, || {
                format!("GetPropList of the store doesn’t list {name}")
            });
        }
        let equal = [
            (1, 2, "PR_STORE_ENTRYID is PR_ENTRYID"),
            (4, 5, "PR_STORE_RECORD_KEY is PR_RECORD_KEY"),
        ];
        for (one, other, what) in equal {
            mail.same(RULE, what, &given.value(other), &given.value(one));
        }
        let kind = given.value(3);
        mail.same(
            RULE,
            "PR_OBJECT_TYPE of the store",
            &kind,
            &PropValue::Long(MAPI_STORE.cast_signed()),
        );
        mail.step(RULE, "SetProps of a property that the store works out");
        let set = Property::new(PR_STORE_SUPPORT_MASK, 0);
        let problems = mail.caller.set(store, &[set])?;
        let told = problems.first().map(|problem| problem.status);
        mail.same(
            RULE,
            "SetProps of the store’s PR_STORE_SUPPORT_MASK: its problem",
            &told,
            &Some(MAPI_E_COMPUTED),
        );
        Ok(())
    })
}

pub(in super::super) fn mask(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-04";
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        let id = mail.deliver("one")?;
        let (folder, message) = (mail.raw_folder()?, mail.raw_message(&id)?);
        let objects: [(&str, &IMAPIProp); 2] = [("a folder", &folder), ("a message", &message)];
        let expected = PropValue::Long(mail.mask.bits().cast_signed());
        for (what, object) in objects {
            mail.step(RULE, &format!("PR_STORE_SUPPORT_MASK of {what}"));
            let came = mail.caller.value(object, PR_STORE_SUPPORT_MASK)?;
            mail.same(
                RULE,
                &format!("PR_STORE_SUPPORT_MASK of {what} is the store’s"),
                &came,
                &expected,
            );
        }
        let refused = [MAPI_E_NO_SUPPORT, MAPI_E_TOO_COMPLEX];
        let claims = |bit: StoreSupportMask| mail.mask.contains(bit);
        mail.step(RULE, "CreateFolder of a search folder");
        let flags = CreateFolderFlags::empty();
        let created = mail
            .caller
            .create_folder(&folder, FOLDER_SEARCH, "Search", flags);
        kept_as_claimed(
            mail,
            "STORE_SEARCH_OK",
            claims(StoreSupportMask::SEARCH_OK),
            created.map(drop),
            &refused,
        );
        mail.step(RULE, "SortTable with a category");
        let table = mail.table(&[PR_SUBJECT_W])?;
        let by_subject = by(PR_SUBJECT_W, SortDirection::Ascend);
        let order = SortOrderSet {
            orders: vec![by_subject],
            categories: 1,
            expanded: 1,
        };
        let sorted = table.sort(&order);
        kept_as_claimed(
            mail,
            "STORE_CATEGORIZE_OK",
            claims(StoreSupportMask::CATEGORIZE_OK),
            sorted,
            &refused,
        );
        mail.step(RULE, "SortTable");
        let sorted = table.sort(&super::table::order(&[by_subject]));
        kept_as_claimed(
            mail,
            "STORE_SORT_OK",
            claims(StoreSupportMask::SORT_OK),
            sorted,
            &refused,
        );
        Ok(())
    })
}

/// What a bit of the mask stands for works if it is set, and is refused if not.
fn kept_as_claimed(
    mail: &Mail<'_>,
    bit: &str,
    claimed: bool,
    answer: Result<(), Failure>,
    refused: &[HRESULT],
) {
    match (claimed, answer) {
        (true, answer) => mail.holds("STORE-04", answer.is_ok(), || {
            let why = answer
                .err()
                .map(|failure| failure.to_string())
                .unwrap_or_default();
            format!("the mask has {bit}, but {why}")
        }),
        (false, answer) => mail.refuses(
            "STORE-04",
            &format!("what needs {bit}, which the mask lacks,"),
            answer,
            refused,
        ),
    }
}

pub(in super::super) fn entry_ids(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-05";
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        mail.step(RULE, "the entry IDs of a message and a folder");
        let id = mail.deliver("one")?;
        let folder = mail.raw_folder()?;
        let message = mail.raw_message(&id)?;
        let child = mail.folder.create_folder("Child")?;
        let given = mail.id_of(&message)?;
        mail.same(
            RULE,
            "a message’s PR_ENTRYID once it is opened",
            &given.as_slice(),
            &id.as_bytes(),
        );
        mail.same(
            RULE,
            "abFlags of a message’s entry ID",
            &given.get(..4),
            &Some(&[0; 4][..]),
        );
        let rows = mail.table(&[PR_ENTRYID])?.all()?;
        let row = rows.first().and_then(|row| row.get(PR_ENTRYID)).cloned();
        mail.same(
            RULE,
            "PR_ENTRYID in the contents table",
            &row,
            &Some(PropValue::from(given.clone())),
        );
        let child_id = child.entry_id()?.as_bytes().to_vec();
        let none = mapi_provider::abi::GetHierarchyTableFlags::empty();
        let rows = mail.tree_of(&folder, none, &[PR_ENTRYID])?.all()?;
        let row = rows.first().and_then(|row| row.get(PR_ENTRYID)).cloned();
        mail.same(
            RULE,
            "PR_ENTRYID in the hierarchy table",
            &row,
            &Some(PropValue::from(child_id.clone())),
        );

        mail.step(RULE, "OpenEntry with NULL");
        let root = mail
            .caller
            .open(mail.store(), &[], OpenEntryFlags::empty())?;
        mail.same(
            RULE,
            "the kind that OpenEntry(NULL) opens",
            &root.0,
            &MAPI_FOLDER,
        );
        let root: IMAPIProp = cast("QueryInterface for IMAPIProp", &root.1)?;
        let root_id = mail.id_of(&root)?;
        let kind = mail
            .caller
            .open(mail.store(), &given, OpenEntryFlags::empty())?
            .0;
        mail.same(
            RULE,
            "the kind that OpenEntry tells of a message",
            &kind,
            &MAPI_MESSAGE,
        );

        mail.step(RULE, "CompareEntryIDs");
        let pairs = [
            (&given, &given, true, "a message with itself"),
            (&given, &child_id, false, "a message with a folder"),
            (&child_id, &root_id, false, "a folder with the root"),
        ];
        for (one, other, expected, what) in pairs {
            let came = mail.caller.same(mail.store(), one, other)?;
            mail.same(
                RULE,
                &format!("CompareEntryIDs of {what}"),
                &came,
                &expected,
            );
        }

        mail.step(RULE, "the entry ID of a folder that was renamed");
        child.rename("Renamed")?;
        let after = mail
            .client()
            .open_folder(&child.entry_id()?)?
            .entry_id()?
            .as_bytes()
            .to_vec();
        mail.same(
            RULE,
            "the entry ID of a folder after its rename",
            &after,
            &child_id,
        );

        mail.step(RULE, "OpenEntry of a message that was deleted");
        drop(message);
        mail.folder.delete_messages(&[id])?;
        let opened = mail
            .caller
            .open(mail.store(), &given, OpenEntryFlags::empty());
        let gone = [MAPI_E_NOT_FOUND, MAPI_E_OBJECT_DELETED];
        mail.refuses(
            RULE,
            "OpenEntry of a message that was deleted",
            opened,
            &gone,
        );
        mail.step(RULE, "a new message after one was deleted");
        let next = mail.deliver("two")?;
        mail.holds(RULE, next.as_bytes() != given.as_slice(), || {
            "the entry ID of a message that was deleted was given to a new one".to_owned()
        });
        Ok(())
    })
}

pub(in super::super) fn foreign_ids(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-05";
    with_mail(stage, &[RULE], StoreSupportMask::empty(), |mail| {
        let id = mail.deliver("one")?;
        let good = id.as_bytes().to_vec();
        let malformed = [MAPI_E_INVALID_ENTRYID, MAPI_E_UNKNOWN_ENTRYID];
        let any = [
            MAPI_E_INVALID_ENTRYID,
            MAPI_E_UNKNOWN_ENTRYID,
            MAPI_E_NOT_FOUND,
        ];
        let open = |bytes: &[u8]| {
            mail.caller
                .open(mail.store(), bytes, OpenEntryFlags::empty())
                .map(|opened| opened.0)
        };

        mail.step(RULE, "OpenEntry of another provider’s entry ID");
        let mut foreign = good.clone();
        for byte in foreign.iter_mut().skip(4).take(16) {
            *byte ^= 0xA5;
        }
        mail.refuses(
            RULE,
            "OpenEntry of an entry ID with another provider’s UID",
            open(&foreign),
            &[MAPI_E_UNKNOWN_ENTRYID],
        );

        for length in [1, 3, 4, 19, 20, good.len() - 1] {
            let what = format!("OpenEntry of the first {length} bytes of an entry ID");
            mail.step(RULE, &what);
            mail.refuses(
                RULE,
                &what,
                open(&good[..length.min(good.len())]),
                &malformed,
            );
        }
        mail.step(RULE, "OpenEntry of an entry ID with more bytes behind it");
        let longer = [good.as_slice(), &[0x5A; 9]].concat();
        mail.refuses(
            RULE,
            "OpenEntry of an entry ID with 9 more bytes behind it",
            open(&longer),
            &malformed,
        );
        for place in 20..good.len() {
            let mut flipped = good.clone();
            flipped[place] ^= 0xFF;
            let what = format!("OpenEntry of an entry ID whose byte {place} is another one");
            mail.step(RULE, &what);
            // It may be the ID of another object, but not this object's.
            if open(&flipped).is_ok() {
                let same = mail.caller.same(mail.store(), &good, &flipped)?;
                mail.holds(RULE, !same, || {
                    format!("{what} opens, and CompareEntryIDs says that both are the same")
                });
            } else {
                mail.refuses(RULE, &what, open(&flipped), &any);
            }
        }
        Ok(())
    })
}
