//! Tables: rows of anything, by columns, restricted, sorted, grouped, followed.

mod build;
mod diff;
mod encode;
mod entry;
mod facts;
mod fault;
mod handle;
mod matching;
mod memory;
pub mod object;
mod order;
mod outline;
mod source;
pub mod text;
mod value;
mod view;

pub use self::{
    fault::{Fault, Result},
    handle::Table,
    memory::{MemoryRow, MemoryRows},
    source::{
        Abilities, Change, ChangeKind, Changes, Direction, Index, Key, Parts, Place, PropId, RowId,
        Rows, SOURCE_ORDER, SortColumn, Source, Values, Watcher,
    },
    view::{Position, Sought},
};
