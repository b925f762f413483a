//! The objects, through COM.
#![allow(
    non_snake_case,
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is NULL, to a local, or to what a method has just answered"
)]

mod attachments;
mod bad_input;
mod clock;
mod copying;
mod faults;
mod folders;
mod hostile;
mod letting_go;
mod logon;
mod meddling;
mod message_content;
mod message_hostile;
mod message_threads;
mod messages;
mod notify;
mod odd_parts;
mod odd_values;
mod recipients;
mod saving;
mod scarce;
mod search;
mod search_random;
mod sending;
mod sizes;
mod steps;
mod streams;
mod tables;
mod transfer;

#[path = "../support/object_copies/mod.rs"]
mod object_copies;
#[path = "../support/object_liar/mod.rs"]
mod object_liar;
#[path = "../support/object_mock/mod.rs"]
mod object_mock;
#[path = "../support/object_support/mod.rs"]
mod object_support;
#[path = "../support/parts_support/mod.rs"]
mod parts_support;
#[path = "../support/search_stage/mod.rs"]
mod search_stage;
#[path = "../support/spooler_support/mod.rs"]
mod spooler_support;
