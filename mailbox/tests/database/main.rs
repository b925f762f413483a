//! The database room, and what the sync logic sees of it.

mod conflicts;
mod file;
mod folders;
mod inspect;
mod local;
mod logic;
mod mail;
mod messages;
mod pages;
mod queue;
mod random;
mod server_folders;
mod steps;
mod streams;
mod unasked;
mod versions;

#[path = "../support/store_support/mod.rs"]
mod store_support;
