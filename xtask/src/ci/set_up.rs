//! `cargo xtask set-up`: what Windows and the sanitizers need, and the crates that everything needs.

use std::process::Command;

use crate::{command, fuzz, mapi_sys, toolchain, workspace};

/// What the IMAP and SMTP providers are built with and tried on: a package of Debian's, and how to see that it is there.
const DEBIAN: [(&str, &[&str]); 5] = [
    ("pkg-config", &["pkg-config", "--version"]),
    ("libssl-dev", &["pkg-config", "--exists", "openssl"]),
    ("dovecot-imapd", &["/usr/sbin/dovecot", "--version"]),
    (
        "dovecot-submissiond",
        &["test", "-x", "/usr/lib/dovecot/submission"],
    ),
    // For its `smtp-sink`: a server of Postfix's own is not configured.
    ("postfix", &["test", "-x", "/usr/sbin/smtp-sink"]),
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
    if missing.contains(&"postfix") {
        // Nobody asked for a mail server that runs.
        let answer = "echo postfix postfix/main_mailer_type select No configuration | debconf-set-selections";
        told(&mut as_root(&["sh", "-c", answer]), "postfix");
    }
    told(&mut as_root(&["apt-get", "update"]), "a list of packages");
    for package in missing {
        // Another mail server stays where it is: then there is no Postfix.
        let arguments = [
            "apt-get",
            "install",
            "--yes",
            "--no-install-recommends",
            "--no-remove",
            package,
        ];
        told(&mut as_root(&arguments), package);
    }
}

/// Runs a command; if it fails, it is said what is missing.
fn told(command: &mut Command, what: &str) {
    if let Err(why) = command::run(command) {
        command::say(&format!("{why}; missing: {what}"));
    }
}

fn as_root(arguments: &[&str]) -> Command {
    let mut command = Command::new(if is_root() { "env" } else { "sudo" });
    command.args(if is_root() { &[][..] } else { &["-n", "env"] });
    command
        .arg("DEBIAN_FRONTEND=noninteractive")
        .args(arguments);
    command
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
