//! Rows that are headings, and rows for single values.

use mapi_provider::abi::{
    PR_CONTENT_COUNT, PR_CONTENT_UNREAD, PR_DEPTH, PR_IMPORTANCE, PR_INSTANCE_KEY, PR_ROW_TYPE,
    PR_SUBJECT_W, PT_MV_UNICODE, PropTag, StoreSupportMask, TBL_COLLAPSED_CATEGORY,
    TBL_EXPANDED_CATEGORY, TBL_LEAF_ROW,
};
use mapi_provider::view::{PropValue, Row, SortDirection, SortOrderSet};

use super::table::{BEGINNING, Table, by, order, texts};
use super::{Mail, Played, Stage, with_mail};

/// A list of the check's own.
const WORDS: PropTag = PropTag::new(0x6731, PT_MV_UNICODE);
/// `MVI_FLAG`: a row for each value.
const MVI: u32 = 0x3000;

const COLUMNS: [PropTag; 7] = [
    PR_INSTANCE_KEY,
    PR_ROW_TYPE,
    PR_DEPTH,
    PR_IMPORTANCE,
    PR_SUBJECT_W,
    PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD,
];

fn long(row: &Row<'static>, tag: PropTag) -> Option<i32> {
    row.get(tag).and_then(PropValue::as_long)
}

fn key(row: &Row<'static>) -> Vec<u8> {
    let key = row.get(PR_INSTANCE_KEY).and_then(PropValue::as_binary);
    key.unwrap_or_default().to_vec()
}

/// The rows in short: a heading as its importance and counts, a message as its subject.
fn outline(rows: &[Row<'static>]) -> String {
    let shown = |row: &Row<'static>| {
        let heading = |sign: &str| {
            let [importance, count, unread] = [PR_IMPORTANCE, PR_CONTENT_COUNT, PR_CONTENT_UNREAD]
                .map(|tag| long(row, tag).map_or("?".to_owned(), |number| number.to_string()));
            format!("{sign}{importance}({count}, {unread} unread)")
        };
        match long(row, PR_ROW_TYPE).map(i32::cast_unsigned) {
            Some(TBL_EXPANDED_CATEGORY) => heading("-"),
            Some(TBL_COLLAPSED_CATEGORY) => heading("+"),
            Some(TBL_LEAF_ROW) => row
                .get(PR_SUBJECT_W)
                .and_then(PropValue::to_text)
                .unwrap_or_default(),
            other => format!("row type {other:?}"),
        }
    };
    rows.iter().map(shown).collect::<Vec<_>>().join(" ")
}

fn by_importance(expanded: u32) -> SortOrderSet {
    SortOrderSet {
        orders: vec![
            by(PR_IMPORTANCE, SortDirection::Ascend),
            by(PR_SUBJECT_W, SortDirection::Ascend),
        ],
        categories: 1,
        expanded,
    }
}

pub(in super::super) fn categories(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-17";
    let needs = StoreSupportMask::CATEGORIZE_OK | StoreSupportMask::SORT_OK;
    with_mail(stage, &[RULE], needs, |mail| {
        let mut ids = Vec::new();
        for (subject, importance) in [("b", 1), ("a", 1), ("d", 2), ("c", 2), ("e", 2)] {
            ids.push(mail.deliver_with(subject, |message| message.set(PR_IMPORTANCE, importance))?);
        }
        mail.folder.set_read(&ids, false)?;
        mail.folder.set_read(&ids[3..], true)?;
        mail.step(RULE, "a table without categories");
        let table = mail.table(&COLUMNS)?;
        let leaves = table
            .all()?
            .iter()
            .all(|row| long(row, PR_ROW_TYPE).map(i32::cast_unsigned) == Some(TBL_LEAF_ROW));
        mail.holds(RULE, leaves, || {
            "PR_ROW_TYPE of a row without categories is not TBL_LEAF_ROW".to_owned()
        });

        mail.step(RULE, "a table with expanded categories");
        let table = mail.table(&COLUMNS)?;
        table.sort(&by_importance(1))?;
        let rows = table.all()?;
        mail.same(
            RULE,
            "headings and messages, expanded",
            &outline(&rows).as_str(),
            &"-1(2, 2 unread) a b -2(3, 1 unread) c d e",
        );
        let depths: Vec<Option<i32>> = rows.iter().map(|row| long(row, PR_DEPTH)).collect();
        let expected = [0, 1, 1, 0, 1, 1, 1].map(Some).to_vec();
        mail.same(
            RULE,
            "PR_DEPTH of headings and messages",
            &depths,
            &expected,
        );
        let keys: std::collections::BTreeSet<Vec<u8>> = rows.iter().map(key).collect();
        mail.same(RULE, "how many instance keys 7 rows have", &keys.len(), &7);
        mail.same(
            RULE,
            "GetRowCount with expanded categories",
            &table.count()?,
            &7,
        );
        expanding(mail, &table, &rows)?;

        mail.step(RULE, "a table with collapsed categories");
        let table = mail.table(&COLUMNS)?;
        table.sort(&by_importance(0))?;
        mail.same(
            RULE,
            "headings, collapsed",
            &outline(&table.all()?).as_str(),
            &"+1(2, 2 unread) +2(3, 1 unread)",
        );
        Ok(())
    })
}

fn expanding(mail: &Mail<'_>, table: &Table, rows: &[Row<'static>]) -> Played {
    const RULE: &str = "STORE-17";
    let heading = rows.first().map(key).unwrap_or_default();
    mail.step(RULE, "CollapseRow");
    mail.same(
        RULE,
        "how many rows CollapseRow says that it hid",
        &table.collapse(&heading)?,
        &2,
    );
    mail.same(
        RULE,
        "rows after CollapseRow",
        &outline(&table.all()?).as_str(),
        &"+1(2, 2 unread) -2(3, 1 unread) c d e",
    );
    mail.step(RULE, "ExpandRow");
    table.seek(BEGINNING, 0)?;
    let (shown, came) = table.expand(&heading, 50)?;
    mail.same(
        RULE,
        "the rows that ExpandRow gives, and how many it says that came",
        &(texts(&shown, PR_SUBJECT_W).join(" ").as_str(), came),
        &("a b", 2),
    );
    mail.same(
        RULE,
        "rows after ExpandRow",
        &outline(&table.all()?).as_str(),
        &"-1(2, 2 unread) a b -2(3, 1 unread) c d e",
    );
    Ok(())
}

pub(in super::super) fn value_rows(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-18";
    let needs = StoreSupportMask::MV_PROPS_OK | StoreSupportMask::SORT_OK;
    with_mail(stage, &[RULE], needs, |mail| {
        for (subject, words) in [("one", &["b", "a"][..]), ("two", &["c"]), ("none", &[])] {
            let words: Vec<_> = words
                .iter()
                .map(|word| word.encode_utf16().collect::<Vec<u16>>().into())
                .collect();
            mail.deliver_with(subject, |message| {
                if words.is_empty() {
                    return Ok(());
                }
                message.set(WORDS, PropValue::MvUnicode(words))
            })?;
        }
        mail.step(RULE, "a row for each value of a list");
        let single = PropTag(WORDS.0 | MVI);
        let table = mail.table(&[PR_SUBJECT_W])?;
        let sorted = table.sort(&order(&[by(single, SortDirection::Ascend)]));
        if let Err(failure) = &sorted {
            mail.holds(RULE, false, || {
                format!("a sort by a list with MVI_FLAG: {failure}")
            });
            return Ok(());
        }
        table.set_columns(&[PR_SUBJECT_W, single, PR_INSTANCE_KEY])?;
        let rows = table.all()?;
        let shown: Vec<String> = rows
            .iter()
            .map(|row| {
                let [subject, word] = [0, 1].map(|place| {
                    row.properties
                        .get(place)
                        .and_then(|cell| cell.value.to_text())
                        .unwrap_or("-".to_owned())
                });
                format!("{word} of {subject}")
            })
            .collect();
        mail.same(
            RULE,
            "the rows for single values",
            &shown.join(", ").as_str(),
            &"a of one, b of one, c of two, - of none",
        );
        let keys: std::collections::BTreeSet<Vec<u8>> = rows.iter().map(key).collect();
        mail.same(
            RULE,
            "how many instance keys the rows for single values have",
            &keys.len(),
            &rows.len(),
        );
        Ok(())
    })
}
