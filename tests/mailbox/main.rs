//! Stores that keep their mail themselves: the mailbox engine takes the place of the inner provider, and all around it is as
//! it is around the PST provider (`tests/wrapped`).
//!
//! What the engine does is tested in `mailbox/tests`; the whole contract, with a provider in full, in
//! `examples/store-probe/tests`.

mod accounts;
mod both;
mod file;
mod rig;
mod runs;

#[path = "../support/mod.rs"]
mod support;
