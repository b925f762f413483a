//! What needs threads, or wants to bring the simulated PST store down.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is to a local or to what a method has just answered, or is NULL on purpose"
)]

#[path = "../support/mod.rs"]
mod support;

mod hostile;
mod notify;
