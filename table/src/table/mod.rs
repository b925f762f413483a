//! Tables: rows of anything, by columns, restricted, sorted, grouped, followed.
//!
//! ```text
//! Source ─look→ Rows ──→ View ←── Table (safe) ←── object: IMAPITable
//!                         │ Paged: the source has the rows in order, the view has none of them
//!                         │ Listed: Outline, twelve bytes a row; rows that changed are put in their place
//!                         └ TableEvents of what is different, in an order in which they can be done one by one
//! ```
//!
//! A source has numbered rows with properties, and tells which have changed; that is all. What is shown, matched, sorted
//! and told is decided here, so a database, a list in memory and an address book have the same tables.
//!
//! | you change | look in |
//! |---|---|
//! | what a source has to do | `source.rs`; rows in memory: `memory.rs` |
//! | what restrictions mean | `matching/`: `compile.rs` refuses, `evaluate.rs` decides, `needle.rs` searches text; asked of single rows: `matcher.rs` |
//! | whom a name means | `matching/names.rs` |
//! | rows that have to be asked for | `Source::ready` and `Source::narrowed` in `source.rs` |
//! | what orders mean | `order.rs`; how values compare as bytes: `encode.rs`; as values: `value.rs`; as text: the room `text` |
//! | categories | `outline.rs`, `build.rs`, `blocks.rs`; opening and closing: `view/categories.rs`; headings: `view/showing.rs` |
//! | where the cursor and bookmarks are | `view/position.rs`, `view/paged.rs`, `view/listed.rs`; after changes: `diff.rs` |
//! | what is told of changes | `view/follow.rs`, `diff.rs`; to whom, on which thread: `object/table_core.rs`, `object/sinks.rs` |
//! | what COM callers see | `object/table.rs` |

mod blocks;
mod build;
mod diff;
mod encode;
mod entry;
mod facts;
mod fault;
mod handle;
mod matcher;
mod matching;
mod memory;
pub mod object;
mod order;
mod outline;
mod source;
mod value;
mod view;

pub use self::{
    fault::{Fault, Result},
    handle::Table,
    matcher::Matcher,
    matching::NameWords,
    memory::{MemoryRow, MemoryRows},
    source::{
        Abilities, Change, ChangeKind, Changes, Direction, Index, Key, NEVER_CUT, Parts, Place,
        PropId, RowId, Rows, SOURCE_ORDER, SortColumn, Source, Values, Watcher,
    },
    view::{Position, Sought},
};
