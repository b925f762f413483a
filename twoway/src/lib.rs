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
//! At a server that gives an item another key in another folder, it is gone only once every folder where it could be was
//! listed after it was seen to have left its own, and everything that is new there was looked at. Until then nothing is
//! deleted here. What was changed here is sent again only once everything was listed twice. What is not seen in a run is
//! listed once more in the same run, and waited for in the next one; not longer, so that nothing waits for a folder that can
//! never be listed. A run that connects again counts as two.
//!
//! Nothing is doubled either, if the server finds items by their tokens, says which items are the same, or at least gives
//! contents back as it got them. A server that says nothing (no search, no `UIDPLUS`, no identities) is understood by
//! contents: what is new there is fetched and compared with what was sent, and with what is gone elsewhere.
//!
//! An item can get a second copy, and never less than one, if
//!
//! - somebody moves it at the server, from one folder to another, while it is changed here, and one of both can't be listed
//!   in two runs, or what is new there can't be fetched in two runs;
//! - somebody moves it twice while one run lists the server, and then lists it once more, so that it was nowhere whenever
//!   somebody looked, and it is changed here;
//! - an upload's answer was lost at a server that says nothing, and that changes contents on their way: what was sent is
//!   found by nothing. It is sent again less and less often (TWOWAY-19);
//! - it is new on both sides, or has a new key (`UIDVALIDITY`), at a server that says nothing, and can't be fetched in two
//!   runs;
//! - contents are not fetched, because of the limits in [`Options`], and the server does not say which items are the same.
//!
//! What a session has to keep for that is said with its verbs: above all, that a lost answer is
//! [`Stop::Lost`], that [`Failure::Gone`] is said only of an item whose folder was opened, and that a version is named only
//! for a content that is known.
//!
//! # What is not proven yet
//!
//! The law is tried with random stories of both sides: changes there and here, up to three runs that are broken off anywhere
//! or fail at one call, and one change of somebody else during each; then two undisturbed runs. It is not proven for more
//! than one fault, or more than one foreign change, in one run. Lost states, new keys (`UIDVALIDITY`), the gate for mass
//! deletions, flags that a folder can't keep, limits and headers only have rules of their own, and are in no random story.
//! Servers are played; none was asked that is in use.
//!
//! Whether a deletion was right, the law judges by what people did with the item, and an edit makes no other item of it: who
//! has touched what it was before has touched what it is now. So of an item that one side has edited or touched and the
//! other has deleted, the law asks only that it is on both sides or on none.
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
mod kept_flags;
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
    Abilities, Editing, Feed, ItemRef, Keeps, Part, Placed, Remote, RemoteEntry, RemoteFolder,
    Session, Upload,
};
pub use report::{Monitor, Point, Report, Silent, Warning};
pub use state::{State, StateError};
pub use told::{Cursor, Listed, Listing, Proof};
