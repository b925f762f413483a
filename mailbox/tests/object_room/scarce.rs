//! Memory that runs out in what is asked of a message: a defined answer, and nothing is given out.

use crate::faults::with_each_failure;
use crate::object_support;
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::{PropName, PropTags, Property};
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
