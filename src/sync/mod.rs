//! Background synchronisation: what happens between `SynchronizeInBackground` and the signalled event.
//!
//! ```text
//! caller's thread   crew::submit ─ a place in the line, a worker where none comes
//! worker            crew::work ─ line::next ─ service::serve: logic ─ Error?, Done ─ release ─ signal
//! ```
//!
//! One line for each store of this process (`engines`), with one small state machine (`state`) behind its lock:
//! who has asked, who runs, who is told. `docs/sync-engine.md` draws it; `interleave` tries its interleavings.
//!
//! All of it is safe Rust: what the caller handed over has been made into a [`Request`] before.

mod batch;
mod cancel;
mod crew;
mod cursor;
mod engine;
mod engines;
mod job;
mod job_settings;
mod line;
mod logons;
mod open;
mod progress;
mod request;
mod scope;
mod seats;
mod service;
mod state;
mod test_run;
mod world;

pub use self::{
    cancel::CancelToken, engine::SyncEngine, job::SyncJob, job_settings::JobSettings,
    test_run::TestRun,
};
pub(crate) use self::{
    engine::{EngineOptions, LogonPart},
    engines::{EngineKey, SectionKey, StoreKey},
    logons::{LogonHandle, Logons},
    request::{Callback, CallerHandle, Request},
    state::Refusal,
};

use crate::abi::IMAPISync;
use crate::error::{LogonError, SyncError};
use crate::object::{Class, Object};
use crate::settings::ServiceSettings;

/// A team's sync logic.
///
/// One value serves one store: opened at logon, shared by all runs, dropped when store and worker are
/// gone. Runs come one after another, never two at once (SYNC-15).
pub trait BackgroundSync: Send + Sync + Sized + 'static {
    /// The settings: the `Settings` that `provider!` makes of the manifest, or `()`.
    type Settings: ServiceSettings;

    /// Opens the store at logon, on the caller's thread: be quick, and leave the network for
    /// [`synchronize`](Self::synchronize) where you can.
    ///
    /// # Errors
    ///
    /// The logon fails; see [`LogonError`] for what Outlook does then.
    fn open(settings: Self::Settings) -> Result<Self, LogonError>;

    /// Synchronises, on a worker thread on which COM and MAPI are initialised.
    ///
    /// # Errors
    ///
    /// The run fails, and Outlook shows the text. A panic counts as `E_UNEXPECTED`; the next run comes
    /// all the same (SYNC-13).
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError>;
}

/// Sync logic with its `IMAPISync`. Derived: `#[derive(MapiSync)]`. By hand: `impl MapiSync for Contoso {}`, which is all
/// that a crate without the feature `macros` needs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no sync logic yet: it has no `#[derive(MapiSync)]`",
    label = "the logic of this provider",
    note = "write `#[derive(MapiSync)]` on `{Self}`, and `impl BackgroundSync for {Self}` with what it does"
)]
pub trait MapiSync: BackgroundSync {
    /// The `IMAPISync` of an engine, as part of the identity of a store.
    ///
    /// The stores that `provider!` opens hook it into their QueryInterface, one of your own that the manifest names
    /// ([`OwnStore`](crate::OwnStore)) included. A store whose logon is your own code too makes its engine by
    /// [`SyncEngine::new`] and does the same with `#[mapi(query_interface = …)]`.
    fn sync_interface(engine: &SyncEngine<Self>, store: &Object<impl Class>) -> IMAPISync {
        crate::entry::sync_interface(engine, store)
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::duplicate_mod, reason = "the product's files in another world")]
mod interleave;
#[cfg(test)]
mod tests;
