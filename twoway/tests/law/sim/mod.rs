//! Both sides, played, with faults at every call.

pub(crate) mod chaos;
pub(crate) mod server;
pub(crate) mod store;
pub(crate) mod world;
