//! The folders of a store, their counts, and the ways to their tables.

use std::collections::BTreeMap;

use mapi_provider::abi::{
    GetContentsTableFlags, GetHierarchyTableFlags, GetIDsFromNamesFlags, IMAPIProp, IMAPITable,
    MAPI_FOLDER, MAPI_W_ERRORS_RETURNED, OpenEntryFlags, OpenPropertyFlags, PR_ASSOC_CONTENT_COUNT,
    PR_COMMON_VIEWS_ENTRYID, PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY, PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD, PR_DEPTH, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_FINDER_ENTRYID,
    PR_FOLDER_ASSOCIATED_CONTENTS, PR_IPM_OUTBOX_ENTRYID, PR_IPM_SENTMAIL_ENTRYID,
    PR_IPM_SUBTREE_ENTRYID, PR_IPM_WASTEBASKET_ENTRYID, PR_MESSAGE_CLASS_W, PR_RECORD_KEY,
    PR_SUBFOLDERS, PR_SUBJECT_W, PR_VALID_FOLDER_MASK, PR_VIEWS_ENTRYID, PT_ERROR, PropTag,
    StoreSupportMask, UnicodeFlags,
};
use mapi_provider::view::{PropName, PropValue};
use windows_core::GUID;

use super::table::{Table, texts};
use super::{Mail, Played, Stage, error_of, with_mail};

const NONE: StoreSupportMask = StoreSupportMask::empty();

/// The bits of PR_VALID_FOLDER_MASK, with their entry IDs.
const SPECIAL: [(u32, PropTag, &str); 7] = [
    (0x01, PR_IPM_SUBTREE_ENTRYID, "PR_IPM_SUBTREE_ENTRYID"),
    (0x04, PR_IPM_OUTBOX_ENTRYID, "PR_IPM_OUTBOX_ENTRYID"),
    (
        0x08,
        PR_IPM_WASTEBASKET_ENTRYID,
        "PR_IPM_WASTEBASKET_ENTRYID",
    ),
    (0x10, PR_IPM_SENTMAIL_ENTRYID, "PR_IPM_SENTMAIL_ENTRYID"),
    (0x20, PR_VIEWS_ENTRYID, "PR_VIEWS_ENTRYID"),
    (0x40, PR_COMMON_VIEWS_ENTRYID, "PR_COMMON_VIEWS_ENTRYID"),
    (0x80, PR_FINDER_ENTRYID, "PR_FINDER_ENTRYID"),
];

pub(in super::super) fn special_folders(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-02";
    with_mail(stage, &[RULE], NONE, |mail| {
        let valid = mail.caller.value(mail.store(), PR_VALID_FOLDER_MASK)?;
        let Some(valid) = valid.as_long().map(i32::cast_unsigned) else {
            mail.holds(RULE, false, || format!("PR_VALID_FOLDER_MASK is {valid:?}"));
            return Ok(());
        };
        for (bit, tag, name) in SPECIAL {
            mail.step(RULE, &format!("opening the folder of {name}"));
            let id = mail.caller.value(mail.store(), tag)?;
            let opened = id
                .as_binary()
                .map(|id| mail.caller.open(mail.store(), id, OpenEntryFlags::empty()));
            let opens = matches!(&opened, Some(Ok((MAPI_FOLDER, _))));
            mail.holds(RULE, opens == (valid & bit != 0), || {
                let said = if valid & bit == 0 {
                    "is not set"
                } else {
                    "is set"
                };
                let opens = if opens {
                    "opens a folder"
                } else {
                    "opens no folder"
                };
                format!("bit 0x{bit:02X} of PR_VALID_FOLDER_MASK {said}, but {name} {opens}")
            });
        }
        mail.step(RULE, "the root and the Inbox");
        let inbox = mail.client().receive_folder("");
        mail.holds(RULE, inbox.is_ok(), || {
            "the store has no receive folder for the class \"\"".to_owned()
        });
        Ok(())
    })
}

pub(in super::super) fn counts(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-03";
    with_mail(stage, &[RULE], NONE, |mail| {
        agree(mail, "a new folder")?;
        let id = mail.deliver("one")?;
        agree(mail, "a folder with an unread message")?;
        let ids = [id, mail.deliver("two")?];
        agree(mail, "a folder with two messages")?;
        mail.folder.set_read(&ids[..1], true)?;
        agree(mail, "a folder one of whose messages was read")?;
        let hidden = mail.folder.create_hidden_item()?;
        hidden.set(PR_MESSAGE_CLASS_W, "IPM.Check")?;
        hidden.save()?;
        agree(mail, "a folder with a hidden item")?;
        let other = mail.folder.create_folder("Other")?;
        agree(mail, "a folder with a subfolder")?;
        mail.folder.move_messages(&ids[1..], &other)?;
        agree(mail, "a folder from which a message was moved")?;
        mail.folder.delete_messages(&ids[..1])?;
        agree(mail, "a folder from which a message was deleted")?;
        let other_id = other.entry_id()?;
        drop(other);
        mail.folder.delete_folder_tree(&other_id)?;
        agree(mail, "a folder whose subfolder was deleted")
    })
}

/// The counts of the scenario's folder agree with its tables, on the folder and in its parent's table.
fn agree(mail: &Mail<'_>, what: &str) -> Played {
    const RULE: &str = "STORE-03";
    const TAGS: [PropTag; 4] = [
        PR_CONTENT_COUNT,
        PR_CONTENT_UNREAD,
        PR_ASSOC_CONTENT_COUNT,
        PR_SUBFOLDERS,
    ];
    mail.step(RULE, &format!("the counts of {what}"));
    let folder = mail.raw_folder()?;
    let given = mail
        .caller
        .props(&folder, Some(&TAGS), UnicodeFlags::MAPI_UNICODE)?;
    let table = |flags: GetContentsTableFlags| -> Result<Table, super::Halt> {
        Ok(Table::new(
            mail.caller.contents(&folder, flags)?,
            mail.caller.allocators,
        ))
    };
    let contents = table(GetContentsTableFlags::empty())?
        .with_columns(&[mapi_provider::abi::PR_MESSAGE_FLAGS])?;
    let rows = contents.all()?;
    let is_unread = |row: &&mapi_provider::view::Row<'static>| {
        let flags = row
            .get(mapi_provider::abi::PR_MESSAGE_FLAGS)
            .and_then(PropValue::as_long);
        flags.is_some_and(|flags| flags & 1 == 0)
    };
    let unread = rows.iter().filter(is_unread).count();
    let hidden = table(GetContentsTableFlags::MAPI_ASSOCIATED)?.count()?;
    let folders = mail
        .caller
        .hierarchy(&folder, GetHierarchyTableFlags::empty())?;
    let folders = Table::new(folders, mail.caller.allocators).count()?;
    let long = |count: usize| PropValue::Long(i32::try_from(count).unwrap_or(i32::MAX));
    let expected = [
        ("PR_CONTENT_COUNT", long(rows.len())),
        ("PR_CONTENT_UNREAD", long(unread)),
        (
            "PR_ASSOC_CONTENT_COUNT",
            PropValue::Long(hidden.cast_signed()),
        ),
        ("PR_SUBFOLDERS", PropValue::Boolean(folders > 0)),
    ];
    mail.same(
        RULE,
        &format!("GetRowCount of {what}"),
        &(contents.count()? as usize),
        &rows.len(),
    );
    for (index, (name, expected)) in expected.iter().enumerate() {
        mail.same(
            RULE,
            &format!("{name} of {what}, counted in its tables"),
            &given.value(index),
            expected,
        );
    }
    Ok(())
}

pub(in super::super) fn doors(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-19";
    with_mail(stage, &[RULE], NONE, |mail| {
        mail.deliver("one")?;
        let hidden = mail.folder.create_hidden_item()?;
        hidden.set_subject("hidden")?;
        hidden.save()?;
        let child = mail.folder.create_folder("Child")?;
        child.create_folder("Grandchild")?;
        let folder = mail.raw_folder()?;
        let listed = mail.caller.prop_list(&folder)?;
        let doors = [
            (
                PR_CONTAINER_CONTENTS,
                "PR_CONTAINER_CONTENTS",
                PR_SUBJECT_W,
                vec!["one".to_owned()],
            ),
            (
                PR_FOLDER_ASSOCIATED_CONTENTS,
                "PR_FOLDER_ASSOCIATED_CONTENTS",
                PR_SUBJECT_W,
                vec!["hidden".to_owned()],
            ),
            (
                PR_CONTAINER_HIERARCHY,
                "PR_CONTAINER_HIERARCHY",
                PR_DISPLAY_NAME_W,
                vec!["Child".to_owned()],
            ),
        ];
        for (tag, name, column, expected) in doors {
            mail.step(RULE, &format!("OpenProperty of {name}"));
            let is_listed = listed.iter().any(|other| other.id() == tag.id());
            mail.holds(RULE, is_listed, || {
                format!("GetPropList of a folder doesn’t list {name}")
            });
            let unicode = UnicodeFlags::MAPI_UNICODE.bits();
            let none = OpenPropertyFlags::empty();
            match mail
                .caller
                .open_property::<IMAPITable>(&folder, tag, unicode, none)
            {
                Ok(table) => {
                    let table =
                        Table::new(table, mail.caller.allocators).with_columns(&[column])?;
                    mail.same(
                        RULE,
                        &format!("the rows that OpenProperty of {name} shows"),
                        &table.texts(column)?,
                        &expected,
                    );
                }
                Err(failure) => {
                    mail.holds(RULE, false, || format!("{name} as IMAPITable: {failure}"))
                }
            }
        }
        mail.step(RULE, "GetHierarchyTable with CONVENIENT_DEPTH");
        let all = mail.tree_of(
            &folder,
            GetHierarchyTableFlags::CONVENIENT_DEPTH,
            &[PR_DISPLAY_NAME_W, PR_DEPTH],
        )?;
        let rows = all.all()?;
        mail.same(
            RULE,
            "CONVENIENT_DEPTH, parents first",
            &texts(&rows, PR_DISPLAY_NAME_W),
            &vec!["Child".to_owned(), "Grandchild".to_owned()],
        );
        let depth = |row: &mapi_provider::view::Row<'static>| {
            row.get(PR_DEPTH).and_then(PropValue::as_long)
        };
        let depths: Vec<Option<i32>> = rows.iter().map(depth).collect();
        // Where the first level is 0, and where it is 1: the real PST provider has not been asked.
        let is_step =
            matches!(depths.as_slice(), [Some(first), Some(second)] if second - first == 1);
        mail.holds(RULE, is_step, || {
            format!("PR_DEPTH of a folder and its subfolder: {depths:?}, not one more")
        });
        Ok(())
    })
}

pub(in super::super) fn names(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-07";
    let set = GUID::from_u128(0xc0ac_4ec8_0000_0000_c000_0000_0000_0146);
    with_mail(stage, &[RULE], NONE, |mail| {
        let name = |text: &str| PropName {
            set,
            id: text.into(),
        };
        let folder = mail.raw_folder()?;
        let id = mail.deliver("one")?;
        let message = mail.raw_message(&id)?;
        let objects: [(&str, &IMAPIProp); 3] = [
            ("the store", mail.store()),
            ("a folder", &folder),
            ("a message", &message),
        ];

        mail.step(RULE, "GetIDsFromNames of a name that nobody has made");
        let unknown =
            mail.caller
                .id_of_name(&message, name("nobody’s"), GetIDsFromNamesFlags::empty())?;
        let expected = (MAPI_W_ERRORS_RETURNED, PropTag::new(0, PT_ERROR));
        mail.same(
            RULE,
            "GetIDsFromNames of a name that nobody has made",
            &unknown,
            &expected,
        );

        let mut seen = BTreeMap::new();
        for (what, object) in objects {
            mail.step(RULE, &format!("GetIDsFromNames of {what}"));
            let (_, tag) =
                mail.caller
                    .id_of_name(object, name("check"), GetIDsFromNamesFlags::MAPI_CREATE)?;
            let in_range = (0x8000..=0xFFFE).contains(&tag.id());
            mail.holds(RULE, in_range, || {
                format!("{what} gave the name the ID 0x{:04X}", tag.id())
            });
            seen.insert(tag.id(), what);
        }
        mail.holds(RULE, seen.len() == 1, || {
            format!("one name has different IDs: {seen:04X?}")
        });
        let other =
            mail.caller
                .id_of_name(&message, name("another"), GetIDsFromNamesFlags::MAPI_CREATE)?;
        mail.holds(RULE, !seen.contains_key(&other.1.id()), || {
            "two names have the same ID".to_owned()
        });

        mail.step(RULE, "GetIDsFromNames of a name of PS_MAPI");
        let mapi = GUID::from_u128(0x0002_0328_0000_0000_c000_0000_0000_0046);
        let of_mapi = PropName {
            set: mapi,
            id: 0x1234.into(),
        };
        let (_, tag) = mail
            .caller
            .id_of_name(&message, of_mapi, GetIDsFromNamesFlags::empty())?;
        mail.same(
            RULE,
            "the ID of the name 0x1234 of PS_MAPI",
            &tag.id(),
            &0x1234,
        );
        Ok(())
    })
}

pub(in super::super) fn receive_folders(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-08";
    with_mail(stage, &[RULE], NONE, |mail| {
        let client = mail.client();
        mail.step(RULE, "GetReceiveFolder of classes that nobody has set");
        let plain = client.receive_folder("")?.entry_id()?;
        let unknown = client.receive_folder("Check.Nobodys")?.entry_id()?;
        mail.same(
            RULE,
            "the receive folder of a class that nobody has set is that of \"\"",
            &unknown.as_bytes(),
            &plain.as_bytes(),
        );

        mail.step(RULE, "SetReceiveFolder and GetReceiveFolder");
        let own = mail.folder.entry_id()?;
        client.set_receive_folder("IPM.Check.Own", &own)?;
        for (class, is_ours) in [
            ("IPM.Check.Own", true),
            ("ipm.check.OWN", true),
            ("IPM.Check.Own.More", true),
            ("IPM.Check.Owner", false),
            ("IPM.Check", false),
        ] {
            let found = client.receive_folder(class)?.entry_id()?;
            let found = mail
                .caller
                .same(mail.store(), found.as_bytes(), own.as_bytes())?;
            mail.same(
                RULE,
                &format!("whether {class} is received where IPM.Check.Own is"),
                &found,
                &is_ours,
            );
        }
        mail.step(RULE, "GetReceiveFolderTable");
        let mut out = std::ptr::null_mut();
        let flags = mapi_provider::abi::GetReceiveFolderTableFlags::MAPI_UNICODE;
        // SAFETY: a live variable.
        let status = unsafe { mail.store().GetReceiveFolderTable(flags, &mut out) };
        super::calls::done("IMsgStore::GetReceiveFolderTable", status)?;
        // SAFETY: the call has succeeded, so this is a table, and the reference is ours.
        let table: IMAPITable = unsafe { windows_core::Interface::from_raw(out) };
        let tags = [PR_MESSAGE_CLASS_W, PR_ENTRYID, PR_RECORD_KEY];
        let table = Table::new(table, mail.caller.allocators).with_columns(&tags)?;
        let rows = table.all()?;
        let is_ours = |row: &&mapi_provider::view::Row<'static>| {
            let class = row.get(PR_MESSAGE_CLASS_W).and_then(PropValue::to_text);
            class.is_some_and(|class| class.eq_ignore_ascii_case("IPM.Check.Own"))
        };
        let row = rows.iter().find(is_ours);
        mail.holds(RULE, row.is_some(), || {
            format!(
                "GetReceiveFolderTable has no row of a class that was set: {:?}",
                texts(&rows, PR_MESSAGE_CLASS_W)
            )
        });
        if let Some(row) = row {
            let whole = tags
                .iter()
                .all(|tag| row.get(*tag).is_some_and(|value| error_of(value).is_none()));
            mail.holds(RULE, whole, || {
                format!("a row of GetReceiveFolderTable lacks a required column: {row:?}")
            });
        }
        mail.step(RULE, "SetReceiveFolder with NULL");
        let mut class = super::calls::wide("IPM.Check.Own");
        let class = class.as_mut_ptr().cast();
        // SAFETY: the class is terminated, and NULL stands for no folder.
        let status = unsafe {
            mail.store().SetReceiveFolder(
                class,
                UnicodeFlags::MAPI_UNICODE,
                0,
                std::ptr::null_mut(),
            )
        };
        super::calls::done("IMsgStore::SetReceiveFolder with NULL", status)?;
        let found = client.receive_folder("IPM.Check.Own")?.entry_id()?;
        mail.same(
            RULE,
            "the receive folder of a class that was taken back",
            &found.as_bytes(),
            &plain.as_bytes(),
        );
        Ok(())
    })
}
