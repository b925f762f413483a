//! Several processes at one file.

mod changes;
mod kills;
mod searches;
mod sending;
mod telling;

#[path = "../support/kill_stage/mod.rs"]
mod kill_stage;
#[path = "../support/object_support/mod.rs"]
mod object_support;
#[path = "../support/search_stage/mod.rs"]
mod search_stage;
#[path = "../support/store_support/mod.rs"]
mod store_support;
