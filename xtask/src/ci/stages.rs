//! The stages, in the order in which they begin unless `after` says otherwise: first those after which many come.

use super::stages::Quick::{Also, Never, Only};

/// A part of the checks.
pub(super) struct Stage {
    pub(super) name: &'static str,
    /// What it shows.
    pub(super) what: &'static str,
    pub(super) quick: Quick,
    /// Whether tests must have run in it.
    pub(super) tests: bool,
    /// How long it may take: several times its usual time, because others run beside it.
    pub(super) minutes: u64,
    /// The stages that come before: they prepare what it needs, or build in the same folder, where cargo would make
    /// it wait.
    pub(super) after: &'static [&'static str],
    /// The folders below `target` that nobody needs any longer when it has ended. A full run removes them: all of them
    /// together are more than many a machine has room for.
    pub(super) leaves: &'static [&'static str],
    /// What is run, one after another. `xtask` is this program.
    pub(super) steps: &'static [&'static [&'static str]],
}

/// Whether a stage belongs to `--quick`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quick {
    Also,
    Never,
    Only,
}

/// All stages.
pub(super) const STAGES: &[Stage] = &[
    Stage {
        name: "set-up",
        what: "what Windows and the sanitizers need is there, and so is every crate that is used",
        quick: Never,
        tests: false,
        minutes: 30,
        after: &[],
        leaves: &[],
        steps: &[&["xtask", "set-up"]],
    },
    Stage {
        name: "format",
        what: "the code is formatted",
        quick: Also,
        tests: false,
        minutes: 2,
        after: &[],
        leaves: &[],
        steps: &[
            &["cargo", "fmt", "--all", "--check"],
            // Separate workspaces: one has dependencies only for Windows, the other needs nightly.
            &[
                "cargo",
                "fmt",
                "--check",
                "--manifest-path",
                "tests/outlook-mapi-sys/Cargo.toml",
            ],
            &[
                "cargo",
                "fmt",
                "--check",
                "--manifest-path",
                "fuzz/Cargo.toml",
            ],
        ],
    },
    Stage {
        name: "locks",
        what: "the lock files say what the manifests ask for",
        quick: Also,
        tests: false,
        minutes: 5,
        after: &[],
        leaves: &[],
        steps: &[
            &["cargo", "update", "--quiet", "--workspace", "--locked"],
            &[
                "cargo",
                "update",
                "--quiet",
                "--workspace",
                "--locked",
                "--manifest-path",
                "tests/outlook-mapi-sys/Cargo.toml",
            ],
            &[
                "cargo",
                "update",
                "--quiet",
                "--workspace",
                "--locked",
                "--manifest-path",
                "fuzz/Cargo.toml",
            ],
        ],
    },
    Stage {
        name: "codegen",
        what: "generated files are what the generators write",
        quick: Also,
        tests: false,
        minutes: 10,
        after: &[],
        leaves: &[],
        steps: &[
            &["xtask", "codegen", "--check"],
            &["xtask", "manual", "--check"],
        ],
    },
    Stage {
        name: "x64",
        what: "the tests that can show something on Windows, the C++ driver and the catalogue, on 64 bits",
        quick: Never,
        tests: true,
        minutes: 45,
        after: &["set-up"],
        leaves: &[],
        steps: &[&["xtask", "windows", "test", "--arch", "x64"]],
    },
    Stage {
        name: "clippy",
        what: "no lint complains, with all features",
        quick: Also,
        tests: false,
        minutes: 20,
        after: &[],
        leaves: &[],
        steps: &[&[
            "cargo",
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ]],
    },
    Stage {
        name: "quick",
        what: "the tests on this machine, except those that take long",
        quick: Only,
        tests: true,
        minutes: 20,
        after: &["clippy"],
        leaves: &[],
        steps: &[&["xtask", "test", "--quick"]],
    },
    Stage {
        name: "test",
        what: "all tests, on this machine",
        quick: Never,
        tests: true,
        minutes: 45,
        after: &["clippy"],
        leaves: &[],
        steps: &[&["xtask", "test"]],
    },
    Stage {
        name: "conform64",
        what: "the check sees every mistake of a provider in C++, on 64 bits",
        quick: Never,
        tests: true,
        minutes: 30,
        after: &["x64"],
        leaves: &[],
        steps: &[&["xtask", "windows", "conformance", "--arch", "x64"]],
    },
    Stage {
        name: "x86",
        what: "the same as x64, on 32 bits",
        quick: Never,
        tests: true,
        minutes: 45,
        after: &["x64"],
        leaves: &[],
        steps: &[&["xtask", "windows", "test", "--arch", "x86"]],
    },
    Stage {
        name: "thread",
        what: "the tests that use threads, under ThreadSanitizer",
        quick: Never,
        tests: true,
        minutes: 45,
        after: &["set-up"],
        leaves: &["sanitize-thread"],
        steps: &[&["xtask", "sanitize", "thread"]],
    },
    Stage {
        name: "address",
        what: "the tests that use raw memory, under AddressSanitizer; the fuzz targets compile",
        quick: Never,
        tests: true,
        minutes: 45,
        after: &["set-up"],
        leaves: &["fuzz", "sanitize-address"],
        steps: &[
            // Nightly's too, and for the same sanitizer.
            &["xtask", "fuzz", "--check"],
            &["xtask", "sanitize", "address"],
        ],
    },
    Stage {
        name: "conform86",
        what: "the same as conform64, on 32 bits, for every third mistake",
        quick: Never,
        tests: true,
        minutes: 30,
        after: &["x86", "conform64"],
        leaves: &[],
        steps: &[&[
            "xtask",
            "windows",
            "conformance",
            "--arch",
            "x86",
            "--sample",
        ]],
    },
    Stage {
        name: "sys64",
        what: "the catalogue agrees with Microsoft's Rust bindings, on 64 bits",
        quick: Never,
        tests: true,
        minutes: 30,
        after: &["x86", "conform64"],
        leaves: &[],
        steps: &[&["xtask", "mapi-sys", "--arch", "x64"]],
    },
    Stage {
        name: "sys86",
        what: "the same as sys64, on 32 bits",
        quick: Never,
        tests: true,
        minutes: 30,
        after: &["sys64", "conform86"],
        leaves: &[],
        steps: &[&["xtask", "mapi-sys", "--arch", "x86"]],
    },
    Stage {
        name: "msvc",
        what: "what teams ship compiles for the targets that they ship",
        quick: Never,
        tests: false,
        minutes: 20,
        after: &["sys86"],
        leaves: &["windows"],
        steps: &[&["xtask", "msvc"]],
    },
    Stage {
        name: "templates",
        what: "a crate of each kind, with the default answers, works without changes",
        quick: Never,
        tests: true,
        minutes: 30,
        after: &["test"],
        leaves: &["templates"],
        steps: &[&["xtask", "templates", "--quick"]],
    },
    Stage {
        name: "package",
        what: "the published packages compile by themselves",
        quick: Never,
        tests: false,
        minutes: 30,
        after: &["features"],
        leaves: &["package"],
        steps: &[&["xtask", "package"]],
    },
    Stage {
        name: "features",
        what: "the runtime compiles with each family of interfaces alone, and all is documented",
        quick: Never,
        tests: false,
        minutes: 20,
        after: &["test"],
        leaves: &["features"],
        steps: &[&["xtask", "features"]],
    },
    Stage {
        name: "msrv",
        what: "everything compiles with the compiler that `rust-version` names",
        quick: Never,
        tests: false,
        minutes: 20,
        after: &[],
        leaves: &[],
        steps: &[&["xtask", "msrv"]],
    },
];

impl Stage {
    /// Whether it is only for `--quick`: a full run has a stage that shows more.
    pub(super) fn only_quick(&self) -> bool {
        self.quick == Only
    }

    /// Whether its reports name lines, for which debug information is needed: a sanitizer's do. Elsewhere it would only
    /// make the build longer.
    pub(super) fn reports_lines(&self) -> bool {
        matches!(self.name, "thread" | "address")
    }

    /// Whether it belongs to `--quick`.
    pub(super) fn is_quick(&self) -> bool {
        self.quick != Never
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_stage_has_a_name_of_its_own_and_comes_after_stages_that_are_there() {
        let names: BTreeSet<&str> = STAGES.iter().map(|stage| stage.name).collect();
        assert_eq!(names.len(), STAGES.len());
        for stage in STAGES {
            assert!(
                stage.after.iter().all(|name| names.contains(name)),
                "{}",
                stage.name
            );
            assert!(!stage.steps.is_empty(), "{}", stage.name);
        }
    }
}
