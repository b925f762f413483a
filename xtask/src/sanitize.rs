//! `cargo xtask sanitize`: the tests of unsafe code, with every memory access checked.

use clap::ValueEnum;

use crate::portable::{self, Place};
use crate::toolchain::{self, Toolchain};
use crate::{command, workspace};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// What to look for.
    sanitizer: Sanitizer,
    /// Also run the tests that can show nothing there.
    #[arg(long)]
    all: bool,
    /// Arguments for the test programs.
    #[arg(last = true)]
    args: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Sanitizer {
    /// Use after free, overruns, leaks.
    Address,
    /// Data races.
    Thread,
}

impl Sanitizer {
    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Thread => "thread",
        }
    }

    fn place(self) -> Place {
        match self {
            Self::Address => Place::Address,
            Self::Thread => Place::Thread,
        }
    }
}

/// Runs the tests that can show something under the sanitizer.
pub(crate) fn run(args: Args) -> Result<(), String> {
    let name = args.sanitizer.name();
    let target = toolchain::native_target()?;
    let toolchain = Toolchain::from_source(&target)?;
    let target_dir = workspace::target_dir(&format!("sanitize-{name}"));
    let sanitizer = format!("-Zsanitizer={name}");
    // A library that a test loads finds the sanitizer's runtime in the test program.
    let flags = [
        sanitizer.as_str(),
        "-Clink-arg=-Wl,--export-dynamic",
        // Exported functions aren't removed, and windows-core's `GUID::new`, which nobody calls, needs
        // a function that only Windows has.
        "-Clink-arg=-Wl,--defsym=UuidCreate=0",
    ];

    if !args.all {
        portable::say_spared(args.sanitizer.place());
    }
    command::say(&format!("testing under the {name} sanitizer"));
    let mut tests = toolchain.cargo("test", &target_dir, &flags);
    tests
        .arg("--no-fail-fast")
        .args(portable::arguments(args.sanitizer.place(), args.all)?)
        .arg("--")
        // The model checker has its own stacks, which a sanitizer takes for overruns.
        .args(["--skip", "interleave"]);
    if args.sanitizer.place() == Place::Thread && !args.all {
        // A model that one thread follows, for minutes.
        tests.args(["--skip", "objects::rows::following"]);
    }
    tests.args(&args.args);
    // Symbolising a backtrace takes seconds here, and tests that panic on purpose also watch the clock.
    tests.env("RUST_BACKTRACE", "0");
    // SQLite's connections share the header of the log's index, and a reader copies it without a lock: it stands there
    // twice, with a checksum (sqlite3.c, walIndexTryHdr). Where the compiler makes calls of `memcpy` of that, as without
    // optimisation, the sanitizer sees them and reports a race that is meant.
    tests.env("CFLAGS", "-O1");
    portable::few_cases(&mut tests);
    command::run(&mut tests)
}
