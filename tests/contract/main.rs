//! The contract, rule by rule: each test bears the id of its rule. See tests/README.md.

#[path = "../support/mod.rs"]
mod support;

mod com;
mod com_calls;
mod sync_call;
mod sync_cancel;
mod sync_queue;
mod sync_run;
mod sync_worker;
