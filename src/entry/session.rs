//! The MAPI session that a caller gave.

use std::fmt;

use crate::sync::SyncJob;
use mapi_provider_abi::mapi::IMAPISession;

/// The MAPI session of a run, for as long as the run goes on.
///
/// If it were kept longer, it would be used or released after MAPI is uninitialised on the worker or the DLL is
/// unloaded. So it can't be kept, and to use MAPI's own interface you have to give a promise: see
/// [`interface`](Self::interface).
#[derive(Clone, Copy)]
pub struct Session<'run>(&'run IMAPISession);

impl<'run> Session<'run> {
    /// The interface.
    ///
    /// # Safety
    ///
    /// No counted reference from it outlives the run: no clone, no other interface of it, no object that it opened.
    pub unsafe fn interface(self) -> &'run IMAPISession {
        self.0
    }
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session(…)")
    }
}

impl SyncJob<'_> {
    /// The MAPI session, if a caller gave one.
    pub fn session(&self) -> Option<Session<'_>> {
        self.session_interface().map(Session)
    }
}
