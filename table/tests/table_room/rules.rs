//! The rules of tables, one by one, on rows in memory.

use crate::table_support;
use std::sync::Arc;

use mapi_provider_abi::mapi::*;
use mapi_provider_abi::view::{
    BitTest, PropValue, Property, RelOp, Restriction, Row, SortDirection, SortOrderSet,
};
use mapi_provider_table::table::{Abilities, MemoryRow, MemoryRows, RowId, SortColumn, Table};
use proptest::prelude::*;
use table_support::rows::*;
use table_support::{KEYWORD, KEYWORDS};

#[test]
fn store_10_and_store_12_order_and_restriction_use_the_whole_value() {
    let long = |end: &str| row(&format!("{}{end}", "x".repeat(300)));
    let source = rows([(1, long("b")), (2, long("a"))]);
    let mut table = table(source);
    table
        .sort(by(&[(PR_SUBJECT_W, SortDirection::Ascend)]))
        .expect("an order");
    assert_eq!(ids(&mut table), [2, 1]);
    table
        .restrict(Some(&contains("xb", FL_SUBSTRING)))
        .expect("a restriction");
    assert_eq!(ids(&mut table), [1]);
    let shown = table.query_rows(1, false).expect("rows").remove(0);
    let subject = shown.get(PR_SUBJECT_W).and_then(PropValue::to_text);
    assert_eq!(subject.map(|text| text.len()), Some(255));
}

#[test]
fn store_14_missing_is_last_and_ties_follow_the_first_column() {
    let importance = |number| MemoryRow::new().with(PR_IMPORTANCE, number);
    let source = rows([
        (1, MemoryRow::new()),
        (2, importance(1)),
        (3, importance(0)),
        (4, importance(1)),
        (5, MemoryRow::new()),
    ]);
    let mut table = table(source);
    table
        .sort(by(&[(PR_IMPORTANCE, SortDirection::Ascend)]))
        .expect("an order");
    assert_eq!(ids(&mut table), [3, 2, 4, 1, 5]);
    table
        .sort(by(&[(PR_IMPORTANCE, SortDirection::Descend)]))
        .expect("an order");
    assert_eq!(ids(&mut table), [4, 2, 3, 5, 1]);
    assert_eq!(
        table.sort_order().expect("an order"),
        by(&[(PR_IMPORTANCE, SortDirection::Descend)])
    );
    table
        .sort(SortOrderSet::default())
        .expect("the source's own");
    assert_eq!(ids(&mut table), [1, 2, 3, 4, 5]);
    for wrong in [KEYWORDS, PR_MESSAGE_RECIPIENTS, PR_NULL] {
        let refused = table.sort(by(&[(wrong, SortDirection::Ascend)]));
        assert_eq!(status(refused), MAPI_E_TOO_COMPLEX, "{wrong}");
    }
    let combined = table.sort(by(&[(PR_SUBJECT_W, SortDirection::Combine)]));
    assert_eq!(status(combined), MAPI_E_TOO_COMPLEX);
}

#[test]
fn store_14_a_new_order_goes_to_the_first_row_and_voids_bookmarks() {
    let mut table = table(rows((1..5).map(|id| (id, row("x")))));
    table.seek_row(BEGINNING, 2).expect("a seek");
    let bookmark = table.create_bookmark().expect("a bookmark");
    table
        .sort(by(&[(PR_SUBJECT_W, SortDirection::Descend)]))
        .expect("an order");
    assert_eq!(table.query_position().expect("a position").row, 0);
    assert_eq!(status(table.seek_row(bookmark, 0)), MAPI_E_INVALID_BOOKMARK);
}

#[test]
fn store_15_every_kind_of_restriction_is_evaluated() {
    let to = |name: &'static str| vec![(PR_DISPLAY_NAME_W, PropValue::from(name))];
    let source = rows([
        (
            1,
            row("Grüße")
                .with(PR_IMPORTANCE, 1)
                .with(PR_SENSITIVITY, 2)
                .with_recipient(to("Ann"))
                .with_recipient(to("Bob")),
        ),
        (
            2,
            row("gruss").with(PR_IMPORTANCE, 2).with(PR_SENSITIVITY, 2),
        ),
        (
            3,
            MemoryRow::new()
                .with(PR_IMPORTANCE, 3)
                .with_attachment(vec![(PR_ATTACH_SIZE, PropValue::Long(9))]),
        ),
    ]);
    let mut table = table(source);
    let compare =
        |relop, number| Restriction::property(relop, Property::new(PR_IMPORTANCE, number));
    let bits = |test, mask| Restriction::BitMask {
        test,
        tag: PR_IMPORTANCE,
        mask,
    };
    let of_part = |object, inner| Restriction::Sub {
        object,
        restriction: Box::new(inner),
    };
    let size = |relop, bytes| Restriction::Size {
        relop,
        tag: PR_SUBJECT_W,
        bytes,
    };
    let no = |inner| Restriction::Not(Box::new(inner));
    let comment = |inner: Option<Restriction<'static>>| Restriction::Comment {
        properties: vec![Property::new(PR_IMPORTANCE, 7)],
        restriction: inner.map(Box::new),
    };
    let cases: Vec<(Restriction<'_>, &[RowId])> = vec![
        (Restriction::And(vec![]), &[1, 2, 3]),
        (Restriction::Or(vec![]), &[]),
        (
            Restriction::And(vec![
                compare(RelOp::Ge, 2),
                Restriction::Exist(PR_SUBJECT_W),
            ]),
            &[2],
        ),
        (
            Restriction::Or(vec![compare(RelOp::Lt, 2), compare(RelOp::Gt, 2)]),
            &[1, 3],
        ),
        (compare(RelOp::Le, 2), &[1, 2]),
        (compare(RelOp::Eq, 2), &[2]),
        (compare(RelOp::Ne, 2), &[1, 3]),
        (no(compare(RelOp::Ne, 2)), &[2]),
        (contains("gr", FL_PREFIX | FL_IGNORECASE), &[1, 2]),
        (contains("Gr", FL_PREFIX), &[1]),
        (contains("gruss", FL_FULLSTRING | FL_IGNORECASE), &[2]),
        (contains("RU", FL_SUBSTRING | FL_LOOSE), &[1, 2]),
        // What is not there is not so, and not otherwise either; NOT turns the answer over.
        (
            Restriction::property(RelOp::Ne, Property::new(PR_SUBJECT_W, "x")),
            &[1, 2],
        ),
        (no(contains("gr", FL_PREFIX | FL_IGNORECASE)), &[3]),
        (
            Restriction::CompareProps {
                relop: RelOp::Eq,
                left: PR_IMPORTANCE,
                right: PR_SENSITIVITY,
            },
            &[2],
        ),
        (bits(BitTest::AnySet, 2), &[2, 3]),
        (bits(BitTest::AllClear, 2), &[1]),
        (size(RelOp::Eq, 10), &[1, 2]),
        (size(RelOp::Gt, 10), &[]),
        (
            of_part(PR_MESSAGE_RECIPIENTS, equals(PR_DISPLAY_NAME_W, "bob")),
            &[1],
        ),
        (
            of_part(PR_MESSAGE_ATTACHMENTS, Restriction::Exist(PR_ATTACH_SIZE)),
            &[3],
        ),
        (comment(Some(compare(RelOp::Eq, 3))), &[3]),
        (comment(None), &[1, 2, 3]),
        (
            Restriction::Count {
                count: 2,
                restriction: Box::new(compare(RelOp::Ge, 1)),
            },
            &[1, 2],
        ),
        (equals(PR_INSTANCE_KEY, 2_u64.to_le_bytes().to_vec()), &[2]),
        (equals(PR_ROW_TYPE, 1), &[1, 2, 3]),
        (Restriction::Exist(PR_SUBJECT_A), &[1, 2]),
        (Restriction::Exist(PR_SUBJECT_W.with_type(PT_LONG)), &[]),
    ];
    for (restriction, expected) in cases {
        table
            .restrict(Some(&restriction))
            .expect("it can be decided");
        assert_eq!(ids(&mut table), expected, "{restriction:?}");
    }
}

#[test]
fn store_15_what_can_not_be_decided_is_refused() {
    let mut table = table(rows([(1, row("x"))]));
    let of = |object| Restriction::Sub {
        object,
        restriction: Box::new(Restriction::And(vec![])),
    };
    let number = || Property::new(PR_IMPORTANCE, 1);
    let refused = [
        Restriction::property(RelOp::MemberOfDl, Property::new(PR_SUBJECT_W, "x")),
        of(PR_SUBJECT_W),
        Restriction::Sub {
            object: PR_MESSAGE_RECIPIENTS,
            restriction: Box::new(of(PR_MESSAGE_ATTACHMENTS)),
        },
        Restriction::Property {
            relop: RelOp::Eq,
            tag: PR_SUBJECT_W,
            property: number(),
        },
        Restriction::Content {
            fuzzy_level: FL_PREFIX,
            tag: PR_IMPORTANCE,
            property: number(),
        },
        contains("x", 7),
        Restriction::CompareProps {
            relop: RelOp::Eq,
            left: PR_SUBJECT_W,
            right: PR_IMPORTANCE,
        },
        Restriction::BitMask {
            test: BitTest::AnySet,
            tag: PR_SUBJECT_W,
            mask: 1,
        },
        equals(PR_NULL, PropValue::Null),
        equals(PR_ANR_W, "x"),
    ];
    for restriction in refused {
        let answer = table.restrict(Some(&restriction));
        assert_eq!(status(answer), MAPI_E_TOO_COMPLEX, "{restriction:?}");
    }
}

proptest! {
    /// Whoever finds them: an index of the text, or a look at each.
    #[test]
    fn store_15_the_rows_are_the_same_by_index_and_by_scan(
        texts in prop::collection::vec("[aAáÁbßSs]{0,6}", 0..12),
        wanted in "[aAáÁbßSs]{0,3}",
        place in 0..3_u32,
        loose in 0..8_u32,
    ) {
        let all = || (1..).zip(texts.iter().map(|text| row(text)));
        let restriction = Restriction::And(vec![
            Restriction::Exist(PR_SUBJECT_W),
            Restriction::Content {
                fuzzy_level: place | loose << 16,
                tag: PR_SUBJECT_W,
                property: Property::new(PR_SUBJECT_W, &*wanted),
            },
        ]);
        let found = |source: MemoryRows| {
            source.change(all().map(|(id, row)| (id, Some(row))));
            let mut table = table(Arc::new(source));
            table.restrict(Some(&restriction)).expect("it can be decided");
            ids(&mut table)
        };
        let columns = || MemoryRows::new(vec![PR_INSTANCE_KEY]);
        prop_assert_eq!(found(columns()), found(columns().with_text_index()));
    }
}

#[test]
fn store_16_rows_are_found_from_a_bookmark_on() {
    for has_index in [false, true] {
        let mut source = MemoryRows::new(vec![PR_INSTANCE_KEY]);
        if has_index {
            source = source.with_index(vec![]);
        }
        let subjects = ["a", "b", "a", "b", "a"];
        source.change(
            (1..)
                .zip(subjects)
                .map(|(id, subject)| (id, Some(row(subject)))),
        );
        let mut table = table(Arc::new(source));
        let mut find = |subject: &str, origin, backwards| {
            let found = table.find_row(&equals(PR_SUBJECT_W, subject), origin, backwards);
            let row = table.query_position().expect("a position").row;
            found.map(|_| row).map_err(|fault| (fault.status, row))
        };
        assert_eq!(find("b", BEGINNING, false), Ok(1));
        assert_eq!(find("b", CURRENT, false), Ok(1));
        assert_eq!(find("b", CURRENT, true), Err((MAPI_E_NOT_FOUND, 1)));
        assert_eq!(find("b", END, true), Ok(3));
        assert_eq!(find("a", CURRENT, true), Ok(2));
        assert_eq!(find("c", BEGINNING, false), Err((MAPI_E_NOT_FOUND, 2)));
        assert_eq!(find("a", END, false), Err((MAPI_E_NOT_FOUND, 2)));
        assert_eq!(find("a", 99, false), Err((MAPI_E_INVALID_BOOKMARK, 2)));
        let key = |id: u64| equals(PR_INSTANCE_KEY, id.to_le_bytes().to_vec());
        table
            .find_row(&key(4), BEGINNING, false)
            .expect("every table has it");
        assert_eq!(table.query_position().expect("a position").row, 3);
        assert_eq!(
            status(table.find_row(&key(9), BEGINNING, false)),
            MAPI_E_NOT_FOUND
        );
        assert_eq!(
            status(table.find_row(&key(4), END, false)),
            MAPI_E_NOT_FOUND
        );
    }
}

proptest! {
    /// By halving, by an index, by a look at each: the row is the same.
    #[test]
    fn store_16_and_ab_19_a_row_is_found_by_the_order_as_by_a_look_at_each(
        texts in prop::collection::vec(prop::option::of("[aAbc]{0,2}"), 0..12),
        wanted in "[aAbc]{0,2}",
        relop in prop::sample::select(vec![RelOp::Eq, RelOp::Ge, RelOp::Le, RelOp::Gt]),
        descending: bool,
        has_index: bool,
        from in 0..6_i32,
    ) {
        let property = PR_SUBJECT_W.id();
        let mut source = MemoryRows::new(vec![PR_INSTANCE_KEY, PR_SUBJECT_W]);
        if has_index {
            source = source.with_index(vec![SortColumn { property, descending }]);
        }
        let rows = texts.iter().map(|text| text.as_deref().map_or(MemoryRow::new(), row));
        source.change((1..).zip(rows).map(|(id, row)| (id, Some(row))));
        let mut table = table(Arc::new(source));
        let direction = if descending { SortDirection::Descend } else { SortDirection::Ascend };
        table.sort(by(&[(PR_SUBJECT_W, direction)])).expect("an order");
        table.seek_row(BEGINNING, from).expect("a seek");
        let before = table.query_position().expect("a position").row;
        let restriction = Restriction::property(relop, Property::new(PR_SUBJECT_W, &*wanted));
        for origin in [BEGINNING, CURRENT] {
            let found = table.find_row(&restriction, origin, false);
            let position = table.query_position().expect("a position").row;
            table.seek_row(BEGINNING, 0).expect("a seek");
            let all = table.query_rows(i32::MAX, false).expect("rows");
            let wanted = wanted.to_lowercase();
            let is_it = |row: &Row<'_>| {
                let text = row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
                text.is_some_and(|text| match (relop, text.to_lowercase()) {
                    (RelOp::Eq, text) => text == wanted,
                    (RelOp::Ge, text) => text >= wanted,
                    (RelOp::Le, text) => text <= wanted,
                    (_, text) => text > wanted,
                })
            };
            let start = if origin == BEGINNING { 0 } else { before };
            let expected = (start..all.len()).find(|place| is_it(&all[*place]));
            prop_assert_eq!(found.is_ok(), expected.is_some());
            if let Some(expected) = expected {
                prop_assert_eq!(position, expected);
            }
            table.seek_row(BEGINNING, from).expect("a seek");
        }
    }
}

#[test]
fn store_16_what_is_far_away_is_found_too() {
    let source = MemoryRows::new(vec![PR_INSTANCE_KEY]).with_index(vec![]);
    source.change((1..1300).map(|id| (id, Some(row(if id == 1290 { "x" } else { "y" })))));
    let mut table = table(Arc::new(source));
    table
        .find_row(&equals(PR_SUBJECT_W, "x"), BEGINNING, false)
        .expect("a row");
    assert_eq!(table.query_position().expect("a position").row, 1289);
}

#[test]
fn store_16_a_bookmark_tells_once_that_its_row_has_gone() {
    let source = rows((1..6).map(|id| (id, row("x"))));
    let mut table = table(source.clone());
    table.seek_row(BEGINNING, 2).expect("a seek");
    let bookmark = table.create_bookmark().expect("a bookmark");
    source.remove(1);
    assert!(!table.seek_row(bookmark, 0).expect("a seek").has_moved);
    assert_eq!(table.query_position().expect("a position").row, 1);
    source.remove(3);
    assert!(table.seek_row(bookmark, 0).expect("a seek").has_moved);
    assert!(!table.seek_row(bookmark, 0).expect("a seek").has_moved);
    assert_eq!(id_of(&table.query_rows(1, false).expect("rows")[0]), 4);
}

#[test]
fn store_16_and_store_17_a_bookmark_in_a_closed_category_stands_after_it() {
    let source = rows([(1, row("a")), (2, row("a")), (3, row("b"))]);
    let mut table = table(source);
    let mut order = by(&[(PR_SUBJECT_W, SortDirection::Ascend)]);
    (order.categories, order.expanded) = (1, 1);
    table.sort(order).expect("an order");
    table.seek_row(BEGINNING, 2).expect("a seek");
    let bookmark = table.create_bookmark().expect("a bookmark");
    let rows = table.query_rows(-9, false).expect("rows");
    let key = rows[0].get(PR_INSTANCE_KEY).and_then(PropValue::as_binary);
    let key = key.expect("a key").to_vec();
    assert_eq!(table.collapse_row(&key).expect("a heading"), 2);
    assert_eq!(table.collapse_row(&key).expect("a heading"), 0);
    assert!(table.seek_row(bookmark, 0).expect("a seek").has_moved);
    assert_eq!(table.query_position().expect("a position").row, 1);
    let (rows, come) = table.expand_row(&key, 0).expect("a heading");
    assert_eq!((rows.len(), come), (0, 2));
    assert_eq!(table.query_position().expect("a position").row, 1);
    assert_eq!(
        status(table.expand_row(&1_u64.to_le_bytes(), 0)),
        MAPI_E_NOT_FOUND
    );
}

fn words(words: &[&str]) -> PropValue<'static> {
    let units = |word: &&str| word.encode_utf16().collect::<Vec<u16>>().into();
    PropValue::MvUnicode(words.iter().map(units).collect())
}

#[test]
fn store_18_a_column_of_single_values_needs_the_order() {
    let source = rows([
        (1, row("x").with(KEYWORDS, words(&["b", "a"]))),
        (2, row("y")),
    ]);
    let mut table = table(source);
    let columns = || vec![PR_INSTANCE_KEY, KEYWORD];
    let by_keyword = || by(&[(KEYWORD, SortDirection::Ascend)]);
    assert_eq!(
        status(table.set_columns(columns(), false)),
        MAPI_E_TOO_COMPLEX
    );
    // Put off, and then allowed.
    table.set_columns(columns(), true).expect("it waits");
    table.sort(by_keyword()).expect("an order");
    let rows = table.query_rows(9, true).expect("rows");
    let shown: Vec<_> = rows
        .iter()
        .map(|row| row.get(KEYWORD).and_then(PropValue::to_text))
        .collect();
    assert_eq!(shown, [Some("a".to_owned()), Some("b".to_owned()), None]);
    let keys: Vec<_> = rows.iter().map(|row| row.get(PR_INSTANCE_KEY)).collect();
    assert!(keys[0] != keys[1] && keys[1] != keys[2]);
    // Put off, and then refused; the old columns stay.
    table
        .sort(SortOrderSet::default())
        .expect("the source's own");
    table
        .set_columns(vec![PR_SUBJECT_W], false)
        .expect("columns");
    table.set_columns(columns(), true).expect("it waits");
    assert_eq!(status(table.row_count()), MAPI_E_TOO_COMPLEX);
    assert_eq!(table.row_count().expect("a count"), 2);
    assert_eq!(table.query_columns(false).expect("columns"), [PR_SUBJECT_W]);
    // Never refused by QueryRows.
    table.set_columns(columns(), true).expect("it waits");
    let rows = table.query_rows(9, true).expect("rows");
    assert_eq!((rows.len(), rows[0].get(KEYWORD)), (2, None));
    // In a restriction: any value, and no more rows.
    let restriction = Restriction::Property {
        relop: RelOp::Eq,
        tag: KEYWORD,
        property: Property::with_id(KEYWORD.id(), "b"),
    };
    table.restrict(Some(&restriction)).expect("a restriction");
    assert_eq!(ids(&mut table), [1]);
    let two = by(&[
        (KEYWORD, SortDirection::Ascend),
        (
            PropTag::new(0x8002, PT_MV_UNICODE | MV_INSTANCE),
            SortDirection::Ascend,
        ),
    ]);
    assert_eq!(status(table.sort(two)), MAPI_E_TOO_COMPLEX);
}

#[test]
fn ab_17_names_are_found_by_the_beginnings_of_their_words() {
    let names = Abilities {
        names: true,
        ..Abilities::default()
    };
    let source = MemoryRows::new(vec![PR_INSTANCE_KEY]).with_abilities(names);
    let all = [
        "Billy Larson",
        "Bill Lee",
        "Bill Logan Jr.",
        "Sam Bill Lee",
        "Bill Gray",
    ];
    source.change((1..).zip(all).map(|(id, name)| {
        let entry = MemoryRow::new().with(PR_DISPLAY_NAME_W, name);
        (id, Some(entry))
    }));
    let mut table = table(Arc::new(source));
    let mut found = |text: &'static str| {
        table
            .restrict(Some(&equals(PR_ANR_W, text)))
            .expect("a restriction");
        ids(&mut table)
    };
    assert_eq!(found("Bill L"), [1, 2, 3, 4]);
    assert_eq!(found("lee, sam"), [4]);
    assert_eq!(found(" ;,"), [0; 0]);
}

#[test]
fn ab_16_strings_of_both_widths_and_of_none_work() {
    let columns = vec![PR_INSTANCE_KEY, PR_SUBJECT_W];
    let source = Arc::new(MemoryRows::new(columns));
    source.put(1, row("ä"));
    let mut table = Table::new(source, false).expect("a table");
    let columns = table.query_columns(false).expect("columns");
    assert_eq!(columns, [PR_INSTANCE_KEY, PR_SUBJECT_A]);
    let open = PR_SUBJECT_W.with_type(PT_UNSPECIFIED);
    for tag in [PR_SUBJECT_W, PR_SUBJECT_A, open] {
        table
            .sort(by(&[(tag, SortDirection::Ascend)]))
            .expect("an order");
        let restriction = Restriction::Property {
            relop: RelOp::Eq,
            tag,
            property: Property::new(PR_SUBJECT_W, "Ä"),
        };
        table.restrict(Some(&restriction)).expect("a restriction");
        table.set_columns(vec![tag], false).expect("columns");
        let rows = table.query_rows(1, false).expect("rows");
        let shown = &rows[0].properties[0];
        assert_eq!(shown.value.to_text().as_deref(), Some("ä"), "{tag}");
        assert!(tag != open || shown.tag == PR_SUBJECT_A);
    }
}
