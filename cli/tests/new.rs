//! `cargo mapi new`, from the outside.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

fn new(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .current_dir(folder)
        .arg("new")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// What a command says that must go well.
fn well(folder: &Path, args: &[&str]) -> String {
    let output = new(folder, args);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{args:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

/// What a command says that must fail.
fn refused(folder: &Path, args: &[&str]) -> String {
    let output = new(folder, args);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{args:?}: {}",
        text(&output.stdout)
    );
    assert!(
        output.stdout.is_empty(),
        "{args:?}: {}",
        text(&output.stdout)
    );
    text(&output.stderr)
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// The files below a folder, with `/` between the parts of their names.
fn files(folder: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(folder.join(&next)).expect("readable") {
            let entry = entry.expect("readable");
            let path = next.join(entry.file_name());
            if entry.path().is_dir() {
                waiting.push(path);
            } else {
                files.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("readable")
}

/// What every crate has.
const ALWAYS: [&str; 9] = [
    ".cargo/config.toml",
    ".gitignore",
    "Cargo.toml",
    "README.md",
    "provider.toml",
    "src/lib.rs",
    "src/sync.rs",
    "tests/outlook/mod.rs",
    "tests/sync.rs",
];

/// What stores that show mail have besides: the server's messages, and what reads them.
const SERVER: [&str; 2] = ["messages.txt", "src/server.rs"];

#[test]
fn a_crate_has_what_the_options_say() {
    let folder = folder();
    let said = well(folder.path(), &["contoso-mail"]);
    let made = folder.path().join("contoso-mail");
    let expected: BTreeSet<String> = ALWAYS
        .into_iter()
        .chain(SERVER)
        .chain([
            ".github/workflows/ci.yml",
            "install/README.md",
            "install/install.cmd",
            "install/places.cmd",
            "install/uninstall.cmd",
        ])
        .map(str::to_owned)
        .collect();
    assert_eq!(files(&made), expected);
    for name in &expected {
        assert!(said.contains(&format!("   {name}\n")), "{said}");
    }
    assert!(
        said.ends_with(
            "Next:\n   cd contoso-mail\n   cargo test\n   \
             cargo mapi host sync . --profile test.profile --set server=messages.txt\n   \
             cargo mapi host show . --profile test.profile\n"
        ),
        "{said}"
    );

    let options = [
        "--define=kind=wrapped-store",
        "--define=licence=MIT OR Apache-2.0",
        "-dci=false",
        "-dinstaller=false",
    ];
    well(folder.path(), &[&["other"][..], &options].concat());
    let licences = ["LICENSE-APACHE", "LICENSE-MIT"];
    let expected = ALWAYS.into_iter().chain(SERVER).chain(licences);
    let expected: BTreeSet<String> = expected.map(str::to_owned).collect();
    assert_eq!(files(&folder.path().join("other")), expected);
}

#[test]
fn names_are_made_of_the_folders_unless_they_are_given() {
    let folder = folder();
    well(folder.path(), &["contoso-mail"]);
    let made = folder.path().join("contoso-mail");
    let manifest = read(&made, "provider.toml");
    assert!(
        manifest.contains("\"Contoso Mail\"") && manifest.contains("\"contoso_mail\""),
        "{manifest}"
    );
    let cargo_toml = read(&made, "Cargo.toml");
    assert!(
        cargo_toml.contains("name = \"contoso-mail\"\n"),
        "{cargo_toml}"
    );
    assert!(
        cargo_toml.contains("name = \"contoso_mail32\"\n"),
        "{cargo_toml}"
    );
    assert!(read(&made, "tests/sync.rs").contains("use contoso_mail32::PROVIDER;\n"));

    let given = [
        "Some Folder",
        "--name=fabrikam",
        "-did=fab",
        "-ddisplay_name=Fabrikam & Söhne",
    ];
    well(folder.path(), &given);
    let made = folder.path().join("Some Folder");
    let manifest = read(&made, "provider.toml");
    assert!(
        manifest.contains("\"Fabrikam & Söhne\"") && manifest.contains("\"fab\""),
        "{manifest}"
    );
    assert!(read(&made, "Cargo.toml").contains("name = \"fabrikam\"\n"));
}

#[test]
fn without_a_path_it_is_the_current_folder() {
    let folder = folder();
    let current = folder.path().join("contoso");
    fs::create_dir_all(current.join(".git")).expect("writable");
    let said = well(&current, &[]);
    assert!(said.starts_with("The crate contoso is in .:\n"), "{said}");
    assert!(said.contains("Next:\n   cargo test\n"), "{said}");
    assert!(current.join("provider.toml").is_file());
}

#[test]
fn the_crate_uses_a_checkout_or_what_is_published() {
    let folder = folder();
    well(folder.path(), &["a", "-dmapi_provider_path=/src/mapi"]);
    let cargo_toml = read(&folder.path().join("a"), "Cargo.toml");
    assert!(
        cargo_toml.contains(
            "mapi-provider = { path = '/src/mapi', features = [\"mailbox\", \"twoway\"] }\n"
        ),
        "{cargo_toml}"
    );
    assert!(
        cargo_toml.contains("mapi-provider-host = { path = '/src/mapi/host' }\n"),
        "{cargo_toml}"
    );
    well(folder.path(), &["b", "-dmapi_provider_path="]);
    let cargo_toml = read(&folder.path().join("b"), "Cargo.toml");
    assert!(
        cargo_toml.contains("mapi-provider = { git = \"https://"),
        "{cargo_toml}"
    );
    // Of a checkout, this command takes the one that it was built in.
    well(folder.path(), &["c"]);
    let cargo_toml = read(&folder.path().join("c"), "Cargo.toml");
    assert!(
        cargo_toml.contains("mapi-provider = { path = '"),
        "{cargo_toml}"
    );
}

#[test]
fn a_kind_is_what_the_answer_says_and_a_mailbox_by_default() {
    let folder = folder();
    for (name, options, kind, has_file) in [
        ("a", &[][..], "store", true),
        ("b", &["-dkind=store"], "store", true),
        ("c", &["-dkind=wrapped-store"], "wrapped-store", true),
        ("d", &["-dkind=store-object"], "store", false),
    ] {
        well(folder.path(), &[&[name][..], options].concat());
        let made = folder.path().join(name);
        let manifest = read(&made, "provider.toml");
        assert!(
            manifest.contains(&format!("kind  = \"{kind}\"\n")),
            "{manifest}"
        );
        assert_eq!(manifest.contains("\n[store]\n"), has_file, "{manifest}");
        let cargo_toml = read(&made, "Cargo.toml");
        let features = match (kind, has_file) {
            ("store", true) => "features = [\"mailbox\", \"twoway\"]",
            ("wrapped-store", _) => "features = [\"twoway\"]",
            _ => "}\n",
        };
        assert!(cargo_toml.contains(features), "{name}: {cargo_toml}");
        assert_eq!(
            cargo_toml.contains("\nmspst = "),
            kind == "wrapped-store",
            "{name}"
        );
        for file in SERVER {
            assert_eq!(made.join(file).is_file(), has_file, "{name}/{file}");
        }
    }
}

#[test]
fn a_transport_has_what_sends_and_nothing_that_synchronises() {
    let folder = folder();
    let options = ["-dkind=transport", "-dci=false", "-dinstaller=false"];
    well(folder.path(), &[&["a"][..], &options].concat());
    let made = folder.path().join("a");
    let expected = [
        ".cargo/config.toml",
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "provider.toml",
        "src/lib.rs",
        "src/send.rs",
        "tests/send.rs",
    ];
    assert_eq!(files(&made), expected.map(str::to_owned).into());
    let manifest = read(&made, "provider.toml");
    assert!(manifest.contains("kind  = \"transport\"\n"), "{manifest}");
    assert!(!manifest.contains("sync"), "{manifest}");
    let cargo_toml = read(&made, "Cargo.toml");
    assert!(
        cargo_toml.contains("features = [\"transport\"]"),
        "{cargo_toml}"
    );
}

#[test]
fn an_address_book_has_what_finds_people_and_nothing_else() {
    let folder = folder();
    let options = ["-dkind=address-book", "-dci=false", "-dinstaller=false"];
    well(folder.path(), &[&["a"][..], &options].concat());
    let made = folder.path().join("a");
    let expected = [
        ".cargo/config.toml",
        ".gitignore",
        "Cargo.toml",
        "README.md",
        "provider.toml",
        "src/directory.rs",
        "src/lib.rs",
        "tests/directory.rs",
    ];
    assert_eq!(files(&made), expected.map(str::to_owned).into());
    let manifest = read(&made, "provider.toml");
    assert!(
        manifest.contains("kind  = \"address-book\"\n"),
        "{manifest}"
    );
    assert!(!manifest.contains("sync"), "{manifest}");
    let cargo_toml = read(&made, "Cargo.toml");
    assert!(
        cargo_toml.contains("features = [\"address-book\"]"),
        "{cargo_toml}"
    );
}

#[test]
fn every_crate_has_a_uid_of_its_own() {
    let folder = folder();
    let uid = |name: &str| {
        well(folder.path(), &[name, "--name=contoso"]);
        let manifest = read(&folder.path().join(name), "provider.toml");
        let line = manifest
            .lines()
            .find(|line| line.starts_with("uid"))
            .map(str::to_owned);
        line.expect("a uid")
    };
    assert_ne!(uid("a"), uid("b"));
}

#[test]
fn nothing_is_overwritten() {
    let folder = folder();
    let mine = folder.path().join("contoso/src/lib.rs");
    fs::create_dir_all(mine.parent().expect("a folder")).expect("writable");
    fs::write(&mine, "mine").expect("writable");
    let expected =
        "error: contoso is not empty: name another folder, because nothing is overwritten\n";
    assert_eq!(refused(folder.path(), &["contoso"]), expected);
    assert_eq!(
        files(folder.path()),
        BTreeSet::from(["contoso/src/lib.rs".to_owned()])
    );
    assert_eq!(fs::read_to_string(&mine).expect("there"), "mine");
    // The same for the current folder, and for a file in the folder's place.
    assert!(refused(folder.path(), &["--name=contoso"]).starts_with("error: . is not empty"));
    let in_the_way = ["contoso/src/lib.rs", "--name=contoso"];
    assert!(
        refused(folder.path(), &in_the_way).starts_with("error: can't use contoso/src/lib.rs: ")
    );
}

#[test]
fn bad_names_and_answers_are_sentences_and_leave_nothing() {
    let folder = folder();
    for (args, expected) in [
        (
            &["Contoso"][..],
            "error: a crate can't be called `Contoso`: use lowercase letters",
        ),
        (
            &["type"],
            "error: the crate's name can't be `type`: Rust, MAPI, Windows or this project",
        ),
        (
            &["mapi-provider"],
            "error: the crate's name can't be `mapi_provider`: ",
        ),
        (&["a", "-did=outex"], "error: the id can't be `outex`: "),
        (
            &["a", "-did=A"],
            "error: `id` can't be \"A\": it doesn't begin with a letter from `a` to `z`; write `id = \"a\"`\n",
        ),
        (
            &["a", "-dlicense=MIT"],
            "error: there is no option `license`; did you mean `licence`?\n",
        ),
        (
            &["a", "-dlicence=GPL"],
            "error: `licence` can't be \"GPL\": it is one of `none`, ",
        ),
        (&["a", "-dlicence"], "error: `licence` is not NAME=VALUE\n"),
        (
            &["a", "-dci=true", "-dci=true"],
            "error: `ci` is defined twice\n",
        ),
        (
            &["a", "-dkind=sotre"],
            "error: `kind` can't be \"sotre\": it is one of `store`, `wrapped-store`, `store-object`, `transport`, `address-book`\n",
        ),
        (
            &["an-id-of-more-than-24-letters"],
            "error: the crate's name is too long for an id: ",
        ),
    ] {
        let said = refused(folder.path(), args);
        assert!(said.starts_with(expected), "{args:?}: {said}");
    }
    assert_eq!(files(folder.path()), BTreeSet::new());
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
}

#[test]
fn what_the_manifest_refuses_has_a_caret() {
    let folder = folder();
    let said = refused(
        folder.path(),
        &["a", "-duid=00000000000000000000000000000000"],
    );
    assert!(
        said.contains("error[bad-uid]: the uid is all zeros\n"),
        "{said}"
    );
    assert!(said.contains("provider.toml:"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 0);
}

#[test]
fn a_workspace_around_it_is_named() {
    let folder = folder();
    let around = folder.path().join("Cargo.toml");
    fs::write(&around, "[workspace]\nmembers = []\n").expect("writable");
    let said = well(folder.path(), &["contoso"]);
    assert!(
        said.contains("Add it to the members of the workspace in "),
        "{said}"
    );
    // What the crate says to cargo is not heard there.
    for line in [
        "   [target.'cfg(all(windows, target_env = \"msvc\"))']\n",
        "   rustflags = [\"-C\", \"target-feature=+crt-static\"]\n",
        "   [profile.release]\n   lto = \"fat\"\n   codegen-units = 1\n   opt-level = \"s\"\n   strip = true\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(
        read(folder.path(), "Cargo.toml"),
        "[workspace]\nmembers = []\n"
    );
}

#[test]
fn the_list_is_as_it_was() {
    let folder = folder();
    insta::assert_snapshot!("new_list", well(folder.path(), &["--list"]));
    let output = new(folder.path(), &["a", "--list"]);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
}
