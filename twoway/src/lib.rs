//! Two-way synchronisation, as a part.
//!
//! A team writes the verbs of its server, [`Remote`] and [`Session`]. The side that people work with is a [`Local`]. What
//! changed where, what a lost answer means and what may be deleted is decided here, once: [`Synchronizer`] compares both
//! with their last common [`State`], makes a [`Plan`], and carries it out. It may be broken off anywhere; the next run
//! ends as if nothing had been.
//!
//! This crate knows nothing of MAPI. A provider uses it by `mapi-provider`.
//!
//! - [`Plan`] draws what can become of one item.
//! - [`gate`] is where everything passes that is deleted.
//! - [`State`] keeps the last common state, what the sides have told, and the journal.

#![forbid(unsafe_code)]

mod carry;
mod engine;
mod folder_tree;
pub mod gate;
mod item;
mod listing;
mod local;
mod matching;
mod merge;
mod names;
mod options;
mod outcome;
mod plan;
mod remote;
mod report;
mod sha256;
mod state;
mod text;
mod told;

pub use engine::Synchronizer;
pub use item::{Fingerprint, Flags, FolderKey, ItemKey, LocalFolderKey, LocalKey, PairId, Version};
pub use local::{Created, Local, LocalChange, LocalEntry, LocalFolder, NewLocal};
pub use options::{Edits, Options, Scope};
pub use outcome::{Answer, Failure, ItemFailure, Stop, Trouble};
pub use plan::{FolderStep, ItemStep, Plan};
pub use remote::{
    Abilities, Editing, Feed, ItemRef, Part, Placed, Remote, RemoteEntry, RemoteFolder, Session,
    Upload,
};
pub use report::{Monitor, Point, Report, Silent, Warning};
pub use state::{State, StateError};
pub use told::{Cursor, Listed, Listing, Proof};
