//! The libraries that tests give to the command.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;

/// The library of a package that is a dev-dependency: cargo has built it beside the test program.
pub(crate) fn library(name: &str) -> PathBuf {
    let program = std::env::current_exe().expect("a test knows where it is");
    program.with_file_name(format!("{DLL_PREFIX}{name}{DLL_SUFFIX}"))
}
