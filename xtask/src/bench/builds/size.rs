//! The size of the DLL that ships beside that of one with nothing in it.

use std::fs;
use std::path::Path;

use super::crates::{Crates, EMPTY_DLL, PROVIDER_DLL};
use crate::bench::Row;
use crate::windows::Arch;
use crate::{command, workspace};

/// How many times as large as an empty one our DLL may be.
const BAR: f64 = 1.3;

/// What `cargo mapi build --release` and the profile of the template make of a release. With `rlib` beside `cdylib` cargo
/// would leave out the optimisation across crates.
const PROFILE: [(&str, &str); 4] = [
    ("CARGO_PROFILE_RELEASE_LTO", "fat"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"),
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s"),
    ("CARGO_PROFILE_RELEASE_STRIP", "symbols"),
];

pub(super) fn measure(crates: &Crates) -> Result<Row, String> {
    command::say("building both DLLs");
    let ours = size(&crates.macros, PROVIDER_DLL)?;
    let empty = size(&crates.empty, EMPTY_DLL)?;
    Ok(Row::of_sizes("the release DLL", ours, empty, BAR))
}

fn size(folder: &Path, name: &str) -> Result<u64, String> {
    let target_dir = workspace::target_dir("builds").join("release");
    let mut cargo = super::cargo("rustc", &target_dir, &folder.join("Cargo.toml"))?;
    cargo.args(["--quiet", "--release", "--lib", "--crate-type", "cdylib"]);
    command::run(cargo.envs(PROFILE))?;
    let dll = target_dir
        .join(Arch::X64.target())
        .join("release")
        .join(name);
    let file =
        fs::metadata(&dll).map_err(|error| format!("cargo built no {}: {error}", dll.display()))?;
    Ok(file.len())
}
