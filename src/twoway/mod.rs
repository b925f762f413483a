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
//! Of a store that is wrapped it is in a file beside the store's, with the same name and `.sync`; what both have is found
//! again by a property of the messages.
//! Without a state, or with one of another account or store, a run merges both sides and deletes nothing.
//!
//! # A plan first
//!
//! [`plan`] lists both sides and says what a run would do. Logic that has it as its
//! [`BackgroundSync::plan`](crate::BackgroundSync::plan) shows it by `cargo mapi host sync --plan`:
//!
//! ```
//! use mapi_provider::twoway::{self, Options, Remote};
//! use mapi_provider::{SyncError, SyncJob};
//!
//! fn plan(server: &dyn Remote, job: &SyncJob) -> Result<String, SyncError> {
//!     let plan = twoway::plan(server, job, &Options::default())?;
//!     Ok(plan.to_string())
//! }
//! ```

mod faulty;
mod refused;
mod run;
mod side;
mod store_side;

pub use mapi_provider_twoway::gate::Deletion;
pub use mapi_provider_twoway::{
    Abilities, Answer, Cursor, Editing, Edits, Failure, Feed, Flags, FolderKey, ItemFailure,
    ItemKey, ItemRef, Keeps, Listed, Listing, Monitor, Options, PairId, Part, Placed, Plan, Proof,
    Remote, RemoteEntry, RemoteFolder, Report, Role, Scope, Session, Stop, Trouble, Upload,
    Version, Warning,
};

pub use faulty::{Faulty, Lost};
pub use run::{plan, synchronize, synchronize_with};
// For hosts and tests, which open a store themselves.
#[doc(hidden)]
pub use store_side::StoreSide;
