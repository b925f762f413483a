//! Two-way synchronisation between a server and the store, as a part (feature `twoway`).
//!
//! The logic of a provider is then the verbs of its server, [`Remote`] and [`Session`]; a run is one call:
//!
//! ```
//! use mapi_provider::twoway::{self, Remote};
//! use mapi_provider::{SyncError, SyncJob};
//!
//! fn synchronize(server: &dyn Remote, job: &SyncJob) -> Result<(), SyncError> {
//!     twoway::synchronize(server, job)?;
//!     Ok(())
//! }
//! ```
//!
//! What changed where, what a lost answer means and what may be deleted is decided by the crate `mapi-provider-twoway`,
//! whose page says what is promised. A run takes from the job what it is to do (both directions or one, headers only), ends
//! when the job is cancelled, and tells the job how far it is and what it left undone.
//!
//! # Where the state is
//!
//! What both sides last had in common is in the mailbox's own file: a copy of the file that is put back has the right state.
//! Without a state, or with one of another account or store, a run merges both sides and deletes nothing.
//!
//! # A plan first
//!
//! Where the environment variable `MAPI_PROVIDER_PLAN` names a file, a run writes there what it would do, and does nothing of
//! it: `cargo mapi host sync --plan`. Meanwhile [`SyncJob::store`] and [`SyncJob::mailbox`] give nothing to the logic
//! itself. In an elevated process and in a service's, the variable does nothing.

mod faulty;
mod plan;
mod refused;
mod run;
mod side;

pub use mapi_provider_twoway::gate::Deletion;
pub use mapi_provider_twoway::{
    Abilities, Answer, Cursor, Editing, Edits, Failure, Feed, Flags, FolderKey, ItemFailure,
    ItemKey, ItemRef, Listed, Listing, Monitor, Options, PairId, Part, Placed, Plan, Proof, Remote,
    RemoteEntry, RemoteFolder, Report, Role, Scope, Session, Stop, Trouble, Upload, Version,
    Warning,
};

pub use faulty::{Faulty, Lost};
pub use run::{plan, synchronize, synchronize_with};
