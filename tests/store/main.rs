//! An open message store as safe values: what is written can be read back, and if a store answers nonsense or fails,
//! that is an error, wherever it happens.

mod basics;
mod failing;
mod fake;
mod lying;
#[path = "../../host/mspst/tests/support/mod.rs"]
mod pst;
mod stores;
mod values;
