//! `cargo xtask interleave`: the model checks of the sync engine, in more interleavings than `cargo test` tries.

use std::process::Command;

use crate::command;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How many interleavings of each check.
    #[arg(long, default_value_t = 50_000)]
    count: u32,
    /// Only checks whose names contain this: `sync_16`.
    name: Option<String>,
}

/// Runs the checks, optimised, because they consist only of steps.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let mut cargo = Command::new("cargo");
    cargo.args([
        "test",
        "--release",
        "--locked",
        "--package",
        "mapi-provider",
        "--lib",
        "--",
    ]);
    let filter = match &args.name {
        Some(name) => format!("interleave::checks::{name}"),
        None => "interleave::checks".to_owned(),
    };
    cargo.arg(filter).env("INTERLEAVE", args.count.to_string());
    command::run(&mut cargo)
}
