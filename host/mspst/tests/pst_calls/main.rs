//! What one thread asks of the simulated PST store.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is to a local or to what a method has just answered, or is NULL on purpose"
)]

#[path = "../support/mod.rs"]
mod support;

mod copies;
mod folders;
mod keeping;
mod logon;
mod messages;
mod streams;
mod tables;
