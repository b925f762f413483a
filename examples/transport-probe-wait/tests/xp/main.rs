//! Transports by their rules: the spooler of the host, and a transport whose `send` and `receive` are each test's own.

mod faults;
mod logon;
mod probe;
mod receiving;
mod rig;
mod rows;
mod sending;
mod settling;
mod waiting;
