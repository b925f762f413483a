//! LLD in place of the linker of mingw-w64, which takes ten times as long for each of sixty programs.
//!
//! On 64 bits only: on 32, a panic finds its way by tables that mingw-w64's start-up objects register, and in what LLD has
//! linked it finds none, so that every panic aborts.
//!
//! What teams build has mingw's linker or Microsoft's: `cargo mapi build` and the crates made from the template choose
//! nothing. Only the programs of our own tests are linked here.

use std::fs;
use std::path::PathBuf;

use super::arch::Arch;
use crate::toolchain;

/// Flags for rustc with which programs get small, and gcc calls the LLD that comes with Rust where that can be.
///
/// Debian's gcc has the path of its linker built in and heeds neither `-fuse-ld` nor `-B`; a file of specifications names
/// another one.
pub(super) fn flags(arch: Arch) -> Vec<String> {
    // Symbols are half of a program, and nothing here reads them.
    let mut flags = vec!["-Cstrip=symbols".to_owned()];
    let specs = match arch {
        Arch::X64 => specs(),
        Arch::X86 => None,
    };
    if let Some(specs) = specs {
        flags.push(format!("-Clink-arg=-specs={specs}"));
        // LLD knows no plugins of gcc's.
        flags.push("-Clink-arg=-fno-use-linker-plugin".to_owned());
    }
    flags
}

/// The file that names the linker, written where it isn't there yet.
fn specs() -> Option<String> {
    let linker = lld()?.to_str()?.to_owned();
    let folder = Arch::target_dir();
    let path = folder.join("lld.specs");
    let name = path.to_str()?.to_owned();
    // A space would end the linker's name in the file.
    if linker.contains(char::is_whitespace) {
        return None;
    }
    let text = format!("*linker:\n{linker}\n");
    if fs::read_to_string(&path).is_ok_and(|old| old == text) {
        return Some(name);
    }
    fs::create_dir_all(&folder).ok()?;
    fs::write(&path, text).ok()?;
    Some(name)
}

/// LLD as Rust's own distribution has it.
fn lld() -> Option<PathBuf> {
    let host = toolchain::native_target().ok()?;
    let folder = toolchain::nightly_sysroot()?.join("lib/rustlib").join(host);
    Some(folder.join("bin/gcc-ld/ld.lld")).filter(|program| program.is_file())
}
