//! `cargo xtask windows test`.

use std::path::PathBuf;
use std::process::Command;

use super::arch::Arch;
use super::awake::Awake;
use super::mail_server::MailServer;
use super::{abi, build, driver, verdict};
use crate::command;
use crate::portable;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The architecture.
    #[arg(long)]
    arch: Arch,
    /// Also run the tests that can show nothing there.
    #[arg(long)]
    all: bool,
    /// Arguments for the test programs; with any, only those are run.
    #[arg(last = true)]
    args: Vec<String>,
}

/// Runs the tests that can show something on Windows, then the driver, then the catalogue with a C++ compiler, each
/// even if those before it fail.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let tests = rust_tests(args);
    if !args.args.is_empty() {
        return tests;
    }
    let steps = [
        tests,
        libraries(args.arch).and_then(|()| driver::run(args.arch, &library(args.arch, PROBE))),
        abi::check(args.arch),
    ];
    let failures: Vec<String> = steps.into_iter().filter_map(Result::err).collect();
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; "))
    }
}

fn rust_tests(args: &Args) -> Result<(), String> {
    let place = args.arch.place();
    if !args.all {
        portable::say_spared(place);
    }
    let tests = cargo_test(args, &portable::arguments(place, args.all)?);
    if !args.all {
        return tests;
    }
    // Each even if those before it fail.
    portable::alone(place).fold(tests, |before, chosen| {
        let result = cargo_test(args, &chosen.map(str::to_owned));
        before.and(result)
    })
}

fn cargo_test(args: &Args, chosen: &[String]) -> Result<(), String> {
    let arch = args.arch;
    let mut cargo = arch
        .toolchain()?
        .cargo("test", &Arch::target_dir(), &arch.test_flags());
    let _awake = run_by_wine(&mut cargo, arch)?;
    portable::few_cases(&mut cargo);
    // What a dead process leaves in files hardly depends on the system, and Wine takes long to start one.
    cargo.env("MAPI_TEST_KILLS", "10");
    let _server = match arch {
        Arch::X64 => MailServer::start(&mut cargo)?,
        // No test there asks for it.
        Arch::X86 => None,
    };
    cargo
        .arg("--no-fail-fast")
        .args(chosen)
        .arg("--")
        .args(&args.args);
    command::say(&format!("testing for {}", arch.target()));
    verdict::run_tests(&mut cargo)
}

/// The provider that the C++ driver loads, too.
const PROBE: &str = "probe32";

/// The libraries that the tests have built for themselves, and load.
const LIBRARIES: [&str; 6] = [
    PROBE,
    "wrapped_probe32",
    "store_probe32",
    "several_probe32",
    "mspst32",
    "lingering32",
];

/// Checks whether every Windows could load the libraries that Wine has loaded.
fn libraries(arch: Arch) -> Result<(), String> {
    LIBRARIES
        .into_iter()
        .try_for_each(|name| build::check_imports(arch, &library(arch, name)))
}

/// A library that the tests have built. It is beside them, because a Wine with its own root sees the folder of the
/// program that it runs, and perhaps not the one above.
fn library(arch: Arch, name: &str) -> PathBuf {
    let folder = Arch::target_dir().join(arch.target()).join("debug/deps");
    folder.join(name).with_extension("dll")
}

/// Makes cargo run test programs with Wine, which stays awake as long as the answer lives.
pub(crate) fn run_by_wine(cargo: &mut Command, arch: Arch) -> Result<Awake, String> {
    cargo.arg("--config").arg(runner_config(arch)?);
    // Without the shared runner: symbolising a backtrace can crash Wine, and its log isn't ours.
    cargo.env("RUST_BACKTRACE", "0").env("WINEDEBUG", "-all");
    // The stand-in for MAPI is taken where a test has laid it beside a program; elsewhere Wine's own is.
    cargo.env("WINEDLLOVERRIDES", "mapi32=n,b");
    Awake::keep(arch)
}

/// Cargo's setting for the runner. Not the variable for it, which would break a path with a space.
fn runner_config(arch: Arch) -> Result<String, String> {
    Ok(format!(
        "target.{}.runner=[{:?}]",
        arch.target(),
        arch.runner()?.display().to_string()
    ))
}
