//! Who may depend on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use crate::report;
use crate::source::root;

/// The crates from bottom to top: each may use those before it and none after it. The first two are texts and need
/// nothing.
const ORDER: [&str; 12] = [
    "mapi-provider-manual",
    "mapi-provider-templates",
    "mapi-provider-abi",
    "mapi-provider-mime",
    "mapi-provider-twoway",
    "mapi-provider-table",
    "mapi-provider-mailbox",
    "mapi-provider-codegen",
    "mapi-provider-macros",
    "mapi-provider",
    "mapi-provider-host",
    "cargo-mapi",
];

/// The crates that every provider builds, with everything each may use. A dependency here is paid for by every
/// team, so this list is meant to be hard to lengthen.
const ALLOWED: [(&str, &[&str]); 8] = [
    (
        "mapi-provider-abi",
        &["bitflags", "tracing", "windows-core"],
    ),
    (
        "mapi-provider-mailbox",
        &[
            "mapi-provider-abi",
            // Optional, and off by default.
            "mapi-provider-mime",
            "mapi-provider-table",
            "mapi-provider-twoway",
            "rusqlite",
        ],
    ),
    // Of anything that has rows.
    ("mapi-provider-table", &["mapi-provider-abi"]),
    (
        // Optional, and off by default.
        "mapi-provider-mime",
        &[
            "encoding_rs",
            "mail-builder",
            "mail-parser",
            "mapi-provider-abi",
        ],
    ),
    // It knows nothing of MAPI.
    ("mapi-provider-twoway", &["rusqlite", "thiserror"]),
    (
        "mapi-provider",
        &[
            // Optional, and off by default.
            "anyhow",
            "mapi-provider-abi",
            "mapi-provider-macros",
            // The same: only for a provider that keeps its mail itself.
            "mapi-provider-mailbox",
            // Optional, and off by default.
            "mapi-provider-mime",
            // Optional, and off by default: the tables of address books.
            "mapi-provider-table",
            "mapi-provider-twoway",
            // Optional, and off by default: the queue of transports.
            "rusqlite",
            "tracing",
            "windows-core",
        ],
    ),
    ("mapi-provider-macros", &["mapi-provider-codegen"]),
    (
        "mapi-provider-codegen",
        &[
            "annotate-snippets",
            "proc-macro2",
            "quote",
            "serde",
            "syn",
            "toml",
        ],
    ),
];

/// A member of the workspace, with what it needs to be built (no `dev-dependencies`).
struct Member {
    is_proc_macro: bool,
    needs: BTreeSet<String>,
    for_one_system: Vec<String>,
}

impl Member {
    fn parse(package: &Value) -> Self {
        let targets = package["targets"].as_array().expect("targets");
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let built: Vec<&Value> = dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .collect();
        let name = |dependency: &&Value| dependency["name"].as_str().expect("a name").to_owned();
        Self {
            is_proc_macro: targets
                .iter()
                .any(|target| target["kind"][0] == "proc-macro"),
            for_one_system: built
                .iter()
                .filter(|dependency| !dependency["target"].is_null())
                .map(name)
                .collect(),
            needs: built.iter().map(name).collect(),
        }
    }
}

fn members() -> BTreeMap<String, Member> {
    let mut metadata = Command::new(env!("CARGO"));
    metadata
        .args([
            "metadata",
            "--offline",
            "--no-deps",
            "--format-version",
            "1",
        ])
        .current_dir(root());
    let output = metadata.output().expect("cargo metadata starts");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|package| {
            (
                package["name"].as_str().expect("a name").to_owned(),
                Member::parse(package),
            )
        })
        .collect()
}

/// What each package in `Cargo.lock` that isn't ours needs.
fn locked() -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).expect("Cargo.lock");
    let lock: toml::Table = toml::from_str(&text).expect("TOML");
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name").to_owned();
        let dependencies = package
            .get("dependencies")
            .and_then(toml::Value::as_array)
            .into_iter()
            .flatten();
        // An entry is a name, or a name and a version; versions don't matter here.
        let names = dependencies.filter_map(|entry| entry.as_str()?.split(' ').next());
        needs
            .entry(name)
            .or_default()
            .extend(names.map(str::to_owned));
    }
    needs
}

/// Everything that `package` needs, directly or not. With `in_binary`, without what only our procedural macros
/// need.
fn tree(package: &str, in_binary: bool) -> BTreeSet<String> {
    let (members, locked) = (members(), locked());
    let mut found = BTreeSet::new();
    let mut waiting = vec![package.to_owned()];
    while let Some(name) = waiting.pop() {
        let needs = match members.get(&name) {
            Some(member) if in_binary && member.is_proc_macro => continue,
            Some(member) => &member.needs,
            None => locked
                .get(&name)
                .unwrap_or_else(|| panic!("{name} isn't in Cargo.lock")),
        };
        waiting.extend(needs.iter().filter(|need| !found.contains(*need)).cloned());
        found.insert(name);
    }
    found
}

#[test]
fn arrows_point_one_way() {
    let members = members();
    let mut problems = Vec::new();
    for (place, name) in ORDER.iter().enumerate() {
        let above = &ORDER[place + 1..];
        let needs = &members[*name].needs;
        problems.extend(
            above
                .iter()
                .filter(|other| needs.contains(**other))
                .map(|other| format!("{name} -> {other}")),
        );
    }
    report(
        "Arrows point one way, cli -> host -> src -> { macros -> codegen, twoway, table -> abi, mailbox -> { mime -> abi, table, twoway } }. Against it:",
        &problems,
    );
}

#[test]
fn texts_need_nothing_and_only_the_command_needs_them() {
    const TEXTS: [&str; 2] = ["mapi-provider-manual", "mapi-provider-templates"];
    let mut problems = Vec::new();
    for (name, member) in members() {
        let is_text = TEXTS.contains(&name.as_str());
        let wrong = member
            .needs
            .iter()
            .filter(|need| is_text || (name != "cargo-mapi" && TEXTS.contains(&need.as_str())));
        problems.extend(wrong.map(|need| format!("{name} -> {need}")));
    }
    report(
        "The pages and templates that ship are for the command alone:",
        &problems,
    );
}

#[test]
fn what_every_provider_builds_needs_little() {
    let members = members();
    let mut problems = Vec::new();
    for (name, allowed) in ALLOWED {
        let more = members[name]
            .needs
            .iter()
            .filter(|need| !allowed.contains(&need.as_str()));
        problems.extend(more.map(|need| format!("{name} -> {need}")));
    }
    report(
        "Every provider pays for what these crates need. Do without it, or add it to ALLOWED:",
        &problems,
    );
}

#[test]
fn a_provider_needs_no_windows_crate() {
    for provider in ["probe", "maildir", "wrapped_maildir", "store_probe"] {
        let tree = tree(provider, false);
        assert!(
            tree.contains("windows-core"),
            "{provider} has no windows-core: the walk is broken"
        );
        let unwanted = ["windows", "windows-sys", "outlook-mapi", "outlook-mapi-sys"];
        let problems: Vec<String> = unwanted
            .iter()
            .filter(|name| tree.contains(**name))
            .map(|name| format!("{provider} -> … -> {name}"))
            .collect();
        report(
            "These cost a minute of build and don't build on Linux; declare what is needed in src/platform:",
            &problems,
        );
    }
}

#[test]
fn nothing_of_the_generator_is_in_a_providers_binary() {
    for provider in ["probe", "maildir", "wrapped_maildir"] {
        assert!(
            tree(provider, false).contains("mapi-provider-codegen"),
            "{provider}: the walk is broken"
        );
        let tree = tree(provider, true);
        let unwanted = ["mapi-provider-codegen", "annotate-snippets", "toml"];
        let problems: Vec<String> = unwanted
            .iter()
            .filter(|name| tree.contains(**name))
            .map(|name| format!("{provider} contains {name}"))
            .collect();
        report(
            "The generator runs in the compiler and is no part of a provider:",
            &problems,
        );
    }
}

/// Everything that cargo builds into a provider, with the features that it asks for.
fn built(provider: &str) -> String {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--offline", "--locked", "--package", provider])
        .args(["--edges", "normal", "--prefix", "none"])
        .current_dir(root());
    let output = tree.output().expect("cargo tree starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo tree: {errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn only_a_provider_that_asks_for_it_has_the_mailbox() {
    for (provider, asks, has_database) in [
        ("probe", false, false),
        ("maildir", false, false),
        ("own_store", false, false),
        ("wrapped_probe", false, false),
        // The tables of an address book are in memory.
        ("book_probe", false, false),
        ("store_probe", true, true),
        ("imap", true, true),
        // A transport's queue is a database too.
        ("smtp", false, true),
        ("mail_account", true, true),
    ] {
        let tree = built(provider);
        for (name, expected) in [
            ("mapi-provider-mailbox ", asks),
            ("rusqlite ", has_database),
        ] {
            assert_eq!(tree.contains(name), expected, "{provider}: {name}");
        }
    }
}

/// Whether one of the strings of a list has a text.
fn mentions(list: &toml::Value, text: &str) -> bool {
    let strings = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    strings.into_iter().any(|string| string.contains(text))
}

#[test]
fn nothing_of_mail_is_in_a_provider_that_does_not_ask_for_it() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let manifest: toml::Table = toml::from_str(&text).expect("TOML");
    let features = manifest["features"].as_table().expect("features");
    let with: Vec<&str> = features
        .iter()
        .filter(|(_, needs)| mentions(needs, "mapi-provider-mime"))
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(with, ["mime"], "only this feature brings the crate");
    assert!(!mentions(&features["default"], "mime"));
    let dependency = &manifest["dependencies"]["mapi-provider-mime"];
    assert_eq!(dependency["optional"].as_bool(), Some(true));
}

#[test]
fn only_the_runtime_may_depend_by_operating_system() {
    let mut problems = Vec::new();
    for (name, member) in members() {
        if name != "mapi-provider" {
            problems.extend(
                member
                    .for_one_system
                    .iter()
                    .map(|need| format!("{name} -> {need}")),
            );
        }
    }
    report(
        "Only src/platform knows operating systems, so no other crate has a [target.…] dependency:",
        &problems,
    );
}
