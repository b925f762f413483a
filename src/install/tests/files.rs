//! What becomes of the file.

use std::fs;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use super::super::*;
use super::{merged, provider};

fn folder(text: &[u8]) -> (TempDir, Target) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(MAPISVC_INF);
    fs::write(&file, text).expect("writable");
    (folder, Target::File(file))
}

fn names(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("readable");
    let names = files.map(|file| file.expect("readable").file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_file_is_replaced_and_nothing_is_left() {
    let (folder, target) = folder(b"[Services]\r\n");
    let options = Options::default();
    let first = install(&target, &provider(), options).expect("it is writable");
    assert!(!first.changes.is_empty());
    let text = fs::read(&first.file).expect("readable");
    assert_eq!(text, merged(b"[Services]\r\n"));
    let again = install(&target, &provider(), options).expect("nothing to do");
    assert_eq!(again.changes, []);
    uninstall(&target, &provider(), options).expect("it is writable");
    assert_eq!(fs::read(&first.file).expect("readable"), b"[Services]\r\n");
    assert_eq!(names(folder.path()), [MAPISVC_INF]);
}

#[test]
fn a_missing_file_is_made_on_request_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let target = Target::File(folder.path().join(MAPISVC_INF));
    let missing = install(&target, &provider(), Options::default()).expect_err("it is missing");
    assert!(matches!(missing, InstallError::Missing(_)), "{missing}");
    let create = Options {
        create: true,
        dry_run: true,
    };
    install(&target, &provider(), create).expect("only told");
    assert!(uninstall(&target, &provider(), create).is_err());
    assert!(names(folder.path()).is_empty());
    let create = Options {
        dry_run: false,
        ..create
    };
    install(&target, &provider(), create).expect("it is made");
    assert_eq!(names(folder.path()), [MAPISVC_INF]);
}

#[test]
fn where_it_was_looked_for_is_told() {
    let (folder, _) = folder(b"");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).expect("writable");
    let nowhere = Target::Folders(vec![empty.clone()]);
    let error = install(&nowhere, &provider(), Options::default()).expect_err("it is not there");
    assert_eq!(
        error.to_string(),
        format!("there is no mapisvc.inf in {}", empty.display())
    );
    let both = Target::Folders(vec![empty, folder.path().to_owned()]);
    let outcome = install(&both, &provider(), Options::default()).expect("it is in the second");
    assert_eq!(outcome.file, folder.path().join(MAPISVC_INF));
}

#[test]
fn a_read_only_file_stays_as_it_is() {
    let (folder, target) = folder(b"[Services]\n");
    let file = folder.path().join(MAPISVC_INF);
    let writable = fs::metadata(&file).expect("there").permissions();
    let mut read_only = writable.clone();
    read_only.set_readonly(true);
    fs::set_permissions(&file, read_only).expect("ours");
    let error = install(&target, &provider(), Options::default()).expect_err("read-only");
    fs::set_permissions(&file, writable).expect("ours");
    assert!(matches!(error, InstallError::ReadOnly(_)), "{error}");
    assert_eq!(error.status(), mapi_provider_abi::mapi::MAPI_E_NO_ACCESS);
    assert_eq!(fs::read(&file).expect("readable"), b"[Services]\n");
    assert_eq!(names(folder.path()), [MAPISVC_INF]);
}

#[test]
fn a_folder_and_a_giant_are_not_read() {
    let (folder, target) = folder(b"");
    let error = install(
        &Target::File(folder.path().to_owned()),
        &provider(),
        Options::default(),
    );
    assert!(matches!(error, Err(InstallError::NotAFile(_))), "{error:?}");
    let file = fs::File::create(folder.path().join(MAPISVC_INF)).expect("writable");
    file.set_len(LARGEST + 1).expect("writable");
    let error = install(&target, &provider(), Options::default());
    assert!(matches!(error, Err(InstallError::TooLarge(_))), "{error:?}");
}

#[test]
fn what_is_installed_can_be_removed_however_large_the_file_is() {
    // A comment that is as long as it takes.
    let head = b"[Services]\r\n;".as_slice();
    let of_size = |size: usize| [head, &vec![b'x'; size - head.len()]].concat();
    let largest = LARGEST as usize;
    let own = merged(&of_size(largest)).len() - largest;
    let options = Options::default();
    for (before, is_installed) in [
        (largest - own, true),
        (largest - own + 1, false),
        (largest - 1, false),
        (largest, false),
    ] {
        let text = of_size(before);
        let (folder, target) = folder(&text);
        let file = folder.path().join(MAPISVC_INF);
        match install(&target, &provider(), options) {
            Ok(_) => {
                let size = fs::metadata(&file).expect("there").len();
                assert!(is_installed && size == LARGEST, "{size} of {before}");
                uninstall(&target, &provider(), options).expect("what was installed goes");
            }
            Err(error) => {
                assert!(matches!(error, InstallError::TooLarge(_)), "{error}");
                assert!(!is_installed, "{before}: {error}");
            }
        }
        assert!(fs::read(&file).expect("readable") == text, "{before}");
        assert_eq!(names(folder.path()), [MAPISVC_INF]);
    }
    // Who only asks is told the same.
    let (_folder, target) = folder(&of_size(largest));
    let dry_run = Options {
        dry_run: true,
        ..options
    };
    let error = install(&target, &provider(), dry_run);
    assert!(matches!(error, Err(InstallError::TooLarge(_))), "{error:?}");
}

#[test]
fn a_refusal_leaves_the_file_alone() {
    let text = b"[Services]\n[Services]\n";
    let (folder, target) = folder(text);
    let error = install(&target, &provider(), Options::default()).expect_err("there twice");
    assert!(
        error
            .to_string()
            .ends_with("mapisvc.inf:2: section [Services] is here again; the first is in line 1"),
        "{error}"
    );
    assert_eq!(
        fs::read(folder.path().join(MAPISVC_INF)).expect("readable"),
        text
    );
}

#[test]
fn threads_that_install_at_once_all_arrive() {
    let (_folder, target) = folder(b"");
    let ids: Vec<String> = (0..16).map(|number| format!("provider{number}")).collect();
    std::thread::scope(|scope| {
        for id in &ids {
            let target = &target;
            scope.spawn(move || {
                let entries = [(id.as_str(), "A provider")];
                let own = [("PR_DISPLAY_NAME", "A provider")];
                let provider = Registration::new(&[
                    InfSection {
                        name: "Services",
                        entries: &entries,
                    },
                    InfSection {
                        name: id,
                        entries: &own,
                    },
                ]);
                install(target, &provider, Options::default()).expect("it is writable");
            });
        }
    });
    let Target::File(file) = &target else { return };
    let text = fs::read_to_string(file).expect("readable");
    for id in &ids {
        assert!(
            text.contains(&format!("[{id}]")) && text.contains(&format!("{id}=A provider")),
            "{text}"
        );
    }
}

#[test]
fn what_somebody_else_writes_meanwhile_is_not_undone() {
    let (folder, target) = folder(b"[Services]\n");
    let Target::File(path) = &target else { return };
    let others = b"[Services]\nother=Other\n";
    let times = std::cell::Cell::new(0);
    let meanwhile = |text: &[u8]| {
        times.set(times.get() + 1);
        // The first look is before the turn.
        if times.get() == 2 {
            fs::write(path, others).expect("writable");
        }
        provider().merge(text)
    };
    file::edit(path, Options::default(), meanwhile).expect("done at the third time");
    assert_eq!(
        (times.get(), fs::read(path).expect("readable")),
        (3, merged(others))
    );

    fs::write(path, "").expect("writable");
    let always = |text: &[u8]| {
        times.set(times.get() + 1);
        fs::write(path, format!("; {}\n", times.get())).expect("writable");
        provider().merge(text)
    };
    let error = file::edit(path, Options::default(), always).expect_err("never still");
    assert!(matches!(error, InstallError::Busy(_)), "{error}");
    assert_eq!(
        fs::read(path).expect("readable"),
        format!("; {}\n", times.get()).as_bytes()
    );
    assert_eq!(names(folder.path()), [MAPISVC_INF]);
}

#[test]
fn without_the_turn_nothing_is_changed() {
    let (folder, target) = folder(b"[Services]\n");
    let Target::File(path) = &target else { return };
    let merge = |text: &[u8]| provider().merge(text);
    let install = |options| file::edit_within(Duration::ZERO, path, options, merge);
    let others = turn::take(path, Duration::ZERO).expect("nobody has it");
    let error = install(Options::default()).expect_err("another's turn");
    assert!(matches!(error, InstallError::Waited(..)), "{error}");
    assert_eq!(error.status(), mapi_provider_abi::mapi::MAPI_E_NO_ACCESS);
    let help = error.help();
    assert!(help.contains("mapisvc.inf.mapi-provider-lock"), "{help}");
    assert_eq!(fs::read(path).expect("readable"), b"[Services]\n");
    // Who changes nothing waits for nobody.
    let dry = Options {
        dry_run: true,
        ..Options::default()
    };
    assert!(!install(dry).expect("only told").changes.is_empty());
    let remove = |text: &[u8]| provider().remove(text);
    file::edit_within(Duration::ZERO, path, Options::default(), remove).expect("nothing to do");
    drop(others);
    install(Options::default()).expect("its turn");
    assert_eq!(names(folder.path()), [MAPISVC_INF]);
}

#[test]
fn what_is_in_the_place_of_the_lock_is_named() {
    let (folder, target) = folder(b"[Services]\n");
    let Target::File(path) = &target else { return };
    let lock = turn::beside(path, "lock");
    fs::create_dir(&lock).expect("writable");
    let merge = |text: &[u8]| provider().merge(text);
    let error = file::edit_within(Duration::ZERO, path, Options::default(), merge);
    let error = error.expect_err("no file");
    let told = error.to_string();
    assert!(told.contains("mapisvc.inf.mapi-provider-lock"), "{told}");
    assert!(error.help().starts_with("remove it"), "{}", error.help());
    assert_eq!(fs::read(path).expect("readable"), b"[Services]\n");
    assert_eq!(names(folder.path()).len(), 2);
}

#[test]
fn a_second_name_of_the_file_keeps_the_old_text() {
    let (folder, target) = folder(b"[Services]\n");
    let Target::File(path) = &target else { return };
    let other = folder.path().join("other");
    fs::hard_link(path, &other).expect("a second name");
    install(&target, &provider(), Options::default()).expect("it is writable");
    assert_eq!(fs::read(path).expect("readable"), merged(b"[Services]\n"));
    assert_eq!(fs::read(&other).expect("readable"), b"[Services]\n");
}
