//! What the emitters and the rest of the generator may know.

use crate::source::{File, rust_files};
use crate::{report, words};

#[test]
fn emitters_never_see_toml() {
    let files = rust_files();
    let emitters = files
        .iter()
        .filter(|file| file.is_in(&["codegen/src/emit", "codegen/src/emit.rs"]));
    let problems: Vec<String> = emitters
        .flat_map(|file| {
            toml_words(file)
                .into_iter()
                .map(|word| format!("{}: `{word}`", file.path))
        })
        .collect();
    report(
        "Emitters see the checked IR and never TOML. Let the check put into the IR what is needed:",
        &problems,
    );
}

fn toml_words(file: &File) -> Vec<String> {
    let mut words = words::without_tests(&words::of(file));
    words.retain(|word| word == "toml" || word.starts_with("toml_"));
    words
}

#[test]
fn the_generator_knows_the_runtime_only_by_its_hidden_module() {
    let files = rust_files();
    let generator = files
        .iter()
        .filter(|file| file.is_in(&["codegen/src", "macros/src"]));
    let problems: Vec<String> = generator
        .flat_map(|file| {
            runtime_paths(file)
                .into_iter()
                .map(|item| format!("{}: mapi_provider::{item}", file.path))
        })
        .filter(|found| !found.ends_with("::__private"))
        .collect();
    report(
        "Generated code reaches the runtime through mapi_provider::__private alone, so that the public names can \
         move. Re-export the item there:",
        &problems,
    );
}

/// What follows each `mapi_provider::` in code, quoted code included.
fn runtime_paths(file: &File) -> Vec<String> {
    let words = words::of(file);
    let starts =
        (0..words.len()).filter(|start| words::at(&words, *start, &["mapi_provider", ":", ":"]));
    starts
        .filter_map(|start| words.get(start + 3).cloned())
        .collect()
}

#[test]
fn toml_and_runtime_paths_are_found() {
    let file = |text: &str| File {
        path: "x.rs".to_owned(),
        bytes: text.into(),
    };
    assert_eq!(
        toml_words(&file("use crate::toml_tree::Table; // toml")),
        ["toml_tree"]
    );
    assert_eq!(
        runtime_paths(&file("quote!(::mapi_provider::SyncJob)")),
        ["SyncJob"]
    );
}
