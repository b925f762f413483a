//! The engine's shared state under a model checker (shuttle), which runs the threads of a check one at a time and
//! switches between them wherever they touch a lock: thousands of interleavings, each a fresh one.
//!
//! The files below are the product's own, compiled once more with the checker's world in place of the system's. What
//! is checked is in `checks.rs`; each check names the rule. `cargo test` tries some thousand interleavings of each,
//! `cargo xtask interleave` as many as it is told to. A failure prints the schedule that led to it.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "the files are the product's, of which the checks use a part"
)]

#[path = "../batch.rs"]
mod batch;
#[path = "../cancel.rs"]
mod cancel;
#[path = "../crew.rs"]
mod crew;
#[path = "../line.rs"]
mod line;
#[path = "../logons.rs"]
mod logons;
#[path = "../open.rs"]
mod open;
#[path = "../request.rs"]
mod request;
#[path = "../state.rs"]
mod state;

mod checks;
mod stage;
mod world;
