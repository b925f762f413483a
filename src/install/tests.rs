//! The editor's laws.

mod files;

use proptest::prelude::*;

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
    mapi_provider_abi::internal::string_to_ansi(text)
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
    let before = b"[Services]\ncontoso=Old\n[contoso]\nPR_OLD=1\nPR_SERVICE_DLL_NAME=contoso.dll\n";
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
            "+6 Providers=contoso_store",
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
    let text = mapi_provider_abi::internal::ansi_to_string(&text);
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

/// A CR alone would make one end of two where the line behind it goes.
fn without_cr_alone(text: &[u8]) -> Vec<u8> {
    let lines = lines::parse(text);
    let ends = lines.iter().map(|line| match line.end {
        lines::End::Cr => b"\n",
        end => end.as_bytes(),
    });
    let parts = lines.iter().zip(ends);
    parts
        .flat_map(|(line, end)| [&line.text, end])
        .collect::<Vec<_>>()
        .concat()
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

    /// Whatever the file says, its own names too: what says nothing of this provider is given back as it was.
    #[test]
    fn what_was_installed_is_all_that_is_removed(text in file()) {
        let mut names = STORE.iter().skip(1).map(|section| section.name);
        let is_there = {
            let lines = lines::parse(&text);
            names.any(|name| !lines::sections(&lines, name).is_empty())
        };
        if !is_there && let Ok(merged) = provider().merge(&text) {
            prop_assert_eq!(removed(&merged.text), text);
        }
    }

    /// What is there of the provider's names and isn't its own stays, by the removal too.
    #[test]
    fn nothing_is_taken_over_that_does_not_say_whose_it_is(text in file()) {
        let says = |name: &[u8]| text.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name));
        let lines = lines::parse(&text);
        let has_names = lines.iter().any(|line| matches!(
            line.content(),
            lines::Content::Section(name) if STORE[1..].iter().any(|own| lines::is_name(name, own.name))
        ));
        if has_names && !says(b"contoso.dll") {
            prop_assert!(provider().merge(&text).is_err());
            prop_assert!(provider().remove(&text).is_err());
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
                let kept = lines.filter(|(at, _)| !gone.contains(&(at + 1))).map(|(_, line)| line.text.into_owned());
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

/// The work of an edit, counted in looks at lines, is so many a line, and not more for a longer file.
#[test]
fn the_work_grows_as_the_file_does_and_no_faster() {
    let own = "PR_SERVICE_DLL_NAME=contoso.dll\n";
    for (kind, repeated) in [
        ("blank lines", "\n"),
        ("stale keys", "PR_OLD=1\n"),
        ("a key again and again", "Providers=contoso_store\n"),
        ("sections of others", "[x]\nPR_SERVICE_DLL_NAME=x.dll\n\n"),
        ("brackets", "[[[[\n"),
    ] {
        let text = |count| {
            let many = repeated.repeat(count);
            format!("[Services]\ncontoso=Old\n{many}\n[contoso]\n{own}{many}")
        };
        let looks = |text: &str| {
            lines::tests::looks(|| {
                let merged = provider().merge(text.as_bytes()).expect(kind);
                provider().remove(&merged.text).expect(kind);
            })
        };
        let (few, many) = (text(100), text(3200));
        let lines = |text: &str| text.lines().count();
        let allowed = looks(&few).div_ceil(lines(&few)) + 1;
        assert!(
            looks(&many) <= allowed * lines(&many),
            "{kind}: {} looks at {} lines, {} at {}",
            looks(&few),
            lines(&few),
            looks(&many),
            lines(&many)
        );
    }
}
