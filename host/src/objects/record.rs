//! What a provider did with its support object, kept after the object's end.

use std::sync::{Arc, Mutex};

use mapi_provider::abi::{IMSLogon, LogoffFlags, ModifyStatusRowFlags, SpoolerNotifyFlags};
use windows_core::HRESULT;

use crate::locks::lock;
use crate::property::Property;

/// What a provider did with its support object.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct SupportRecord {
    /// The flags of each call of `StoreLogoffTransports` (ENTRY-09: exactly one).
    pub logoff_transports: Vec<LogoffFlags>,
    /// What was given to `SetProviderUID`.
    pub provider_uids: Vec<[u8; 16]>,
    /// What was given to `ModifyStatusRow`.
    pub status_rows: Vec<Vec<Property>>,
    /// The flags of each call of `ModifyStatusRow`.
    pub status_row_flags: Vec<ModifyStatusRowFlags>,
    /// The flags of each call of `SpoolerNotify`.
    pub spooler_notifications: Vec<SpoolerNotifyFlags>,
    /// The names, types and addresses of which `CreateOneOff` has made entry IDs.
    pub one_offs: Vec<[String; 3]>,
    /// How often `SpoolerYield` was called.
    pub yields: usize,
    /// The recipients of each call of `StatusRecips`.
    pub reports: Vec<Vec<Vec<Property>>>,
    /// How often `Subscribe` was called.
    pub subscriptions: usize,
    /// How often `Unsubscribe` was called.
    pub unsubscriptions: usize,
    /// How often `Notify` was called.
    pub notifications: usize,
    /// How many objects were made invalid by `MakeInvalid`.
    pub invalidated: usize,
    /// The flags that `IMSLogon::Logoff` was called with and answered, once the last `Release` of the
    /// support object has called it.
    pub logoff: Option<(u32, u32)>,
    /// Whether the support object has been released for the last time.
    pub released: bool,
}

/// What a support object and its store share.
#[derive(Debug, Default)]
pub(crate) struct SupportState {
    record: Mutex<SupportRecord>,
    logon: Mutex<Option<IMSLogon>>,
    pub(crate) spooler: SpoolerPart,
}

/// What the spooler does in the calls of its support object.
#[derive(Default)]
pub(crate) struct SpoolerPart {
    /// Called in `SpoolerYield`: whether the message is to be cancelled.
    pub(crate) on_yield: Mutex<Option<Arc<dyn Fn() -> bool + Send + Sync>>>,
    /// Called in `ModifyStatusRow`.
    pub(crate) on_row: Mutex<Option<Arc<dyn Fn() + Send + Sync>>>,
    /// What `ModifyStatusRow` answers, where it is not S_OK.
    pub(crate) row_fails: Mutex<Option<HRESULT>>,
    /// What `StatusRecips` answers, where it is not S_OK.
    pub(crate) report_fails: Mutex<Option<HRESULT>>,
}

impl std::fmt::Debug for SpoolerPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SpoolerPart").finish_non_exhaustive()
    }
}

impl SupportState {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn record(&self) -> SupportRecord {
        lock(&self.record).clone()
    }

    pub(super) fn note(&self, note: impl FnOnce(&mut SupportRecord)) {
        note(&mut lock(&self.record));
    }

    /// The logon object, as long as the support object lives.
    pub(crate) fn logon(&self) -> Option<IMSLogon> {
        lock(&self.logon).clone()
    }

    pub(crate) fn set_logon(&self, logon: Option<IMSLogon>) {
        let old = std::mem::replace(&mut *lock(&self.logon), logon);
        // Dropped without the lock, because this may be the logon's last reference.
        drop(old);
    }

    pub(super) fn take_logon(&self) -> Option<IMSLogon> {
        lock(&self.logon).take()
    }
}
