//! Two-way synchronisation, as a part.
//!
//! A team writes the verbs of its server, [`Remote`] and [`Session`]. The side that people work with is a [`Local`]. What
//! changed where, what a lost answer means and what may be deleted is decided here, once: [`Synchronizer`] compares both
//! with their last common [`State`], makes a [`Plan`], and carries it out. It may be broken off anywhere; the next run
//! ends as if nothing had been.
//!
//! # What is promised
//!
//! Whatever fails when, and whatever the server can do: nothing is deleted on a side unless the other side has proven that
//! it is gone there; nothing is lost; once a run gets through, both sides become equal, within two runs; and then
//! nothing more is written.
//!
//! Nothing is doubled either, if the server finds items by their tokens, says which items are the same, or at least gives
//! contents back as it got them. A server that says nothing (no search, no `UIDPLUS`, no identities) is understood by
//! contents: what is new there is fetched and compared with what was sent, and with what is gone elsewhere. So with such a
//! server an item can get a second copy, and never less than one, if
//!
//! - an upload's answer was lost, and the server changes contents on their way: what was sent is found by nothing. It is
//!   sent again less and less often (TWOWAY-19);
//! - somebody moves an item to or from a folder that can't be listed in two runs, while it is changed here;
//! - contents are not fetched, because of the limits in [`Options`] or because only headers are wanted.
//!
//! What a session has to keep for that is said with its verbs: above all, that a lost answer is
//! [`Stop::Lost`], that [`Failure::Gone`] is said only of an item whose folder was opened, and that a version is named only
//! for a content that is known.
//!
//! # What is not proven yet
//!
//! The law is tried with random stories of both sides, and it does not hold in all of them: of thirty thousand, five ended
//! with an item that is there twice, nearly all with a server that says nothing. Until that is mended, no provider uses this
//! crate.
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
mod heard;
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
pub use item::{
    Fingerprint, Flags, FolderKey, ItemKey, LocalFolderKey, LocalKey, PairId, Role, Version,
};
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
