//! What the README promises of the crate itself.

use std::fs;
use std::path::{Path, PathBuf};

fn crate_folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files of the library, those it shares with the other example included.
fn sources() -> Vec<(PathBuf, String)> {
    let shared = ["header", "maildir"]
        .map(|name| crate_folder().join(format!("../../templates/maildir/src/{name}.rs")));
    let own = fs::read_dir(crate_folder().join("src")).expect("there");
    let own = own.map(|entry| entry.expect("an entry").path());
    let files: Vec<_> = own.chain(shared).collect();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("readable");
        (path, text)
    };
    files.into_iter().map(read).collect()
}

/// The lines of code: no comments, no empty lines, no tests.
fn lines(text: &str) -> usize {
    let lines = text.lines().map(str::trim);
    lines
        .take_while(|line| *line != "#[cfg(test)]")
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("# "))
        .count()
}

fn manifest() -> String {
    fs::read_to_string(crate_folder().join("provider.toml")).expect("readable")
}

#[test]
fn the_manifest_has_thirty_lines_at_most() {
    assert!(manifest().lines().count() <= 30);
}

#[test]
fn there_is_no_unsafe_code_and_no_com() {
    // What a COM interface of MAPI's is called begins so; the safe store has other names.
    let com = [
        "IMAPI",
        "IMsg",
        "IMS",
        "IMessage",
        "IAttach",
        "IUnknown",
        "IStream",
        "HRESULT",
        "windows_core",
    ];
    for (path, text) in sources() {
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let forbids = line.contains("forbid(unsafe_code)");
            assert!(
                forbids || !line.contains("unsafe"),
                "{}: {line}",
                path.display()
            );
            let found = com.iter().find(|name| line.contains(*name));
            assert_eq!(found, None, "{}: {line}", path.display());
        }
    }
    let library = fs::read_to_string(crate_folder().join("src/lib.rs")).expect("readable");
    assert!(library.contains("#![forbid(unsafe_code)]"));
}

#[test]
fn the_readme_tells_how_many_lines_there_are() {
    let all: usize = sources().iter().map(|(_, text)| lines(text)).sum();
    let all = all + lines(&manifest());
    assert!(all < 1000);
    let readme = fs::read_to_string(crate_folder().join("README.md")).expect("readable");
    let told = format!("That is {all} lines");
    assert!(readme.contains(&told), "the README doesn't say: {told}");
}
