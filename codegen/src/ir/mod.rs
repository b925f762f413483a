//! The intermediate representation: what the checks let through and the emitters read.
//!
//! Nothing here knows TOML. A value of these types has been checked, so an emitter never fails.

pub mod interface;
pub mod provider;
