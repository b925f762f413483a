//! What else about the file stays besides its text, and where the library may be.

use std::fs;

use mapi_provider::abi::{MAPI_E_INVALID_PARAMETER, S_OK};

use crate::{BEFORE, Inf, Installer, Work, library_path, merged};

/// MAPI would look for `C:\a32.b\probe.dll`.
#[test]
fn entry_13_a_library_that_mapi_would_not_find_is_not_installed_and_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("probe 2.0");
    fs::create_dir(&folder).expect("writable");
    let library = folder.join(library_path().file_name().expect("a file"));
    fs::copy(library_path(), &library).expect("writable");
    let inf = Inf::new(BEFORE);
    let installer = Installer::of(&library, Some(&inf.file));
    assert_eq!(installer.call(Work::Merge), MAPI_E_INVALID_PARAMETER);
    assert_eq!(inf.text(), BEFORE);
    inf.assert_alone();
    let log = installer.log();
    assert!(
        log.contains("has a period in the name of a folder"),
        "{log}"
    );
    assert!(
        log.contains("move it into folders without periods"),
        "{log}"
    );
    // What was installed when it lay elsewhere can be removed.
    fs::write(&inf.file, merged(BEFORE)).expect("writable");
    assert_eq!(installer.call(Work::Remove), S_OK);
    assert_eq!(inf.text(), BEFORE);
}

#[cfg(unix)]
#[test]
fn owner_group_and_mode_stay() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let inf = Inf::new(BEFORE);
    let installer = Installer::new(Some(&inf.file));
    for mode in [0o640, 0o666, 0o604] {
        fs::set_permissions(&inf.file, fs::Permissions::from_mode(mode)).expect("ours");
        // Only root may give a file away.
        let _ = std::os::unix::fs::chown(&inf.file, Some(12345), Some(23456));
        let looks = || {
            let found = fs::metadata(&inf.file).expect("there");
            (found.uid(), found.gid(), found.mode())
        };
        let before = looks();
        for work in [Work::Merge, Work::Remove] {
            assert_eq!(installer.call(work), S_OK);
            assert_eq!(looks(), before);
        }
    }
}

#[cfg(unix)]
#[test]
fn sync_23_a_link_is_refused_whatever_it_leads_to() {
    use mapi_provider::abi::MAPI_E_NO_ACCESS;
    use std::os::unix::fs::symlink;
    let inf = Inf::new(BEFORE);
    let links = tempfile::tempdir().expect("a folder");
    let link = links.path().join("mapisvc.inf");
    symlink(&inf.file, &link).expect("writable");
    let installer = Installer::new(Some(&link));
    for work in [Work::Merge, Work::Remove] {
        assert_eq!(installer.call(work), MAPI_E_NO_ACCESS);
    }
    assert_eq!(inf.text(), BEFORE);
    assert!(installer.log().contains("is a link"));
    fs::remove_file(&inf.file).expect("ours");
    assert_eq!(installer.call(Work::Merge), MAPI_E_NO_ACCESS, "to nowhere");
    assert!(!inf.file.exists());
}

/// Things with the names of the installer's own files are neither followed nor kept.
#[cfg(unix)]
#[test]
fn links_with_the_names_of_the_installers_own_files_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let inf = Inf::new(BEFORE);
    let victim = tempfile::NamedTempFile::new().expect("a file");
    fs::write(victim.path(), "victim").expect("writable");
    let installer = Installer::new(Some(&inf.file));
    let beside = |ending| {
        inf.folder
            .path()
            .join(format!("mapisvc.inf.mapi-provider-{ending}"))
    };
    symlink(victim.path(), beside("new")).expect("writable");
    assert_eq!(installer.call(Work::Merge), S_OK);
    inf.assert_alone();
    symlink(victim.path(), beside("lock")).expect("writable");
    assert_ne!(installer.call(Work::Remove), S_OK);
    assert_eq!(inf.text(), merged(BEFORE));
    let log = installer.log();
    assert!(log.contains("mapi-provider-lock: it is a link"), "{log}");
    assert_eq!(fs::read(victim.path()).expect("there"), b"victim");
}
