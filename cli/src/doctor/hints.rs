//! How to get what is missing, in the words of the machine's own package manager.

use super::machine::Machine;

/// The package managers that we know names for.
const MANAGERS: [(&str, &str); 4] = [
    ("apt-get", "sudo apt install"),
    ("dnf", "sudo dnf install"),
    ("pacman", "sudo pacman -S"),
    ("brew", "brew install"),
];

/// A package's names, in the order of [`MANAGERS`].
pub(super) struct Package(&'static str, [&'static str; 4]);

/// The compiler and linker for 64-bit Windows.
pub(super) const MINGW_X64: Package = Package(
    "mingw-w64 for x86_64",
    [
        "gcc-mingw-w64-x86-64",
        "mingw64-gcc",
        "mingw-w64-gcc",
        "mingw-w64",
    ],
);

/// The compiler and linker for 32-bit Windows.
pub(super) const MINGW_X86: Package = Package(
    "mingw-w64 for i686",
    [
        "gcc-mingw-w64-i686",
        "mingw32-gcc",
        "mingw-w64-gcc",
        "mingw-w64",
    ],
);

/// Runs Windows programs elsewhere.
pub(super) const WINE: Package = Package("Wine", ["wine64", "wine", "wine", "wine-stable"]);

/// The half of it that runs 32-bit programs.
pub(super) const WINE_X86: Package = Package(
    "the 32-bit half of Wine",
    ["wine32:i386", "wine", "wine", "wine-stable"],
);

impl Package {
    /// The command that installs it here, or what to look for.
    pub(super) fn hint(&self, machine: &dyn Machine) -> String {
        let managers = MANAGERS.iter().zip(self.1);
        let mut here = managers.filter(|((program, _), _)| machine.has(program));
        match here.next() {
            Some(((_, install), name)) => format!("{install} {name}"),
            None => format!("install {}", self.0),
        }
    }
}

/// How to get std for a target.
pub(super) fn std_of(machine: &dyn Machine, target: &str) -> Vec<String> {
    if !machine.has("rustup") {
        return vec![format!(
            "install rustup (https://rustup.rs), then `rustup target add {target}`"
        )];
    }
    vec![
        format!("rustup target add {target}"),
        "or, to build it from source: rustup toolchain install nightly --component rust-src"
            .to_owned(),
    ]
}
