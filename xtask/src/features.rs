//! `cargo xtask features`: does each family of interfaces compile without the others, and do all together? Is all of it
//! documented without a warning? docs.rs has all features; with fewer, a link can lead nowhere, which `--documents` finds.

use std::process::Command;

use serde_json::Value;

use crate::{command, workspace};

const PACKAGE: &str = "mapi-provider";

/// What the runtime re-exports: its features are the runtime's.
const ABI: &str = "mapi-provider-abi";

/// Whose documentation has no features to choose, and is read by those who change them.
const OTHERS: [&str; 9] = [
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

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Also document the runtime with no feature and with each one alone.
    #[arg(long)]
    documents: bool,
}

/// Type-checks the runtime with no feature and with each one alone; documents it with all.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let runtime = [PACKAGE, ABI];
    let mut sets = vec![vec!["--no-default-features".to_owned()]];
    sets.extend(features()?.into_iter().map(|feature| {
        ["--no-default-features", "--features", &feature]
            .map(str::to_owned)
            .to_vec()
    }));
    for set in &sets {
        command::say(&format!("features: {}", set.join(" ")));
        command::run(cargo("check", &[PACKAGE]).args(set))?;
        if args.documents {
            document(&runtime, set, STRICT)?;
        }
    }
    command::say("documentation with all features");
    let all = ["--all-features".to_owned()];
    document(&runtime, &all, STRICT)?;
    command::say("documentation of the others");
    document(&OTHERS, &all, INSIDE)
}

/// A warning is an error.
const STRICT: &str = "-D warnings";

/// The same, but for links to private items: who reads these pages has the code, and documents private items with it.
const INSIDE: &str = "-D warnings -A rustdoc::private_intra_doc_links";

fn document(packages: &[&str], arguments: &[String], flags: &str) -> Result<(), String> {
    let mut doc = cargo("doc", packages);
    doc.arg("--no-deps").args(arguments);
    command::run(doc.env("RUSTDOCFLAGS", flags))
}

fn cargo(subcommand: &str, packages: &[&str]) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace::root());
    cargo.args([subcommand, "--quiet", "--locked"]);
    for package in packages {
        cargo.args(["--package", package]);
    }
    cargo
        .arg("--target-dir")
        .arg(workspace::target_dir("features"));
    cargo
}

/// The features of the runtime, except `default`.
fn features() -> Result<Vec<String>, String> {
    let mut metadata = Command::new(env!("CARGO"));
    metadata.current_dir(workspace::root());
    metadata.args(["metadata", "--no-deps", "--format-version", "1"]);
    let metadata = command::output(&mut metadata)?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let runtime = packages.filter(|package| package["name"] == PACKAGE);
    let named = runtime
        .filter_map(|package| package["features"].as_object())
        .flatten();
    let features: Vec<String> = named
        .map(|(name, _)| name.clone())
        .filter(|name| name != "default")
        .collect();
    if features.is_empty() {
        return Err(format!("{PACKAGE} has no features"));
    }
    Ok(features)
}
