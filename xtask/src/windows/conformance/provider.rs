//! The provider in C++, compiled with mingw-w64.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mistakes::Mistake;
use crate::windows::arch::Arch;
use crate::windows::driver;
use crate::{command, workspace};

/// Where its files are.
pub(super) fn folder() -> PathBuf {
    workspace::root().join("tests/cpp-provider")
}

/// Its source files: those of the provider, then those of the mailbox.
pub(super) fn sources() -> Result<Vec<PathBuf>, String> {
    let mut sources = driver::sources(&folder())?;
    sources.extend(driver::sources(&folder().join("mail"))?);
    Ok(sources)
}

/// Compiles the provider, again and again: as one file, because the headers take most of the
/// time.
pub(super) struct Compiler {
    arch: Arch,
    folder: PathBuf,
    whole: PathBuf,
    guids: PathBuf,
}

impl Compiler {
    /// Writes down what is compiled, and compiles what is always the same.
    pub(super) fn prepare(arch: Arch) -> Result<Self, String> {
        let folder = Arch::target_dir().join("cpp-provider").join(arch.name());
        fs::create_dir_all(&folder)
            .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
        let compiler = Self {
            arch,
            whole: folder.join("whole.cpp"),
            guids: folder.join("guids.o"),
            folder,
        };
        let includes: String = sources()?
            .iter()
            .map(|source| format!("#include \"{}\"\n", source.display()))
            .collect();
        fs::write(&compiler.whole, includes)
            .map_err(|error| format!("can't write {}: {error}", compiler.whole.display()))?;
        // GUIDs are defined in a separate file, which reads the headers differently.
        let guids = workspace::root().join("tests/cpp/guids.cpp");
        let mut command = compiler.gcc();
        command.arg("-c").arg(guids).arg("-o").arg(&compiler.guids);
        command::run(&mut command)?;
        Ok(compiler)
    }

    fn gcc(&self) -> Command {
        let mut command = Command::new(self.arch.mingw("g++"));
        command.args(["-O1", "-std=c++17", "-Wall", "-Wextra", "-Werror"]);
        command
    }

    /// Compiles the provider as it is, or with a mistake; returns the DLL.
    pub(super) fn compile(&self, mistake: Option<&Mistake>) -> Result<PathBuf, String> {
        let name = mistake.map_or("none", |mistake| &mistake.name);
        let dll = self.folder.join(format!("{name}32.dll"));
        let mut command = self.gcc();
        command.args(["-shared", "-static", &format!("-DBROKEN={name}"), "-o"]);
        command.arg(&dll).arg(&self.whole).arg(&self.guids);
        command.arg(exports());
        // On x86 the compiler decorates names that are plain in the .def file.
        command.args(["-Wl,--enable-stdcall-fixup", "-lole32", "-luuid"]);
        command::run(&mut command)?;
        Ok(dll)
    }
}

/// The names that are exported.
fn exports() -> PathBuf {
    folder().join(Path::new("provider.def"))
}
