//! What crates.io and its readers expect of the crates that are published, and how these depend on one another.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::report;
use crate::source::root;

const PUBLISHED: [&str; 12] = [
    "cargo-mapi",
    "mapi-provider",
    "mapi-provider-abi",
    "mapi-provider-codegen",
    "mapi-provider-host",
    "mapi-provider-macros",
    "mapi-provider-mailbox",
    "mapi-provider-manual",
    "mapi-provider-mime",
    "mapi-provider-table",
    "mapi-provider-templates",
    "mapi-provider-twoway",
];

fn packages() -> Vec<Value> {
    let mut metadata = Command::new(env!("CARGO"));
    let args = [
        "metadata",
        "--offline",
        "--no-deps",
        "--format-version",
        "1",
    ];
    let output = metadata.args(args).current_dir(root()).output();
    let output = output.expect("cargo metadata starts");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn name(package: &Value) -> &str {
    package["name"].as_str().expect("a name")
}

/// `publish = false` is an empty list of registries.
fn is_published(package: &Value) -> bool {
    package["publish"].is_null()
}

#[test]
fn these_crates_are_published_and_no_others() {
    let packages = packages();
    let mut names: Vec<&str> = packages
        .iter()
        .filter(|p| is_published(p))
        .map(name)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names, PUBLISHED,
        "what isn't meant for crates.io has `publish = false`"
    );
}

#[test]
fn what_is_published_says_what_it_is() {
    let mut problems = Vec::new();
    for package in packages().iter().filter(|package| is_published(package)) {
        for key in [
            "description",
            "license",
            "repository",
            "readme",
            "rust_version",
        ] {
            if package[key].as_str().is_none_or(str::is_empty) {
                problems.push(format!("{}: no `{key}`", name(package)));
            }
        }
        for key in ["keywords", "categories"] {
            if package[key].as_array().is_none_or(Vec::is_empty) {
                problems.push(format!("{}: no `{key}`", name(package)));
            }
        }
    }
    report("Published crates say what they are:", &problems);
}

/// A package holds what is in its own folder. The licences there are links to those in the root, and cargo follows
/// them.
#[test]
fn what_is_published_has_the_licences() {
    let mut problems = Vec::new();
    for package in packages().iter().filter(|package| is_published(package)) {
        let manifest = Path::new(package["manifest_path"].as_str().expect("a path"));
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let original = std::fs::read(root().join(licence)).expect("the licence");
            if std::fs::read(manifest.with_file_name(licence)).ok() != Some(original) {
                problems.push(format!("{}: {licence}", name(package)));
            }
        }
    }
    report(
        "Each published crate has the licences beside its Cargo.toml: `ln -s ../LICENSE-MIT`. Missing or different:",
        &problems,
    );
}

/// Generated code and runtime fit together only in the same version, so each of our crates requires exactly its
/// own version of the others.
#[test]
fn our_crates_want_one_another_in_the_very_same_version() {
    let mut problems = Vec::new();
    for package in packages().iter().filter(|package| is_published(package)) {
        let wanted = format!("={}", package["version"].as_str().expect("a version"));
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let to = name(dependency);
            let is_dev = dependency["kind"] == "dev";
            let found = dependency["req"].as_str().unwrap_or_default();
            if !dependency["path"].is_string() {
                continue;
            }
            // A dev-dependency without a version is left out of the package, and so is a circle.
            let right = found == wanted || (is_dev && found == "*");
            if !right {
                problems.push(format!("{} -> {to} {found}", name(package)));
            }
            if !is_dev && !PUBLISHED.contains(&to) {
                problems.push(format!("{} -> {to}, which isn't published", name(package)));
            }
        }
    }
    report(
        "Our crates depend on one another by `=` and their common version, or by path alone in [dev-dependencies]:",
        &problems,
    );
}

/// The changelog begins with what isn't released, and knows the version: as a section, or as the next release.
#[test]
fn the_changelog_knows_the_version() {
    let text = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("the changelog");
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    let unreleased = sections.first().copied().unwrap_or_default();
    assert!(
        unreleased.starts_with("Unreleased\n"),
        "CHANGELOG.md doesn't begin with `## Unreleased`"
    );
    for package in packages().iter().filter(|package| is_published(package)) {
        let version = package["version"].as_str().expect("a version");
        let is_to_come = unreleased.contains(&format!("It will be {version}."));
        let was_released = sections
            .iter()
            .any(|section| section.starts_with(&format!("{version}, ")));
        assert!(
            is_to_come || was_released,
            "CHANGELOG.md has no section for {version}"
        );
    }
}
