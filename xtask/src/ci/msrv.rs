//! `cargo xtask msrv`: does everything compile with the compiler that `rust-version` names?

use std::process::{Command, Stdio};

use crate::{command, workspace};

/// Checks with that compiler, unless the active one is it.
pub(crate) fn run() -> Result<(), String> {
    let stated = stated()?;
    let active = command::output(Command::new("rustc").arg("--version"))?;
    let active = active.split(' ').nth(1).unwrap_or_default();
    if is(active, &stated) {
        command::say(&format!(
            "rust-version is {stated} and so is the active toolchain ({active}): the other stages test it"
        ));
        return Ok(());
    }
    let names = [stated.clone(), format!("{stated}.0")];
    let Some(toolchain) = names.iter().find(|name| is_installed(name)) else {
        return Err(format!(
            "rust-version is {stated}, which isn't installed: rustup toolchain install {stated}"
        ));
    };
    let mut cargo = Command::new("cargo");
    cargo.current_dir(workspace::root());
    cargo.arg(format!("+{toolchain}"));
    cargo.args([
        "check",
        "--locked",
        "--workspace",
        "--all-targets",
        "--target-dir",
    ]);
    command::run(cargo.arg(workspace::target_dir("msrv")))
}

/// The `rust-version` of the workspace.
fn stated() -> Result<String, String> {
    let path = workspace::root().join("Cargo.toml");
    let text = std::fs::read_to_string(&path)
        .map_err(|error| format!("can't read {}: {error}", path.display()))?;
    let manifest: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
    let stated = manifest["workspace"]["package"]["rust-version"].as_str();
    Ok(stated
        .ok_or("the workspace has no rust-version")?
        .to_owned())
}

/// Whether a version such as 1.95.0 matches the stated one, such as 1.95.
fn is(version: &str, stated: &str) -> bool {
    version == stated
        || version
            .rsplit_once('.')
            .is_some_and(|(minor, _)| minor == stated)
}

fn is_installed(toolchain: &str) -> bool {
    let mut cargo = Command::new("cargo");
    cargo.args([&format!("+{toolchain}"), "--version"]);
    let status = cargo.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_release_is_the_version() {
        assert!(is("1.95.0", "1.95") && is("1.95.0", "1.95.0"));
        assert!(!is("1.96.0", "1.95") && !is("1.95.1", "1.95.0"));
        assert!(!stated().expect("there").is_empty());
    }
}
