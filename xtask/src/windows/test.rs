//! `cargo xtask windows test`.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::arch::{Arch, wine_path};
use super::{abi, build, driver, verdict};
use crate::{command, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
    /// Arguments for the test programs; with any, only those are run.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Runs the portable tests, then the driver, then the catalogue against a C++ compiler, each even where those
/// before it fail.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let probe = build::debug_dll(args.arch, "probe")?;
    let maildir = build::debug_dll(args.arch, "maildir")?;
    let tests = rust_tests(args, &probe, &maildir);
    if !args.args.is_empty() {
        return tests;
    }
    let steps = [tests, driver::run(args.arch, &probe), abi::check(args.arch)];
    let failures: Vec<String> = steps.into_iter().filter_map(Result::err).collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; "))
    }
}

fn rust_tests(args: &Args, probe: &Path, maildir: &Path) -> Result<(), String> {
    let arch = args.arch;
    let mut cargo = arch
        .toolchain()?
        .cargo("test", &Arch::target_dir(), arch.flags());
    run_by_wine(&mut cargo, arch)?;
    cargo
        .arg("--no-fail-fast")
        .args(workspace::portable_tests()?)
        .arg("--")
        .args(&args.args);
    pass(&mut cargo, "MAPI_TEST_PROBE_DLL", probe);
    pass(&mut cargo, "MAPI_TEST_MAILDIR_DLL", maildir);
    command::say(&format!("testing for {}", arch.target()));
    verdict::run_tests(&mut cargo)
}

/// Makes cargo run test programs by Wine.
pub(crate) fn run_by_wine(cargo: &mut Command, arch: Arch) -> Result<(), String> {
    cargo.arg("--config").arg(runner_config(arch)?);
    // Without the shared runner: symbolising a backtrace can crash Wine, and its log isn't ours.
    cargo.env("RUST_BACKTRACE", "0").env("WINEDEBUG", "-all");
    Ok(())
}

/// Cargo's setting for the runner. Not the variable for it, which would break a path with a space.
fn runner_config(arch: Arch) -> Result<String, String> {
    Ok(format!(
        "target.{}.runner=[{:?}]",
        arch.target(),
        arch.runner()?.display().to_string()
    ))
}

fn pass(cargo: &mut Command, variable: &str, dll: &Path) {
    cargo.env(variable, wine_path(&beside_the_tests(dll)));
}

/// Cargo's own copy of the DLL, in the folder of the test programs: a Wine in a root of its own sees the
/// folder of the program that it runs, and perhaps not the one above.
fn beside_the_tests(dll: &Path) -> PathBuf {
    let copy = dll
        .file_name()
        .map(|name| dll.with_file_name("deps").join(name));
    copy.filter(|copy| copy.is_file())
        .unwrap_or_else(|| dll.to_owned())
}
