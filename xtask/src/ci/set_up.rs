//! `cargo xtask set-up`: what Windows and the sanitizers need, and the crates that everything needs.

use std::process::Command;

use crate::{command, fuzz, mapi_sys, toolchain, workspace};

/// What the IMAP provider is built with and tried on: a package of Debian's, and how to see that it is there.
const DEBIAN: [(&str, &[&str]); 3] = [
    ("pkg-config", &["pkg-config", "--version"]),
    ("libssl-dev", &["pkg-config", "--exists", "openssl"]),
    ("dovecot-imapd", &["/usr/sbin/dovecot", "--version"]),
];

/// Installs what can be installed. Commands ask for anything else that they need.
pub(crate) fn run() -> Result<(), String> {
    if workspace::shared_windows("setup").is_some() {
        ["std", "x64", "x86"]
            .into_iter()
            .try_for_each(toolchain::set_up)?;
    } else {
        install();
    }
    install_from_debian();
    command::run(&mut cargo(&["fetch", "--locked"]))?;
    [mapi_sys::MANIFEST, fuzz::MANIFEST]
        .into_iter()
        .try_for_each(|workspace| {
            let arguments = ["fetch", "--locked", "--manifest-path", workspace];
            command::run(&mut cargo(&arguments))
        })
}

fn install() {
    let nightly = command::run(&mut cargo(&["+nightly", "--version"]));
    // An installed one is not updated.
    let mut steps: Vec<&[&str]> = vec![];
    if nightly.is_err() {
        steps.push(&["toolchain", "install", "nightly", "--profile", "minimal"]);
    }
    steps.push(&[
        "component",
        "add",
        "--toolchain",
        "nightly",
        "rust-src",
        "clippy",
    ]);
    steps.push(&[
        "target",
        "add",
        "x86_64-pc-windows-gnu",
        "i686-pc-windows-gnu",
    ]);
    steps.push(&[
        "target",
        "add",
        "x86_64-pc-windows-msvc",
        "aarch64-pc-windows-msvc",
    ]);
    for step in steps {
        if let Err(why) = command::run(Command::new("rustup").args(step)) {
            command::say(&why);
        }
    }
}

/// Installs what is missing and can be installed. Tests that need a server skip themselves where there is none.
fn install_from_debian() {
    let missing = DEBIAN.iter().filter(|(_, there)| !is_there(there));
    let missing: Vec<&str> = missing.map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return;
    }
    for arguments in [
        &["update"][..],
        &["install", "--yes", "--no-install-recommends"],
    ] {
        let is_install = arguments.len() > 1;
        let mut apt = Command::new(if is_root() { "env" } else { "sudo" });
        apt.args(if is_root() { &[][..] } else { &["-n", "env"] });
        apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"])
            .args(arguments);
        if is_install {
            apt.args(&missing);
        }
        if let Err(why) = command::run(&mut apt) {
            command::say(&format!("{why}; missing: {}", missing.join(", ")));
        }
    }
}

fn is_there(check: &[&str]) -> bool {
    let Some((program, arguments)) = check.split_first() else {
        return false;
    };
    let output = Command::new(program).args(arguments).output();
    output.is_ok_and(|output| output.status.success())
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root()).args(arguments);
    cargo
}
