//! The queue of a transport by its rule, XP-19; and the probe.

mod probe;
mod queue;
mod rig;
#[path = "../../../transport-probe-wait/tests/xp/rows.rs"]
mod rows;
