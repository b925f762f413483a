//! Machines of all kinds, and what is said about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Goal, Route, Way, look, routes, version_of};
use crate::doctor::Arch;
use crate::doctor::machine::Machine;

/// A machine that has what a test says.
#[derive(Default)]
struct Described {
    answers: BTreeMap<String, String>,
    programs: BTreeSet<&'static str>,
    files: BTreeSet<String>,
    variables: BTreeMap<&'static str, &'static str>,
}

impl Described {
    /// Linux with a Rust of that version, and rustup.
    fn linux(version: &str) -> Self {
        let mut machine = Self::default();
        machine.answer(
            "rustc --version",
            &format!("rustc {version} (abc 2026-01-01)"),
        );
        machine.answer(
            "rustc -vV",
            "rustc\nhost: x86_64-unknown-linux-gnu\nrelease: 1",
        );
        machine.answer("rustc --print sysroot", "/stable");
        machine.programs.extend(["rustup", "apt-get"]);
        machine
    }

    /// Windows with Visual Studio.
    fn windows() -> Self {
        let mut machine = Self::linux("1.95.0");
        machine.answer(
            "rustc -vV",
            "rustc\nhost: x86_64-pc-windows-msvc\nrelease: 1",
        );
        machine.programs.remove("apt-get");
        machine.variables.insert("ProgramFiles(x86)", r"C:\P");
        let finder = r"C:\P\Microsoft Visual Studio\Installer\vswhere.exe";
        let asked =
            "-latest -products * -requires Microsoft.VisualStudio.Component.VC.Tools.x86.x64";
        machine.answer(
            &format!("{finder} {asked} -property installationPath"),
            r"C:\VS",
        );
        machine
    }

    fn answer(&mut self, command: &str, text: &str) {
        self.answers.insert(command.to_owned(), text.to_owned());
    }

    fn std(&mut self, target: &str) {
        self.files
            .insert(format!("/stable/lib/rustlib/{target}/lib/libstd-0123.rlib"));
    }

    /// Nightly with the source of std.
    fn nightly(&mut self) {
        self.answer("rustc +nightly --print sysroot", "/nightly");
        self.files
            .insert("/nightly/lib/rustlib/src/rust/library/Cargo.lock".to_owned());
    }
}

impl Machine for Described {
    fn ask(&self, program: &str, args: &[&str]) -> Option<String> {
        self.answers
            .get(&format!("{program} {}", args.join(" ")))
            .cloned()
    }

    fn has(&self, program: &str) -> bool {
        self.programs.contains(program)
    }

    fn names_in(&self, folder: &Path) -> Vec<String> {
        let inside = self.files.iter().filter_map(|file| {
            let file = Path::new(file);
            let name = (file.parent() == Some(folder)).then(|| file.file_name())?;
            Some(name?.to_string_lossy().into_owned())
        });
        inside.collect()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(|value| (*value).to_owned())
    }
}

fn goal<'g>(goals: &'g [Goal], name: &str) -> &'g Goal {
    let goal = goals.iter().find(|goal| goal.name == name);
    goal.unwrap_or_else(|| panic!("no goal {name}"))
}

fn way<'g>(goal: &'g Goal, name: &str) -> &'g Way {
    let way = goal.ways.iter().find(|way| way.name == name);
    way.unwrap_or_else(|| panic!("no way {name}"))
}

fn names(goals: &[Goal], chosen: impl Fn(&&Goal) -> bool) -> Vec<&'static str> {
    goals.iter().filter(chosen).map(|goal| goal.name).collect()
}

#[test]
fn a_machine_with_rust_alone_can_test_and_is_told_the_rest() {
    let goals = look(&Described::linux("1.95.0"), &[Arch::X64, Arch::X86]);
    assert_eq!(names(&goals, |goal| goal.ok()), ["rust"]);
    assert_eq!(names(&goals, |goal| goal.needed), ["rust", "x64", "x86"]);
    let gnu = way(goal(&goals, "x64"), "x86_64-pc-windows-gnu");
    assert_eq!(
        gnu.parts[0].get[0],
        "rustup target add x86_64-pc-windows-gnu"
    );
    assert_eq!(gnu.parts[1].get, ["sudo apt install gcc-mingw-w64-x86-64"]);
    // Nothing is missing without a word on how to get it.
    let parts = goals
        .iter()
        .flat_map(|goal| &goal.ways)
        .flat_map(|way| &way.parts);
    assert!(
        parts
            .filter(|part| part.found.is_none())
            .all(|part| !part.get.is_empty())
    );
}

#[test]
fn a_machine_without_rust_is_told_where_it_is_to_be_had() {
    let goals = look(&Described::default(), &[]);
    assert!(names(&goals, |goal| goal.ok()).is_empty());
    let rust = &goal(&goals, "rust").ways[0].parts[0];
    assert!(rust.get[0].contains("https://rustup.rs"), "{rust:?}");
    let linker = &way(goal(&goals, "x64"), "x86_64-pc-windows-gnu").parts[1];
    assert_eq!(linker.get, ["install mingw-w64 for x86_64"]);
}

#[test]
fn an_old_compiler_is_none() {
    for (version, ok) in [
        ("1.94.1", false),
        ("1.95.0", true),
        ("1.100.0", true),
        ("1.95.0-nightly", true),
        ("2.0.0", true),
        ("dev", false),
    ] {
        let goals = look(&Described::linux(version), &[]);
        assert_eq!(goal(&goals, "rust").ok(), ok, "{version}");
    }
    let old = look(&Described::linux("1.94.1"), &[]);
    let get = &goal(&old, "rust").ways[0].parts[0].get[0];
    assert!(get.contains("1.94.1") && get.contains("too old"), "{get}");
    assert!(version_of("") < version_of("0.1"));
}

#[test]
fn one_way_is_enough_and_std_alone_is_none() {
    let mut machine = Described::linux("1.95.0");
    machine.std("x86_64-pc-windows-gnu");
    assert!(!goal(&look(&machine, &[]), "x64").ok());
    machine.programs.insert("x86_64-w64-mingw32-gcc");
    let goals = look(&machine, &[]);
    assert!(goal(&goals, "x64").ok());
    assert!(!way(goal(&goals, "x64"), "x86_64-pc-windows-msvc").ok());
    assert!(!goal(&goals, "x86").ok());
}

#[test]
fn std_may_be_built_from_source_with_the_start_up_objects_of_32_bit() {
    let mut machine = Described::linux("1.95.0");
    machine.nightly();
    machine
        .programs
        .extend(["x86_64-w64-mingw32-gcc", "i686-w64-mingw32-gcc"]);
    let goals = look(&machine, &[]);
    assert!(goal(&goals, "x64").ok());
    assert!(!goal(&goals, "x86").ok(), "rsbegin.o is missing");
    machine
        .files
        .insert("/nightly/lib/rustlib/i686-pc-windows-gnu/lib/rsbegin.o".to_owned());
    assert!(goal(&look(&machine, &[]), "x86").ok());
}

#[test]
fn on_windows_visual_studio_links_and_nobody_needs_wine() {
    let mut machine = Described::windows();
    machine.std("x86_64-pc-windows-msvc");
    machine.std("aarch64-pc-windows-msvc");
    let goals = look(&machine, &[Arch::X64]);
    assert!(goal(&goals, "x64").ok());
    assert!(!goal(&goals, "arm64").ok(), "its component is missing");
    assert!(goals.iter().all(|goal| !goal.name.starts_with("wine")));
}

#[test]
fn wine_has_two_halves() {
    let mut machine = Described::linux("1.95.0");
    machine.programs.insert("wine");
    let goals = look(&machine, &[]);
    assert!(goal(&goals, "wine-x64").ok());
    assert!(!goal(&goals, "wine-x86").ok());
    machine
        .files
        .insert("/usr/lib/wine/i386-unix/ntdll.so".to_owned());
    assert!(goal(&look(&machine, &[]), "wine-x86").ok());
}

#[test]
fn a_build_goes_the_first_way_that_is_there() {
    let mut machine = Described::linux("1.95.0");
    machine.nightly();
    machine.programs.insert("x86_64-w64-mingw32-gcc");
    let gnu = Route {
        arch: Arch::X64,
        target: "x86_64-pc-windows-gnu",
        std_from_source: true,
        xwin: false,
    };
    assert_eq!(routes(&machine, &[Arch::X64]).expect("one"), [gnu]);
    machine.std(gnu.target);
    let std_from_source = false;
    let installed = Route {
        std_from_source,
        ..gnu
    };
    assert_eq!(routes(&machine, &[Arch::X64]).expect("one"), [installed]);
    machine.programs.insert("cargo-xwin");
    machine.std("x86_64-pc-windows-msvc");
    let msvc = Route {
        target: "x86_64-pc-windows-msvc",
        xwin: true,
        ..installed
    };
    assert_eq!(routes(&machine, &[Arch::X64]).expect("one"), [msvc]);
    let mut machine = Described::windows();
    machine.std(msvc.target);
    let msvc = Route {
        xwin: false,
        ..msvc
    };
    assert_eq!(routes(&machine, &[Arch::X64]).expect("one"), [msvc]);
    let missing = routes(&machine, &[Arch::X64, Arch::Arm64]).expect_err("one can't be built");
    assert_eq!(missing[0].name, "arm64");
    assert_eq!(missing.len(), 1);
}
