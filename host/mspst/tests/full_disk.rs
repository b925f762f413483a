//! A disk that fills up. In a program of its own, because the limit applies to the whole
//! library.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is to a local or to what a method has just answered"
)]

mod support;

use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::view::Property;
use support::*;

#[test]
fn store_43_a_full_disk_is_told_with_a_text() {
    let (_folder, path) = place();
    let session = Session::open(&path);
    let folder = folder_with(&session, "Mail", &[]);
    let id = add(&folder, "a");
    let message = raw_message(&session, &id);
    assert_eq!(
        set_props(&session, &message, &[Property::new(PR_SUBJECT_W, "b")]).0,
        S_OK
    );
    mspst32::MspstSetQuota(64);
    let status = unsafe { message.SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE) };
    mspst32::MspstSetQuota(u64::MAX);
    assert_eq!(status, MAPI_E_NOT_ENOUGH_DISK);
    let mut error = ptr::null_mut();
    let described = unsafe {
        let flags = UnicodeFlags::MAPI_UNICODE;
        assert_eq!(message.GetLastError(status, flags, &mut error), S_OK);
        let error = session.allocators().adopt(error, 1).expect("a text");
        let limits = Default::default();
        let read = mapi_provider::view::DescribedError::read(error.as_ptr(), flags, &limits);
        read.expect("well-formed")
            .error
            .expect("a text")
            .to_string_lossy()
    };
    assert!(described.contains("is full"), "{described}");
    unsafe {
        assert_eq!(
            message.SaveChanges(SaveChangesFlags::KEEP_OPEN_READWRITE),
            S_OK
        )
    };
    drop((message, folder));
    session.close();
}
