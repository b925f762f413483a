//! A file that can't be opened: the logon fails with a code that harms no other provider, a text and the real code
//! (STORE-43, ENTRY-06). The file is as it was.

use std::fs;

use mapi_provider::abi::{
    HRESULT, MAPI_E_CORRUPT_STORE, MAPI_E_DISK_ERROR, MAPI_E_FAILONEPROVIDER, MAPI_E_TIMEOUT,
    MAPI_E_VERSION,
};
use mapi_provider::mailbox::database::Store;
use mapi_provider_host::Status;

use crate::rig::Rig;
use crate::support::script::Script;

/// The logon fails with this code inside, and a text with this word.
#[track_caller]
fn assert_refused(rig: &Rig, code: HRESULT, word: &str) {
    let failure = rig.provider.logon().map(drop).expect_err("refused");
    assert_eq!(failure.status, Status(MAPI_E_FAILONEPROVIDER));
    assert_eq!(failure.low_level, Some(Status(code)));
    let text = failure.text.expect("a text");
    assert!(text.contains(word), "{text}");
}

fn rig() -> Rig {
    Rig::new(Script::new(|_| Ok(())))
}

#[test]
fn store_43_a_damaged_file_is_refused_and_left_as_it_was() {
    let rig = rig();
    let text = "this is no database".repeat(100);
    fs::write(rig.file(), &text).expect("written");
    assert_refused(&rig, MAPI_E_CORRUPT_STORE, "damaged");
    assert_eq!(fs::read_to_string(rig.file()).expect("read"), text);
    rig.finish();
}

#[test]
fn store_43_a_file_of_a_newer_version_is_refused_and_left_as_it_was() {
    let rig = rig();
    drop(Store::open(&rig.file()).expect("made"));
    let mut bytes = fs::read(rig.file()).expect("read");
    // SQLite's `user_version`, in the file's header.
    bytes[60..64].copy_from_slice(&1000_u32.to_be_bytes());
    fs::write(rig.file(), &bytes).expect("written");
    assert_refused(&rig, MAPI_E_VERSION, "newer");
    assert_eq!(fs::read(rig.file()).expect("read"), bytes);
    rig.finish();
}

#[test]
fn store_43_a_folder_that_is_gone_is_not_made_again() {
    let rig = rig();
    let folder = rig.folder().join("gone");
    rig.set_path(&folder.join("mail.db"));
    assert_refused(&rig, MAPI_E_DISK_ERROR, "can't be opened");
    assert!(!folder.exists());
    rig.finish();
}

#[test]
fn store_43_a_busy_file_is_waited_for_and_refused() {
    let rig = rig();
    let other = Store::open(&rig.file()).expect("made");
    let refused = other.write(|_| {
        assert_refused(&rig, MAPI_E_TIMEOUT, "another program");
        Ok(())
    });
    refused.expect("written");
    let store = rig.provider.logon().expect("it is free again");
    drop((store, other));
    rig.finish();
}
