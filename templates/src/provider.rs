//! The template of a provider crate, for `cargo mapi new`.

use crate::file::{File, files};

/// `cargo-generate.toml`: what is asked, and which files an answer leaves out.
pub const OPTIONS: &str = include_str!("../provider/cargo-generate.toml");

/// `answers.rhai`, which has the names that a crate can't have.
pub const SCRIPT: &str = include_str!("../provider/answers.rhai");

/// The files of the new crate, with Liquid in them.
pub const FILES: &[File] = files!("provider":
    ".cargo/config.toml"
    ".github/workflows/ci.yml"
    ".gitignore"
    "Cargo.toml.liquid"
    "LICENSE-APACHE"
    "LICENSE-MIT"
    "README.md"
    "install/README.md"
    "install/install.cmd"
    "install/places.cmd"
    "install/uninstall.cmd"
    "messages.txt"
    "provider.toml"
    "src/directory.rs"
    "src/lib.rs"
    "src/send.rs"
    "src/server.rs"
    "src/sync.rs"
    "tests/directory.rs"
    "tests/outlook/mod.rs"
    "tests/send.rs"
    "tests/sync.rs");
