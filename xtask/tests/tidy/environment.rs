//! Who may ask the environment.

use crate::source::{File, rust_files};
use crate::{report, words};

/// This file decides whether the environment is trusted at all (SYNC-23).
const GATE: &str = "src/platform/trust.rs";

#[test]
fn only_the_gate_asks_the_environment() {
    let problems: Vec<String> = rust_files()
        .iter()
        .filter(|file| file.is_in(&["src"]) && file.path != GATE && !file.is_test())
        .filter_map(|file| Some(format!("{}: {}", file.path, first_question(file)?)))
        .collect();
    report(
        "In an elevated or a service's process the environment decides nothing (SYNC-23). Ask it by \
         platform::trusted_variable, or where MAPI says whether it is a service by trusted_variable_in:",
        &problems,
    );
}

/// The first use, outside tests, of a function of std that reads the environment or writes to it.
fn first_question(file: &File) -> Option<String> {
    const FUNCTIONS: [&str; 9] = [
        "var",
        "var_os",
        "vars",
        "vars_os",
        "set_var",
        "remove_var",
        "temp_dir",
        "home_dir",
        "args",
    ];
    let words = words::without_tests(&words::without_quoted(&words::of(file)));
    (0..words.len()).find_map(|position| {
        let is_path = words::at(&words, position, &["env", ":", ":"]);
        let name = words.get(position + 3)?;
        let named = match name.as_str() {
            // The use of a name that was imported could not be seen.
            "{" => words::inside(&words, position + 3),
            _ => std::slice::from_ref(name),
        };
        let found = named.iter().find(|word| FUNCTIONS.contains(&word.as_str()));
        found.filter(|_| is_path).map(|name| format!("env::{name}"))
    })
}

#[test]
fn questions_are_found() {
    let question = |text: &str| {
        first_question(&File {
            path: "x.rs".to_owned(),
            bytes: text.into(),
        })
    };
    assert!(question("fn f() { std::env::var_os(NAME); }").is_some());
    assert!(question("use std::env::{self, var};").is_some());
    assert!(question("use std::env; fn f() { let _ = env::temp_dir(); }").is_some());
    assert_eq!(
        question(
            "// env::var\nuse std::env; fn f() { let _ = (env::current_exe(), env!(\"X\")); }"
        ),
        None
    );
    assert_eq!(
        question("#[cfg(test)] mod tests { fn f() { std::env::var(\"X\"); } }"),
        None
    );
}
