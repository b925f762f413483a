//! The generator behind mapi-provider: interface catalogue, provider manifest, checks and emitters.
//!
//! ```text
//! interfaces/*.toml ─parse→ raw ─check→ ir::interface ─emit→ abi/src/generated
//! provider.toml     ─parse→ raw ─check→ ir::provider  ─emit→ provider! expansion, mapisvc.inf
//! ```

pub mod catalogue;
pub mod derive;
pub mod diag;
pub mod emit;
mod in_file;
pub mod ir;
pub mod manifest;
pub mod provider_macro;
pub mod runtime_name;
pub mod toml_tree;

pub use in_file::in_file;
