//! A run, as sync logic sees it.

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::batch::Batch;
use super::cancel::{CancelToken, Woken};
use super::cursor::CursorStore;
use super::job_settings::{JobSettings, Place};
use super::ports::InnerStore;
use super::progress::{Reporter, Told, Warnings};
use super::scope::Scope;
use super::seats::Seats;
use super::test_run::TestRun;
use crate::error::SyncError;
use crate::platform::deadline;
use crate::store::Store;
use mapi_provider_abi::mapi::{IMAPISession, MAPI_E_NO_SUPPORT, SyncFlags};
#[cfg(feature = "mailbox")]
use mapi_provider_mailbox::logic::Mailbox;

/// A run of the sync logic: what to synchronise, where the last run left off, and whom to tell.
///
/// It belongs to the worker, and is not `Sync`: callbacks come from the worker only (SYNC-10). Hand
/// [`cancellation`](Self::cancellation) to threads of your own.
///
/// A unit test of your logic makes one with [`for_test`](Self::for_test).
pub struct SyncJob<'a> {
    side: Side<'a>,
    token: CancelToken,
    flags: SyncFlags,
    scope: Scope,
    /// Counted once more only where the logic asks for it (SYNC-05).
    session: OnceCell<Option<IMAPISession>>,
    cursor: Option<Vec<u8>>,
    /// Held for as long as the run goes on (SYNC-21).
    inner: Option<Arc<dyn InnerStore>>,
}

/// Who is on the other side of a job.
enum Side<'a> {
    Run(Live<'a>),
    Test(&'a TestRun<'a>),
}

/// The requests that a run serves, and the profile.
struct Live<'a> {
    batch: &'a Batch,
    cursor_store: &'a CursorStore,
    seats: &'a Mutex<Seats>,
    reporter: RefCell<Reporter>,
    warnings: RefCell<Warnings>,
}

impl<'a> SyncJob<'a> {
    pub(super) fn new(
        batch: &'a Batch,
        cursor_store: &'a CursorStore,
        seats: &'a Mutex<Seats>,
        inner: Option<Arc<dyn InnerStore>>,
    ) -> Self {
        Self {
            flags: batch.flags().collect(),
            scope: Scope::of_all(batch.flags()),
            session: OnceCell::new(),
            cursor: cursor_store.load(),
            inner,
            token: batch.token().clone(),
            side: Side::Run(Live {
                batch,
                cursor_store,
                seats,
                reporter: RefCell::new(Reporter::new(batch)),
                warnings: RefCell::default(),
            }),
        }
    }

    /// A job for a unit test of sync logic: no host, no MAPI, no thread. See [`TestRun`].
    pub fn for_test() -> TestRun<'a> {
        TestRun::new()
    }

    pub(super) fn of_test(
        test: &'a TestRun<'a>,
        token: CancelToken,
        flags: SyncFlags,
        cursor: Option<Vec<u8>>,
    ) -> Self {
        Self {
            flags,
            scope: Scope::of_all([flags]),
            session: OnceCell::new(),
            cursor,
            inner: None,
            token,
            side: Side::Test(test),
        }
    }

    /// Ends the job: the last position is told (SYNC-14), and how many warnings were kept back.
    pub(super) fn finish(self) {
        if let Side::Run(live) = self.side {
            live.warnings.into_inner().flush(live.batch);
            live.reporter.into_inner().flush(live.batch);
        }
    }

    /// What to synchronise: the union of what all callers asked for that the run serves. Bits that no
    /// page names are kept (SYNC-04).
    pub fn flags(&self) -> SyncFlags {
        self.flags
    }

    /// The flags as a number.
    pub fn raw_flags(&self) -> u32 {
        self.flags.bits()
    }

    /// Whether to send local changes: asked for, or no direction is named at all.
    pub fn uploads(&self) -> bool {
        self.scope.uploads
    }

    /// Whether to fetch changes: asked for, or no direction is named at all.
    pub fn downloads(&self) -> bool {
        self.scope.downloads
    }

    /// Whether headers are enough for everybody who asked for something to be fetched.
    pub fn headers_only(&self) -> bool {
        self.scope.headers_only
    }

    /// Whether the user asked for this run.
    pub fn on_demand(&self) -> bool {
        self.flags.contains(SyncFlags::ON_DEMAND)
    }

    /// The interface of the session, where a caller gave one. The logic has it by `session`, which `entry` adds.
    pub(crate) fn session_interface(&self) -> Option<&IMAPISession> {
        let session = self.session.get_or_init(|| match &self.side {
            Side::Run(live) => live.batch.session(),
            Side::Test(_) => None,
        });
        session.as_ref()
    }

    /// The store that this provider wraps, or keeps itself in a file: where the mail goes. Its folders and messages are
    /// what Outlook has.
    ///
    /// The run holds it: it stays open until the run ends, also where Outlook closes it meanwhile. Nothing of it can be
    /// kept for longer.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: the provider is neither of kind `wrapped-store` nor of kind `store` with `[store]`.
    pub fn store(&self) -> Result<Store<'_>, SyncError> {
        let inner = self.inner.as_ref().ok_or_else(|| {
            SyncError::new(
                MAPI_E_NO_SUPPORT,
                "this provider wraps no store, and keeps no mail itself",
            )
        })?;
        Ok(inner.open())
    }

    /// The mailbox of a store that keeps its mail itself: batches of what the server has, and what clients did. Any thread
    /// may use it.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: the provider is not of kind `store` with `[store]`.
    #[cfg(feature = "mailbox")]
    pub fn mailbox(&self) -> Result<Mailbox, SyncError> {
        let mailbox = match &self.side {
            Side::Run(_) => self.inner.as_ref().and_then(|inner| inner.mailbox()),
            Side::Test(test) => test.given_mailbox(),
        };
        let none = || SyncError::new(MAPI_E_NO_SUPPORT, "this provider keeps no mail itself");
        mailbox.ok_or_else(none)
    }

    /// Reports how far the run has got: `done` of `total`, both in units of your choice. A tight loop may call it:
    /// not every call reaches Outlook, but the last one always does (SYNC-14).
    ///
    /// # Errors
    ///
    /// The run has been cancelled: return the error as it is.
    pub fn progress(
        &self,
        text: impl AsRef<str>,
        done: usize,
        total: usize,
    ) -> Result<(), SyncError> {
        self.check()?;
        let told = match &self.side {
            Side::Run(live) => live.tell(text.as_ref(), done, total),
            Side::Test(test) => test.tell(text.as_ref(), done, total),
        };
        if told == Told::Cancel {
            self.token.cancel(); // SYNC-16: every callback has answered MAPI_E_USER_CANCEL.
        }
        self.check()
    }

    /// Asks whether to go on.
    ///
    /// # Errors
    ///
    /// The run has been cancelled: return the error as it is.
    pub fn check(&self) -> Result<(), SyncError> {
        if let Side::Run(live) = &self.side {
            // SYNC-16: who has left the run is told now, on the worker.
            live.batch.attend();
        }
        if self.is_cancelled() {
            Err(SyncError::cancelled())
        } else {
            Ok(())
        }
    }

    /// Sleeps.
    ///
    /// # Errors
    ///
    /// The run has been cancelled, perhaps meanwhile: return the error as it is.
    pub fn wait(&self, duration: Duration) -> Result<(), SyncError> {
        if let Side::Test(test) = &self.side {
            test.note_wait(duration);
            return self.check();
        }
        let end = deadline(duration);
        loop {
            self.check()?;
            match self.token.wait_for_anything(end) {
                Woken::Late => return self.check(),
                Woken::Cancelled | Woken::Nudged => {}
            }
        }
    }

    /// Whether the run has been cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.token.is_cancelled()
    }

    /// The cancellation, for threads of your own.
    pub fn cancellation(&self) -> CancelToken {
        self.token.clone()
    }

    /// Warns: something was left out, and the run goes on. A loop may call it: if there are very many, not all of
    /// them reach Outlook and the log, and at the end both are told how many were held back (SYNC-14).
    pub fn warn(&self, text: impl AsRef<str>) {
        match &self.side {
            Side::Run(live) => live.warn(text.as_ref()),
            Side::Test(test) => test.warn(text.as_ref()),
        }
    }

    /// The settings that the manifest calls `writable`, as they are in the profile now.
    pub fn settings(&self) -> JobSettings<'_> {
        JobSettings(match &self.side {
            Side::Run(live) => Place::Profile(live.cursor_store.section(), live.seats),
            Side::Test(test) => Place::Test(test),
        })
    }

    /// Where the last run left off: what it passed to [`save_cursor`](Self::save_cursor), also in another process.
    /// `None` before the first time.
    pub fn cursor(&self) -> Option<&[u8]> {
        self.cursor.as_deref()
    }

    /// Keeps a cursor in the profile for the next run: opaque bytes, at most 16 KiB. It can be called
    /// several times in a run; the last one counts.
    ///
    /// # Errors
    ///
    /// It is too long, or the profile can't be written to; then the old one is intact.
    pub fn save_cursor(&self, cursor: impl AsRef<[u8]>) -> Result<(), SyncError> {
        match &self.side {
            Side::Run(live) => live.cursor_store.save(cursor.as_ref()),
            Side::Test(test) => test.save_cursor(cursor.as_ref()),
        }
    }
}

impl Live<'_> {
    fn tell(&self, text: &str, done: usize, total: usize) -> Told {
        match self.reporter.try_borrow_mut() {
            Ok(mut reporter) => reporter.tell(self.batch, text, done, total),
            // Called from within a callback of its own: there is nothing new to tell.
            Err(_) => Told::GoOn,
        }
    }

    fn warn(&self, text: &str) {
        if let Ok(mut warnings) = self.warnings.try_borrow_mut() {
            warnings.tell(self.batch, text);
        }
    }
}

impl fmt::Debug for SyncJob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncJob")
            .field("flags", &self.flags)
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
