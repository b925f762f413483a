//! An open message store as safe values: what is written is read again; and a store that answers nonsense, or fails, is
//! an error wherever it does.

mod basics;
mod failing;
mod fake;
mod lying;
#[path = "../../host/mspst/tests/support/mod.rs"]
mod pst;
mod stores;
mod values;
