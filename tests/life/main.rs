//! The whole life of a wrapped store, as a DLL, around the simulated PST provider: installed, configured, synchronised,
//! logged off, unloaded, uninstalled; and nothing is left of it.

mod paths;
mod rig;
mod whole;

#[path = "../support/mod.rs"]
mod support;
