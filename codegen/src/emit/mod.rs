//! The emitters: checked definitions in, tokens or text out. They never fail and never see TOML.

pub mod abi;
pub mod inf;
pub mod prf;
mod prose;
pub mod provider;
