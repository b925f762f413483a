//! What sync logic sees of a run.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::cancel::CancelToken;
use super::cursor::CursorStore;
use super::progress::Reporter;
use super::request::Request;
use super::scope::Scope;
#[cfg(feature = "store")]
use crate::abi::MAPI_E_NO_SUPPORT;
use crate::abi::{MAPI_W_ERRORS_RETURNED, SyncFlags};
use crate::entry::{OpenStore, Session};
use crate::error::SyncError;
#[cfg(feature = "store")]
use crate::store::Store;

/// A run of the sync logic: what is asked for, where it left off, and whom to tell.
///
/// It belongs to the worker, and is not `Sync`: callbacks come from the worker only (SYNC-10). Hand
/// [`cancellation`](Self::cancellation) to threads of your own.
pub struct SyncJob<'a> {
    batch: Vec<Request>,
    flags: SyncFlags,
    scope: Scope,
    token: CancelToken,
    cursor: Option<Vec<u8>>,
    store: &'a CursorStore,
    /// Held for as long as the run goes on (SYNC-21).
    #[cfg_attr(not(feature = "store"), expect(dead_code, reason = "there is none"))]
    inner: Option<Arc<OpenStore>>,
    reporter: RefCell<Reporter>,
}

impl<'a> SyncJob<'a> {
    pub(super) fn new(
        batch: Vec<Request>,
        token: CancelToken,
        store: &'a CursorStore,
        inner: Option<Arc<OpenStore>>,
    ) -> Self {
        let flags = SyncFlags::from_iter(batch.iter().map(|request| request.flags));
        let scope = Scope::of_all(batch.iter().map(|request| request.flags));
        let reporter = RefCell::new(Reporter::new(&batch));
        Self {
            flags,
            scope,
            token,
            cursor: store.load(),
            store,
            inner,
            reporter,
            batch,
        }
    }

    /// Ends the job: the last position is told (SYNC-14), and the requests are given back.
    pub(super) fn finish(self) -> Vec<Request> {
        self.reporter.into_inner().flush(&self.batch);
        self.batch
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

    /// The MAPI session, where a caller gave one.
    pub fn session(&self) -> Option<Session<'_>> {
        let mut sessions = self
            .batch
            .iter()
            .filter_map(|request| request.session.as_ref());
        sessions.next().map(Session::new)
    }

    /// The store that this provider wraps: where the mail goes. Its folders and messages are Outlook's own.
    ///
    /// The run holds it: it stays open until the run ends, also where Outlook closes it meanwhile. Nothing of it can be
    /// kept for longer.
    ///
    /// # Errors
    ///
    /// `MAPI_E_NO_SUPPORT`: the provider is not of kind `wrapped-store`.
    #[cfg(feature = "store")]
    pub fn store(&self) -> Result<Store<'_>, SyncError> {
        let inner = self
            .inner
            .as_ref()
            .ok_or_else(|| SyncError::new(MAPI_E_NO_SUPPORT, "this provider wraps no store"))?;
        Ok(inner.open())
    }

    /// Tells where the run stands: `done` of `total`, both in units of your choice. A tight loop may
    /// call it: not every call reaches Outlook, the last one always does (SYNC-14).
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
        let told = match self.reporter.try_borrow_mut() {
            Ok(mut reporter) => reporter.tell(&self.batch, text.as_ref(), done, total),
            // Called from within a callback of its own: there is nothing new to tell.
            Err(_) => super::progress::Told::GoOn,
        };
        if told == super::progress::Told::Cancel {
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
        if self.token.wait(duration) {
            Err(SyncError::cancelled())
        } else {
            Ok(())
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

    /// Warns: something was left out, and the run goes on.
    pub fn warn(&self, text: impl AsRef<str>) {
        tracing::warn!(text = text.as_ref(), "warning");
        for callback in self
            .batch
            .iter()
            .filter_map(|request| request.callback.as_ref())
        {
            callback.error(MAPI_W_ERRORS_RETURNED, text.as_ref());
        }
    }

    /// Where the last run left off: what it gave to [`save_cursor`](Self::save_cursor), also in another
    /// process. None before the first time.
    pub fn cursor(&self) -> Option<&[u8]> {
        self.cursor.as_deref()
    }

    /// Keeps a cursor in the profile for the next run: opaque bytes, at most 16 KiB. It can be called
    /// several times in a run; the last one counts.
    ///
    /// # Errors
    ///
    /// It is too long, or the profile can't be written to; the old one is intact then.
    pub fn save_cursor(&self, cursor: impl AsRef<[u8]>) -> Result<(), SyncError> {
        self.store.save(cursor.as_ref())
    }
}

impl fmt::Debug for SyncJob<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SyncJob")
            .field("flags", &self.flags)
            .field("requests", &self.batch.len())
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
