//! The C++ program in `tests/cpp`: another compiler's view of the DLL, through mingw-w64's MAPI headers.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::arch::{Arch, wine_path};
use crate::{command, workspace};

/// Compiles the driver and runs it on the DLL.
pub(crate) fn run(arch: Arch, dll: &Path) -> Result<(), String> {
    let program = compile(arch)?;
    command::say(&format!(
        "driving {} from C++ ({})",
        dll.display(),
        arch.name()
    ));
    let mut driver = Command::new(arch.runner()?);
    command::run(
        driver
            .arg(program)
            .arg(wine_path(dll))
            .current_dir(workspace::root()),
    )
}

fn compile(arch: Arch) -> Result<PathBuf, String> {
    let folder = Arch::target_dir().join("cpp").join(arch.name());
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    let program = folder.join("driver.exe");
    let mut compiler = Command::new(arch.mingw("g++"));
    compiler
        .args(["-static", "-O1", "-std=c++17", "-Wall", "-o"])
        .arg(&program);
    compiler
        .args(sources(&workspace::root().join("tests/cpp"))?)
        .args(["-lole32", "-luuid"]);
    command::run(&mut compiler)?;
    Ok(program)
}

/// The C++ files of a folder, in the order of their names.
pub(super) fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let files = folder
        .read_dir()
        .map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    let files = files.flatten().map(|file| file.path());
    let mut sources: Vec<_> = files
        .filter(|path| path.extension().is_some_and(|ending| ending == "cpp"))
        .collect();
    sources.sort();
    if sources.is_empty() {
        Err(format!("{} has no .cpp file", folder.display()))
    } else {
        Ok(sources)
    }
}
