//! The whole life of a wrapped store, as a DLL, around the simulated PST provider: installed, configured, synchronised,
//! logged off, unloaded, uninstalled, with nothing left behind.

mod paths;
mod rig;
mod whole;

#[path = "../support/mod.rs"]
mod support;
