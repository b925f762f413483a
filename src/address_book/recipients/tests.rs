use super::super::testing::{People, SPEC, book, directory, people};
use super::super::values::text;
use super::*;
use mapi_provider_abi::mapi::{PR_RECIPIENT_TYPE, PR_ROWID, PR_SURNAME_W};
use mapi_provider_abi::view::PropValue;

fn lees() -> Vec<Entry> {
    vec![
        Entry::user("1", "Ann Lee").smtp("ann@example.org"),
        Entry::user("2", "Ann Lee Smith").smtp("ann.smith@example.org"),
        Entry::user("3", "Bob")
            .smtp("bob@example.org")
            .alias("lee9"),
    ]
}

fn meant(directory: &Directory<People>, typed: &str, exact: bool) -> Result<String, Trouble> {
    let of = Of::Container(String::new());
    let meant = directory.meant(&of, typed, exact, directory.deadline())?;
    Ok(match meant {
        Meant::Nobody => "nobody".to_owned(),
        Meant::One(entry) => entry.key().to_owned(),
        Meant::Several => "several".to_owned(),
    })
}

#[test]
fn ab_24_one_several_or_nobody_and_the_exact_one_of_several() {
    let directory = directory(&SPEC, people(lees()));
    for (typed, expected) in [
        ("bob", "3"),
        ("lee9", "3"),
        ("lee", "several"),
        ("ann lee", "1"),
        ("ANN@EXAMPLE.ORG", "1"),
        ("ann smith", "2"),
        ("zoe", "nobody"),
        ("", "nobody"),
        (" ,; ", "nobody"),
        ("*", "nobody"),
    ] {
        let found = meant(&directory, typed, false);
        assert_eq!(found.as_deref(), Ok(expected), "{typed:?}");
    }
}

#[test]
fn ab_24_an_address_lookup_finds_addresses_alone() {
    let directory = directory(&SPEC, people(lees()));
    for (typed, expected) in [
        ("bob@example.org", "3"),
        ("SMTP:Bob@Example.org", "3"),
        ("bob", "nobody"),
        ("bob@example", "nobody"),
    ] {
        let found = meant(&directory, typed, true);
        assert_eq!(found.as_deref(), Ok(expected), "{typed:?}");
    }
}

#[test]
fn ab_24_one_of_more_than_were_told_is_not_the_only_one() {
    let more = (0..9).map(|number| Entry::user(number.to_string(), "Ann"));
    let directory = directory(&SPEC, people(more.collect()));
    assert_eq!(meant(&directory, "an", false).as_deref(), Ok("several"));
}

#[test]
fn ab_24_of_more_than_were_told_the_exact_one_is_asked_for() {
    let limit = SPEC.browse_limit;
    let many = (0..=limit).map(|number| Entry::user(number.to_string(), format!("Ann {number}")));
    let one = Entry::user("one", "Ann").smtp("ann@example.org");
    let all: Vec<Entry> = many.chain([one]).collect();
    let found = directory(&SPEC, people(all.clone()));
    assert_eq!(meant(&found, "ANN", false).as_deref(), Ok("several"));
    let found = directory(&SPEC, people(all.clone()));
    assert_eq!(
        meant(&found, "ann@example.org", false).as_deref(),
        Ok("one")
    );
    assert_eq!(meant(&found, "ann 1", false).as_deref(), Ok("1"));
    // Of two that are called so, one of whom was told, none is meant.
    let two = [
        Entry::user("first", "Bob"),
        Entry::user("second", "Bob"),
        Entry::user("third", "Bob Lee"),
    ];
    let many = (0..=limit).map(|number| Entry::user(number.to_string(), format!("Bob {number}")));
    let all = two[..1]
        .iter()
        .cloned()
        .chain(many)
        .chain(two[1..].iter().cloned());
    let found = directory(&SPEC, people(all.collect()));
    assert_eq!(meant(&found, "bob", false).as_deref(), Ok("several"));
}

#[test]
fn ab_32_a_lookup_that_fails_is_no_answer() {
    let fails = People {
        fails: true,
        ..people(lees())
    };
    let directory = directory(&SPEC, fails);
    assert_eq!(meant(&directory, "bob", false), Err(Trouble::Network));
}

/// What a client has of somebody who is not resolved.
fn typed(name: &str) -> Vec<Property<'static>> {
    vec![
        Property::new(PR_RECIPIENT_TYPE, 2),
        Property::new(PR_DISPLAY_NAME_W.ansi(), PropValue::ansi(name)),
        Property::new(PR_ROWID, 9),
    ]
}

#[test]
fn ab_25_all_stays_but_the_name_and_what_is_asked_for_comes() {
    let own = book(&SPEC).of_entry(&lees()[0]);
    let asked = [PR_SURNAME_W, PR_SMTP_ADDRESS_W];
    let new = resolved(&typed("ann"), &own, Some(&asked), true);
    let tags: Vec<PropTag> = new.iter().map(|one| one.tag).collect();
    let missing = PR_SURNAME_W.with_type(0xA);
    let expected = [
        PR_RECIPIENT_TYPE,
        PR_DISPLAY_NAME_W,
        PR_ROWID,
        missing,
        PR_SMTP_ADDRESS_W,
        PR_ADDRTYPE_W,
        PR_EMAIL_ADDRESS_W,
        PR_ENTRYID,
        PR_OBJECT_TYPE,
        PR_SEARCH_KEY,
        PR_TRANSMITABLE_DISPLAY_NAME_W,
    ];
    assert_eq!(tags, expected);
    assert_eq!(new[1].value, text("Ann Lee"));
    assert_eq!(new[2].value, PropValue::Long(9));
}

#[test]
fn ab_25_strings_have_the_width_of_the_call() {
    let own = book(&SPEC).of_entry(&lees()[0]);
    let new = resolved(&typed("ann"), &own, None, false);
    let wide = new.iter().filter(|one| one.tag.prop_type() == 0x1F);
    assert_eq!(wide.count(), 0);
    assert!(new.iter().any(|one| one.tag == PR_DISPLAY_NAME_W.ansi()));
}

#[test]
fn ab_26_the_asked_come_first_and_the_list_s_value_wins() {
    let directory = directory(&SPEC, people(lees()));
    let id = directory.book.entry_id(&Name::User("3".to_owned()));
    let old = [
        Property::new(PR_ROWID, 4),
        Property::new(PR_DISPLAY_NAME_W, "Bobby"),
        Property::new(PR_ENTRYID, id),
    ];
    let asked = [PR_SMTP_ADDRESS_W, PR_DISPLAY_NAME_W, PR_SURNAME_W];
    let new = directory.prepared(&old, &asked, directory.deadline());
    let new = new.expect("ours").expect("found").expect("there");
    let tags: Vec<PropTag> = new.iter().map(|one| one.tag).collect();
    let missing = PR_SURNAME_W.with_type(0xA);
    let expected = [
        PR_SMTP_ADDRESS_W,
        PR_DISPLAY_NAME_W,
        missing,
        PR_ROWID,
        PR_ENTRYID,
    ];
    assert_eq!(tags, expected);
    assert_eq!(new[1].value, text("Bobby"));
}

#[test]
fn ab_26_others_are_left_alone_and_who_is_gone_is_told() {
    let directory = directory(&SPEC, people(lees()));
    let end = directory.deadline();
    let prepared = |id: Vec<u8>| {
        let old = [Property::new(PR_ENTRYID, id)];
        directory.prepared(&old, &[PR_DISPLAY_NAME_W], end)
    };
    assert!(prepared(b"somebody else's".to_vec()).is_none());
    let container = directory.book.entry_id(&Name::Container(String::new()));
    assert!(prepared(container).is_none());
    for gone in [Name::User("9".to_owned()), Name::List("1".to_owned())] {
        let gone = prepared(directory.book.entry_id(&gone)).expect("ours");
        assert!(gone.expect("looked").is_none());
    }
}
