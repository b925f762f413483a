//! The two Windows architectures that we build for and run.

use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::ValueEnum;

use super::linker;
use crate::portable::Place;
use crate::toolchain::{self, Toolchain};
use crate::{command, workspace};

/// An architecture, with the names that people use for it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Arch {
    X64,
    X86,
}

impl Arch {
    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::X64 => "x64",
            Self::X86 => "x86",
        }
    }

    /// Rust's target.
    pub(crate) fn target(self) -> &'static str {
        match self {
            Self::X64 => "x86_64-pc-windows-gnu",
            Self::X86 => "i686-pc-windows-gnu",
        }
    }

    /// A program of mingw-w64, such as `gcc`.
    pub(crate) fn mingw(self, tool: &str) -> String {
        match self {
            Self::X64 => format!("x86_64-w64-mingw32-{tool}"),
            Self::X86 => format!("i686-w64-mingw32-{tool}"),
        }
    }

    /// Which tests run for it.
    pub(crate) fn place(self) -> Place {
        match self {
            Self::X64 => Place::X64,
            Self::X86 => Place::X86,
        }
    }

    /// Flags for rustc.
    pub(crate) fn flags(self) -> &'static [&'static str] {
        match self {
            Self::X64 => &[],
            // Exports and imports have no `@N`; without this, the linker warns about each.
            Self::X86 => &["-Clink-arg=-Wl,--enable-stdcall-fixup"],
        }
    }

    /// Flags for rustc for our own tests: they are linked faster.
    pub(crate) fn test_flags(self) -> Vec<String> {
        let flags = self.flags().iter().map(|flag| (*flag).to_owned());
        flags.chain(linker::flags(self)).collect()
    }

    /// The compiler, prepared by the shared set-up if possible.
    pub(crate) fn toolchain(self) -> Result<Toolchain, String> {
        if !command::on_path(&self.mingw("gcc")) {
            toolchain::set_up(self.name())?;
        }
        if !command::on_path(&self.mingw("gcc")) {
            let package = self
                .mingw("")
                .replace("-w64-mingw32-", "")
                .replace('_', "-");
            return Err(format!(
                "{} isn't on the path: install mingw-w64 (on Debian gcc-mingw-w64-{package} and g++-mingw-w64-{package})",
                self.mingw("gcc")
            ));
        }
        let toolchain = Toolchain::for_target(self.target())?;
        if toolchain.std_from_source() {
            self.require_startup_objects()?;
        }
        Ok(toolchain)
    }

    /// Building std leaves out the start-up objects that rustc links into 32-bit programs.
    fn require_startup_objects(self) -> Result<(), String> {
        let Self::X86 = self else { return Ok(()) };
        let present = || {
            let lib = toolchain::nightly_sysroot()
                .map(|sysroot| sysroot.join("lib/rustlib").join(self.target()));
            lib.is_some_and(|lib| lib.join("lib/rsbegin.o").is_file())
        };
        if !present() {
            toolchain::set_up(self.name())?;
        }
        if present() {
            Ok(())
        } else {
            Err(format!(
                "install std with `rustup target add {}`",
                self.target()
            ))
        }
    }

    /// The program that runs Windows programs: the shared one, otherwise Wine itself.
    pub(crate) fn runner(self) -> Result<PathBuf, String> {
        if let Some(runner) = workspace::shared_windows(&format!("wine-{}", self.name())) {
            // Its Wine may still be missing; the set-up does nothing if it is there.
            toolchain::set_up(self.name())?;
            return Ok(runner);
        }
        if command::on_path("wine") {
            return Ok("wine".into());
        }
        Err(format!(
            "wine isn't on the path: install Wine with its {} half",
            self.name()
        ))
    }

    /// Lets several instances of a program run at once. At each start, the shared 32-bit runner copies the DLL that
    /// older Wines lack to one place, and a program that begins at that moment finds half of it. Windows looks beside a
    /// program first.
    pub(crate) fn many_at_once(self, program: &Path) -> Result<(), String> {
        let Some(folder) = program.parent() else {
            return Ok(());
        };
        let stand_in = shared_home().map(|home| home.join(self.name()).join(STAND_IN));
        let Some(stand_in) = stand_in.filter(|file| file.is_file()) else {
            return Ok(());
        };
        let target = folder.join(STAND_IN);
        fs::copy(&stand_in, &target)
            .map(drop)
            .map_err(|error| format!("can't write {}: {error}", target.display()))
    }

    /// Where cargo puts what it builds for this architecture.
    pub(crate) fn target_dir() -> PathBuf {
        workspace::target_dir("windows")
    }
}

/// A DLL that Rust's standard library needs, and that older Wines lack.
const STAND_IN: &str = "bcryptprimitives.dll";

/// Where the shared set-up keeps what it made.
fn shared_home() -> Option<PathBuf> {
    let set = env::var_os("WINDOWS_ABI_HOME").map(PathBuf::from);
    set.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cache/windows-abi")))
}

/// The name of a file for a Windows program under Wine.
pub(crate) fn wine_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wine_sees_the_root_as_a_drive() {
        assert_eq!(wine_path(Path::new("/a b/c.dll")), r"Z:\a b\c.dll");
    }

    #[test]
    fn tools_have_the_prefix_of_their_architecture() {
        assert_eq!(Arch::X64.mingw("g++"), "x86_64-w64-mingw32-g++");
        assert_eq!(Arch::X86.mingw("g++"), "i686-w64-mingw32-g++");
    }
}
