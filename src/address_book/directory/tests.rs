use std::sync::atomic::Ordering;

use super::super::contents::{Contents, Of};
use super::super::testing::{KEEPS, People, SPEC, directory, people};
use super::*;
use mapi_provider_abi::mapi::{
    FL_IGNORECASE, FL_PREFIX, FL_SUBSTRING, MAPI_E_NETWORK_ERROR, MAPI_E_TOO_COMPLEX, PR_ANR_W,
    PR_DISPLAY_NAME_W, PropTag,
};
use mapi_provider_abi::view::{Property, RelOp, Restriction};
use mapi_provider_table::table::{Fault, Source, Table};

fn crowd() -> People {
    let names = ["Dora", "Carl Bell", "Bob", "Ann", "Bill Lee", "Zoe Bell"];
    let all = names.iter().zip(1..);
    people(
        all.map(|(name, key)| Entry::user(key.to_string(), *name))
            .collect(),
    )
}

/// Does to a table what its COM object does with a restriction.
fn restrict(table: &mut Table, restriction: &Restriction<'_>) -> Result<(), Fault> {
    let narrowed = table.whole().narrowed(restriction)?;
    table.restrict_to(narrowed, Some(restriction))
}

fn names(table: &mut Table) -> Vec<String> {
    table
        .set_columns(vec![PR_DISPLAY_NAME_W], false)
        .expect("a column");
    let rows = table.query_rows(100, false).expect("rows");
    let name = |row: &mapi_provider_abi::view::Row<'_>| row.properties[0].value.to_text();
    rows.iter().filter_map(name).collect()
}

fn anr(text: &str) -> Restriction<'static> {
    Restriction::Property {
        relop: RelOp::Eq,
        tag: PR_ANR_W,
        property: Property::new(PR_ANR_W, text),
    }
}

fn content(fuzzy_level: u32, tag: PropTag, text: &str) -> Restriction<'static> {
    Restriction::Content {
        fuzzy_level,
        tag,
        property: Property::new(tag, text),
    }
}

fn table(directory: &Arc<Directory<People>>, of: Of) -> Table {
    let source = Contents::new(Arc::clone(directory), of);
    Table::new(Arc::new(source), true).expect("a table")
}

fn whole() -> Of {
    Of::Container(String::new())
}

#[test]
fn ab_22_and_ab_19_a_browse_shows_so_many_in_order_and_a_name_beyond_is_found() {
    let directory = Arc::new(directory(&SPEC, crowd()));
    let mut table = table(&directory, whole());
    assert_eq!(names(&mut table), ["Bob", "Carl Bell", "Dora"]);
    assert!(directory.is_large(""), "AB-13");
    restrict(&mut table, &anr("bell")).expect("a name");
    assert_eq!(names(&mut table), ["Carl Bell", "Zoe Bell"]);
    let prefix = content(FL_PREFIX | FL_IGNORECASE, PR_DISPLAY_NAME_W, "BILL");
    restrict(&mut table, &prefix).expect("a prefix");
    assert_eq!(names(&mut table), ["Bill Lee"]);
    table.restrict_to(None, None).expect("lifted");
    assert_eq!(names(&mut table), ["Bob", "Carl Bell", "Dora"]);
}

#[test]
fn ab_18_what_nobody_can_decide_changes_nothing() {
    let directory = Arc::new(directory(&SPEC, crowd()));
    let mut table = table(&directory, whole());
    restrict(&mut table, &anr("bell")).expect("a name");
    table.query_rows(1, true).expect("a row");
    let senseless = content(0x77, PR_DISPLAY_NAME_W, "x");
    let refused = restrict(&mut table, &senseless).expect_err("too complex");
    assert_eq!(refused.status, MAPI_E_TOO_COMPLEX);
    assert_eq!(names(&mut table), ["Zoe Bell"], "the position stays");
}

#[test]
fn ab_17_names_are_asked_for_inside_other_restrictions() {
    let directory = Arc::new(directory(&SPEC, crowd()));
    let mut table = table(&directory, whole());
    let shown = |table: &mut Table, restriction: Restriction<'_>| {
        restrict(table, &restriction).expect("it can be decided");
        names(table)
    };
    let either = Restriction::Or(vec![anr("zoe"), anr("ann")]);
    assert_eq!(shown(&mut table, either), ["Ann", "Zoe Bell"]);
    let has = content(FL_SUBSTRING, PR_DISPLAY_NAME_W, "Zoe");
    let both = Restriction::And(vec![anr("bell"), has]);
    assert_eq!(shown(&mut table, both), ["Zoe Bell"]);
    let none = Restriction::Not(Box::new(anr("bob")));
    assert_eq!(
        shown(&mut table, none),
        ["Carl Bell", "Dora"],
        "of a browse"
    );
    assert!(shown(&mut table, anr(" ; ")).is_empty());
}

#[test]
fn ab_28_a_list_shows_all_its_members_one_level() {
    let directory = Arc::new(directory(&SPEC, crowd()));
    let mut table = table(&directory, Of::List("1".to_owned()));
    assert_eq!(names(&mut table).len(), 5, "more than browse-limit");
    restrict(&mut table, &anr("bell")).expect("a name");
    assert_eq!(names(&mut table), ["Carl Bell", "Zoe Bell"]);
}

#[test]
fn ab_32_a_table_of_a_server_that_is_down_says_so() {
    let fails = People {
        fails: true,
        ..crowd()
    };
    let directory = Arc::new(directory(&SPEC, fails));
    let source = Contents::new(Arc::clone(&directory), whole());
    let fault = source.ready().expect_err("no rows");
    assert_eq!(fault.status, MAPI_E_NETWORK_ERROR);
    let mut table = table(&directory, whole());
    let fault = restrict(&mut table, &anr("bell")).expect_err("no rows");
    assert_eq!(fault.status, MAPI_E_NETWORK_ERROR);
}

#[test]
fn what_was_found_is_not_asked_for_again() {
    for (spec, expected) in [(&SPEC, 6), (&KEEPS, 2)] {
        let directory = directory(spec, crowd());
        let end = directory.deadline();
        let question = Question {
            container: String::new(),
            wanted: Wanted::All,
        };
        for _ in 0..2 {
            directory.containers(end).expect("containers");
            directory.search(&question, end).expect("entries");
            directory.entry("1", end).expect("looked").expect("there");
        }
        let asked = directory.asker.ask(far(), |logic: &People, _| {
            logic.asked.load(Ordering::Relaxed)
        });
        assert_eq!(asked, Ok(expected));
    }
}

fn far() -> Instant {
    Instant::now() + std::time::Duration::from_secs(600)
}

#[test]
fn ab_07_what_has_another_key_is_not_what_was_asked_for() {
    struct Other;
    impl AddressBook for Other {
        type Settings = ();

        fn open(_: ()) -> Result<Self, crate::error::LogonError> {
            Ok(Self)
        }

        fn search(
            &self,
            _: &super::super::logic::Query<'_>,
            _: &mut Found<'_>,
        ) -> Result<(), LookupError> {
            Ok(())
        }

        fn get(&self, _: &str) -> Result<Option<Entry>, LookupError> {
            Ok(Some(Entry::user("other", "Somebody else")))
        }
    }
    let directory = Directory::new(super::super::testing::book(&SPEC), Other, false);
    let found = directory.entry("1", directory.deadline());
    assert!(found.expect("looked").is_none());
}
