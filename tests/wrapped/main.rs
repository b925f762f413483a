//! Wrapped stores (WRAP-02 to WRAP-07, and the ENTRY rules for them), around an inner provider that does what it is
//! told (`tests/inner`).
//!
//! The same with the simulated PST provider is in `tests/life`.

mod accounts;
mod ids;
mod inner;
mod lifetime;
mod logon;
mod races;
mod search;
mod service;
mod sync;

#[path = "../support/mod.rs"]
mod support;
