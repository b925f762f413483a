//! Every rule of the contract is named where it is kept, and has a test named after it.

use crate::source::{File, root, rust_files};
use crate::{report, words};

/// The families of rules, with the number of the last one. Rules are never renumbered.
const RULES: [(&str, u32); 8] = [
    ("SYNC", 23),
    ("COM", 8),
    ("ENTRY", 15),
    ("WRAP", 7),
    ("STORE", 45),
    ("TWOWAY", 30),
    ("XP", 36),
    ("AB", 34),
];

fn rules() -> impl Iterator<Item = String> {
    RULES
        .into_iter()
        .flat_map(|(family, last)| (1..=last).map(move |number| format!("{family}-{number:02}")))
}

#[test]
fn every_rule_has_a_test_of_its_name() {
    let tests: Vec<String> = rust_files().iter().flat_map(functions).collect();
    let missing: Vec<String> = rules()
        .filter(|rule| !tests.iter().any(|test| names(test, rule)))
        .map(|rule| format!("fn {}_…", rule.to_lowercase().replace('-', "_")))
        .collect();
    report(
        "Every rule of the contract has a test that bears its id. Missing:",
        &missing,
    );
}

#[test]
fn every_rule_is_named_where_it_is_kept() {
    let files = rust_files();
    let keepers = files.iter().filter(|file| {
        file.is_in(&[
            "src",
            "abi/src",
            "mailbox/src",
            "table/src",
            "twoway/src",
            "mime/src",
            "codegen/src/emit",
            "examples/imap/src",
        ]) && !file.is_test()
    });
    let comments: String = keepers.map(|file| comments(file.text())).collect();
    let missing: Vec<String> = rules()
        .filter(|rule| !comments.contains(rule.as_str()))
        .map(|rule| format!("// {rule}"))
        .collect();
    report(
        "Every rule of the contract is named in a comment where the code keeps it, in src/ or abi/src/. Missing:",
        &missing,
    );
}

/// The families of which each rule is broken by a mutation; of the others some rules can't be, or not on Linux
/// (`tests/README.md`).
const MUTATED: [&str; 2] = ["STORE", "AB"];

#[test]
fn every_rule_of_a_mailbox_or_an_address_book_is_broken_by_a_mutation() {
    let folder = root().join("tests/mutations");
    let names = std::fs::read_dir(folder).expect("the mutations");
    let names: Vec<String> = names
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let breaks = |rule: &str| {
        let own = names.iter().filter_map(|name| name.strip_prefix(rule));
        own.filter_map(|rest| rest.strip_suffix(".patch"))
            .any(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let missing: Vec<String> = rules()
        .filter(|rule| MUTATED.iter().any(|family| rule.starts_with(family)))
        .filter(|rule| !breaks(rule))
        .map(|rule| format!("tests/mutations/{rule}.patch"))
        .collect();
    report(
        "Every rule of a mailbox or an address book is broken on purpose by a mutation that its test catches. Missing:",
        &missing,
    );
}

/// The names of all functions of a file.
fn functions(file: &File) -> Vec<String> {
    let words = words::of(file);
    words
        .windows(2)
        .filter(|pair| pair[0] == "fn")
        .map(|pair| pair[1].clone())
        .collect()
}

/// Whether a test's name has the id: `sync_08`, at the start of the name or after another
/// id.
fn names(test: &str, rule: &str) -> bool {
    let id = rule.to_lowercase().replace('-', "_");
    format!("_{test}_").contains(&format!("_{id}_"))
}

fn comments(text: &str) -> String {
    text.lines()
        .filter_map(|line| Some(line.split_once("//")?.1))
        .fold(String::new(), |all, comment| all + comment + "\n")
}

#[test]
fn ids_are_found_as_whole_words() {
    assert!(names("sync_08_the_event_is_the_callers", "SYNC-08"));
    assert!(names("sync_07_and_sync_08", "SYNC-08"));
    assert!(!names("async_08_x", "SYNC-08"));
    assert!(!names("sync_080", "SYNC-08"));
    assert_eq!(comments("let x = \"SYNC-08\"; // COM-01\n"), " COM-01\n");
}
