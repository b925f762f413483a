//! Wrapped stores (WRAP-02 to WRAP-07, and the ENTRY rules as they are for them), around an inner provider that does what
//! it is told (`tests/inner`).
//!
//! What the simulated PST provider makes of it is in `tests/life`.

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
