//! Looking for names in a table: AB-17, AB-18, AB-22.

use mapi_provider::abi::{
    FL_IGNORECASE, FL_LOOSE, FL_PREFIX, GetHierarchyTableFlags, MAPI_E_TOO_COMPLEX, PR_ANR_A,
    PR_ANR_W, PR_BODY_W, PR_CONTAINER_FLAGS, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_INSTANCE_KEY,
    PR_OBJECT_TYPE, QueryRowsFlags,
};
use mapi_provider::view::{BitTest, PropValue, Property as Sought, RelOp, Restriction};
use mapi_provider_host::{BookTable, Profile, Status};

use crate::rig::{self, Rig, binary, few, names, text};

fn ambiguous(name: &str) -> Restriction<'_> {
    Restriction::property(RelOp::Eq, Sought::new(PR_ANR_W, name))
}

fn found(table: &BookTable, restriction: &Restriction<'_>) -> Vec<String> {
    table.restrict(Some(restriction)).expect("Restrict");
    names(table)
}

/// MAPI's own example, and others.
fn bills() -> Rig {
    let names = [
        "Billy Larson",
        "Bill Lee",
        "Bill Logan Jr.",
        "Sam Bill Lee",
        "Bill Gray",
        "Larry Bilk",
        "Abill Lee",
    ];
    let people = names.map(|name| rig::person(name, &format!("{}@x.org", name.len())));
    Rig::new(rig::book(people.to_vec()))
}

#[test]
fn ab_17_every_word_begins_a_word() {
    let rig = bills();
    let table = rig.container("All").contents().expect("contents");
    let four = ["Bill Lee", "Bill Logan Jr.", "Billy Larson", "Sam Bill Lee"];
    for typed in ["Bill L", "l BILL", " bill,l ", "Bill;L", "bill\tL"] {
        assert_eq!(found(&table, &ambiguous(typed)), four, "{typed:?}");
    }
    for typed in ["", " ", " ,; "] {
        assert!(found(&table, &ambiguous(typed)).is_empty(), "{typed:?}");
    }
    let narrow = Sought::new(PR_ANR_A, PropValue::String8(b"Bill L"[..].into()));
    assert_eq!(
        found(&table, &Restriction::property(RelOp::Eq, narrow)),
        four
    );
    for typed in ["*", "(cn=*)", "%", "_", "\\", &"x".repeat(300)] {
        assert!(found(&table, &ambiguous(typed)).is_empty(), "{typed:?}");
    }
    drop(table);
    rig.finish();
}

#[test]
fn ab_17_an_alias_and_an_address_have_words_too() {
    let rig = Rig::new(few());
    let table = rig.container("All").contents().expect("contents");
    for (typed, expected) in [
        ("al", "Ann Lee"),
        ("bob@ex", "Bob Miller"),
        ("cy@example.org", "Cy Young"),
    ] {
        assert_eq!(found(&table, &ambiguous(typed)), [expected], "{typed:?}");
    }
    drop(table);
    rig.finish();
}

#[test]
fn ab_17_a_name_may_stand_in_other_restrictions() {
    let rig = bills();
    let table = rig.container("All").contents().expect("contents");
    let and = Restriction::And(vec![ambiguous("Bill"), ambiguous("Gray")]);
    assert_eq!(found(&table, &and), ["Bill Gray"]);
    let or = Restriction::Or(vec![ambiguous("Gray"), ambiguous("Sam")]);
    assert_eq!(found(&table, &or), ["Bill Gray", "Sam Bill Lee"]);
    let not = Restriction::And(vec![
        ambiguous("Bill"),
        Restriction::Not(Box::new(ambiguous("L"))),
    ]);
    assert_eq!(found(&table, &not), ["Bill Gray"]);
    drop(table);
    rig.finish();
}

fn begins(prefix: &str, how: u32) -> Restriction<'_> {
    Restriction::Content {
        fuzzy_level: FL_PREFIX | how,
        tag: PR_DISPLAY_NAME_W,
        property: Sought::new(PR_DISPLAY_NAME_W, prefix),
    }
}

#[test]
fn ab_18_rows_are_found_by_key_and_by_prefix() {
    let rig = Rig::new(few());
    let table = rig.container("All").contents().expect("contents");
    let keys = table.all().expect("all rows");
    let key = binary(&keys[2], PR_INSTANCE_KEY);
    let by_key = Sought::new(PR_INSTANCE_KEY, PropValue::from(&key[..]));
    let name = text(&keys[2], PR_DISPLAY_NAME_W);
    assert_eq!(
        found(&table, &Restriction::property(RelOp::Eq, by_key)),
        [name]
    );
    assert_eq!(found(&table, &begins("Bo", 0)), ["Bob Miller"]);
    for how in [FL_IGNORECASE, FL_LOOSE, FL_IGNORECASE | FL_LOOSE] {
        assert_eq!(found(&table, &begins("bO", how)), ["Bob Miller"]);
    }
    // NULL lifts it, and the position is the beginning.
    table.query(1, QueryRowsFlags::empty()).expect("QueryRows");
    table.restrict(None).expect("Restrict");
    assert_eq!(table.position().expect("QueryPosition").0, 0);
    assert_eq!(table.count().expect("GetRowCount"), 4);
    drop(table);
    rig.finish();
}

#[test]
fn ab_18_a_column_that_is_not_shown_restricts_too() {
    let rig = Rig::new(few());
    let root = rig.book.root().expect("the root");
    let table = root.hierarchy(GetHierarchyTableFlags::empty());
    let table = table.expect("hierarchy");
    table.set_columns(&[PR_ENTRYID]).expect("SetColumns");
    for (mask, count) in [(1, 1), (4, 0)] {
        let restriction = Restriction::BitMask {
            test: BitTest::AnySet,
            tag: PR_CONTAINER_FLAGS,
            mask,
        };
        table.restrict(Some(&restriction)).expect("Restrict");
        assert_eq!(table.count().expect("GetRowCount"), count);
    }
    drop((root, table));
    let contents = rig.container("All").contents().expect("contents");
    contents
        .set_columns(&[PR_DISPLAY_NAME_W])
        .expect("SetColumns");
    let lists = Sought::new(PR_OBJECT_TYPE, 8);
    assert_eq!(
        found(&contents, &Restriction::property(RelOp::Eq, lists)),
        ["Team"]
    );
    drop(contents);
    rig.finish();
}

#[test]
fn ab_18_what_nobody_can_decide_leaves_the_table_as_it_is() {
    let rig = Rig::new(few());
    let table = rig.container("All").contents().expect("contents");
    assert_eq!(found(&table, &ambiguous("Bob")), ["Bob Miller"]);
    let odd = Restriction::Sub {
        object: PR_BODY_W,
        restriction: Box::new(ambiguous("Ann")),
    };
    let status = table
        .restrict(Some(&odd))
        .err()
        .map(|failure| failure.status);
    assert_eq!(status, Some(Status(MAPI_E_TOO_COMPLEX)));
    assert_eq!(names(&table), ["Bob Miller"]);
    drop(table);
    rig.finish();
}

/// Nine people in a container that shows five.
fn nine() -> Rig {
    let people = (0..9).map(|number| rig::person(&format!("P{number} Smith"), "p@x"));
    let book = rig::book(people.collect());
    Rig::of(&rig::small::PROVIDER, &Profile::in_memory(), book)
}

#[test]
fn ab_22_what_is_beyond_the_limit_is_found() {
    let rig = nine();
    let table = rig.container("All").contents().expect("contents");
    assert_eq!(names(&table).len(), 5);
    assert_eq!(found(&table, &ambiguous("P8")), ["P8 Smith"]);
    assert_eq!(found(&table, &begins("P7", FL_IGNORECASE)), ["P7 Smith"]);
    table.restrict(None).expect("Restrict");
    assert_eq!(names(&table).len(), 5);
    drop(table);
    rig.finish();
}

#[test]
fn ab_22_mfcmapi_finds_it_too() {
    let rig = nine();
    let all = rig.container("All");
    let one = all.search("P8").expect("a search");
    assert_eq!(one.map(|one| one.name), Some("P8 Smith".to_owned()));
    assert_eq!(all.search("Q").expect("a search"), None);
    drop(all);
    rig.finish();
}
