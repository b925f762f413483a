//! `cargo xtask picture`: the picture of the demo that the README shows.

use std::process::Command;

use crate::{command, workspace};

/// Runs the demo, so that all is built that it needs, and then draws it: by the test that compares the picture with it.
pub(crate) fn run() -> Result<(), String> {
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(workspace::root()).args(arguments);
        cargo
    };
    command::say("running the demo");
    command::output(&mut cargo(&[
        "run",
        "--quiet",
        "--package",
        "cargo-mapi",
        "--",
        "demo",
    ]))?;
    command::say("drawing docs/demo.svg");
    let mut test = cargo(&[
        "test",
        "--quiet",
        "--package",
        "cargo-mapi",
        "--test",
        "demo",
    ]);
    test.args(["--", "--exact", "mail_arrives_in_a_folder_that_stays"]);
    command::run(test.env("BLESS", "1"))
}
