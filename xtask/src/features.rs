//! `cargo xtask features`: does each family of interfaces compile without the others, and do all together?

use std::process::Command;

use serde_json::Value;

use crate::{command, workspace};

const PACKAGE: &str = "mapi-provider";

/// Type-checks the runtime with no feature and with each one alone; lints and documents it with all of
/// them.
pub(crate) fn run() -> Result<(), String> {
    check(&["--no-default-features"])?;
    for feature in features()? {
        check(&["--no-default-features", "--features", &feature])?;
    }
    command::say("all features");
    let mut clippy = cargo("clippy");
    clippy.args(["--all-features", "--all-targets", "--", "-D", "warnings"]);
    command::run(&mut clippy)?;
    let mut doc = cargo("doc");
    doc.args(["--all-features", "--no-deps"]);
    command::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn check(arguments: &[&str]) -> Result<(), String> {
    command::say(&format!("features: {}", arguments.join(" ")));
    command::run(cargo("check").args(arguments))
}

fn cargo(subcommand: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace::root());
    cargo.args([subcommand, "--quiet", "--locked", "--package", PACKAGE]);
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
