//! The table room.

mod following;
mod object;
mod rules;
mod sinks;
mod telling;

#[path = "../support/table_stage/mod.rs"]
mod table_stage;
#[path = "../support/table_support/mod.rs"]
mod table_support;
