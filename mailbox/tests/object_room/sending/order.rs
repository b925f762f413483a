//! What SubmitMessage does one after another (STORE-34).

use super::{Stage, asked, queued, submit};
use crate::object_support::*;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider::abi::*;
use mapi_provider::view::{
    AddressList, Allocators, Limits, PropTags, PropValue, Property, Row, RowSet,
};

/// `PR_ROWID` and `PR_RESPONSIBILITY` of all recipients, as MAPI finds them.
fn recipients(allocators: Allocators, message: &IMessage) -> Vec<(i32, Option<bool>)> {
    let table = recipient_table(message);
    let tags = PropTags::from(&[PR_ROWID, PR_RESPONSIBILITY][..]);
    let tags = allocators.build(&tags).expect("memory");
    let mut rows = ptr::null_mut();
    let rows = unsafe {
        let columns = table.SetColumns(tags.as_ptr(), TableFlags::empty());
        assert_eq!(columns, S_OK);
        let queried = table.QueryRows(100, QueryRowsFlags::empty(), &mut rows);
        assert_eq!(queried, S_OK);
        allocators.adopt(rows, 1).expect("rows")
    };
    let rows: RowSet<'_> = rows.read(&Limits::default()).expect("well-formed");
    let one = |row: &Row<'_>| {
        let id = row.get(PR_ROWID).and_then(PropValue::as_long);
        let responsibility = row.get(PR_RESPONSIBILITY).and_then(PropValue::as_bool);
        (id.expect("a row"), responsibility)
    };
    rows.0.iter().map(one).collect()
}

/// `PR_MESSAGE_FLAGS`, and whether there is a `PR_CLIENT_SUBMIT_TIME`.
fn marks(allocators: Allocators, message: &IMessage) -> (MessageFlags, bool) {
    let flags = asked(allocators, message, PR_MESSAGE_FLAGS).as_long();
    let flags = MessageFlags::from_bits_retain(flags.expect("flags").cast_unsigned());
    let tags = PropTags::from(&[PR_CLIENT_SUBMIT_TIME][..]);
    let tags = allocators.build(&tags).expect("memory");
    let (mut count, mut values) = (0, ptr::null_mut());
    let status = unsafe {
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = message.GetProps(tags.as_ptr(), flags, &mut count, &mut values);
        drop(allocators.adopt(values, count));
        status
    };
    // Where it lacks one, that is a warning.
    (flags, status == S_OK)
}

#[test]
fn store_34_each_step_finds_what_those_before_it_have_done() {
    let stage = Stage::new();
    let allocators = stage.session.allocators();
    let message = stage.message("again");
    add_recipients(&stage.session, &message, &[(MAPI_CC, "Bert")]);
    let resent = MessageFlags::RESEND | MessageFlags::UNSENT;
    let resent = Property::new(PR_MESSAGE_FLAGS, resent.bits().cast_signed());
    set(&stage.session, &message, &[resent]);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let found = Arc::clone(&seen);
    *stage.desk.prepare.lock().expect("sound") = Some(Box::new(move |message| {
        // Nobody is responsible yet, and it is not marked.
        let all = recipients(allocators, message);
        assert!(all.iter().all(|(_, one)| *one == Some(false)), "{all:?}");
        let (flags, has_time) = marks(allocators, message);
        assert!(!flags.contains(MessageFlags::SUBMIT) && !has_time);
        // Who has it already, MAPI says.
        let row = Row::from(vec![
            Property::new(PR_ROWID, all[1].0),
            Property::new(PR_RECIPIENT_TYPE, MAPI_CC.cast_signed()),
            Property::new(PR_DISPLAY_NAME_W, "Bert"),
            Property::new(PR_RESPONSIBILITY, true),
        ]);
        let list = allocators.build(&AddressList(vec![row])).expect("memory");
        let modify = ModifyRecipientsFlags::MODRECIP_MODIFY;
        let modified = unsafe { message.ModifyRecipients(modify, list.as_ptr()) };
        found.lock().expect("sound").push("prepare");
        modified
    }));
    let found = Arc::clone(&seen);
    *stage.desk.expand.lock().expect("sound") = Some(Box::new(move |message| {
        let (flags, has_time) = marks(allocators, message);
        assert!(flags.contains(MessageFlags::SUBMIT | MessageFlags::UNSENT) && has_time);
        found.lock().expect("sound").push("expand");
        S_OK
    }));
    assert_eq!(submit(&message), S_OK);
    assert_eq!(*seen.lock().expect("sound"), ["prepare", "expand"]);
    assert_eq!(stage.desk.take(), ["ready", "prepare", "expand"]);
    assert_eq!(stage.queue(), [queued("again", 0)]);
    let responsible: Vec<_> = recipients(allocators, &message)
        .into_iter()
        .map(|(_, one)| one)
        .collect();
    assert_eq!(
        responsible,
        [Some(false), Some(true)],
        "what MAPI said stays"
    );
    drop(message);
    stage.close();
}

#[test]
fn com_07_and_store_34_what_mapi_has_no_memory_for_is_not_submitted() {
    let stage = Stage::new();
    let allocators = stage.session.allocators();
    // What MAPI does with it takes memory, of its own and of the provider's.
    *stage.desk.expand.lock().expect("sound") = Some(Box::new(move |message| {
        let (mut count, mut values) = (0, ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let asked = unsafe { message.GetProps(ptr::null_mut(), flags, &mut count, &mut values) };
        drop(unsafe { allocators.adopt(values, count) });
        if asked.is_err() {
            return asked;
        }
        let row = Row::from(vec![
            Property::new(PR_RECIPIENT_TYPE, MAPI_CC.cast_signed()),
            Property::new(PR_DISPLAY_NAME_W, "Bert"),
        ]);
        let Ok(list) = allocators.build(&AddressList(vec![row])) else {
            return MAPI_E_NOT_ENOUGH_MEMORY;
        };
        let add = ModifyRecipientsFlags::MODRECIP_ADD;
        unsafe { message.ModifyRecipients(add, list.as_ptr()) }
    }));
    let message = stage.message("scarce");
    save_and_go_on(&message);
    let before = get_props(&stage.session, &message, None);
    let memory = stage.session.host.allocators();
    for n in 1..1000 {
        let asked_before = memory.requests();
        memory.fail_nth(n);
        let status = submit(&message);
        let asked = memory.requests() - asked_before;
        memory.fail_nth(u64::MAX / 2);
        if asked < n {
            assert_eq!(status, S_OK);
            assert!(n > 1, "it needs no memory");
            assert_eq!(stage.queue(), [queued("scarce", 0)]);
            assert_eq!(recipients(allocators, &message).len(), 2);
            drop(message);
            stage.close();
            return;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "allocation {n}");
        assert_eq!(stage.queue(), []);
        assert_eq!(get_props(&stage.session, &message, None), before);
        assert_eq!(recipients(allocators, &message).len(), 1);
    }
    panic!("it never ends");
}
