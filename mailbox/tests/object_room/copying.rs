//! The properties of folders that are copied and moved, to folders here and of another store.

use crate::object_copies;
use crate::object_mock::{Node, Rules, held};
use crate::object_support;
use crate::parts_support::{attachment_table, create_attachment};
use std::ptr;
use std::sync::Mutex;

use mapi_provider::abi::*;
use mapi_provider::store::EntryId;
use mapi_provider::view::{Limits, PropProblems, PropTags, PropValue, Property};
use object_copies::*;
use object_support::*;

fn copy_to(from: &IMAPIFolder, to: &IUnknown, flags: CopyFlags) -> HRESULT {
    let (none, iid) = (ptr::null_mut::<std::ffi::c_void>(), IMAPIProp::IID);
    unsafe {
        from.CopyTo(
            0,
            ptr::null(),
            none.cast(),
            0,
            none,
            &iid,
            to.as_raw(),
            flags,
            ptr::null_mut(),
        )
    }
}

#[test]
fn store_32_a_folders_properties_go_to_another_folder() {
    let (session, _store) = Session::in_memory();
    let (from, to) = (made(&session, "From"), made(&session, "To"));
    set_ours(&session, &from.folder);
    let tags = [OURS, LARGE, PR_ENTRYID, PropTag::new(0x6622, PT_LONG)];
    let tags = PropTags::from(&tags[..]);
    let tags = session.allocators().build(&tags).expect("memory");
    let mut problems = ptr::null_mut();
    let problems = unsafe {
        let (none, iid) = (ptr::null_mut(), IMAPIFolder::IID);
        let flags = CopyFlags::empty();
        let to = to.folder.as_raw();
        let status = from
            .folder
            .CopyProps(tags.as_ptr(), 0, none, &iid, to, flags, &mut problems);
        assert_eq!(status, S_OK);
        session.allocators().adopt(problems, 1).expect("problems")
    };
    let read: PropProblems = problems.read(&Limits::default()).expect("well-formed");
    let found: Vec<_> = read.0.iter().map(|one| (one.index, one.status)).collect();
    assert_eq!(found, [(2, MAPI_E_COMPUTED), (3, MAPI_E_NOT_FOUND)]);
    drop(problems);
    let object: IMAPIProp = to.folder.clone().into();
    let read = get_props(&session, &object, Some(&[OURS, LARGE, PR_COMMENT_W]));
    assert_eq!(read[0].value, PropValue::from("ours"));
    assert_eq!(
        read[1].value,
        PropValue::Error(MAPI_E_NOT_ENOUGH_MEMORY),
        "it is large"
    );
    assert_eq!(read[2].value, PropValue::Error(MAPI_E_NOT_FOUND));
    // All, to another store.
    let other = other_store(&session);
    assert_eq!(
        copy_to(&from.folder, &other.folder(), CopyFlags::empty()),
        S_OK
    );
    assert_eq!(other.text(PR_DISPLAY_NAME_W).as_deref(), Some("From"));
    assert_eq!(
        other.get(LARGE.id()),
        Some(PropValue::from(vec![5; 20_000]))
    );
    assert_eq!(other.get(0xFFFF), None, "what is no client's stays here");
    drop((from, to, object, tags));
    session.close();
}

#[test]
fn store_32_a_folder_is_not_copied_onto_itself_and_moved_properties_go() {
    let (session, _store) = Session::in_memory();
    let (from, to) = (made(&session, "From"), made(&session, "To"));
    set_ours(&session, &from.folder);
    let again = raw_folder(&session, &EntryId::from(from.entry_id.clone()));
    for itself in [&from.folder, &again] {
        let status = copy_to(&from.folder, itself, CopyFlags::empty());
        assert_eq!(status, MAPI_E_NO_ACCESS);
    }
    let keeps = CopyFlags::MAPI_MOVE | CopyFlags::MAPI_NOREPLACE;
    assert_eq!(copy_to(&from.folder, &to.folder, keeps), S_OK);
    let value = |folder: &IMAPIFolder, tag: PropTag| {
        let object: IMAPIProp = folder.clone().into();
        get_props(&session, &object, Some(&[tag])).remove(0).value
    };
    assert_eq!(
        value(&from.folder, OURS),
        PropValue::Error(MAPI_E_NOT_FOUND)
    );
    assert_eq!(value(&to.folder, OURS), PropValue::from("ours"));
    for (folder, name) in [(&from.folder, "From"), (&to.folder, "To")] {
        assert_eq!(value(folder, PR_DISPLAY_NAME_W), PropValue::from(name));
    }
    drop((from, to, again));
    session.close();
}

#[test]
fn store_32_a_stores_properties_go_to_another_object() {
    let (session, _store) = Session::in_memory();
    let store = session.store.interface();
    let properties: &IMAPIProp = store;
    let ours = [
        Property::new(OURS, "ours"),
        Property::new(LARGE, &[5_u8; 20_000][..]),
    ];
    assert_eq!(set_props(&session, properties, &ours), (S_OK, vec![]));
    let (none, empty) = (ptr::null_mut::<std::ffi::c_void>(), ptr::null_mut());
    let copy = |count, iids, to: &IUnknown, flags| unsafe {
        let iid = IMAPIProp::IID;
        let to = to.as_raw();
        store.CopyTo(
            count,
            iids,
            empty,
            0,
            none,
            &iid,
            to,
            flags,
            ptr::null_mut(),
        )
    };
    let other = other_store(&session);
    let flags = CopyFlags::empty();
    assert_eq!(copy(0, ptr::null(), &other.folder(), flags), S_OK);
    assert_eq!(other.text(OURS).as_deref(), Some("ours"));
    assert_eq!(
        other.get(LARGE.id()),
        Some(PropValue::from(vec![5; 20_000]))
    );
    // Not onto itself; and not where nothing is left to copy by.
    let itself: IUnknown = store.cast().expect("an object");
    assert_eq!(copy(0, ptr::null(), &itself, flags), MAPI_E_NO_ACCESS);
    let excluded = IMAPIProp::IID;
    let refused = copy(1, &excluded, &other.folder(), flags);
    assert_eq!(refused, MAPI_E_INTERFACE_NOT_SUPPORTED);
    // By name, and what was moved is here no more.
    let to = made(&session, "To");
    let tags = [OURS, PR_ENTRYID, PropTag::new(0x6622, PT_LONG)];
    let tags = session.allocators().build(&PropTags::from(&tags[..]));
    let tags = tags.expect("memory");
    let mut problems = ptr::null_mut();
    let problems = unsafe {
        let (iid, to, moves) = (IMAPIProp::IID, to.folder.as_raw(), CopyFlags::MAPI_MOVE);
        let status = store.CopyProps(tags.as_ptr(), 0, none, &iid, to, moves, &mut problems);
        assert_eq!(status, S_OK);
        session.allocators().adopt(problems, 1).expect("problems")
    };
    let read: PropProblems = problems.read(&Limits::default()).expect("well-formed");
    let found: Vec<_> = read.0.iter().map(|one| (one.index, one.status)).collect();
    assert_eq!(found, [(1, MAPI_E_COMPUTED), (2, MAPI_E_NOT_FOUND)]);
    drop(problems);
    assert_eq!(value(&session, &to.folder, OURS), "ours".into());
    let gone = PropValue::Error(MAPI_E_NOT_FOUND);
    assert_eq!(value(&session, properties, OURS), gone);
    drop((to, tags, itself));
    session.close();
}

#[test]
fn store_32_bad_arguments_are_refused() {
    let (session, _store) = Session::in_memory();
    let from = made(&session, "From");
    let other = other_store(&session).folder();
    let none = PropTags::from(&[][..]);
    let none = session.allocators().build(&none).expect("memory");
    let (null, iid) = (ptr::null_mut::<std::ffi::c_void>(), IMAPIProp::IID);
    let (flags, empty) = (CopyFlags::empty(), ptr::null_mut());
    let to = other.as_raw();
    let call = |count, iids, excluded, iid, to| unsafe {
        from.folder
            .CopyTo(count, iids, excluded, 0, null, iid, to, flags, empty)
    };
    let refused = [
        (
            call(0, ptr::null(), empty.cast(), &iid, null),
            MAPI_E_INVALID_PARAMETER,
        ),
        (
            call(0, ptr::null(), empty.cast(), ptr::null(), to),
            MAPI_E_INVALID_PARAMETER,
        ),
        (
            call(0, ptr::null(), none.as_ptr(), &iid, to),
            MAPI_E_INVALID_PARAMETER,
        ),
        (
            call(1, ptr::null(), empty.cast(), &iid, to),
            MAPI_E_INVALID_PARAMETER,
        ),
        (call(u32::MAX, &iid, empty.cast(), &iid, to), MAPI_E_TOO_BIG),
        (
            call(1, &iid, empty.cast(), &iid, to),
            MAPI_E_INTERFACE_NOT_SUPPORTED,
        ),
        (
            call(0, ptr::null(), empty.cast(), &IMessage::IID, to),
            MAPI_E_INTERFACE_NOT_SUPPORTED,
        ),
    ];
    for (place, (status, expected)) in refused.into_iter().enumerate() {
        assert_eq!(status, expected, "call {place}");
    }
    let mut huge = SPropTagArray {
        cValues: u32::MAX,
        aulPropTag: [OURS],
    };
    unsafe {
        let status = call(0, ptr::null(), &raw mut huge, &iid, to);
        assert!(status.is_err(), "{status:?}");
        let folder = &from.folder;
        let status = folder.CopyProps(&mut huge, 0, null, &iid, to, flags, empty);
        assert!(status.is_err(), "{status:?}");
        let status = folder.CopyProps(none.as_ptr(), 0, null, &iid, to, flags, empty);
        assert_eq!(status, MAPI_E_INVALID_PARAMETER);
    }
    drop((from, other, none));
    session.close();
}

/// What other people's code may do with a message, on whatever thread.
struct Held(Mutex<Option<(IMessage, mapi_provider::view::Allocators)>>);
unsafe impl Send for Held {}
unsafe impl Sync for Held {}

#[test]
fn store_32_what_comes_into_a_message_while_it_is_moved_stays() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let before = [
        Property::new(PR_SUBJECT_W, "before"),
        Property::new(OURS, "ours"),
    ];
    set(&session, &message, &before);
    add_recipients(&session, &message, &[(MAPI_TO, "Ann")]);
    let (_, attachment) = create_attachment(&message);
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    let held_back = Held(Mutex::new(Some((message.clone(), session.allocators()))));
    let mut rules = Rules::new(session.allocators());
    // The other store's code has the message too, and works with it when it is given the first things.
    rules.then = Box::new(move || {
        let held_back = &held_back;
        let Some((message, allocators)) = held(&held_back.0).take() else {
            return;
        };
        let values = [Property::new(PR_SUBJECT_W, "meanwhile")];
        let values = allocators.build(&values[..]).expect("memory");
        let to = vec![Property::new(PR_DISPLAY_NAME_W, "Bob")];
        let to = mapi_provider::view::AddressList(vec![to.into()]);
        let to = allocators.build(&to).expect("memory");
        unsafe {
            assert_eq!(message.SetProps(1, values.as_ptr(), ptr::null_mut()), S_OK);
            let add = ModifyRecipientsFlags::MODRECIP_ADD;
            assert_eq!(message.ModifyRecipients(add, to.as_ptr()), S_OK);
        }
        let (_, attachment) = create_attachment(&message);
        save_and_go_on(&attachment);
    });
    let other = Node::root(rules);
    let there: IUnknown = other.message().into();
    let moved = unsafe {
        let (none, iid) = (ptr::null_mut::<std::ffi::c_void>(), IMessage::IID);
        let (to, flags) = (there.as_raw(), CopyFlags::MAPI_MOVE);
        message.CopyTo(
            0,
            ptr::null(),
            none.cast(),
            0,
            none,
            &iid,
            to,
            flags,
            ptr::null_mut(),
        )
    };
    assert_eq!(moved, S_OK);
    assert_eq!(other.text(PR_SUBJECT_W).as_deref(), Some("before"));
    // What was copied is gone, and nothing else.
    let read = |tag| value(&session, &message, tag);
    assert_eq!(read(OURS), PropValue::Error(MAPI_E_NOT_FOUND));
    assert_eq!(read(PR_SUBJECT_W), "meanwhile".into());
    assert_eq!(read(PR_DISPLAY_TO_W), "Bob".into());
    save_and_go_on(&message);
    let table = attachment_table(&message);
    assert_eq!(column(&session, &table, PR_ATTACH_NUM), [Some(1.into())]);
    drop((folder, message, attachment, table, there, other));
    session.close();
}
