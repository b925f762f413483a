//! Which rows meet a condition.

use mapi_provider::abi::{
    FL_FULLSTRING, FL_IGNORECASE, FL_PREFIX, FL_SUBSTRING, MAPI_E_TOO_COMPLEX,
    PR_ATTACH_LONG_FILENAME_W, PR_BODY_W, PR_DISPLAY_NAME_W, PR_IMPORTANCE, PR_MESSAGE_ATTACHMENTS,
    PR_MESSAGE_FLAGS, PR_MESSAGE_RECIPIENTS, PR_SENSITIVITY, PR_SUBJECT_W, PT_LONG, PropTag,
    StoreSupportMask,
};
use mapi_provider::store::{FileAttachment, Recipient};
use mapi_provider::view::{BitTest, Property, RelOp, Restriction};

use super::{Played, Stage, with_mail};

const RULE: &str = "STORE-15";
/// A property of the check's own, for which no store has an index.
const RANK: PropTag = PropTag::new(0x6703, PT_LONG);

fn number(relop: RelOp, tag: PropTag, value: i32) -> Restriction<'static> {
    Restriction::property(relop, Property::new(tag, value))
}

fn text(level: u32, tag: PropTag, value: &str) -> Restriction<'static> {
    let property = Property::new(tag, value).into_owned();
    Restriction::Content {
        fuzzy_level: level,
        tag,
        property,
    }
}

fn compare(relop: RelOp) -> Restriction<'static> {
    Restriction::CompareProps {
        relop,
        left: PR_IMPORTANCE,
        right: PR_SENSITIVITY,
    }
}

fn bits(test: BitTest, mask: u32) -> Restriction<'static> {
    Restriction::BitMask {
        test,
        tag: RANK,
        mask,
    }
}

fn size(relop: RelOp, bytes: u32) -> Restriction<'static> {
    Restriction::Size {
        relop,
        tag: RANK,
        bytes,
    }
}

fn within(object: PropTag, restriction: Restriction<'static>) -> Restriction<'static> {
    Restriction::Sub {
        object,
        restriction: Box::new(restriction),
    }
}

/// Conditions, and the rows that meet them: of `one`, with rank 1, importance 0, sensitivity 0, to Ann; `two`, with rank 2,
/// importance 1, sensitivity 2, to Bob, with a file; `Tree house`, with rank 6, importance 2 and sensitivity 1.
fn cases() -> Vec<(&'static str, Restriction<'static>, &'static str)> {
    let rank = |relop, value| number(relop, RANK, value);
    let not = |restriction| Restriction::Not(Box::new(restriction));
    vec![
        ("RELOP_EQ", rank(RelOp::Eq, 2), "two"),
        ("RELOP_NE", rank(RelOp::Ne, 2), "Tree house, one"),
        ("RELOP_LT", rank(RelOp::Lt, 2), "one"),
        ("RELOP_LE", rank(RelOp::Le, 2), "one, two"),
        ("RELOP_GT", rank(RelOp::Gt, 2), "Tree house"),
        ("RELOP_GE", rank(RelOp::Ge, 2), "Tree house, two"),
        (
            "RES_AND",
            Restriction::And(vec![rank(RelOp::Ge, 2), rank(RelOp::Lt, 6)]),
            "two",
        ),
        (
            "RES_OR",
            Restriction::Or(vec![rank(RelOp::Eq, 1), rank(RelOp::Eq, 6)]),
            "Tree house, one",
        ),
        ("RES_NOT", not(rank(RelOp::Eq, 1)), "Tree house, two"),
        (
            "FL_FULLSTRING",
            text(FL_FULLSTRING, PR_SUBJECT_W, "two"),
            "two",
        ),
        (
            "FL_FULLSTRING of a part",
            text(FL_FULLSTRING, PR_SUBJECT_W, "Tree"),
            "",
        ),
        (
            "FL_PREFIX",
            text(FL_PREFIX, PR_SUBJECT_W, "Tree"),
            "Tree house",
        ),
        (
            "FL_PREFIX of a part in the middle",
            text(FL_PREFIX, PR_SUBJECT_W, "house"),
            "",
        ),
        (
            "FL_SUBSTRING",
            text(FL_SUBSTRING, PR_SUBJECT_W, "hous"),
            "Tree house",
        ),
        (
            "FL_SUBSTRING in another case",
            text(FL_SUBSTRING, PR_SUBJECT_W, "HOUS"),
            "",
        ),
        (
            "FL_IGNORECASE",
            text(FL_SUBSTRING | FL_IGNORECASE, PR_SUBJECT_W, "HOUS"),
            "Tree house",
        ),
        (
            "FL_SUBSTRING of a body",
            text(FL_SUBSTRING, PR_BODY_W, "body of two"),
            "two",
        ),
        ("RES_COMPAREPROPS", compare(RelOp::Lt), "two"),
        ("RES_COMPAREPROPS with RELOP_EQ", compare(RelOp::Eq), "one"),
        ("BMR_NEZ", bits(BitTest::AnySet, 2), "Tree house, two"),
        ("BMR_EQZ", bits(BitTest::AllClear, 2), "one"),
        ("RES_SIZE", size(RelOp::Eq, 4), "Tree house, one, two"),
        ("RES_SIZE that none has", size(RelOp::Gt, 4), ""),
        (
            "RES_EXIST",
            Restriction::Exist(RANK),
            "Tree house, one, two",
        ),
        (
            "RES_EXIST of what none has",
            Restriction::Exist(PropTag::new(0x6705, PT_LONG)),
            "",
        ),
        (
            "RES_SUBRESTRICTION over recipients",
            within(
                PR_MESSAGE_RECIPIENTS,
                text(FL_PREFIX, PR_DISPLAY_NAME_W, "Bo"),
            ),
            "two",
        ),
        (
            "RES_SUBRESTRICTION over attachments",
            within(
                PR_MESSAGE_ATTACHMENTS,
                text(FL_FULLSTRING, PR_ATTACH_LONG_FILENAME_W, "a.txt"),
            ),
            "two",
        ),
        (
            "RES_COMMENT",
            Restriction::Comment {
                properties: vec![Property::new(RANK, 1)],
                restriction: Some(Box::new(rank(RelOp::Eq, 2))),
            },
            "two",
        ),
        (
            "RES_PROPERTY of PR_MESSAGE_FLAGS",
            Restriction::BitMask {
                test: BitTest::AllClear,
                tag: PR_MESSAGE_FLAGS,
                mask: 1,
            },
            "Tree house, one, two",
        ),
    ]
}

pub(in super::super) fn conditions(stage: &Stage<'_>) -> Played {
    with_mail(stage, &[RULE], StoreSupportMask::RESTRICTION_OK, |mail| {
        for (subject, rank, importance, sensitivity, to) in [
            ("one", 1, 0, 0, "Ann"),
            ("two", 2, 1, 2, "Bob"),
            ("Tree house", 6, 2, 1, "Cem"),
        ] {
            mail.deliver_with(subject, |message| {
                message.set(RANK, rank)?;
                message.set(PR_IMPORTANCE, importance)?;
                message.set(PR_SENSITIVITY, sensitivity)?;
                message.set_body(&format!("This is the body of {subject}."))?;
                message.add_recipients(&[Recipient::to(to, "somebody@example.org")])?;
                if subject == "two" {
                    message.attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))?;
                }
                Ok(())
            })?;
        }
        let table = mail.table(&[PR_SUBJECT_W])?;
        for (what, restriction, expected) in cases() {
            mail.step(RULE, &format!("Restrict with {what}"));
            match table
                .restrict(&restriction)
                .and_then(|()| table.texts(PR_SUBJECT_W))
            {
                Ok(mut rows) => {
                    rows.sort();
                    let rows = rows.join(", ");
                    mail.same(
                        RULE,
                        &format!("the rows that meet {what}"),
                        &rows.as_str(),
                        &expected,
                    );
                    let count = table.count()? as usize;
                    let expected = expected.split(", ").filter(|text| !text.is_empty()).count();
                    mail.same(RULE, &format!("GetRowCount with {what}"), &count, &expected);
                }
                Err(failure) => mail.holds(RULE, false, || format!("{what}: {failure}")),
            }
        }
        mail.step(RULE, "Restrict with NULL");
        table.unrestrict()?;
        mail.same(
            RULE,
            "how many rows there are without a restriction",
            &table.all()?.len(),
            &3,
        );
        mail.step(RULE, "Restrict with a value of another type");
        let property = Property::new(PR_SUBJECT_W, "x");
        let wrong = Restriction::Property {
            relop: RelOp::Eq,
            tag: RANK,
            property,
        };
        let answer = table.restrict(&wrong).and_then(|()| table.all());
        mail.refuses(
            RULE,
            "a restriction that compares a number with a text",
            answer,
            &[MAPI_E_TOO_COMPLEX],
        );
        Ok(())
    })
}
