//! ResolveNames: AB-23 to AB-25.

use mapi_provider::abi::{
    MAPI_AMBIGUOUS, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND, MAPI_MAILUSER, MAPI_RESOLVED,
    MAPI_UNRESOLVED, PR_ADDRTYPE_W, PR_BODY_W, PR_BUSINESS_TELEPHONE_NUMBER_W, PR_COMMENT_W,
    PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_OBJECT_TYPE,
    PR_RECIPIENT_TYPE, PR_ROWID, PR_SEARCH_KEY, PR_TRANSMITABLE_DISPLAY_NAME_W, PropTag,
    ResolveNamesFlags, S_OK,
};
use mapi_provider_host::{AddressList, Property, Resolved, Value};

use crate::rig::{self, Rig, few, text};

const WIDE: ResolveNamesFlags = ResolveNamesFlags::MAPI_UNICODE;

fn named(name: &str) -> Vec<Property> {
    vec![Property::new(PR_DISPLAY_NAME_W, name)]
}

/// What became of names, in the container.
fn resolved(rig: &Rig, names: &[&str]) -> AddressList {
    let rows: Vec<_> = names.iter().map(|name| named(name)).collect();
    let mut list = rig.book.list(&rows);
    let status = rig.container("All").resolve(&[], WIDE, &mut list);
    assert_eq!(status, S_OK);
    list
}

/// Each row, where it is, and its flag.
fn all(list: &AddressList) -> Vec<(Vec<Property>, usize, u32)> {
    let rows = 0..list.count();
    rows.map(|index| (list.row(index), list.place(index), list.flags()[index]))
        .collect()
}

#[test]
fn ab_23_only_names_that_wait_are_looked_at() {
    let rig = Rig::new(few());
    let rows = [
        named("Ann"),
        vec![],
        vec![Property::new(PR_EMAIL_ADDRESS_W, "ann@example.org")],
        [
            named("Ann"),
            vec![Property::new(PR_ENTRYID, Value::Binary(vec![0; 24]))],
        ]
        .concat(),
        named("Bob"),
        named("Bob"),
        named("Bob"),
    ];
    let mut list = rig.book.list(&rows);
    list.set_flag(4, MAPI_RESOLVED);
    list.set_flag(5, MAPI_AMBIGUOUS);
    list.set_flag(6, 77);
    let before = all(&list);
    let container = rig.container("All");
    assert_eq!(container.resolve(&[], WIDE, &mut list), S_OK);
    let after = all(&list);
    assert_eq!(after[1..], before[1..]);
    assert_eq!(list.flags()[0], MAPI_RESOLVED);
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_23_there_is_a_flag_for_each_name_or_nothing_is_done() {
    let rig = Rig::new(few());
    let mut list = rig.book.list(&[named("Ann"), named("Bob")]);
    let before = all(&list);
    let container = rig.container("All");
    for count in [0, 1, 3, u32::MAX] {
        list.say_flags(count);
        let status = container.resolve(&[], WIDE, &mut list);
        assert_eq!(status, MAPI_E_INVALID_PARAMETER);
        assert_eq!(all(&list), before);
    }
    list.say_flags(2);
    assert_eq!(container.resolve(&[], WIDE, &mut list), S_OK);
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_24_nobody_and_several_leave_the_name_as_it_is() {
    let mut book = few();
    book.people
        .push(rig::person("Ann Smith", "smith@example.org"));
    let rig = Rig::new(book);
    let names = ["Zoe", "Ann", "", "  ", "*", "Bob Miller"];
    let rows: Vec<_> = names.iter().map(|name| named(name)).collect();
    let mut list = rig.book.list(&rows);
    let before = all(&list);
    let container = rig.container("All");
    assert_eq!(container.resolve(&[], WIDE, &mut list), S_OK);
    let (no, several, one) = (MAPI_UNRESOLVED, MAPI_AMBIGUOUS, MAPI_RESOLVED);
    assert_eq!(list.flags(), [no, several, no, no, no, one]);
    for (index, (row, place, _)) in before.iter().enumerate().take(5) {
        assert_eq!((&list.row(index), &list.place(index)), (row, place));
    }
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_24_a_whole_name_or_address_is_one_of_several() {
    let mut book = few();
    book.people
        .push(rig::person("Bob Miller Junior", "bob@example.org.uk"));
    let rig = Rig::new(book);
    for (typed, name) in [
        ("Bob Miller", "Bob Miller"),
        ("bob MILLER", "Bob Miller"),
        ("bob@example.org", "Bob Miller"),
        ("junior", "Bob Miller Junior"),
    ] {
        let list = resolved(&rig, &[typed]);
        assert_eq!(list.flags(), [MAPI_RESOLVED], "{typed}");
        assert_eq!(text(&list.row(0), PR_DISPLAY_NAME_W), name, "{typed}");
    }
    assert_eq!(resolved(&rig, &["Bob"]).flags(), [MAPI_AMBIGUOUS]);
    rig.finish();
}

#[test]
fn ab_24_an_address_lookup_is_for_addresses_alone() {
    let rig = Rig::new(few());
    let lookup = WIDE | ResolveNamesFlags::EMS_AB_ADDRESS_LOOKUP;
    let mut list = rig
        .book
        .list(&["Ann Lee", "ann@example.org", "ann@"].map(named));
    let container = rig.container("All");
    assert_eq!(container.resolve(&[], lookup, &mut list), S_OK);
    assert_eq!(
        list.flags(),
        [MAPI_UNRESOLVED, MAPI_RESOLVED, MAPI_UNRESOLVED]
    );
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_24_what_resolves_is_what_a_restriction_finds() {
    let rig = Rig::new(few());
    let container = rig.container("All");
    for typed in [
        "Ann", "al", "e", "Lee A", "o", "bob@", "Team", "x y", "cy young",
    ] {
        let found = container.matches(typed).expect("a search");
        let flag = resolved(&rig, &[typed]).flags()[0];
        let expected = match found.len() {
            0 => MAPI_UNRESOLVED,
            1 => MAPI_RESOLVED,
            _ => MAPI_AMBIGUOUS,
        };
        assert_eq!(flag, expected, "{typed}: {found:?}");
    }
    drop(container);
    rig.finish();
}

#[test]
fn ab_25_a_resolved_name_keeps_what_it_had_and_gains_what_is_needed() {
    let rig = Rig::new(few());
    let mut row = named("ann");
    row.push(Property::new(PR_RECIPIENT_TYPE, 2));
    row.push(Property::new(PR_ROWID, 7));
    row.push(Property::new(PR_COMMENT_W, "kept"));
    let mut list = rig.book.list(&[row]);
    let place = list.place(0);
    let container = rig.container("All");
    assert_eq!(container.resolve(&[], WIDE, &mut list), S_OK);
    assert_ne!(list.place(0), place);
    let row = list.row(0);
    let expected: [(PropTag, Value); 10] = [
        (PR_RECIPIENT_TYPE, Value::Long(2)),
        (PR_ROWID, Value::Long(7)),
        (PR_COMMENT_W, Value::from("kept")),
        (PR_DISPLAY_NAME_W, Value::from("Ann Lee")),
        (PR_ADDRTYPE_W, Value::from("SMTP")),
        (PR_EMAIL_ADDRESS_W, Value::from("ann@example.org")),
        (PR_TRANSMITABLE_DISPLAY_NAME_W, Value::from("Ann Lee")),
        (PR_OBJECT_TYPE, Value::Long(MAPI_MAILUSER.cast_signed())),
        (
            PR_SEARCH_KEY,
            Value::Binary(b"SMTP:ANN@EXAMPLE.ORG\0".to_vec()),
        ),
        (PR_ENTRYID, Value::Binary(rig.entry_id("Ann Lee"))),
    ];
    for (tag, value) in expected {
        assert_eq!(rig::value(&row, tag), Some(&value), "{tag}");
        let same = row.iter().filter(|property| property.id == tag.id());
        assert_eq!(same.count(), 1, "{tag}");
    }
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_25_the_properties_that_were_asked_for_are_there_or_are_errors() {
    let rig = Rig::new(few());
    let mut list = rig.book.list(&["Ann Lee", "Bob Miller"].map(named));
    let tags = [PR_BUSINESS_TELEPHONE_NUMBER_W, PR_BODY_W];
    let container = rig.container("All");
    assert_eq!(container.resolve(&tags, WIDE, &mut list), S_OK);
    let phone = list.value(0, PR_BUSINESS_TELEPHONE_NUMBER_W);
    assert_eq!(phone, Some(Value::from("+1 555")));
    let missing = Some(Value::Error(MAPI_E_NOT_FOUND));
    assert_eq!(list.value(1, PR_BUSINESS_TELEPHONE_NUMBER_W), missing);
    for index in 0..2 {
        assert_eq!(list.value(index, PR_BODY_W), missing);
        assert!(list.value(index, PR_ENTRYID).is_some());
    }
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_25_names_of_eight_bits_resolve_too() {
    let rig = Rig::new(few());
    let name = Property::new(PR_DISPLAY_NAME_A, Value::String8(b"cy".to_vec()));
    let mut list = rig.book.list(&[vec![name]]);
    let container = rig.container("All");
    let flags = ResolveNamesFlags::empty();
    assert_eq!(container.resolve(&[], flags, &mut list), S_OK);
    let narrow = Value::String8(b"Cy Young".to_vec());
    assert_eq!(list.value(0, PR_DISPLAY_NAME_A), Some(narrow));
    drop((container, list));
    rig.finish();
}

#[test]
fn ab_25_an_allocation_that_fails_leaves_the_old_row_and_its_flag() {
    let rig = Rig::new(few());
    let container = rig.container("All");
    let mut failed = 0;
    for nth in 1.. {
        let mut list = rig.book.list(&[named("Ann Lee")]);
        let before = all(&list);
        rig.host.allocators().fail_nth(nth);
        let status = container.resolve(&[], WIDE, &mut list);
        match list.flags() {
            [MAPI_RESOLVED] => break,
            _ => assert_eq!(all(&list), before, "{status:?}"),
        }
        failed += 1;
        assert!(nth < 1000, "it ends");
    }
    assert!(failed > 0);
    rig.host.allocators().fail_nth(1 << 40);
    drop(container);
    rig.finish();
}

#[test]
fn ab_24_control_k_goes_from_container_to_container() {
    let mut book = few();
    book.containers.push(rig::container("more", "More"));
    let mut dora = rig::person("Dora", "dora@example.org");
    dora.container = "more".to_owned();
    book.people.push(dora);
    book.people
        .push(rig::person("Ann Smith", "smith@example.org"));
    let rig = Rig::new(book);
    let answers = rig.book.resolve(&["Dora", "Bob"]).expect("a list");
    let name = |answer: &Resolved| match answer {
        Resolved::One(row) => text(row, PR_DISPLAY_NAME_W),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        answers.iter().map(name).collect::<Vec<_>>(),
        ["Dora", "Bob Miller"]
    );
    let answers = rig.book.resolve(&["Ann", "Zoe"]).expect("a list");
    let Resolved::Several(several) = &answers[0] else {
        panic!("{answers:?}");
    };
    let shown: Vec<&str> = several.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(shown, ["Ann Lee", "Ann Smith"]);
    assert_eq!(answers[1], Resolved::Nobody);
    rig.finish();
}
