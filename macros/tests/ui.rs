//! What the compiler says of wrong input to the macros: `ui/*/<case>.rs` with `ui/*/<case>.stderr` beside it,
//! and what it must accept: `ui/pass/<case>.rs`. `TRYBUILD=overwrite cargo test -p mapi-provider-macros`
//! writes the former.
//!
//! `rustc` words its own part of a message anew with each version, so they are compared under the version
//! that `rust-version` names, and under no other.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// The version that the `.stderr` files are of.
const PINNED: &str = env!("CARGO_PKG_RUST_VERSION");

/// `1.95` of `rustc 1.95.0 (…)`.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("there is a rustc");
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.split(' ').nth(1).unwrap_or_default();
    version
        .rsplit_once('.')
        .map_or(version, |(minor, _)| minor)
        .to_owned()
}

/// The folder of the crate that trybuild makes of the cases: `provider!` looks for manifests there.
fn crate_of_cases() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it lies in the target folder");
    target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"))
}

fn copy_manifests() -> io::Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let from = here.join("tests/ui/manifests");
    let to = crate_of_cases().join("manifests");
    fs::create_dir_all(&to)?;
    for file in fs::read_dir(from)? {
        let file = file?;
        fs::copy(file.path(), to.join(file.file_name()))?;
    }
    // The example of the manual, which a manifest names.
    let example = here.join("../tests/interfaces/proxy.toml");
    fs::copy(example, to.join("proxy.toml"))?;
    Ok(())
}

#[test]
fn every_mistake_is_explained_and_nothing_right_is_refused() {
    copy_manifests().expect("the target folder is writable");
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    let compiler = compiler();
    if compiler == PINNED {
        cases.compile_fail("tests/ui/object/*.rs");
        cases.compile_fail("tests/ui/sync/*.rs");
        cases.compile_fail("tests/ui/provider/*.rs");
    } else {
        eprintln!(
            "note: the messages are those of rustc {PINNED}, and this is {compiler}: not compared"
        );
    }
}

#[test]
fn every_case_has_its_message_and_every_message_its_case() {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let mut alone = Vec::new();
    let mut pairs = 0;
    for folder in ["object", "sync", "provider"] {
        for file in fs::read_dir(ui.join(folder)).expect("the folder is there") {
            let path = file.expect("it is readable").path();
            let other = path.with_extension(if path.extension().is_some_and(|e| e == "rs") {
                "stderr"
            } else {
                "rs"
            });
            pairs += usize::from(other.exists());
            if !other.exists() {
                alone.push(path);
            }
        }
    }
    assert!(alone.is_empty(), "half a pair: {alone:?}");
    assert!(
        pairs >= 2 * 30,
        "only {} pairs: the walk is broken",
        pairs / 2
    );
}
