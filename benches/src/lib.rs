//! The objects that are measured: ours, and the same by `windows-core`'s `#[implement]`.
//!
//! They are in a separate crate, so the loops in the program can't see which functions their vtables
//! hold: a call that the optimiser could look through would measure nothing.

#![allow(non_snake_case, reason = "parameters have MAPI's names")]

pub mod limit;
pub mod measure;
pub mod ours;
pub mod run;
mod tally;
pub mod theirs;

mapi_provider::provider!("provider.toml");
