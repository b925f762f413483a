//! Memory that runs out in what is asked of an object: a defined answer, nothing is given out, and nothing is done.

use crate::faults::with_each_failure;
use crate::notify;
use crate::object_support;
use crate::parts_support::create_attachment;
use crate::spooler_support;
use std::ptr;
use std::time::Duration;

use mapi_provider::abi::*;
use mapi_provider::view::{PropName, PropTags, PropValue, Property};
use mapi_provider_mailbox::database;
use object_support::*;

#[test]
fn com_07_and_store_26_any_allocation_for_a_message_may_fail() {
    let (session, _) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let object: IMAPIProp = message.cast().expect("properties");
    let create = GetIDsFromNamesFlags::MAPI_CREATE;
    let (_, named) = id_of_name(&session, &object, "Colour", create);
    let named = named.with_type(PT_UNICODE);
    let values = [
        Property::new(PR_SUBJECT_W, "Lunch"),
        Property::new(PR_BODY_W, "At noon"),
        Property::new(named, "blue"),
    ];
    set(&session, &object, &values);
    save_and_go_on(&object);

    with_each_failure(&session, "GetProps", || unsafe {
        let (mut count, mut out) = (0, ptr::null_mut());
        let flags = UnicodeFlags::MAPI_UNICODE;
        let status = object.GetProps(ptr::null_mut(), flags, &mut count, &mut out);
        assert_eq!(count == 0, status.is_err());
        (status, out.cast())
    });
    with_each_failure(&session, "GetPropList", || unsafe {
        let mut out = ptr::null_mut();
        let status = object.GetPropList(UnicodeFlags::MAPI_UNICODE, &mut out);
        (status, out.cast())
    });
    let allocators = session.allocators();
    let tags = allocators.build(&PropTags::from(&[named][..]));
    let tags = tags.expect("memory");
    with_each_failure(&session, "GetNamesFromIDs", || unsafe {
        let (mut tags, mut count, mut out) = (tags.as_ptr(), 0, ptr::null_mut());
        let flags = GetNamesFromIDsFlags::empty();
        let status =
            object.GetNamesFromIDs(&mut tags, ptr::null_mut(), flags, &mut count, &mut out);
        assert_eq!(count, u32::from(status.is_ok()));
        (status, out.cast())
    });
    let name = PropName {
        set: GUID::from_u128(0x7E57),
        id: "Colour".into(),
    };
    let names = allocators.build(&[Some(name)][..]).expect("memory");
    with_each_failure(&session, "GetIDsFromNames", || unsafe {
        let mut out = ptr::null_mut();
        let flags = GetIDsFromNamesFlags::empty();
        let status = object.GetIDsFromNames(1, names.as_ptr(), flags, &mut out);
        (status, out.cast())
    });
    // Problems that can’t be told fail the call.
    let values = [
        Property::new(PR_SUBJECT_W, "Dinner"),
        Property::new(PR_ENTRYID, &b"mine"[..]),
    ];
    let values = allocators.build(&values[..]).expect("memory");
    with_each_failure(&session, "SetProps", || unsafe {
        let mut out = ptr::null_mut();
        let status = object.SetProps(values.count(), values.as_ptr(), &mut out);
        (status, out.cast())
    });
    let subject = value(&session, &object, PR_SUBJECT_W);
    assert_eq!(subject.to_text().as_deref(), Some("Dinner"));
    drop((message, object, folder, values, names, tags));
    session.close();
}

/// Makes a call that tells problems with each of its allocations failing in turn, until none does. Where one fails, nothing
/// is done.
fn all_or_nothing(
    session: &Session,
    name: &str,
    call: impl Fn(&mut *mut SPropProblemArray) -> HRESULT,
    is_done: impl Fn() -> bool,
) {
    let memory = session.host.allocators();
    for n in 1..100 {
        let before = memory.requests();
        memory.fail_nth(n);
        let mut problems = ptr::null_mut();
        let status = call(&mut problems);
        let asked = memory.requests() - before;
        memory.fail_nth(u64::MAX / 2);
        let problems = unsafe { session.allocators().adopt(problems, 1) };
        if asked < n {
            assert_eq!(status, S_OK, "{name}");
            assert!(problems.is_some() && is_done(), "{name}");
            assert!(n > 1, "{name} needs no memory");
            return;
        }
        assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "{name}, {n}");
        assert!(problems.is_none() && !is_done(), "{name}, {n}");
    }
    panic!("{name} never ends");
}

#[test]
fn com_07_and_store_26_what_can_not_be_told_is_not_done() {
    let (session, _) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (_, attachment) = create_attachment(&message);
    let objects: [(&str, IMAPIProp); 4] = [
        ("a store", session.store.interface().clone().into()),
        ("a folder", folder.clone().into()),
        ("a message", message.clone().into()),
        ("an attachment", attachment.clone().into()),
    ];
    let ours = PropTag::new(0x6620, PT_UNICODE);
    let values = [
        Property::new(ours, "ours"),
        Property::new(PR_OBJECT_TYPE, 1),
    ];
    let values = session.allocators().build(&values[..]).expect("memory");
    let tags = PropTags::from(vec![ours, PR_OBJECT_TYPE]);
    let tags = session.allocators().build(&tags).expect("memory");
    for (name, object) in &objects {
        let has = || value(&session, object, ours) == PropValue::from("ours");
        let set = |problems: &mut _| unsafe {
            object.SetProps(values.count(), values.as_ptr(), problems)
        };
        all_or_nothing(&session, &format!("SetProps of {name}"), set, has);
        let delete = |problems: &mut _| unsafe { object.DeleteProps(tags.as_ptr(), problems) };
        all_or_nothing(&session, &format!("DeleteProps of {name}"), delete, || {
            !has()
        });
    }
    drop((objects, folder, message, attachment, values, tags));
    session.close();
}

#[test]
fn com_07_and_store_32_what_is_moved_without_memory_is_here_or_there() {
    let (session, _) = Session::in_memory();
    let (from, to) = (session.raw_folder("From"), session.raw_folder("To"));
    let ours = PropTag::new(0x6620, PT_UNICODE);
    let tags = PropTags::from(vec![ours, PR_ENTRYID]);
    let tags = session.allocators().build(&tags).expect("memory");
    let memory = session.host.allocators();
    let has = |folder: &IMAPIFolder| value(&session, folder, ours) == PropValue::from("ours");
    for n in 1..100 {
        set(&session, &from, &[Property::new(ours, "ours")]);
        let emptied = unsafe { to.DeleteProps(tags.as_ptr(), ptr::null_mut()) };
        assert_eq!(emptied, S_OK);
        let before = memory.requests();
        memory.fail_nth(n);
        let mut problems = ptr::null_mut();
        let (iid, flags) = (IMAPIFolder::IID, CopyFlags::MAPI_MOVE);
        let status = unsafe {
            let (none, to) = (ptr::null_mut(), to.as_raw());
            from.CopyProps(tags.as_ptr(), 0, none, &iid, to, flags, &mut problems)
        };
        let asked = memory.requests() - before;
        memory.fail_nth(u64::MAX / 2);
        drop(unsafe { session.allocators().adopt(problems, 1) });
        assert!(has(&from) || has(&to), "allocation {n}");
        if status.is_err() {
            assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY, "allocation {n}");
            assert!(has(&from) && !has(&to), "allocation {n}");
        }
        if asked < n {
            assert!(!has(&from) && has(&to));
            drop((from, to, tags));
            session.close();
            return;
        }
    }
    panic!("it never ends");
}

#[test]
fn com_07_and_store_39_a_logon_and_an_advise_manage_without_memory_of_mapi_s() {
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let table = contents(&folder);
    let (sink, _heard) = notify::sink();
    let memory = session.host.allocators();
    // The logon's row in the status table takes some, and is left out.
    let before = memory.requests();
    memory.fail_nth(1);
    let (provider, another) = session.open_another(Where::Open(store));
    let interface = another.interface();
    let (mut of_store, mut of_table) = (0, 0);
    unsafe {
        let (none, events) = (ptr::null_mut(), NotificationEvents::fnevObjectModified);
        let advised = interface.Advise(0, none, events, sink.as_raw(), &mut of_store);
        assert_eq!(advised, S_OK);
        let events = NotificationEvents::fnevTableModified;
        let advised = table.Advise(events, sink.as_raw(), &mut of_table);
        assert_eq!(advised, S_OK);
        assert_eq!(interface.Unadvise(of_store), S_OK);
        assert_eq!(table.Unadvise(of_table), S_OK);
    }
    assert!(
        memory.requests() - before <= 1,
        "all that was asked for has failed"
    );
    memory.fail_nth(u64::MAX / 2);
    another.logoff();
    provider.shutdown().expect("a shutdown");
    drop((folder, table, sink, provider));
    session.close();
}

#[test]
fn com_07_and_store_39_whom_mapi_has_no_memory_for_is_not_subscribed() {
    let (session, desk) = spooler_support::open(Where::Open(
        database::Store::in_memory(database::Options::new()).expect("memory"),
    ));
    let folder = session.raw_folder("Mail");
    let table = contents(&folder);
    let (sink, heard) = notify::sink();
    let interface = session.store.interface();
    *desk.subscribing.lock().expect("sound") = Some(MAPI_E_NOT_ENOUGH_MEMORY);
    let mut connection = 0;
    unsafe {
        let (none, events) = (ptr::null_mut(), NotificationEvents::fnevObjectModified);
        let advised = interface.Advise(0, none, events, sink.as_raw(), &mut connection);
        assert_eq!((advised, connection), (MAPI_E_NOT_ENOUGH_MEMORY, 0));
    }
    let mut connection = 0;
    unsafe {
        let events = NotificationEvents::fnevTableModified;
        let advised = table.Advise(events, sink.as_raw(), &mut connection);
        assert_eq!((advised, connection), (MAPI_E_NOT_ENOUGH_MEMORY, 0));
    }
    let message = create_message(&folder);
    save_and_go_on(&message);
    set(&session, &folder, &[Property::new(PR_COMMENT_W, "unheard")]);
    assert!(heard.try_recv().is_err());
    // With memory all is as ever.
    *desk.subscribing.lock().expect("sound") = None;
    let mut connection = 0;
    unsafe {
        let (none, events) = (ptr::null_mut(), NotificationEvents::fnevObjectModified);
        let advised = interface.Advise(0, none, events, sink.as_raw(), &mut connection);
        assert_eq!(advised, S_OK);
        set(&session, &folder, &[Property::new(PR_COMMENT_W, "heard")]);
        assert!(heard.recv_timeout(Duration::from_secs(60)).is_ok());
        assert_eq!(interface.Unadvise(connection), S_OK);
    }
    drop((message, folder, table, sink));
    session.close();
}
