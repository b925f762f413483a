//! Where a table's cursor stands, in which order its rows are, and how they are found.

use mapi_provider::abi::{
    FindRowFlags, MAPI_E_INVALID_BOOKMARK, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND,
    MAPI_W_POSITION_CHANGED, PR_IMPORTANCE, PR_INSTANCE_KEY, PR_SUBJECT_W, PT_LONG, PropTag,
    QueryRowsFlags, S_OK, StoreSupportMask,
};
use mapi_provider::view::{PropValue, Property, RelOp, Restriction, SortDirection};

use super::table::{BEGINNING, CURRENT, END, Table, by, order as ordered, texts};
use super::{Mail, Played, Stage, with_mail};

/// A property of the check's own, for which no store has an index.
const RANK: PropTag = PropTag::new(0x6703, PT_LONG);
const SORT: StoreSupportMask = StoreSupportMask::SORT_OK;

/// A table of messages `m0` to `m9`, in the order of their subjects.
fn ten(mail: &Mail<'_>) -> Result<Table, super::Halt> {
    for number in [3, 1, 4, 0, 5, 9, 2, 6, 8, 7] {
        mail.deliver(&format!("m{number}"))?;
    }
    let table = mail.table(&[PR_SUBJECT_W, PR_INSTANCE_KEY])?;
    table.sort(&ordered(&[by(PR_SUBJECT_W, SortDirection::Ascend)]))?;
    Ok(table)
}

/// The subjects of ten messages, from one to the one before another.
fn subjects(from: u32, to: u32) -> Vec<String> {
    (from..to).map(|number| format!("m{number}")).collect()
}

pub(in super::super) fn cursor(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-13";
    with_mail(stage, &[RULE], SORT, |mail| {
        let table = ten(mail)?;
        mail.step(RULE, "QueryRows forwards");
        mail.same(
            RULE,
            "the first 3 rows",
            &table.next_texts(PR_SUBJECT_W, 3)?,
            &subjects(0, 3),
        );
        mail.same(
            RULE,
            "the 2 rows behind them",
            &table.next_texts(PR_SUBJECT_W, 2)?,
            &subjects(3, 5),
        );
        at(mail, &table, "after 5 rows", 5)?;
        mail.step(RULE, "QueryRows backwards");
        mail.same(
            RULE,
            "QueryRows(-2) from row 5",
            &table.next_texts(PR_SUBJECT_W, -2)?,
            &subjects(3, 5),
        );
        // Before those rows or behind them: stores differ.
        let row = table.position()?.row;
        mail.holds(RULE, [3, 5].contains(&row), || {
            format!("the row of QueryPosition after QueryRows(-2) from row 5: expected 3 or 5, got {row}")
        });
        mail.step(RULE, "QueryRows with TBL_NOADVANCE");
        let stay = QueryRowsFlags::TBL_NOADVANCE;
        table.seek(BEGINNING, 3)?;
        let rows = table.query(4, stay)?;
        mail.same(
            RULE,
            "QueryRows(4) with TBL_NOADVANCE from row 3",
            &texts(&rows, PR_SUBJECT_W),
            &subjects(3, 7),
        );
        at(
            mail,
            &table,
            "after QueryRows(4) with TBL_NOADVANCE from row 3",
            3,
        )?;
        mail.step(RULE, "QueryRows at the ends");
        mail.same(
            RULE,
            "how far SeekRow goes from the end",
            &table.seek(END, 5)?,
            &0,
        );
        mail.same(
            RULE,
            "QueryRows(5) at the end",
            &table.next_texts(PR_SUBJECT_W, 5)?,
            &subjects(0, 0),
        );
        at(mail, &table, "at the end", 10)?;
        mail.same(
            RULE,
            "QueryRows(50) from row 8",
            &{
                table.seek(BEGINNING, 8)?;
                table.next_texts(PR_SUBJECT_W, 50)?
            },
            &subjects(8, 10),
        );
        mail.step(RULE, "QueryRows of no row");
        mail.refuses(
            RULE,
            "QueryRows(0)",
            table.next(0),
            &[MAPI_E_INVALID_PARAMETER],
        );
        seeks(mail, &table)
    })
}

fn seeks(mail: &Mail<'_>, table: &Table) -> Played {
    const RULE: &str = "STORE-13";
    mail.step(RULE, "SeekRow");
    for (origin, count, sought, row) in [
        (BEGINNING, 4, 4, 4),
        (CURRENT, 3, 3, 7),
        (CURRENT, -2, -2, 5),
        (CURRENT, 100, 5, 10),
        (END, -3, -3, 7),
        (END, -100, -10, 0),
        (BEGINNING, -1, 0, 0),
    ] {
        let what = format!("SeekRow({origin}, {count})");
        mail.same(
            RULE,
            &format!("how far {what} went"),
            &table.seek(origin, count)?,
            &sought,
        );
        at(mail, table, &format!("after {what}"), row)?;
    }
    mail.step(RULE, "SeekRowApprox");
    for (numerator, denominator, row) in [(0, 10, 0), (5, 10, 5), (10, 10, 10), (99, 10, 10)] {
        // SAFETY: it takes nothing but numbers.
        let status = unsafe { table.table.SeekRowApprox(numerator, denominator) };
        let what = format!("SeekRowApprox({numerator}, {denominator})");
        mail.answers(RULE, &what, status, &[S_OK]);
        at(mail, table, &format!("after {what}"), row)?;
    }
    // SAFETY: as above.
    let status = unsafe { table.table.SeekRowApprox(1, 0) };
    mail.answers(
        RULE,
        "SeekRowApprox(1, 0)",
        status,
        &[MAPI_E_INVALID_PARAMETER],
    );
    mail.step(RULE, "QueryPosition of a table without rows");
    let empty = mail.folder.create_folder("Empty")?.entry_id()?;
    let empty = mail.caller.folder(mail.store(), empty.as_bytes())?;
    let empty = mail.table_of(&empty, &[PR_SUBJECT_W])?;
    let position = empty.position()?;
    mail.holds(RULE, position.denominator != 0 && position.row == 0, || {
        format!("QueryPosition of a table without rows: {position:?}, a denominator of 0 or a row")
    });
    Ok(())
}

/// The cursor stands before this row.
fn at(mail: &Mail<'_>, table: &Table, when: &str, row: u32) -> Played {
    let position = table.position()?;
    mail.same(
        "STORE-13",
        &format!("the row of QueryPosition {when}"),
        &position.row,
        &row,
    );
    mail.holds("STORE-13", position.denominator != 0, || {
        format!("QueryPosition {when} has the denominator 0")
    });
    Ok(())
}

pub(in super::super) fn order(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-14";
    with_mail(stage, &[RULE], SORT, |mail| {
        for (subject, rank, importance) in [
            ("c", Some(2), 1),
            ("a", Some(3), 0),
            ("without", None, 2),
            ("d", Some(-1), 1),
            ("b", Some(2), 0),
        ] {
            mail.deliver_with(subject, |message| {
                message.set(PR_IMPORTANCE, importance)?;
                rank.map_or(Ok(()), |rank| message.set(RANK, rank))
            })?;
        }
        let up = SortDirection::Ascend;
        let down = SortDirection::Descend;
        for (what, orders, expected) in [
            (
                "PR_SUBJECT, ascending",
                vec![by(PR_SUBJECT_W, up)],
                "a b c d without",
            ),
            (
                "PR_SUBJECT, descending",
                vec![by(PR_SUBJECT_W, down)],
                "without d c b a",
            ),
            (
                "a number that not all have, ascending, then PR_SUBJECT",
                vec![by(RANK, up), by(PR_SUBJECT_W, up)],
                "d b c a without",
            ),
            (
                "a number that not all have, descending, then PR_SUBJECT",
                vec![by(RANK, down), by(PR_SUBJECT_W, up)],
                "a b c d without",
            ),
            (
                "PR_IMPORTANCE, descending, then PR_SUBJECT, descending",
                vec![by(PR_IMPORTANCE, down), by(PR_SUBJECT_W, down)],
                "without d c b a",
            ),
        ] {
            mail.step(RULE, &format!("SortTable by {what}"));
            let table = mail.table(&[PR_SUBJECT_W])?;
            table.seek(BEGINNING, 2)?;
            table.sort(&ordered(&orders))?;
            let rows = table.next_texts(PR_SUBJECT_W, 50)?.join(" ");
            mail.same(
                RULE,
                &format!("rows by {what}, from the cursor on, which a sort moves to the first"),
                &rows.as_str(),
                &expected,
            );
        }
        mail.step(RULE, "SortTable, and a bookmark from before");
        let table = mail.table(&[PR_SUBJECT_W])?;
        table.seek(BEGINNING, 2)?;
        let bookmark = table.bookmark()?;
        table.sort(&ordered(&[by(PR_SUBJECT_W, down)]))?;
        let sought = table.seek(bookmark, 0);
        mail.refuses(
            RULE,
            "SeekRow to a bookmark from before a SortTable",
            sought,
            &[MAPI_E_INVALID_BOOKMARK],
        );
        Ok(())
    })
}

pub(in super::super) fn find(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-16";
    let needs = SORT | StoreSupportMask::RESTRICTION_OK;
    with_mail(stage, &[RULE], needs, |mail| {
        let table = ten(mail)?;
        let (forwards, backwards) = (FindRowFlags::empty(), FindRowFlags::DIR_BACKWARD);
        let is = |subject: &str| {
            Restriction::property(RelOp::Eq, Property::new(PR_SUBJECT_W, subject).into_owned())
        };
        let above = Restriction::property(RelOp::Ge, Property::new(PR_SUBJECT_W, "m3"));
        let here = |what: &str, expected: &str| -> Played {
            let row = texts(
                &table.query(1, QueryRowsFlags::TBL_NOADVANCE)?,
                PR_SUBJECT_W,
            );
            mail.same(
                RULE,
                &format!("the row at the cursor after {what}"),
                &row,
                &vec![expected.to_owned()],
            );
            Ok(())
        };
        for (what, restriction, start, origin, flags, found) in [
            (
                "FindRow of m4 from the beginning",
                is("m4"),
                0,
                BEGINNING,
                forwards,
                "m4",
            ),
            (
                "FindRow of m4 or later from row 6",
                above.clone(),
                6,
                CURRENT,
                forwards,
                "m6",
            ),
            (
                "FindRow backwards of m3 or later from row 6",
                above.clone(),
                6,
                CURRENT,
                backwards,
                "m5",
            ),
            (
                "FindRow backwards of m3 or later from the end",
                above.clone(),
                0,
                END,
                backwards,
                "m9",
            ),
        ] {
            mail.step(RULE, what);
            table.seek(BEGINNING, start)?;
            mail.answers(
                RULE,
                what,
                table.find(&restriction, origin, flags)?,
                &[S_OK],
            );
            here(what, found)?;
        }
        mail.step(RULE, "FindRow of what is not there");
        table.seek(BEGINNING, 6)?;
        mail.answers(
            RULE,
            "FindRow of m2 from row 6",
            table.find(&is("m2"), CURRENT, forwards)?,
            &[MAPI_E_NOT_FOUND],
        );
        mail.answers(
            RULE,
            "FindRow of what no row has",
            table.find(&is("x"), BEGINNING, forwards)?,
            &[MAPI_E_NOT_FOUND],
        );

        mail.step(RULE, "FindRow by PR_INSTANCE_KEY");
        let rows = table.all()?;
        let key = rows
            .get(7)
            .and_then(|row| row.get(PR_INSTANCE_KEY))
            .and_then(PropValue::as_binary);
        let key = Property::new(PR_INSTANCE_KEY, key.unwrap_or_default()).into_owned();
        let by_key = Restriction::property(RelOp::Eq, key);
        mail.answers(
            RULE,
            "FindRow of a PR_INSTANCE_KEY",
            table.find(&by_key, BEGINNING, forwards)?,
            &[S_OK],
        );
        here("FindRow of a PR_INSTANCE_KEY", "m7")?;
        bookmarks(mail, &table)
    })
}

fn bookmarks(mail: &Mail<'_>, table: &Table) -> Played {
    const RULE: &str = "STORE-16";
    mail.step(RULE, "bookmarks");
    table.seek(BEGINNING, 4)?;
    let bookmark = table.bookmark()?;
    table.seek(BEGINNING, 0)?;
    table.seek(bookmark, 1)?;
    mail.same(
        RULE,
        "the row behind a bookmark at row 4",
        &table.next_texts(PR_SUBJECT_W, 1)?,
        &subjects(5, 6),
    );

    mail.step(RULE, "a bookmark whose row is deleted");
    let rows = mail
        .folder
        .messages()
        .columns(&[mapi_provider::abi::PR_ENTRYID, PR_SUBJECT_W])
        .rows()?;
    for row in rows {
        let row = row?;
        if row.text(PR_SUBJECT_W).as_deref() == Some("m4") {
            let id = row.entry_id().unwrap_or_default().into_owned();
            mail.folder.delete_messages(&[id])?;
            break;
        }
    }
    let mut sought = 0;
    // SAFETY: a live variable.
    let status = unsafe { table.table.SeekRow(bookmark, 0, &mut sought) };
    mail.answers(
        RULE,
        "SeekRow to a bookmark whose row is gone",
        status,
        &[MAPI_W_POSITION_CHANGED],
    );
    mail.same(
        RULE,
        "the row at a bookmark whose row is gone",
        &table.next_texts(PR_SUBJECT_W, 1)?,
        &subjects(5, 6),
    );

    mail.step(RULE, "FreeBookmark");
    // SAFETY: it takes nothing but a number.
    let status = unsafe { table.table.FreeBookmark(bookmark) };
    mail.answers(RULE, "FreeBookmark", status, &[S_OK]);
    mail.refuses(
        RULE,
        "SeekRow to a bookmark that was freed",
        table.seek(bookmark, 0),
        &[MAPI_E_INVALID_BOOKMARK],
    );
    mail.refuses(
        RULE,
        "SeekRow to a bookmark that nobody made",
        table.seek(0x7fff_fff0, 0),
        &[MAPI_E_INVALID_BOOKMARK],
    );
    Ok(())
}
