use super::super::logic::Address;
use super::super::testing::{SPEC, book};
use super::*;
use mapi_provider_abi::mapi::{PR_BUSINESS_TELEPHONE_NUMBER_W, PR_SURNAME};

fn value(properties: &[Property<'static>], tag: PropTag) -> PropValue<'static> {
    let found = answered(properties, &[tag], true).pop();
    found.expect("one for each tag").value
}

fn text_of(properties: &[Property<'static>], tag: PropTag) -> Option<String> {
    value(properties, tag).to_text()
}

#[test]
fn ab_27_a_user_has_what_a_user_must_have() {
    let entry = Entry::user("7", "Ann Lee").smtp("Ann@example.org");
    let all = book(&SPEC).of_entry(&entry);
    let id = book(&SPEC).entry_id(&Name::User("7".to_owned()));
    assert_eq!(value(&all, PR_ENTRYID), PropValue::from(id.clone()));
    assert_eq!(value(&all, PR_RECORD_KEY), PropValue::from(id));
    for (tag, expected) in [
        (PR_ADDRTYPE_W, "SMTP"),
        (PR_DISPLAY_NAME_W, "Ann Lee"),
        (PR_EMAIL_ADDRESS_W, "Ann@example.org"),
        (PR_SMTP_ADDRESS_W, "Ann@example.org"),
        (PR_TRANSMITABLE_DISPLAY_NAME_W, "Ann Lee"),
    ] {
        assert_eq!(text_of(&all, tag).as_deref(), Some(expected), "{tag}");
    }
    let key = b"SMTP:ANN@EXAMPLE.ORG\0".to_vec();
    assert_eq!(value(&all, PR_SEARCH_KEY), PropValue::from(key));
    assert_eq!(value(&all, PR_OBJECT_TYPE), PropValue::Long(6));
    assert_eq!(value(&all, PR_SEND_RICH_INFO), PropValue::Boolean(false));
}

#[test]
fn ab_27_another_type_has_an_internet_address_only_where_it_is_said() {
    let fax = Address {
        kind: "FAX".to_owned(),
        value: "+1".to_owned(),
    };
    let entry = Entry::user("7", "Ann").addressed(fax).rich(true);
    let all = book(&SPEC).of_entry(&entry);
    assert_eq!(text_of(&all, PR_SMTP_ADDRESS_W), None);
    assert_eq!(value(&all, PR_SEND_RICH_INFO), PropValue::Boolean(true));
    let entry = entry.set(PR_SMTP_ADDRESS_W.ansi().0, "ann@example.org");
    let all = book(&SPEC).of_entry(&entry);
    let smtp = text_of(&all, PR_SMTP_ADDRESS_W);
    assert_eq!(smtp.as_deref(), Some("ann@example.org"));
    assert_eq!(text_of(&all, PR_EMAIL_ADDRESS_W).as_deref(), Some("+1"));
}

#[test]
fn ab_15_the_display_type_is_an_entry_s_and_never_a_container_s() {
    let user = book(&SPEC).of_entry(&Entry::user("1", "A"));
    let list = book(&SPEC).of_entry(&Entry::list("2", "B"));
    assert_eq!(value(&user, PR_DISPLAY_TYPE), PropValue::Long(0));
    assert_eq!(value(&list, PR_DISPLAY_TYPE), PropValue::Long(1));
    let root = book(&SPEC).of_container(None, false);
    assert_eq!(value(&root, PR_DISPLAY_TYPE), PropValue::Long(0x20000));
}

#[test]
fn ab_28_a_list_without_an_address_is_expanded_by_mapi() {
    let list = book(&SPEC).of_entry(&Entry::list("2", "B"));
    assert_eq!(text_of(&list, PR_ADDRTYPE_W).as_deref(), Some("MAPIPDL"));
    assert_eq!(text_of(&list, PR_EMAIL_ADDRESS_W), None);
    assert_eq!(value(&list, PR_OBJECT_TYPE), PropValue::Long(8));
    let list = book(&SPEC).of_entry(&Entry::list("2", "B").smtp("b@example.org"));
    assert_eq!(text_of(&list, PR_ADDRTYPE_W).as_deref(), Some("SMTP"));
}

#[test]
fn ab_13_exactly_one_flag_says_whether_it_is_modifiable() {
    let flags = |branch: Option<&Branch>, is_large| {
        let all = book(&SPEC).of_container(branch, is_large);
        value(&all, PR_CONTAINER_FLAGS)
            .as_long()
            .map(i32::cast_unsigned)
    };
    let mut branch = Branch {
        key: "a".to_owned(),
        name: "A".to_owned(),
        depth: 0,
        has_children: false,
    };
    assert_eq!(flags(None, false), Some(2 | 8));
    assert_eq!(flags(Some(&branch), false), Some(1 | 8));
    assert_eq!(flags(Some(&branch), true), Some(1 | 8 | 0x10));
    branch.has_children = true;
    assert_eq!(flags(Some(&branch), false), Some(1 | 2 | 8));
}

#[test]
fn ab_16_strings_are_answered_in_the_width_that_is_asked_for() {
    let entry = Entry::user("7", "Ann").set(PR_BUSINESS_TELEPHONE_NUMBER_W.0, "42");
    let all = book(&SPEC).of_entry(&entry);
    let open = PR_DISPLAY_NAME_W.with_type(PT_UNSPECIFIED);
    let wide = PropValue::from("Ann");
    for (tag, is_wide, expected) in [
        (PR_DISPLAY_NAME_W, false, wide.clone()),
        (PR_DISPLAY_NAME_W.ansi(), true, PropValue::ansi("Ann")),
        (open, true, wide),
        (open, false, PropValue::ansi("Ann")),
        (PR_BUSINESS_TELEPHONE_NUMBER_W, true, PropValue::from("42")),
        (PR_SURNAME, true, PropValue::Error(MAPI_E_NOT_FOUND)),
        (
            PR_OBJECT_TYPE.with_type(PT_UNICODE),
            true,
            PropValue::Error(MAPI_E_NOT_FOUND),
        ),
    ] {
        let found = answered(&all, &[tag], is_wide).pop().expect("one");
        assert_eq!((found.tag.id(), found.value), (tag.id(), expected), "{tag}");
    }
}

#[test]
fn ab_15_what_the_logic_sets_does_not_replace_what_is_ours() {
    let entry = Entry::user("7", "Ann\0Lee")
        .set(PR_DISPLAY_NAME_W.0, "Somebody else")
        .set(PR_ENTRYID.0, "id");
    let all = book(&SPEC).of_entry(&entry);
    let name = text_of(&all, PR_DISPLAY_NAME_W);
    assert_eq!(name.as_deref(), Some("Ann\u{FFFD}Lee"));
    let ids = all.iter().filter(|one| one.tag.id() == PR_ENTRYID.id());
    assert_eq!(ids.count(), 1);
}
