//! Files that can't be edited, or should not be: a status code, a line in the log, and nothing half done.

use std::fs;

use mapi_provider::abi::{
    MAPI_E_COLLISION, MAPI_E_CORRUPT_DATA, MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND,
};
use windows_core::HRESULT;

use crate::{BEFORE, Inf, Installer, Work};

/// Both exports refuse a file, say why in the log, and leave everything as it is.
fn refused(text: &[u8], status: HRESULT, reason: &str) {
    let inf = Inf::new(text);
    let installer = Installer::new(Some(&inf.file));
    for work in [Work::Merge, Work::Remove] {
        assert_eq!(installer.call(work), status, "{work:?}: {reason}");
        assert_eq!(inf.text(), text);
    }
    inf.assert_alone();
    let log = installer.log();
    let file = inf.file.display().to_string();
    let told = log
        .lines()
        .any(|line| line.contains(&file) && line.contains(reason));
    assert!(told, "no {reason:?} about {file} in {log}");
}

#[test]
fn a_missing_file_is_not_made() {
    let inf = Inf::new(BEFORE);
    let missing = inf.folder.path().join("gone.inf");
    let installer = Installer::new(Some(&missing));
    for work in [Work::Merge, Work::Remove] {
        assert_eq!(installer.call(work), MAPI_E_NOT_FOUND);
    }
    inf.assert_alone();
    assert!(installer.log().contains("gone.inf"));
}

#[test]
fn a_file_that_is_read_only_stays() {
    let inf = Inf::new(BEFORE);
    let old = fs::metadata(&inf.file).expect("there").permissions();
    let mut read_only = old.clone();
    read_only.set_readonly(true);
    fs::set_permissions(&inf.file, read_only).expect("ours");
    let installer = Installer::new(Some(&inf.file));
    let answer = installer.call(Work::Merge);
    // So that the folder can be removed.
    fs::set_permissions(&inf.file, old).expect("ours");
    assert_eq!(answer, MAPI_E_NO_ACCESS);
    assert_eq!(inf.text(), BEFORE);
    inf.assert_alone();
}

#[test]
fn a_folder_is_no_file() {
    let inf = Inf::new(BEFORE);
    let installer = Installer::new(Some(inf.folder.path()));
    assert_eq!(installer.call(Work::Merge), MAPI_E_CORRUPT_DATA);
    inf.assert_alone();
}

#[test]
fn utf_16_and_utf_8_with_a_mark_are_refused() {
    let wide: Vec<u8> = "\u{FEFF}[Services]\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    refused(&wide, MAPI_E_CORRUPT_DATA, "the file is UTF-16");
    refused(&wide[2..], MAPI_E_CORRUPT_DATA, "there is a NUL");
    refused(
        "\u{FEFF}[Services]\r\n".as_bytes(),
        MAPI_E_CORRUPT_DATA,
        "byte order mark of UTF-8",
    );
}

#[test]
fn sections_that_are_there_twice_are_refused() {
    refused(
        b"[Services]\r\n[services]\r\n",
        MAPI_E_CORRUPT_DATA,
        ":2: section [Services] is here again; the first is in line 1",
    );
    refused(
        b"[Services]\r\n[probe]\n[x]\r[probe]",
        MAPI_E_CORRUPT_DATA,
        ":4: section [probe] is here again; the first is in line 2",
    );
}

#[test]
fn a_section_of_another_provider_stays_its_own() {
    refused(
        b"[probe]\r\nPR_SERVICE_DLL_NAME=other.dll\r\n",
        MAPI_E_COLLISION,
        ":2: section [probe] belongs to another provider",
    );
}

#[test]
fn what_may_be_another_providers_stays() {
    for (text, reason) in [
        (
            &b"[Services]\r\nprobe=Another\r\n"[..],
            ":2: key probe of [Services] may be another provider's: it is `Another`",
        ),
        (
            b"[Services]\r\n[probe]\r\nPR_DISPLAY_NAME=Somebody\r\n",
            ":2: section [probe] may be another provider's: it has no PR_SERVICE_DLL_NAME",
        ),
        (
            b"[probe_store]\r\n",
            ":1: section [probe_store] may be another provider's: it has no PR_PROVIDER_DLL_NAME",
        ),
    ] {
        refused(text, MAPI_E_COLLISION, reason);
    }
}
