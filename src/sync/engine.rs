//! The engine of one store: owns the sync logic, and serves it with requests.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use windows_core::HRESULT;

use super::BackgroundSync;
use super::crew::Crew;
use super::line::Line;
use super::logons::LogonHandle;
use super::open::Joinable;
use super::ports::{InnerStore, Section};
use super::request::Request;
use super::seats::{Seat, Seats};
use super::state::{Mark, Number, Refusal};
use crate::error::SyncError;
use crate::manifest::{Manifest, Overlap, Unload};

/// Runs the sync logic of one store, for one logon. Clones are the same logon's.
///
/// The store that `provider!` makes has one, and so has a store object of your own that the manifest names: it gets it by
/// [`StoreLogon::engine`](crate::StoreLogon::engine). A store whose logon is your own code too makes one with
/// [`new`](Self::new), answers its QueryInterface for `IMAPISync` by
/// [`MapiSync::sync_interface`](crate::MapiSync::sync_interface), calls [`cancel`](Self::cancel) in `StoreLogoff` and
/// [`log_off`](Self::log_off) in `Logoff` and its drop.
///
/// The worker holds what all logons share: the logic and the profile sections, never the store object, whose
/// last Release has to cancel the run, and never the support object (SYNC-21).
pub struct SyncEngine<L> {
    shared: Arc<Shared<L>>,
    logon: Number,
}

/// What the logons of an engine and its worker share.
pub(super) struct Shared<L> {
    pub(super) logic: L,
    pub(super) options: EngineOptions,
    pub(super) crew: Crew,
    pub(super) seats: Mutex<Seats>,
    last_failure: Mutex<Option<(HRESULT, String)>>,
}

/// What the manifest says about running, and what MSProviderInit was told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineOptions {
    pub(crate) overlap: Overlap,
    pub(crate) unload: Unload,
    pub(crate) logoff_wait: Duration,
    pub(crate) cursor_tag: u16,
    /// `MAPI_NT_SERVICE` (SYNC-20).
    pub(crate) is_service: bool,
}

impl EngineOptions {
    pub(crate) fn new(manifest: &Manifest, is_service: bool) -> Self {
        let Manifest {
            overlap,
            unload,
            logoff_wait,
            cursor_tag,
            ..
        } = *manifest;
        Self {
            overlap,
            unload,
            logoff_wait,
            cursor_tag,
            is_service,
        }
    }
}

/// What a logon brings with it.
pub(crate) struct LogonPart {
    /// Its own section of the profile, where the cursor is kept.
    pub(crate) section: Option<Arc<dyn Section>>,
    pub(crate) is_spooler: bool,
}

/// What an engine that no manifest describes does.
const ALONE: EngineOptions = EngineOptions {
    overlap: Overlap::Merge,
    unload: Unload::Never,
    logoff_wait: Duration::from_secs(5),
    cursor_tag: 0x67E0,
    is_service: false,
};

impl<L: BackgroundSync> SyncEngine<L> {
    /// An engine on a line of its own, with its first and only logon.
    pub(crate) fn alone(logic: L, section: Option<Arc<dyn Section>>) -> Self {
        let part = LogonPart {
            section,
            is_spooler: false,
        };
        Self::open(Arc::new(Line::new(None)), logic, ALONE, part)
    }

    /// Cancels what was asked for, and waits until it has ended, for at most five seconds or what the manifest says
    /// (SYNC-16). What is asked for later runs. On the worker itself it does not wait.
    pub fn cancel(&self) {
        let logon = self.logon();
        logon.wait_until(logon.cancel(), logon.deadline());
    }

    /// Ends the logon: what was asked for is cancelled and waited for as by [`cancel`](Self::cancel), and what is asked for
    /// later is refused (SYNC-16). A second call does nothing.
    ///
    /// A store that `provider!` opens is logged off by itself.
    pub fn log_off(&self) {
        let logon = self.logon();
        let deadline = logon.deadline();
        logon.wait_until(self.leave(), deadline);
    }

    /// A new engine on a line, with its first logon.
    pub(super) fn open(line: Arc<Line>, logic: L, options: EngineOptions, part: LogonPart) -> Self {
        let (engine, logon) = line.open(options.overlap, part.is_spooler);
        let crew = Crew {
            line,
            engine,
            unload: options.unload,
            logoff_wait: options.logoff_wait,
            is_service: options.is_service,
        };
        let shared = Shared {
            logic,
            options,
            crew,
            seats: Mutex::default(),
            last_failure: Mutex::default(),
        };
        shared.seats().take(logon, part.section);
        let shared = Arc::new(shared);
        Self { shared, logon }
    }

    pub(super) fn shared(&self) -> &Arc<Shared<L>> {
        &self.shared
    }

    /// The sync logic.
    pub fn logic(&self) -> &L {
        &self.shared.logic
    }

    /// Takes a request: it waits for the run that goes on, or a worker is started for it. Returns at
    /// once (SYNC-09).
    pub(crate) fn submit(&self, request: Request) -> Result<(), Refusal> {
        self.shared.crew.submit(&self.shared, self.logon, request)
    }

    /// What the last run that failed said, if it failed with this status: for the store's GetLastError
    /// (COM-08).
    pub(crate) fn last_failure(&self, status: HRESULT) -> Option<String> {
        let failure = lock(&self.shared.last_failure);
        failure
            .as_ref()
            .filter(|(code, _)| *code == status)
            .map(|(_, text)| text.clone())
    }

    /// Runs for this logon use its inner store from now on. It is a wrapped store's: when the logon ends, a run that
    /// uses it ends too (SYNC-16), and holds it until then (SYNC-21).
    pub(crate) fn lend(&self, store: Arc<dyn InnerStore>) {
        self.shared.seats().lend(self.logon, store);
        self.shared.crew.line.lend(self.logon);
    }

    /// The logon, for whoever has to end it without knowing the logic.
    pub(crate) fn logon(&self) -> LogonHandle {
        LogonHandle {
            crew: self.shared.crew.clone(),
            logon: self.logon,
        }
    }

    /// Ends the logon: what it has asked for is cancelled, and not waited for (SYNC-16).
    pub(crate) fn leave(&self) -> Mark {
        // Dropped after the lock: it may be the last reference to a store (SYNC-19).
        let _seat: Option<Seat> = self.shared.seats().leave(self.logon);
        self.shared.crew.cancel(self.logon, true)
    }
}

impl<L: BackgroundSync> Joinable for Shared<L> {
    type Part = LogonPart;
    type Logon = SyncEngine<L>;

    fn join(self: &Arc<Self>, part: LogonPart) -> Result<SyncEngine<L>, LogonPart> {
        let Some(logon) = self.crew.line.log_on(self.crew.engine, part.is_spooler) else {
            return Err(part);
        };
        self.seats().take(logon, part.section);
        let shared = Arc::clone(self);
        Ok(SyncEngine { shared, logon })
    }
}

impl<L> Shared<L> {
    pub(super) fn seats(&self) -> MutexGuard<'_, Seats> {
        lock(&self.seats)
    }

    /// Notes why a run failed.
    pub(super) fn set_last_failure(&self, error: &SyncError) {
        *lock(&self.last_failure) = Some((error.code(), error.text().to_owned()));
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<L> Clone for SyncEngine<L> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            logon: self.logon,
        }
    }
}

impl<L> fmt::Debug for SyncEngine<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncEngine")
            .field("options", &self.shared.options)
            .field("logon", &self.logon)
            .finish_non_exhaustive()
    }
}
