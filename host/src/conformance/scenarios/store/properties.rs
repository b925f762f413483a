//! Setting properties, and those that follow from others.

use mapi_provider::abi::{
    CreateMessageFlags, GetHierarchyTableFlags, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY,
    MAPI_E_NOT_FOUND, MAPI_E_UNEXPECTED_TYPE, PR_ACCESS, PR_BODY_W, PR_CONTAINER_CLASS_W,
    PR_DISPLAY_BCC_W, PR_DISPLAY_CC_W, PR_DISPLAY_TO_W, PR_ENTRYID, PR_HASATTACH,
    PR_IPM_APPOINTMENT_ENTRYID, PR_MESSAGE_CLASS_W, PR_MESSAGE_SIZE, PR_NORMALIZED_SUBJECT_W,
    PR_PARENT_ENTRYID, PR_SUBJECT_W, PT_LONG, PT_MV_LONG, PT_MV_UNICODE, PT_OBJECT, PT_STRING8,
    PT_UNICODE, PropTag, SaveChangesFlags, StoreSupportMask, UnicodeFlags,
};
use mapi_provider::store::{FileAttachment, Recipient};
use mapi_provider::view::{PropValue, Property};

use super::calls::save;
use super::{Played, Stage, error_of, with_mail};

const NONE: StoreSupportMask = StoreSupportMask::empty();
/// Properties of the check's own, that no store knows.
const OWN: PropTag = PropTag::new(0x6711, PT_UNICODE);
const OWN_NUMBER: PropTag = PropTag::new(0x6711, PT_LONG);
const NUMBERS: PropTag = PropTag::new(0x6712, PT_MV_LONG);
const WORDS: PropTag = PropTag::new(0x6713, PT_MV_UNICODE);

pub(in super::super) fn derived(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-25";
    with_mail(stage, &[RULE], NONE, |mail| {
        let tags = [
            PR_DISPLAY_TO_W,
            PR_DISPLAY_CC_W,
            PR_DISPLAY_BCC_W,
            PR_NORMALIZED_SUBJECT_W,
            PR_PARENT_ENTRYID,
            PR_HASATTACH,
        ];
        let folder = mail.folder.entry_id()?.as_bytes().to_vec();
        let expected = [
            PropValue::from("Ann; Bob"),
            PropValue::from("Cem"),
            PropValue::from(""),
            PropValue::from("derived"),
            PropValue::from(folder),
            PropValue::Boolean(true),
        ];
        let names = [
            "PR_DISPLAY_TO",
            "PR_DISPLAY_CC",
            "PR_DISPLAY_BCC",
            "PR_NORMALIZED_SUBJECT",
            "PR_PARENT_ENTRYID",
            "PR_HASATTACH",
        ];
        let message = mail.folder.create_message()?;
        message.set_subject("Re: derived")?;
        let (ann, bob) = (
            Recipient::to("Ann", "ann@example.org"),
            Recipient::to("Bob", "bob@example.org"),
        );
        message.add_recipients(&[ann, bob, Recipient::cc("Cem", "cem@example.org")])?;
        message.attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))?;
        mail.step(RULE, "what follows from a message that is not saved");
        let before = message.get_all(&tags[..5])?;
        for (index, tag) in tags.iter().take(5).enumerate() {
            let came = before.get(*tag).cloned();
            mail.same(
                RULE,
                &format!("{} of a message that is not saved", names[index]),
                &came,
                &Some(expected[index].clone()),
            );
        }
        mail.step(RULE, "what follows from a message that is saved");
        let id = message.save()?.into_owned();
        let saved = mail.raw_message(&id)?;
        let given = mail
            .caller
            .props(&saved, Some(&tags), UnicodeFlags::MAPI_UNICODE)?;
        for (index, name) in names.iter().enumerate() {
            mail.same(
                RULE,
                &format!("{name} of a saved message"),
                &given.value(index),
                &expected[index],
            );
        }
        let access = mail.caller.value(&saved, PR_ACCESS)?;
        mail.holds(RULE, access.as_long().is_some_and(|access| access & 7 == 7), || format!("PR_ACCESS of an own message is {access:?}, without reading, changing and deleting"));

        mail.step(RULE, "PR_MESSAGE_SIZE");
        let small = mail.caller.value(&saved, PR_MESSAGE_SIZE)?.as_long();
        message.set_body(&"long ".repeat(2000))?;
        message.save()?;
        let large = mail
            .caller
            .value(&*mail.raw_message(&id)?, PR_MESSAGE_SIZE)?
            .as_long();
        let grew = matches!((small, large), (Some(small), Some(large)) if small > 0 && large >= small + 10_000);
        mail.holds(RULE, grew, || {
            format!("PR_MESSAGE_SIZE was {small:?} and is {large:?} with 10,000 more letters")
        });
        mail.step(RULE, "a message without a class");
        let raw = mail.raw_folder()?;
        let plain = mail
            .caller
            .create_message(&raw, CreateMessageFlags::empty())?;
        let status = save(&plain, SaveChangesFlags::KEEP_OPEN_READWRITE);
        mail.answers(RULE, "SaveChanges", status, &[mapi_provider::abi::S_OK]);
        let class = mail.caller.value(&plain, PR_MESSAGE_CLASS_W)?.to_text();
        let is_ipm = class
            .as_deref()
            .is_some_and(|class| class == "IPM" || class.starts_with("IPM."));
        mail.holds(RULE, is_ipm, || {
            format!("PR_MESSAGE_CLASS of a message saved without one is {class:?}, not IPM")
        });
        Ok(())
    })
}

pub(in super::super) fn set_props(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-26";
    with_mail(stage, &[RULE], NONE, |mail| {
        let id = mail.deliver("set")?;
        let message = mail.raw_message(&id)?;
        let value = |tag: PropTag| mail.caller.value(&message, tag);
        mail.step(RULE, "SetProps of PT_ERROR and PT_NULL");
        let nothing = [
            Property {
                tag: OWN.with_type(mapi_provider::abi::PT_ERROR),
                value: PropValue::Error(MAPI_E_NOT_FOUND),
            },
            Property {
                tag: mapi_provider::abi::PR_NULL,
                value: PropValue::Null,
            },
            Property::new(PR_BODY_W, "body"),
        ];
        let problems = mail.caller.set(&message, &nothing)?;
        mail.same(
            RULE,
            "the problems of SetProps of PT_ERROR and PR_NULL",
            &problems,
            &Vec::new(),
        );
        mail.same(
            RULE,
            "what was set beside PT_ERROR and PR_NULL",
            &value(PR_BODY_W)?,
            &PropValue::from("body"),
        );
        mail.same(
            RULE,
            "what SetProps of PT_ERROR has set",
            &error_of(&value(OWN)?),
            &Some(MAPI_E_NOT_FOUND),
        );

        mail.step(RULE, "SetProps of PT_OBJECT");
        let object = Property {
            tag: OWN.with_type(PT_OBJECT),
            value: PropValue::Object,
        };
        let both = [Property::new(PR_BODY_W, "other"), object];
        mail.refuses(
            RULE,
            "SetProps of PT_OBJECT",
            mail.caller.set(&message, &both),
            &[MAPI_E_INVALID_PARAMETER],
        );
        mail.same(
            RULE,
            "what was set beside PT_OBJECT",
            &value(PR_BODY_W)?,
            &PropValue::from("body"),
        );

        mail.step(RULE, "another type under the same ID");
        mail.caller.set(&message, &[Property::new(OWN, "text")])?;
        mail.caller.set(&message, &[Property::new(OWN_NUMBER, 7)])?;
        mail.same(
            RULE,
            "a property that was set again, with another type",
            &value(OWN_NUMBER)?,
            &PropValue::Long(7),
        );
        let before = error_of(&value(OWN)?);
        let gone = [MAPI_E_NOT_FOUND, MAPI_E_UNEXPECTED_TYPE];
        mail.holds(
            RULE,
            before.is_some_and(|status| gone.contains(&status)),
            || "a property that was set again with another type still has its old value".to_owned(),
        );

        if mail.mask.contains(StoreSupportMask::MV_PROPS_OK) {
            mail.step(RULE, "lists");
            let numbers = PropValue::MvLong(vec![3, -1, 3, 2].into());
            let words = ["b", "", "a"].map(|word| word.encode_utf16().collect::<Vec<u16>>().into());
            let words = PropValue::MvUnicode(words.to_vec());
            mail.caller.set(
                &message,
                &[
                    Property {
                        tag: NUMBERS,
                        value: numbers.clone(),
                    },
                    Property {
                        tag: WORDS,
                        value: words.clone(),
                    },
                ],
            )?;
            let status = save(&message, SaveChangesFlags::KEEP_OPEN_READWRITE);
            mail.answers(RULE, "SaveChanges", status, &[mapi_provider::abi::S_OK]);
            let again = mail.raw_message(&id)?;
            mail.same(
                RULE,
                "the order of a list of numbers",
                &mail.caller.value(&again, NUMBERS)?,
                &numbers,
            );
            mail.same(
                RULE,
                "the order of a list of texts",
                &mail.caller.value(&again, WORDS)?,
                &words,
            );
        }
        Ok(())
    })
}

pub(in super::super) fn strings(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-27";
    with_mail(stage, &[RULE], StoreSupportMask::UNICODE_OK, |mail| {
        mail.step(RULE, "a text with a lone surrogate");
        let id = mail.deliver("plain")?;
        let message = mail.raw_message(&id)?;
        let odd: Vec<u16> = "Ω 😀 ".encode_utf16().chain([0xD800, 0x41]).collect();
        let odd = PropValue::Unicode(odd.into());
        mail.caller.set(
            &message,
            &[
                Property {
                    tag: OWN,
                    value: odd.clone(),
                },
                Property::new(PR_SUBJECT_W, "plain"),
            ],
        )?;
        let status = save(&message, SaveChangesFlags::KEEP_OPEN_READWRITE);
        mail.answers(RULE, "SaveChanges", status, &[mapi_provider::abi::S_OK]);
        let again = mail.raw_message(&id)?;
        mail.same(
            RULE,
            "a text with a lone surrogate, read again",
            &mail.caller.value(&again, OWN)?,
            &odd,
        );
        mail.step(RULE, "texts of both widths");
        let narrow = PR_SUBJECT_W.with_type(PT_STRING8);
        mail.same(
            RULE,
            "a text as PT_STRING8",
            &mail.caller.value(&again, narrow)?,
            &PropValue::ansi("plain"),
        );
        let unspecified = PropTag::new(PR_SUBJECT_W.id(), mapi_provider::abi::PT_UNSPECIFIED);
        for (flags, expected) in [
            (UnicodeFlags::MAPI_UNICODE, PropValue::from("plain")),
            (UnicodeFlags::empty(), PropValue::ansi("plain")),
        ] {
            let given = mail.caller.props(&again, Some(&[unspecified]), flags)?;
            mail.same(
                RULE,
                &format!("a text without a type, with flags 0x{:X}", flags.bits()),
                &given.value(0),
                &expected,
            );
        }
        mail.step(RULE, "a text that is set as PT_STRING8");
        mail.caller.set(
            &again,
            &[Property {
                tag: OWN.with_type(PT_STRING8),
                value: PropValue::ansi("narrow"),
            }],
        )?;
        mail.same(
            RULE,
            "a text that was set as PT_STRING8, as PT_UNICODE",
            &mail.caller.value(&again, OWN)?,
            &PropValue::from("narrow"),
        );
        Ok(())
    })
}

pub(in super::super) fn outlooks_marks(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-09";
    with_mail(stage, &[RULE], NONE, |mail| {
        let id = mail.folder.entry_id()?.as_bytes().to_vec();
        let child = mail.folder.create_folder("Calendar")?;
        let child = mail
            .caller
            .folder(mail.store(), child.entry_id()?.as_bytes())?;
        let list = PropValue::MvBinary(vec![
            vec![1, 2].into(),
            Vec::new().into(),
            vec![0; 40].into(),
        ]);
        let marks = [
            (
                "PR_IPM_APPOINTMENT_ENTRYID",
                Property::new(PR_IPM_APPOINTMENT_ENTRYID, id.as_slice()).into_owned(),
            ),
            (
                "PR_CONTAINER_CLASS",
                Property::new(PR_CONTAINER_CLASS_W, "IPF.Appointment").into_owned(),
            ),
            (
                "PR_EXTENDED_FOLDER_FLAGS",
                Property::new(PropTag(0x36DA_0102), &[1_u8, 4, 0, 0, 0x10, 0][..]).into_owned(),
            ),
            (
                "PR_ADDITIONAL_REN_ENTRYIDS",
                Property {
                    tag: PropTag(0x36D8_1102),
                    value: list,
                },
            ),
        ];
        for (name, mark) in marks {
            mail.step(RULE, &format!("{name} of a folder"));
            let problems = mail.caller.set(&child, std::slice::from_ref(&mark))?;
            mail.same(
                RULE,
                &format!("the problems of SetProps of {name} of a folder"),
                &problems,
                &Vec::new(),
            );
            let again = mail.caller.folder(mail.store(), &mail.id_of(&child)?)?;
            mail.same(
                RULE,
                &format!("{name} of a folder, read again"),
                &mail.caller.value(&again, mark.tag)?,
                &mark.value,
            );
            let rows = mail
                .tree_of(
                    &mail.raw_folder()?,
                    GetHierarchyTableFlags::empty(),
                    &[mark.tag, PR_ENTRYID],
                )?
                .all()?;
            let cell = rows
                .first()
                .and_then(|row| row.properties.first())
                .map(|cell| cell.value.clone());
            let large = cell.as_ref().and_then(error_of) == Some(MAPI_E_NOT_ENOUGH_MEMORY);
            mail.holds(RULE, cell.as_ref() == Some(&mark.value) && !large, || {
                format!("{name} of a folder in the hierarchy table is {cell:?}, not what was set")
            });
        }
        mail.step(RULE, "a hidden item of any class");
        let hidden = mail.folder.create_hidden_item()?;
        hidden.set(PR_MESSAGE_CLASS_W, "IPM.Configuration.Check")?;
        hidden.save()?;
        let row = mail
            .folder
            .hidden_items()
            .columns(&[PR_MESSAGE_CLASS_W])
            .first()?;
        let class = row.and_then(|row| row.text(PR_MESSAGE_CLASS_W));
        mail.same(
            RULE,
            "PR_MESSAGE_CLASS of a hidden item in the associated contents table",
            &class.as_deref(),
            &Some("IPM.Configuration.Check"),
        );
        Ok(())
    })
}
