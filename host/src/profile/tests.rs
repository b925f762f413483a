//! What is saved comes back, and what can't be saved changes nothing.

use std::fs;

use mapi_provider::abi::{MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS};
use windows_core::GUID;

use super::*;

const UID: SectionUid = SectionUid([7; 16]);

fn values() -> Vec<Value> {
    vec![
        Value::Short(-2),
        Value::Long(i32::MIN),
        Value::Float(1.5),
        Value::Double(-2.5e-300),
        Value::Currency(12_345),
        Value::AppTime(3.25),
        Value::Error(MAPI_E_NO_ACCESS),
        Value::Boolean(true),
        Value::LongLong(i64::MAX),
        Value::String8(b"ansi \xFF\n".to_vec()),
        Value::Unicode("a \"quoted\" \\ line\r\n\t🦀 [x] # '".to_owned()),
        Value::Unicode(String::new()),
        Value::Time(u64::MAX),
        Value::Guid(GUID::from_u128(0x5024a386_2d44_486a_81a8_8f0ecb6071dd)),
        Value::Binary((0..=255).collect()),
        Value::Binary(Vec::new()),
    ]
}

#[test]
fn every_type_survives_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("profile");
    let profile = Profile::open(&path).expect("a new profile");
    for (i, value) in values().into_iter().enumerate() {
        profile
            .set(UID, Property::with_id(0x6600 + i as u16, value))
            .expect("saved");
    }
    let again = Profile::open(&path).expect("the file");
    assert_eq!(again.section(UID), profile.section(UID));
    assert_eq!(
        again.section(UID).into_values().collect::<Vec<_>>(),
        values()
    );
    assert_eq!(
        fs::read_dir(folder.path()).expect("the folder").count(),
        1,
        "no temporary file is left"
    );
}

#[test]
fn secrets_stay_out_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("profile");
    let profile = Profile::open(&path).expect("a new profile");
    profile
        .set(UID, Property::with_id(0x67F0, "hunter2"))
        .expect("saved");
    profile
        .set(UID, Property::with_id(0x6601, "server"))
        .expect("saved");
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains("server") && !text.contains("hunter2") && !text.contains("67F0"));
    assert_eq!(
        profile.get(UID, 0x67F0),
        Some(Value::from("hunter2")),
        "but in memory they are"
    );
}

#[test]
fn a_failed_save_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gone").join("profile");
    let profile = Profile::open(&path).expect("no file is fine");
    let error = profile
        .set(UID, Property::with_id(0x6601, 1))
        .expect_err("no folder to write to");
    assert!(error.to_string().contains("profile"), "{error}");
    assert!(!profile.has(UID));
}

#[test]
fn a_malformed_file_is_an_error_with_a_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("profile");
    let uid = format!("[{UID}]\n");
    let cases = [
        (
            "6601 long 1\n".to_owned(),
            "line 1: a property before the first section",
        ),
        (
            "\n[77]\n".to_owned(),
            "line 2: `77` is not 32 hexadecimal digits",
        ),
        (
            format!("{uid}6601 long x\n"),
            "line 2: `6601 long x` is not a property",
        ),
        (format!("{uid}6601 long 1\n6602 what 1\n"), "line 3"),
        (format!("{uid}6601 binary abc\n"), "line 2"),
        (format!("{uid}6601 unicode \\u{{110000}}\n"), "line 2"),
        (format!("{uid}6601 unicode \\\n"), "line 2"),
        (format!("{uid}66011 long 1\n"), "line 2"),
        (format!("{uid}6601\n"), "line 2"),
    ];
    for (text, expected) in cases {
        fs::write(&path, &text).expect("written");
        let error = Profile::open(&path).expect_err(&text).to_string();
        assert!(error.contains(expected), "{error} for {text}");
    }
}

#[test]
fn a_file_that_is_a_folder_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        Profile::open(folder.path()),
        Err(ProfileError::Read { .. })
    ));
}

#[test]
fn failures_come_when_told() {
    let profile = Profile::in_memory();
    assert_eq!(profile.injected(Operation::Open), Ok(()));
    profile.fail_after(1, Operation::Open, MAPI_E_NETWORK_ERROR);
    assert_eq!(profile.injected(Operation::Open), Ok(()));
    assert_eq!(profile.injected(Operation::Open), Err(MAPI_E_NETWORK_ERROR));
    assert_eq!(
        profile.injected(Operation::Open),
        Err(MAPI_E_NETWORK_ERROR),
        "it lasts"
    );
    assert_eq!(profile.injected(Operation::SetProps), Ok(()), "others work");
    profile.heal();
    assert_eq!(profile.injected(Operation::Open), Ok(()));
}

#[test]
fn a_profile_is_the_same_before_and_after_it_has_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("profile");
    let uid = || {
        let profile = Profile::open(&path).expect("a profile");
        profile.provider_uid(SectionUid::PROVIDER)
    };
    let before = uid();
    std::fs::write(&path, "").expect("writable");
    assert_eq!(uid(), before);
    let elsewhere = Profile::open(folder.path().join("other")).expect("a profile");
    assert_ne!(elsewhere.provider_uid(SectionUid::PROVIDER), before);
}
