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
mod plan;
mod ports;
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
    ports::{InnerStore, Section},
    request::{Callback, CallerHandle, Request},
    state::Refusal,
};

use crate::error::{LogonError, SyncError};
use crate::settings::ServiceSettings;
use mapi_provider_abi::mapi::MAPI_E_NO_SUPPORT;

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

    /// Tries settings that a user has entered, before they are kept: is the server there, does it take the password? What is
    /// wrong is told to the user, who is asked again (ENTRY-14). You needn't write it; without it, settings are
    /// kept untested.
    ///
    /// It runs on a thread of its own, with COM and MAPI initialised, for as long as `service.test-timeout` in the manifest
    /// says. After that nobody waits for it any more: the user is told so, and the thread is left behind. Settings that no
    /// user entered, a script's, are not tried.
    ///
    /// # Errors
    ///
    /// The settings are not kept, and the user reads the text. A panic counts as an error.
    fn test(_settings: &Self::Settings) -> Result<(), LogonError> {
        Ok(())
    }

    /// Synchronises, on a worker thread with COM and MAPI initialised.
    ///
    /// # Errors
    ///
    /// The run fails, and Outlook shows the text. A panic counts as `E_UNEXPECTED`; the next run still happens
    /// (SYNC-13).
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError>;

    /// Says what [`synchronize`](Self::synchronize) would do now, and does nothing of it: for `cargo mapi host sync --plan`,
    /// and wherever the environment variable `MAPI_PROVIDER_PLAN` names a file for it, which is called instead then. Text
    /// for people. You needn't write it; without it, there is no plan, and whoever asks is told so.
    ///
    /// # Errors
    ///
    /// There is no plan. As in `synchronize`, Outlook shows the text.
    fn plan(&self, _job: &SyncJob) -> Result<String, SyncError> {
        let text = "only a plan is wanted, and this provider's logic makes none";
        Err(SyncError::new(MAPI_E_NO_SUPPORT, text))
    }
}

#[cfg(all(test, unix))]
#[allow(clippy::duplicate_mod, reason = "the product's files in another world")]
mod interleave;
#[cfg(test)]
mod tests;
