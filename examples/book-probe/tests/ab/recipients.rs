//! PrepareRecips: AB-26.

use mapi_provider::abi::{
    MAPI_E_NOT_FOUND, PR_ADDRTYPE_W, PR_BODY_W, PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_RECIPIENT_TYPE, PR_SMTP_ADDRESS_W, S_OK,
};
use mapi_provider_host::{Property, Value};

use crate::rig::{Rig, few};

fn recipient(id: Vec<u8>) -> Vec<Property> {
    vec![
        Property::new(PR_RECIPIENT_TYPE, 1),
        Property::new(PR_DISPLAY_NAME_W, "Annie"),
        Property::new(PR_ENTRYID, Value::Binary(id)),
    ]
}

#[test]
fn ab_26_without_tags_nothing_is_done() {
    let rig = Rig::new(few());
    let mut list = rig.book.list(&[recipient(rig.entry_id("Ann Lee"))]);
    let (row, place) = (list.row(0), list.place(0));
    rig.at_lookup(|call| panic!("{call} is asked"));
    assert_eq!(rig.book.prepare(&[], &mut list), S_OK);
    assert_eq!((list.row(0), list.place(0)), (row, place));
    drop(list);
    rig.finish();
}

#[test]
fn ab_26_what_is_asked_for_comes_first_and_what_is_there_wins() {
    let rig = Rig::new(few());
    let mut list = rig.book.list(&[recipient(rig.entry_id("Ann Lee"))]);
    let tags = [
        PR_EMAIL_ADDRESS_W,
        PR_DISPLAY_NAME_W,
        PR_BODY_W,
        PR_SMTP_ADDRESS_W,
    ];
    assert_eq!(rig.book.prepare(&tags, &mut list), S_OK);
    let row = list.row(0);
    let values: Vec<_> = row
        .iter()
        .map(|property| (property.id, property.value.clone()))
        .collect();
    let address = Value::from("ann@example.org");
    let expected = [
        (PR_EMAIL_ADDRESS_W.id(), address.clone()),
        (PR_DISPLAY_NAME_W.id(), Value::from("Annie")),
        (PR_BODY_W.id(), Value::Error(MAPI_E_NOT_FOUND)),
        (PR_SMTP_ADDRESS_W.id(), address),
        (PR_RECIPIENT_TYPE.id(), Value::Long(1)),
        (PR_ENTRYID.id(), Value::Binary(rig.entry_id("Ann Lee"))),
    ];
    assert_eq!(values, expected);
    drop(list);
    rig.finish();
}

#[test]
fn ab_26_recipients_of_others_stay_as_they_are() {
    let rig = Rig::new(few());
    let own = rig.entry_id("Bob Miller");
    let mut foreign = own.clone();
    foreign[9] ^= 1;
    let mut list = rig.book.list(&[
        recipient(foreign),
        vec![Property::new(PR_DISPLAY_NAME_W, "nobody yet")],
        vec![],
        recipient(own[..own.len() - 1].to_vec()),
        recipient(vec![1, 2, 3]),
        recipient(own),
    ]);
    let before: Vec<_> = (0..6)
        .map(|index| (list.row(index), list.place(index)))
        .collect();
    assert_eq!(rig.book.prepare(&[PR_ADDRTYPE_W], &mut list), S_OK);
    for (index, before) in before.iter().enumerate().take(5) {
        assert_eq!(&(list.row(index), list.place(index)), before, "{index}");
    }
    assert_eq!(list.value(5, PR_ADDRTYPE_W), Some(Value::from("SMTP")));
    drop(list);
    rig.finish();
}

#[test]
fn ab_26_one_that_is_gone_is_told_when_the_others_are_done() {
    let rig = Rig::new(few());
    let ids = ["Ann Lee", "Bob Miller", "Team"].map(|name| rig.entry_id(name));
    rig.change(|book| book.people.retain(|person| person.name != "Ann Lee"));
    let mut list = rig.book.list(&ids.map(recipient));
    let gone = (list.row(0), list.place(0));
    let status = rig.book.prepare(&[PR_ADDRTYPE_W], &mut list);
    assert_eq!(status, MAPI_E_NOT_FOUND);
    assert_eq!((list.row(0), list.place(0)), gone);
    assert_eq!(list.value(1, PR_ADDRTYPE_W), Some(Value::from("SMTP")));
    assert_eq!(list.value(2, PR_ADDRTYPE_W), Some(Value::from("MAPIPDL")));
    drop(list);
    rig.finish();
}

#[test]
fn ab_26_each_width_is_given_as_it_is_asked_for() {
    let rig = Rig::new(few());
    let id = Property::new(PR_ENTRYID, Value::Binary(rig.entry_id("Ann Lee")));
    let mut list = rig.book.list(&[vec![id]]);
    assert_eq!(rig.book.prepare(&[PR_DISPLAY_NAME_A], &mut list), S_OK);
    let narrow = Value::String8(b"Ann Lee".to_vec());
    assert_eq!(list.value(0, PR_DISPLAY_NAME_A), Some(narrow));
    drop(list);
    rig.finish();
}

#[test]
fn ab_26_an_allocation_that_fails_leaves_the_recipient_as_it_is() {
    let rig = Rig::new(few());
    let id = rig.entry_id("Ann Lee");
    for nth in 1..1000 {
        let mut list = rig.book.list(&[recipient(id.clone())]);
        let before = (list.row(0), list.place(0));
        rig.host.allocators().fail_nth(nth);
        if rig.book.prepare(&[PR_ADDRTYPE_W], &mut list) == S_OK {
            assert!(nth > 1, "something is allocated");
            break;
        }
        assert_eq!((list.row(0), list.place(0)), before);
    }
    rig.host.allocators().fail_nth(1 << 40);
    rig.finish();
}
