//! Search folders (STORE-42).
//!
//! ```text
//! SetSearchCriteria ─ criteria.rs ─→ database: criteria, and how far the search is ←─ step by step ─ worker.rs, step.rs
//!                                    hits ─→ contents table, counts, events: as all else that is committed
//! ```
//!
//! Criteria are written in the caller's transaction, and nothing more is done there. All the looking is done on a thread of
//! the engine's, in steps that keep nobody waiting; how far it is lies in the database. So it goes on after the process has
//! ended, and of several processes that have the store open one does the work, and all see what it finds.

mod criteria;
mod step;
mod worker;

pub(super) use self::criteria::{Outs, get, set};
pub(super) use self::worker::Searching;
