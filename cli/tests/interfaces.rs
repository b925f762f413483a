//! `cargo mapi interfaces`, and what the other commands make of a manifest that names files with interfaces.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

const MANIFEST: &str = r#"[provider]
kind  = "store"
name  = "Contoso Mail"
id    = "contoso"
uid   = "7b3f0d5c41e84c0a9d2b6a1f0c5e7d91"
flags = ["no-primary-identity"]
interfaces = ["abi/proxy.toml"]

[sync]
logic = "crate::Contoso"
"#;

const WRONG: &str = r#"doc = "A case."

[[interface]]
name      = "IContosoStore"
base      = "IMsgStor"
iid       = "0002"
threading = "free"
"#;

/// The example of the manual, with what the command makes of it.
fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/interfaces")
}

/// A folder with a manifest and the file that it names.
fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("provider.toml"), MANIFEST).expect("writable");
    fs::create_dir(folder.path().join("abi")).expect("writable");
    let file = folder.path().join("abi/proxy.toml");
    fs::copy(example().join("proxy.toml"), file).expect("writable");
    folder
}

fn mapi(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Fails with exit code 1 and nothing on standard output; gives what was said.
fn refused(folder: &Path, args: &[&str]) -> String {
    let out = mapi(folder, args);
    assert_eq!(out.status.code(), Some(1), "{args:?}");
    assert!(out.stdout.is_empty(), "{}", text(&out.stdout));
    text(&out.stderr)
}

#[test]
fn the_example_of_the_manual_is_what_the_command_writes() {
    let out = mapi(&example(), &["interfaces", "proxy.toml"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let (golden, code) = (example().join("proxy.rs"), text(&out.stdout));
    if env::var_os("BLESS").is_some() {
        fs::write(&golden, &code).expect("writable");
    }
    let found = fs::read_to_string(&golden).unwrap_or_default();
    assert!(
        found.replace("\r\n", "\n") == code,
        "tests/interfaces/proxy.rs is out of step: BLESS=1 cargo test -p cargo-mapi writes it"
    );
}

#[test]
fn the_output_is_replaced_in_one_step_and_only_if_all_is_right() {
    let folder = project();
    let (source, output) = ("abi/proxy.toml", folder.path().join("proxy.rs"));
    fs::write(&output, "old").expect("writable");
    let out = mapi(folder.path(), &["interfaces", source, "-o", "proxy.rs"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert!(out.stdout.is_empty());
    let code = fs::read(&output).expect("it is there");
    assert_eq!(mapi(folder.path(), &["interfaces", source]).stdout, code);

    fs::write(folder.path().join(source), WRONG).expect("writable");
    refused(folder.path(), &["interfaces", source, "-o", "proxy.rs"]);
    assert_eq!(fs::read(&output).expect("it is there"), code);
    let files = fs::read_dir(folder.path()).expect("readable").count();
    assert_eq!(files, 3, "something else is left");
}

#[test]
fn a_file_that_is_not_there_or_not_text_is_named() {
    let folder = project();
    let said = refused(folder.path(), &["interfaces", "gone.toml"]);
    assert!(said.contains("can't read gone.toml"), "{said}");
    fs::write(folder.path().join("bytes.toml"), b"doc = '\xFF'\n").expect("writable");
    let said = refused(folder.path(), &["interfaces", "bytes.toml"]);
    assert!(
        said.contains("error[toml-syntax]: the file is not UTF-8"),
        "{said}"
    );
    assert!(said.contains("bytes.toml:1:8"), "{said}");
}

#[test]
fn mistakes_are_shown_all_at_once() {
    let folder = project();
    fs::write(folder.path().join("abi/proxy.toml"), WRONG).expect("writable");
    let commands: [&[&str]; 4] = [
        &["interfaces", "abi/proxy.toml"],
        &["check", "provider.toml"],
        &["expand", "provider.toml"],
        &["inf", "provider.toml"],
    ];
    for command in commands {
        let said = refused(folder.path(), command);
        for part in [
            "error[unknown-base]",
            "did you mean `IMsgStore`?",
            "error[bad-iid]",
            "proxy.toml:5:13",
            "error: 2 mistakes in",
        ] {
            assert!(said.contains(part), "{command:?} lacks {part:?}: {said}");
        }
    }
}

#[test]
fn a_manifest_that_names_a_missing_file_has_a_caret() {
    let folder = project();
    fs::remove_file(folder.path().join("abi/proxy.toml")).expect("it is there");
    let said = refused(folder.path(), &["check", "provider.toml"]);
    for part in [
        "error[unreadable]",
        "provider.toml:7:15",
        "^^^^^^^^^^^^^^^^",
        "abi",
    ] {
        assert!(said.contains(part), "no {part:?}: {said}");
    }
}

#[test]
fn check_counts_the_interfaces() {
    let folder = project();
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    assert_eq!(
        text(&out.stdout),
        "provider.toml: Contoso Mail, a store provider with no settings and 3 interfaces of its own, \
         in contoso32.dll\n",
        "{}",
        text(&out.stderr)
    );
}

#[test]
fn expand_names_the_files_from_the_root() {
    let folder = project();
    let out = mapi(folder.path(), &["expand", "provider.toml"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let code = text(&out.stdout);
    syn::parse_file(&code).expect("it is Rust");
    assert!(code.contains("pub mod proxy {"), "{code}");
    let file = folder.path().join("abi/proxy.toml");
    let file = format!("include_bytes!({:?})", file.to_string_lossy());
    assert!(code.contains(&file), "no {file}: {code}");
}
