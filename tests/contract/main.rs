//! The contract, rule by rule: each test bears the id of its rule. See tests/README.md.

#[path = "../support/mod.rs"]
mod support;

mod com;
mod com_calls;
mod com_memory;
mod com_outs;
mod cursor;
mod entry_dialog;
mod entry_init;
mod entry_logon;
mod entry_service;
mod sync_call;
mod sync_cancel;
mod sync_queue;
mod sync_run;
mod sync_worker;
#[cfg(windows)]
mod windows;
mod written_settings;
