//! Who may know what an operating system is.

use crate::source::{File, rust_files};
use crate::{report, words};

/// Places that may, and why.
const EXCEPTED: [(&str, &str); 6] = [
    ("abi/src/platform", "this is what it is for"),
    ("src/platform", "this is what it is for"),
    (
        "src/sync/mod.rs",
        "the model checker of the tests has threads of its own making, which Wine can't run",
    ),
    (
        "src/transport/queue/tests.rs",
        "only on Unix can a test read who may look into a file",
    ),
    (
        "tests",
        "a few things, such as unloading, exist on Windows only",
    ),
    (
        "xtask",
        "building for Windows is its work; no provider contains it",
    ),
];

#[test]
fn only_the_platform_layer_names_an_operating_system() {
    let excepted = EXCEPTED.map(|(place, _)| place);
    let problems: Vec<String> = rust_files()
        .iter()
        .filter(|file| !file.is_in(&excepted))
        .filter_map(|file| Some(format!("{}: {}", file.path, first_mention(file)?)))
        .collect();
    report(
        "Nothing outside a `platform` folder names an operating system. Put the difference behind a function there, or, \
         where that can't be, add the place to EXCEPTED with the reason:",
        &problems,
    );
}

/// The first condition on an operating system, or use of a part of std that only one
/// system has.
fn first_mention(file: &File) -> Option<String> {
    let words = words::of(file);
    (0..words.len())
        .find_map(|position| condition(&words, position).or_else(|| path(&words, position)))
}

fn condition(words: &[String], position: usize) -> Option<String> {
    const SYSTEMS: [&str; 5] = [
        "windows",
        "unix",
        "target_os",
        "target_family",
        "target_vendor",
    ];
    if !matches!(words[position].as_str(), "cfg" | "cfg_attr") {
        return None;
    }
    let open = if words::at(words, position + 1, &["!"]) {
        position + 2
    } else {
        position + 1
    };
    let condition = words::inside(words, open);
    let named = condition
        .iter()
        .any(|word| SYSTEMS.contains(&word.as_str()));
    named.then(|| format!("cfg({})", condition.join(" ")))
}

fn path(words: &[String], position: usize) -> Option<String> {
    const PATHS: [&[&str]; 4] = [
        &["std", ":", ":", "os"],
        &["core", ":", ":", "os"],
        &["libloading", ":", ":", "os"],
        &["consts", ":", ":", "OS"],
    ];
    let found = PATHS.iter().find(|path| words::at(words, position, path))?;
    Some(found.concat())
}

#[test]
fn mentions_are_found() {
    let mention = |text: &str| {
        first_mention(&File {
            path: "x.rs".to_owned(),
            bytes: text.into(),
        })
    };
    assert!(mention("#[cfg(windows)] fn f() {}").is_some());
    assert!(mention("#[cfg(all(test, target_os = \"linux\"))] fn f() {}").is_some());
    assert!(mention("fn f() -> bool { cfg!(unix) }").is_some());
    assert!(mention("use std::os::fd::RawFd;").is_some());
    assert_eq!(
        mention("// cfg(windows)\n#[cfg(target_pointer_width = \"64\")] fn f() {}"),
        None
    );
}
