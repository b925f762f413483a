//! The editor's laws, and the file's.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// What a store's manifest makes.
const STORE: [InfSection<'static>; 3] = [
    InfSection {
        name: "Services",
        entries: &[("contoso", "Contoso Büro")],
    },
    InfSection {
        name: "contoso",
        entries: &[
            ("PR_DISPLAY_NAME", "Contoso Büro"),
            ("Providers", "contoso_store"),
            ("PR_SERVICE_DLL_NAME", "contoso.dll"),
            ("PR_SERVICE_SUPPORT_FILES", "contoso.dll"),
        ],
    },
    InfSection {
        name: "contoso_store",
        entries: &[
            ("PR_PROVIDER_DLL_NAME", "contoso.dll"),
            ("34140102", "7B3F0D5C41E84C0A9D2B6A1F0C5E7D91"),
        ],
    },
];

pub(super) fn provider() -> Registration {
    Registration::new(&STORE)
}

pub(super) fn wrapped() -> Registration {
    Registration::new(&[
        STORE[0],
        InfSection {
            name: "contoso_store",
            entries: &[
                ("34140102", "E92FEB759650448683B87DE522AA4948"),
                ("67E10102", "7B3F0D5C41E84C0A9D2B6A1F0C5E7D91"),
            ],
        },
    ])
}

fn merged(text: &[u8]) -> Vec<u8> {
    provider().merge(text).expect("it is right").text
}

fn removed(text: &[u8]) -> Vec<u8> {
    provider().remove(text).expect("it is right").text
}

/// What the provider's own sections look like.
fn own(end: &str) -> String {
    [
        "[contoso]",
        "PR_DISPLAY_NAME=Contoso B\u{FC}ro",
        "Providers=contoso_store",
        "PR_SERVICE_DLL_NAME=contoso.dll",
        "PR_SERVICE_SUPPORT_FILES=contoso.dll",
        "",
        "[contoso_store]",
        "PR_PROVIDER_DLL_NAME=contoso.dll",
        "34140102=7B3F0D5C41E84C0A9D2B6A1F0C5E7D91",
    ]
    .join(end)
}

fn ansi(text: &str) -> Vec<u8> {
    crate::platform::string_to_ansi(text)
}

#[test]
fn sections_come_at_the_end_and_the_name_into_services() {
    let before =
        "; MAPI's\r\n[Services]\r\nMSPST MS=Outlook Data File\r\n\r\n[Default Services]\r\nX=Y\r\n";
    let after = before.replace("File\r\n", "File\r\ncontoso=Contoso Büro\r\n")
        + "\r\n"
        + &own("\r\n")
        + "\r\n";
    assert_eq!(merged(before.as_bytes()), ansi(&after));
    assert_eq!(removed(&ansi(&after)), before.as_bytes());
}

#[test]
fn a_file_without_a_last_line_end_has_none_afterwards() {
    for before in [
        "[Services]\nA=B",
        "[Services]",
        "A=B",
        "[Services]\n\n; end",
    ] {
        let after = merged(before.as_bytes());
        assert!(!after.ends_with(b"\n"), "{before:?}");
        assert_eq!(removed(&after), before.as_bytes());
    }
}

#[test]
fn services_are_made_and_unmade_with_the_provider() {
    let after = own("\r\n") + "\r\n\r\n[Services]\r\ncontoso=Contoso Büro\r\n";
    assert_eq!(merged(b""), ansi(&after));
    assert_eq!(removed(&ansi(&after)), b"");
    // Another provider has come meanwhile: the section is no longer ours alone.
    let shared = after + "other=Other\r\n";
    assert_eq!(
        removed(&ansi(&shared)),
        b"\r\n[Services]\r\nother=Other\r\n"
    );
    // It was there before, and empty.
    let empty = b"[Services]\r\n";
    assert_eq!(removed(&merged(empty)), empty);
}

#[test]
fn an_older_version_is_brought_up_to_date_in_its_place() {
    let before = "[services]\n CONTOSO = Old \n[Contoso]\n; by hand\nproviders = contoso_store\n\
                  PR_SERVICE_DLL_NAME=\"contoso.dll\"\nPR_OLD=1\nProviders=second\n\n; about Other\n[Other]\nA=B\n";
    let after = "[services]\n CONTOSO = Contoso Büro\n[Contoso]\n; by hand\nproviders = contoso_store\n\
                 PR_SERVICE_DLL_NAME=\"contoso.dll\"\nPR_DISPLAY_NAME=Contoso Büro\n\
                 PR_SERVICE_SUPPORT_FILES=contoso.dll\n\n; about Other\n[Other]\nA=B\n\n[contoso_store]\n\
                 PR_PROVIDER_DLL_NAME=contoso.dll\n34140102=7B3F0D5C41E84C0A9D2B6A1F0C5E7D91\n";
    assert_eq!(merged(before.as_bytes()), ansi(after));
    assert_eq!(
        removed(&ansi(after)),
        b"[services]\n\n; about Other\n[Other]\nA=B\n"
    );
}

#[test]
fn changes_are_told_with_their_lines() {
    let before = b"[Services]\ncontoso=Old\n[contoso]\nPR_OLD=1\nProviders=contoso_store\n";
    let edit = provider().merge(before).expect("it is right");
    let told: Vec<String> = edit
        .changes
        .iter()
        .map(|change| {
            let sign = if change.kind == ChangeKind::Added {
                '+'
            } else {
                '-'
            };
            format!("{sign}{} {}", change.line, change.text)
        })
        .collect();
    assert_eq!(
        told,
        [
            "-2 contoso=Old",
            "+2 contoso=Contoso Büro",
            "-4 PR_OLD=1",
            "+5 PR_DISPLAY_NAME=Contoso Büro",
            "+6 PR_SERVICE_DLL_NAME=contoso.dll",
            "+7 PR_SERVICE_SUPPORT_FILES=contoso.dll",
            "+8 ",
            "+9 [contoso_store]",
            "+10 PR_PROVIDER_DLL_NAME=contoso.dll",
            "+11 34140102=7B3F0D5C41E84C0A9D2B6A1F0C5E7D91",
        ]
    );
}

#[test]
fn a_full_path_is_for_the_keys_that_load() {
    let dll = DllName::of_file(r"C:\Contoso\contoso32.dll", "contoso").expect("it is right");
    let text = provider()
        .with_dll(&dll)
        .merge(b"")
        .expect("it is right")
        .text;
    let text = crate::platform::ansi_to_string(&text);
    for line in [
        r"PR_SERVICE_DLL_NAME=C:\Contoso\contoso.dll",
        r"PR_PROVIDER_DLL_NAME=C:\Contoso\contoso.dll",
        "PR_SERVICE_SUPPORT_FILES=contoso.dll",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}: {text}");
    }
    // And back: it is the same DLL, somewhere else.
    assert!(provider().merge(text.as_bytes()).is_ok());
}

/// Lines of files as they are, and as nobody should write them.
fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        prop::sample::select(vec![
            "[Services]",
            "[services]",
            " [Services] ; x",
            "[contoso]",
            "[contoso_store]",
            "[Other]",
            "[",
            "[]",
            "; comment",
            "contoso=X",
            "contoso",
            "Contoso = Contoso",
            "Providers=contoso_store",
            "PR_OLD=1",
            "PR_SERVICE_DLL_NAME=contoso.dll",
            "PR_SERVICE_DLL_NAME=C:\\contoso.dll",
            "  ",
            "A=B",
            "=",
            "\x1A",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ]
}

/// A file of such lines, with every kind of line end.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let end = prop::sample::select(vec!["\r\n", "\n", "\r"]);
    let lines = prop::collection::vec((line(), end), 0..12);
    (lines, line()).prop_map(|(lines, last)| {
        let mut text: Vec<u8> = lines
            .into_iter()
            .flat_map(|(line, end)| [line, end.as_bytes().to_vec()])
            .flatten()
            .collect();
        text.extend(last);
        text
    })
}

/// The same file with nothing of the provider's in it: another name wherever its own would be.
fn without_us(text: &[u8]) -> Vec<u8> {
    let mut text = text.to_vec();
    let name = b"contoso";
    for at in 0..text.len() {
        if text[at..].len() >= name.len() && text[at..at + name.len()].eq_ignore_ascii_case(name) {
            text[at] = b'x';
        }
    }
    text
}

fn without_cr_alone(text: &[u8]) -> Vec<u8> {
    let mut lines = lines::parse(text);
    for line in &mut lines {
        if line.end == lines::End::Cr {
            line.end = lines::End::Lf;
        }
    }
    lines::render(&lines)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2048) })]

    #[test]
    fn merging_twice_is_merging_once(text in file()) {
        if let Ok(once) = provider().merge(&text) {
            let twice = provider().merge(&once.text).expect("it was merged before");
            prop_assert_eq!(twice.text, once.text);
            prop_assert_eq!(twice.changes, vec![]);
        }
    }

    #[test]
    fn removing_what_was_merged_gives_the_file_that_was(text in file()) {
        let text = without_us(&text);
        if let Ok(merged) = provider().merge(&text) {
            prop_assert!(!merged.changes.is_empty());
            prop_assert_eq!(removed(&merged.text), text);
        }
    }

    #[test]
    fn removing_twice_is_removing_once(text in file()) {
        if let Ok(once) = provider().remove(&text) {
            let twice = provider().remove(&once.text).expect("it was removed before");
            prop_assert_eq!(&twice.text, &once.text);
            prop_assert_eq!(twice.changes, vec![]);
        }
    }

    /// What the changes don't tell is as it was. (Without CR alone as an end: where the line between one and an LF
    /// goes, the two become one end, and the numbers are one less.)
    #[test]
    fn lines_that_are_not_told_are_the_same(text in file(), is_merge: bool) {
        let text = without_cr_alone(&text);
        let edit = if is_merge { provider().merge(&text) } else { provider().remove(&text) };
        if let Ok(edit) = edit {
            let kept = |text: &[u8], kind| {
                let gone: Vec<usize> = edit.changes.iter().filter(|c| c.kind == kind).map(|c| c.line).collect();
                let lines = lines::parse(text).into_iter().enumerate();
                let kept = lines.filter(|(at, _)| !gone.contains(&(at + 1))).map(|(_, line)| line.text);
                kept.collect::<Vec<_>>()
            };
            prop_assert_eq!(kept(&text, ChangeKind::Removed), kept(&edit.text, ChangeKind::Added));
        }
    }

    #[test]
    fn two_providers_do_not_see_one_another(text in file()) {
        let other = Registration::new(&[
            InfSection { name: "Services", entries: &[("fabrikam", "Fabrikam")] },
            InfSection { name: "fabrikam", entries: &[("PR_SERVICE_DLL_NAME", "fabrikam.dll")] },
        ]);
        if let Ok(first) = provider().merge(&text) {
            let both = other.merge(&first.text).expect("it is right").text;
            prop_assert_eq!(provider().merge(&both).expect("it is right").changes, vec![]);
            prop_assert_eq!(other.remove(&both).expect("it is right").text, first.text);
        }
    }
}

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
    assert_eq!(error.status(), crate::abi::MAPI_E_NO_ACCESS);
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
    file.set_len((16 << 20) + 1).expect("writable");
    let error = install(&target, &provider(), Options::default());
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
        if times.get() == 1 {
            fs::write(path, others).expect("writable");
        }
        provider().merge(text)
    };
    file::edit(path, Options::default(), meanwhile).expect("done at the second time");
    assert_eq!(
        (times.get(), fs::read(path).expect("readable")),
        (2, merged(others))
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
