//! `IMAPITable` over a [`Table`](super::Table): where raw pointers end. All unsafe code of the table room is here.
//!
//! ```text
//! client ─IMAPITable→ TableObject ─→ Core: Mutex<Table>, events in their order ─→ Sinks ─IMAPIAdviseSink→ client
//!                                      ↑ Watcher::changed, after each commit
//! ```
//!
//! No lock is held while a sink is called, or MAPI's allocators (SYNC-19).

mod arguments;

mod last_fault;
mod sinks;
mod table;
mod table_core;

pub use self::sinks::{DirectSinks, Sinks, SupportSinks};
pub use self::table::open;
