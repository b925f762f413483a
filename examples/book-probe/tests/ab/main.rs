//! What an address book promises, rule by rule, through the host; and the probe.

mod containers;
mod entry;
mod ids;
mod limits;
mod names;
mod objects;
mod probe;
mod recipients;
mod rig;
mod rows;
mod search;
