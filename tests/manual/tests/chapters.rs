//! The manual and the README show only code that is compiled and run here: every block of Rust and TOML in them is
//! part of one of these files, or a manifest without mistakes.

use std::path::{Path, PathBuf};
use std::{env, fs};

use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::manifest;

/// The files that chapters show parts of, from the workspace's root.
const SHOWN: [&str; 26] = [
    "cli/tests/crates/cases/written/lib.rs",
    "cli/tests/crates/cases/written/object.rs",
    "templates/provider/.cargo/config.toml",
    "tests/manual/Cargo.toml",
    "tests/manual/provider.toml",
    "tests/manual/src/lib.rs",
    "tests/manual/src/mime.rs",
    "tests/manual/src/sync.rs",
    "tests/manual/src/threads.rs",
    "tests/manual/tests/testing.rs",
    "tests/outlook-mapi-sys/tests/interop.rs",
    "tests/manual/examples/first/lib.rs",
    "tests/manual/examples/first/provider.toml",
    "tests/manual/examples/wrapped/lib.rs",
    "tests/manual/examples/wrapped/provider.toml",
    "tests/manual/examples/mailbox/lib.rs",
    "tests/manual/examples/mailbox/provider.toml",
    "tests/manual/examples/two-way/lib.rs",
    "tests/manual/examples/two-way/verbs.rs",
    "tests/manual/examples/sending/lib.rs",
    "tests/manual/examples/sending/provider.toml",
    "tests/manual/examples/finding/lib.rs",
    "tests/manual/examples/finding/provider.toml",
    "tests/manual/tests/two_way.rs",
    "codegen/tests/manifests/full.toml",
    "codegen/tests/manifests/several.toml",
];

/// The root of the workspace, when the test runs.
fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    let root = Path::new(&package).ancestors().nth(2);
    root.expect("it lies in the workspace").to_owned()
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path);
    let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.replace("\r\n", "\n")
}

/// The pages: all chapters of the manual's own folder, and the README.
fn pages() -> Vec<PathBuf> {
    let chapters = fs::read_dir(root().join("docs/manual")).expect("the folder is there");
    let chapters = chapters.map(|file| file.expect("readable").path());
    let mut pages: Vec<PathBuf> = chapters
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
        .collect();
    pages.push(root().join("README.md"));
    assert!(pages.len() > 10, "the walk is broken: {pages:?}");
    pages
}

/// The blocks of code of a page: language, code.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.split_inclusive('\n') {
        match (line.strip_prefix("```"), &mut open) {
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(language), None) => open = Some((language.trim().to_owned(), String::new())),
            (None, Some((_, code))) => code.push_str(line),
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block without an end");
    found
}

/// A text without the indentation that all its lines share, and without blanks at its ends.
fn flat(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shared = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(indent)
        .min();
    let lines = text
        .lines()
        .map(|line| line.get(shared.unwrap_or(0)..).unwrap_or("").trim_end());
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Whether a file has the lines of a block one after another, indented as they may be.
fn has(file: &str, block: &str) -> bool {
    let wanted = flat(block);
    let length = wanted.lines().count();
    let lines: Vec<&str> = file.lines().collect();
    lines
        .windows(length.max(1))
        .any(|window| flat(&window.join("\n")) == wanted)
}

/// Parts of a block are parted by a line that says so: `// …`.
fn parts(block: &str) -> Vec<&str> {
    let parts = block.split("// …\n").flat_map(|part| part.split("# …\n"));
    parts.filter(|part| !part.trim().is_empty()).collect()
}

#[test]
fn what_is_shown_is_part_of_what_is_tested() {
    // Two of the providers are examples of one crate; a team's manifest lies beside its Cargo.toml.
    let shown = SHOWN.map(|path| {
        let text = read(&root().join(path));
        text.replace("(\"examples/first/", "(\"")
    });
    let mut wrong = Vec::new();
    let mut right = 0;
    for page in pages() {
        for (language, code) in blocks(&read(&page)) {
            if language != "rust" && language != "toml" {
                continue;
            }
            let known = parts(&code)
                .iter()
                .all(|part| shown.iter().any(|file| has(file, part)));
            if known {
                right += 1;
            } else {
                wrong.push(format!("{}:\n{code}", page.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "shown, but in none of the tested files:

{}",
        wrong.join("\n")
    );
    assert!(right > 15, "only {right} blocks: the walk is broken");
}

#[test]
fn the_manifests_that_are_shown_have_no_mistakes() {
    for path in SHOWN
        .iter()
        .filter(|path| path.contains("provider.toml") || path.contains("full"))
    {
        let source = Source::new(*path, read(&root().join(path)));
        if let Err(report) = manifest::load(&source) {
            panic!("{report}");
        }
    }
}

#[test]
fn indentation_is_no_difference_and_words_are() {
    let file = "fn a() {\n    let b = 1;\n\n    b\n}\n";
    assert!(has(file, "let b = 1;\n\nb\n"));
    assert!(has(file, file));
    assert!(!has(file, "let b = 2;\n"));
    assert!(!has(file, "let b = 1;\nb\n"));
    assert_eq!(parts("a\n// …\nb\n"), ["a\n", "b\n"]);
}
