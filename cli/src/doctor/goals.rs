//! What people may want to do, and what it takes.

use std::path::Path;

use super::Arch;
use super::hints::{WINE, WINE_X86};
use super::machine::Machine;
use super::way::{Part, Way};
use super::ways::{self, Route, Rust};

/// The oldest compiler that will do.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");

/// Something that people may want to do.
#[derive(Debug)]
pub(super) struct Goal {
    /// In a word.
    pub(super) name: &'static str,
    /// In words.
    pub(super) title: &'static str,
    /// Whether the command fails if it can't be done.
    pub(super) needed: bool,
    /// How it can be done: one of these is enough.
    pub(super) ways: Vec<Way>,
}

impl Goal {
    /// Whether it can be done.
    pub(super) fn ok(&self) -> bool {
        self.ways.iter().any(Way::ok)
    }
}

/// Looks at a machine. The architectures in `asked` are needed.
pub(super) fn look(machine: &dyn Machine, asked: &[Arch]) -> Vec<Goal> {
    let rust = Rust::look(machine);
    let dll = |name, title, arch: Arch| Goal {
        name,
        title,
        needed: asked.contains(&arch),
        ways: ways::of(machine, &rust, arch),
    };
    let mut goals = vec![
        compiler(machine),
        dll("x64", "A DLL for 64-bit Outlook", Arch::X64),
        dll("x86", "A DLL for 32-bit Outlook", Arch::X86),
        dll("arm64", "A DLL for Outlook on ARM", Arch::Arm64),
    ];
    if !rust.on_windows() {
        goals.extend([wine_x64(machine), wine_x86(machine)]);
    }
    goals.push(generate(machine));
    goals
}

/// How each of the architectures is built; the goals that can't be reached, where there are any.
pub(super) fn routes(machine: &dyn Machine, asked: &[Arch]) -> Result<Vec<Route>, Vec<Goal>> {
    let mut missing = look(machine, asked);
    missing.retain(|goal| goal.needed && !goal.ok());
    if !missing.is_empty() {
        return Err(missing);
    }
    let rust = Rust::look(machine);
    let routes = asked
        .iter()
        .filter_map(|arch| ways::route(machine, &rust, *arch));
    Ok(routes.collect())
}

fn compiler(machine: &dyn Machine) -> Goal {
    let version = machine.ask("rustc", &["--version"]).unwrap_or_default();
    let number = version.split(' ').nth(1).unwrap_or_default();
    let new = version_of(number) >= version_of(OLDEST);
    let mut get = if machine.has("rustup") {
        "rustup update stable".to_owned()
    } else {
        "install rustup (https://rustup.rs), or a newer Rust from your system".to_owned()
    };
    if !version.is_empty() {
        get += &format!(" ({version} is too old)");
    }
    Goal {
        name: "rust",
        title: "A provider, built and tested here",
        needed: true,
        ways: vec![Way {
            name: format!("Rust {OLDEST} or later"),
            parts: vec![Part {
                what: "rustc",
                found: new.then_some(version),
                get: vec![get],
            }],
        }],
    }
}

/// `1.95.0-nightly` as numbers; an unreadable one is older than all.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.split(['.', '-']).map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some((major, minor)),
        _ => None,
    }
}

fn wine_x64(machine: &dyn Machine) -> Goal {
    let found = ["wine64", "wine"]
        .into_iter()
        .find(|name| machine.has(name));
    optional(
        "wine-x64",
        "Tests of the 64-bit DLL, under Wine",
        Part {
            what: "wine",
            found: found.map(str::to_owned),
            get: vec![WINE.hint(machine)],
        },
    )
}

/// 32-bit programs need Wine's own 32-bit half, which lies in one of these places.
fn wine_x86(machine: &dyn Machine) -> Goal {
    const PLACES: [&str; 4] = [
        "/usr/lib/i386-linux-gnu/wine/i386-unix",
        "/usr/lib/wine/i386-unix",
        "/usr/lib32/wine/i386-unix",
        "/opt/wine-stable/lib/wine/i386-unix",
    ];
    let there = |place: &&str| !machine.names_in(Path::new(place)).is_empty();
    let found = PLACES
        .into_iter()
        .find(there)
        .filter(|_| machine.has("wine"));
    optional(
        "wine-x86",
        "Tests of the 32-bit DLL, under Wine",
        Part {
            what: "wine, 32-bit",
            found: found.map(str::to_owned),
            get: vec![WINE_X86.hint(machine)],
        },
    )
}

fn generate(machine: &dyn Machine) -> Goal {
    let program = "cargo-generate";
    optional(
        "generate",
        "New crates by cargo generate; `cargo mapi new` makes the same",
        Part {
            what: program,
            found: machine.has(program).then(|| program.to_owned()),
            get: vec!["cargo install cargo-generate".to_owned()],
        },
    )
}

fn optional(name: &'static str, title: &'static str, part: Part) -> Goal {
    Goal {
        name,
        title,
        needed: false,
        ways: vec![Way {
            name: part.what.to_owned(),
            parts: vec![part],
        }],
    }
}

#[cfg(test)]
mod tests;
