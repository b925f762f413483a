//! The command line: all chores.

use clap::{Parser, Subcommand};

use crate::{
    bench, ci, features, fuzz, interleave, mapi_sys, mutants, sanitize, templates, test, windows,
};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Development chores of mapi-provider",
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write abi/src/generated from the interface catalogue.
    Codegen {
        /// Write nothing; fail if a file differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Measure calls, references and the start of a run, each against an alternative.
    Bench(bench::Args),
    /// Run all checks: what `.ci/run` does.
    Ci(ci::Args),
    /// Compile the runtime with each of its features alone and with all; lint and document it with all.
    Features(features::Args),
    /// Throw arbitrary input at everything that reads other people's data.
    ///
    /// Builds the fuzz targets with nightly, which must be installed, and tries each in turn. A finding's input is
    /// kept, and its path is shown.
    Fuzz(fuzz::Args),
    /// Try many interleavings of the sync engine under a model checker.
    Interleave(interleave::Args),
    /// Write the chapters of the manual that are generated: `provider.toml`, and its diagnostics.
    Manual {
        /// Write nothing; fail if a chapter differs from what would be written.
        #[arg(long)]
        check: bool,
    },
    /// Compare the catalogue with Microsoft's Rust bindings, for Windows.
    MapiSys(mapi_sys::Args),
    /// Type-check everything with the compiler that `rust-version` names.
    Msrv,
    /// Pack the published crates, and check the packages.
    Package,
    /// Draw the picture of the demo anew that the README shows.
    Picture,
    /// Run the object, sync and host tests under a sanitizer.
    Sanitize(sanitize::Args),
    /// Install what Windows and the sanitizers need, and fetch every crate that is used.
    SetUp,
    /// Type-check the provider side for the targets that teams ship.
    Msvc,
    /// Break each rule of the contract on purpose and check that its tests notice.
    Mutants(mutants::Args),
    /// Make crates from the template, for every two choices, and test them.
    Templates(templates::Args),
    /// Run the tests on this machine.
    Test(test::Args),
    /// Build and test for Windows.
    Windows(windows::Args),
}
