//! The server and what goes wrong, as the laws of two-way synchronisation have them.
#![allow(dead_code, reason = "this side needs less of it")]

#[path = "../../../twoway/tests/law/sim/chaos.rs"]
pub(crate) mod chaos;
#[path = "../../../twoway/tests/law/sim/server.rs"]
pub(crate) mod server;
