//! The emitters: checked definitions in, tokens or text out. They never fail and never see TOML.

pub mod abi;
pub mod inf;
mod prose;
pub mod provider;
