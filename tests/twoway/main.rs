//! A store that is compared as one side of a two-way synchronisation: the simulated PST, with the server played. Its tests
//! are those of a mailbox, word for word.
#![cfg(feature = "twoway")]

#[path = "../../mailbox/tests/two_way/changes.rs"]
mod changes;
#[path = "../../mailbox/tests/two_way/ends.rs"]
mod ends;
mod json;
mod proof;
#[path = "../../host/mspst/tests/support/mod.rs"]
mod pst;
#[path = "../../mailbox/tests/two_way/sim.rs"]
mod sim;
mod world;
