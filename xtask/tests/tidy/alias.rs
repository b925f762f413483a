//! What the first `cargo mapi` of a checkout shows.

use std::env;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::source::root;

/// A build that waits for `go` to be there. It gives up after a minute, so that a test that fails ends.
const WAITS: &str = r#"
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for _ in 0..600 {
        if std::path::Path::new("go").exists() { return }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}
"#;

/// Writes a package of the command's name, with the alias of this checkout.
fn package(folder: &Path) {
    let write = |path: &str, text: &[u8]| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().expect("in the folder")).expect("made");
        fs::write(path, text).expect("written");
    };
    let alias = fs::read(root().join(".cargo/config.toml")).expect("the alias is there");
    write(".cargo/config.toml", &alias);
    write(
        "Cargo.toml",
        b"[workspace]\n[package]\nname = \"cargo-mapi\"\nedition = \"2024\"\n",
    );
    write("src/main.rs", b"fn main() { println!(\"ours\") }");
    write("build.rs", WAITS.as_bytes());
}

fn cargo_mapi(folder: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").expect("cargo runs the tests"));
    cargo
        .arg("mapi")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("CARGO_BUILD_TARGET")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    cargo
}

#[test]
fn the_first_call_shows_that_it_builds_and_the_next_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    package(folder.path());

    let mut first = cargo_mapi(folder.path()).spawn().expect("cargo starts");
    let mut errors = first.stderr.take().expect("a pipe");
    let mut shown = Vec::new();
    let mut piece = [0; 256];
    // The build script, what it does, and the program.
    let bar = b"/3: cargo-m";
    // It builds as long as nobody says `go`, so what is shown now is shown while it builds.
    while !shown.windows(bar.len()).any(|shown| shown == bar) {
        let read = errors.read(&mut piece).expect("readable");
        let text = String::from_utf8_lossy(&shown);
        assert!(read > 0, "no bar while it builds, but: {text:?}");
        shown.extend(&piece[..read]);
    }
    fs::File::create(folder.path().join("go"))
        .and_then(|mut file| file.write_all(b"go"))
        .expect("written");
    errors.read_to_end(&mut shown).expect("readable");
    let output = first.wait_with_output().expect("ends");
    assert!(output.status.success() && output.stdout == b"ours\n");

    let next = cargo_mapi(folder.path()).output().expect("cargo starts");
    assert_eq!(String::from_utf8_lossy(&next.stderr), "");
    assert_eq!(next.stdout, b"ours\n");
}
