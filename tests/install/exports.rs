//! Installing and removing as it should go.

use std::fs;

use mapi_provider::abi::{MAPI_E_NOT_FOUND, S_OK};
use mapi_provider::install::MAPISVC_INF;

use crate::{BEFORE, Inf, Installer, Work, merged, wrapped_library_path};

#[test]
fn a_provider_is_installed_once_and_removed_without_a_trace() {
    let inf = Inf::new(BEFORE);
    let installer = Installer::new(Some(&inf.file));
    let after = merged(BEFORE);
    assert_ne!(after, BEFORE);
    for _ in 0..2 {
        assert_eq!(installer.call(Work::Merge), S_OK);
        assert_eq!(inf.text(), after);
    }
    for _ in 0..2 {
        assert_eq!(installer.call(Work::Remove), S_OK);
        assert_eq!(inf.text(), BEFORE);
    }
    inf.assert_alone();
}

#[test]
fn a_wrapped_store_is_a_pst_with_a_uid_of_its_own_and_goes_beside_others() {
    let store = Inf::new(BEFORE);
    let beside = merged(BEFORE);
    fs::write(&store.file, &beside).expect("writable");
    let wrapped = Installer::of(&wrapped_library_path(), Some(&store.file));
    assert_eq!(wrapped.call(Work::Merge), S_OK);
    let text = String::from_utf8_lossy(&store.text()).into_owned();
    for line in [
        "wrapped_probe=Wrapped Sync Probe",
        "[wrapped_probe_store]",
        "34140102=E92FEB759650448683B87DE522AA4948",
        "67E10102=C41E8D0792B54F3A8A6E1D70F3B25E94",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    assert_eq!(wrapped.call(Work::Remove), S_OK);
    assert_eq!(store.text(), beside);
}

#[test]
fn the_command_line_of_rundll32_goes_before_the_environment() {
    let [inf, other] = [BEFORE, BEFORE].map(Inf::new);
    let installer = Installer::new(Some(&other.file));
    let file = inf.file.to_str().expect("Unicode");
    installer.call_wide(Work::Merge, Some(file));
    assert_eq!(inf.text(), merged(BEFORE));
    installer.call_wide(Work::Remove, Some(&format!(" \"{file}\" ")));
    assert_eq!(inf.text(), BEFORE);
    assert_eq!(other.text(), BEFORE);
    // Without one it is the environment that says.
    for line in [None, Some(""), Some("  ")] {
        installer.call_wide(Work::Merge, line);
        assert_eq!(other.text(), merged(BEFORE), "{line:?}");
        installer.call_wide(Work::Remove, line);
        assert_eq!(other.text(), BEFORE, "{line:?}");
    }
}

/// Nothing says which file, and there is none where MAPI is (a machine with tests has no Outlook).
#[test]
fn where_nobody_says_the_folders_of_mapi_are_looked_through() {
    let installer = Installer::new(None);
    assert_eq!(installer.call(Work::Merge), MAPI_E_NOT_FOUND);
    let log = installer.log();
    assert!(log.contains("there is no mapisvc.inf in"), "{log}");
}

#[test]
fn line_ends_of_all_kinds_stay_as_they_are() {
    for text in [
        &b"[Services]\nA=B\r\n\r\n; c\rd\n[x]\r\n"[..],
        b"[Services]\nA=B\n[x]\ny=z",
        b"\r\r\n\n[Services]",
        b"; nothing\r",
        b"",
    ] {
        let inf = Inf::new(text);
        let installer = Installer::new(Some(&inf.file));
        assert_eq!(installer.call(Work::Merge), S_OK);
        assert_eq!(inf.text(), merged(text));
        assert_eq!(installer.call(Work::Remove), S_OK);
        assert_eq!(inf.text(), text);
    }
}

#[test]
fn what_a_killed_installer_left_is_in_nobodys_way() {
    let inf = Inf::new(BEFORE);
    for left in ["lock", "new"] {
        let left = format!("{MAPISVC_INF}.mapi-provider-{left}");
        fs::write(inf.folder.path().join(left), "half").expect("writable");
    }
    let installer = Installer::new(Some(&inf.file));
    assert_eq!(installer.call(Work::Merge), S_OK);
    assert_eq!(inf.text(), merged(BEFORE));
    inf.assert_alone();
}
