//! The ways to a DLL: a target, its std, a linker.

use std::path::{Path, PathBuf};

use super::Arch;
use super::hints::{self, MINGW_X64, MINGW_X86};
use super::machine::{Machine, exists};
use super::way::{Part, Way};

/// Rust as it is installed here.
pub(super) struct Rust {
    /// `x86_64-unknown-linux-gnu`: what the compiler runs on.
    host: String,
    sysroot: Option<PathBuf>,
    /// Where nightly is, if it is installed with the source of std.
    nightly: Option<PathBuf>,
}

impl Rust {
    pub(super) fn look(machine: &dyn Machine) -> Self {
        let version = machine.ask("rustc", &["-vV"]).unwrap_or_default();
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let sysroot = machine.ask("rustc", &["--print", "sysroot"]);
        let nightly = machine.ask("rustc", &["+nightly", "--print", "sysroot"]);
        let source = "lib/rustlib/src/rust/library/Cargo.lock";
        Self {
            host: host.unwrap_or_default().to_owned(),
            sysroot: sysroot.map(PathBuf::from),
            nightly: nightly
                .map(PathBuf::from)
                .filter(|root| exists(machine, &root.join(source))),
        }
    }

    /// Whether we run on Windows itself.
    pub(super) fn on_windows(&self) -> bool {
        self.host.contains("windows")
    }

    /// Whether std for a target came with the active toolchain.
    fn has_std(&self, machine: &dyn Machine, target: &str) -> bool {
        self.sysroot.as_ref().is_some_and(|root| {
            let names = machine.names_in(&lib(root, target));
            names.iter().any(|name| name.starts_with("libstd-"))
        })
    }

    fn std_part(&self, machine: &dyn Machine, target: &str) -> Part {
        // Building std leaves out the start-up objects that 32-bit programs are linked with.
        let startup = |root: &Path| {
            target != "i686-pc-windows-gnu" || exists(machine, &lib(root, target).join("rsbegin.o"))
        };
        let from_source = self.nightly.as_deref().is_some_and(startup);
        let found = if self.has_std(machine, target) {
            Some("installed".to_owned())
        } else {
            let build = "from source: cargo +nightly build -Zbuild-std=std,panic_unwind";
            from_source.then(|| build.to_owned())
        };
        Part {
            what: "std",
            found,
            get: hints::std_of(machine, target),
        }
    }
}

/// Where a target's libraries are in a toolchain.
fn lib(root: &Path, target: &str) -> PathBuf {
    root.join("lib/rustlib").join(target).join("lib")
}

/// How cargo uses an available way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) arch: Arch,
    pub(crate) target: &'static str,
    /// Whether nightly builds std too.
    pub(crate) std_from_source: bool,
    /// Whether `cargo xwin` replaces Microsoft's linker.
    pub(crate) xwin: bool,
}

/// The ways to a DLL for an architecture; the one that teams ship comes first.
pub(super) fn of(machine: &dyn Machine, rust: &Rust, arch: Arch) -> Vec<Way> {
    let way = |target: &str| Way {
        name: target.to_owned(),
        parts: vec![
            rust.std_part(machine, target),
            if target.ends_with("-gnu") {
                mingw(machine, arch)
            } else {
                microsoft(machine, rust, arch)
            },
        ],
    };
    targets(arch).iter().map(|target| way(target)).collect()
}

/// The first available way.
pub(super) fn route(machine: &dyn Machine, rust: &Rust, arch: Arch) -> Option<Route> {
    let ways = of(machine, rust, arch);
    let mut ways = targets(arch).iter().zip(ways);
    let (target, _) = ways.find(|(_, way)| way.ok())?;
    Some(Route {
        arch,
        target,
        std_from_source: !rust.has_std(machine, target),
        xwin: !rust.on_windows() && target.ends_with("-msvc"),
    })
}

fn targets(arch: Arch) -> &'static [&'static str] {
    match arch {
        Arch::X64 => &["x86_64-pc-windows-msvc", "x86_64-pc-windows-gnu"],
        Arch::X86 => &["i686-pc-windows-msvc", "i686-pc-windows-gnu"],
        Arch::Arm64 => &["aarch64-pc-windows-msvc"],
    }
}

fn mingw(machine: &dyn Machine, arch: Arch) -> Part {
    let (program, package) = match arch {
        Arch::X86 => ("i686-w64-mingw32-gcc", MINGW_X86),
        _ => ("x86_64-w64-mingw32-gcc", MINGW_X64),
    };
    Part {
        what: "linker",
        found: machine.has(program).then(|| program.to_owned()),
        get: vec![package.hint(machine)],
    }
}

/// Microsoft's linker on Windows, and its replacement elsewhere.
fn microsoft(machine: &dyn Machine, rust: &Rust, arch: Arch) -> Part {
    if !rust.on_windows() {
        return Part {
            what: "linker",
            found: machine.has("cargo-xwin").then(|| "cargo xwin build".to_owned()),
            get: vec![
                "cargo install cargo-xwin (it fetches Microsoft’s libraries, whose licence you accept); a mailbox, \
                 which compiles SQLite, also needs clang"
                    .to_owned(),
            ],
        };
    }
    let component = match arch {
        Arch::Arm64 => "Microsoft.VisualStudio.Component.VC.Tools.ARM64",
        _ => "Microsoft.VisualStudio.Component.VC.Tools.x86.x64",
    };
    Part {
        what: "linker",
        found: visual_studio(machine, component),
        get: vec![format!(
            "Visual Studio, or its Build Tools, with the component {component}: \
             https://visualstudio.microsoft.com/downloads"
        )],
    }
}

/// Where a Visual Studio with the component is, according to its own finder.
fn visual_studio(machine: &dyn Machine, component: &str) -> Option<String> {
    let programs = machine.variable("ProgramFiles(x86)")?;
    let finder = format!(r"{programs}\Microsoft Visual Studio\Installer\vswhere.exe");
    let args = [
        "-latest",
        "-products",
        "*",
        "-requires",
        component,
        "-property",
        "installationPath",
    ];
    machine.ask(&finder, &args).filter(|path| !path.is_empty())
}
