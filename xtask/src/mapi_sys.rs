//! `cargo xtask mapi-sys`: the catalogue compared with Microsoft's Rust bindings, under Wine.
//!
//! The package is a separate workspace, because its dependencies take a minute to build and no provider needs
//! them.

use crate::windows::{Arch, run_by_wine, run_tests};
use crate::{command, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
    /// Arguments for the test programs.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Builds the package's tests for Windows, and runs them.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let arch = args.arch;
    let mut cargo = arch
        .toolchain()?
        .cargo("test", &Arch::target_dir(), &arch.test_flags());
    let _awake = run_by_wine(&mut cargo, arch)?;
    cargo
        .args(["--locked", "--no-fail-fast", "--tests", "--manifest-path"])
        .arg(workspace::root().join(MANIFEST))
        .arg("--")
        .args(&args.args);
    command::say(&format!(
        "testing against outlook-mapi-sys for {}",
        arch.target()
    ));
    run_tests(&mut cargo)
}

/// The package's manifest, from the root.
pub(crate) const MANIFEST: &str = "tests/outlook-mapi-sys/Cargo.toml";
