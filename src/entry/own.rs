//! A store whose object the team writes: `[store] object` in the manifest.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use windows_core::HRESULT;

use super::attachment::Attachment;
use super::failure::Failure;
use super::open::{NewStore, Parts, Served};
use super::shared::ProviderShared;
use super::support::Support;
use super::synchronize::MapiSync;
use crate::error::LogonError;
use crate::log;
use crate::sync::SyncEngine;
use mapi_provider_abi::internal::{panic_text, panicked};
use mapi_provider_abi::mapi::{
    E_UNEXPECTED, IMAPISupport, IMAPISync, IMsgStore, IMsgStore_Forward, LogoffFlags,
    MAPI_E_NO_SUPPORT, MAPIERROR, S_OK, UnicodeFlags,
};
use mapi_provider_abi::object::{Has, Object, ObjectRef, Query};
use mapi_provider_abi::view::Allocators;

/// A message store object of your own, which `[store] object` in the manifest names: folders, messages and tables, however
/// you keep them. The background synchronisation is put around it.
///
/// ```
/// use mapi_provider::abi::{IMAPIProp_Impl, IMsgStore, IMsgStore_Impl};
/// use mapi_provider::{
///     BackgroundSync, LogonError, MapiObject, MapiSync, OwnStore, StoreLogon, SyncError, SyncJob,
/// };
///
/// #[derive(MapiSync)]
/// struct Contoso;
///
/// # impl BackgroundSync for Contoso {
/// #     type Settings = ();
/// #     fn open(_: ()) -> Result<Self, LogonError> {
/// #         Ok(Self)
/// #     }
/// #     fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
/// #         Ok(())
/// #     }
/// # }
/// #[derive(MapiObject)]
/// #[mapi(implements(IMsgStore))]
/// struct ContosoStore {
///     entry_id: Vec<u8>,
/// }
///
/// impl OwnStore for ContosoStore {
///     type Logic = Contoso;
///
///     fn open(logon: StoreLogon<'_, Contoso>) -> Result<Self, LogonError> {
///         let entry_id = logon.entry_id().to_vec();
///         Ok(Self { entry_id })
///     }
/// }
///
/// impl IMAPIProp_Impl for ContosoStore {} // GetProps and the others
/// impl IMsgStore_Impl for ContosoStore {} // OpenEntry and the others
/// ```
///
/// MAPI gets an object of ours, which passes each call of `IMsgStore` on to yours and adds `IMAPISync`. It keeps the rules
/// about logons: there is one store for each section of a profile (ENTRY-04), `StoreLogoff` and the last Release end
/// what runs (SYNC-16), the transports are told once (ENTRY-09). Yours hears of the last two by its own `StoreLogoff`, which
/// need not be there, and its drop. Of its other interfaces nobody outside can ask: there would be two identities (WRAP-02).
///
/// It must keep no reference to the provider's logon, and none to an object that keeps the store: it would never be
/// dropped (ENTRY-05).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no store object yet: it has no `impl OwnStore`",
    label = "the `store.object` of this provider",
    note = "write `#[derive(MapiObject)]` and `#[mapi(implements(IMsgStore))]` on `{Self}`, and `impl OwnStore for {Self}`, whose `Logic` is that of the manifest"
)]
pub trait OwnStore: Has<IMsgStore> {
    /// The sync logic, the same that `sync.logic` in the manifest names.
    type Logic: MapiSync;

    /// Opens the store, at each logon that finds none open; the sync logic is open by then. On the caller's thread, so be
    /// quick. A panic is an error like any other.
    ///
    /// # Errors
    ///
    /// The logon fails; see [`LogonError`] for what Outlook does then.
    fn open(logon: StoreLogon<'_, Self::Logic>) -> Result<Self, LogonError>;
}

/// What MAPI says at a logon, for a store object of your own: see [`OwnStore`].
pub struct StoreLogon<'a, L: MapiSync>(&'a NewStore<'a, L>);

impl<L: MapiSync> StoreLogon<'_, L> {
    /// The engine that runs the logic for this store. It may be cloned and kept.
    pub fn engine(&self) -> &SyncEngine<L> {
        self.0.engine
    }

    /// The sync logic, which all logons of this section of the profile share.
    pub fn logic(&self) -> &L {
        self.0.engine.logic()
    }

    /// MAPI's allocators: what a method gives away is made with them.
    pub fn allocators(&self) -> Allocators {
        self.0.allocators
    }

    /// The store's entry ID as clients know it: `PR_ENTRYID` and `PR_STORE_ENTRYID`.
    pub fn entry_id(&self) -> &[u8] {
        self.0.entry_id
    }

    /// What tells the store from all others: `PR_RECORD_KEY` and `PR_STORE_RECORD_KEY`.
    pub fn record_key(&self) -> &[u8] {
        self.0.identity.record_key()
    }

    /// The manifest's `provider.uid`: `PR_MDB_PROVIDER`, and what the entry IDs of your objects begin with.
    pub fn provider_uid(&self) -> [u8; 16] {
        self.0.manifest.uid
    }

    /// The manifest's `provider.name`: `PR_DISPLAY_NAME`.
    pub fn display_name(&self) -> &'static str {
        self.0.manifest.name
    }

    /// The manifest's `store.support-mask`: `PR_STORE_SUPPORT_MASK`.
    pub fn support_mask(&self) -> u32 {
        self.0.manifest.support_mask
    }

    /// Whether it is the spooler's logon.
    pub fn is_spooler(&self) -> bool {
        self.0.spooler
    }

    /// MAPI's support object, for what a store asks of MAPI: notifications, entry IDs, comparing. It may be cloned and kept by
    /// the store. None where a caller gave none.
    pub fn support(&self) -> Option<&IMAPISupport> {
        self.0.support.map(Support::interface)
    }
}

impl<L: MapiSync> fmt::Debug for StoreLogon<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreLogon")
            .field("display_name", &self.display_name())
            .field("spooler", &self.is_spooler())
            .finish_non_exhaustive()
    }
}

/// The team's store, and IMAPISync.
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(forwards(IMsgStore = inner), query_interface = query_sync)
)]
pub(super) struct OwnStoreObject<T: OwnStore> {
    inner: IMsgStore,
    provider: Arc<ProviderShared<Self>>,
    attachment: Arc<Attachment<T::Logic>>,
    /// The chain is store → support → logon (ENTRY-05).
    support: Option<Support>,
    /// The mark of SpoolerLogon: the store is the spooler's.
    spooler: bool,
    logoff_flags: Mutex<Option<LogoffFlags>>,
}
include!("objects/own.rs");

impl<T: OwnStore> Served for OwnStoreObject<T> {
    type Logic = T::Logic;
    type Inner = IMsgStore;

    fn prepare(new: &NewStore<'_, T::Logic>) -> Result<IMsgStore, LogonError> {
        // COM-04, ENTRY-06
        let open = || T::open(StoreLogon(new)).map_err(LogonError::without_source);
        let opened = catch_unwind(AssertUnwindSafe(open));
        let store = opened.unwrap_or_else(|payload| {
            let text = format!("opening the store panicked: {}", panic_text(&*payload));
            panicked(payload);
            Err(LogonError::new(E_UNEXPECTED, text))
        })?;
        Ok(ObjectRef::new(store).into_interface())
    }

    fn build(parts: Parts<Self>, inner: IMsgStore) -> ObjectRef<Self> {
        let Parts {
            provider,
            attachment,
            support,
            spooler,
            ..
        } = parts;
        ObjectRef::new(Self {
            inner,
            provider,
            attachment,
            support,
            spooler,
            logoff_flags: Mutex::new(None),
        })
    }

    fn attachment(&self) -> &Arc<Attachment<T::Logic>> {
        &self.attachment
    }
}

/// The store's IMAPISync.
fn query_sync<T: OwnStore>(this: &Object<OwnStoreObject<T>>, query: &mut Query<'_>) {
    let engine = this.attachment.engine();
    query.answer::<IMAPISync>(|| Some(T::Logic::sync_interface(engine, this)));
}

impl<T: OwnStore> IMsgStore_Forward for OwnStoreObject<T> {
    /// What the team's store says of its own failure; else what the last run said, if it failed with this result (COM-08).
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the caller answers for the arguments.
        let result = unsafe { this.inner.GetLastError(hResult, ulFlags, lppMAPIError) };
        // A team's store without this method has nothing to say.
        let result = if result == MAPI_E_NO_SUPPORT && !lppMAPIError.is_null() {
            S_OK
        } else {
            result
        };
        // SAFETY: not NULL, so the caller's, which the team's store has cleared at least.
        if lppMAPIError.is_null() || (result.is_ok() && unsafe { !(*lppMAPIError).is_null() }) {
            return result;
        }
        let Some(text) = this.attachment.engine().last_failure(hResult) else {
            return result;
        };
        let failure = Failure {
            result: hResult,
            component: this.provider.manifest.name,
            text,
        };
        match failure.to_mapi(this.provider.allocators, ulFlags) {
            Ok(described) => {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *lppMAPIError = described };
                S_OK
            }
            Err(_) => result,
        }
    }

    /// SYNC-16: what this logon has asked for ends, whatever the team's store answers.
    unsafe fn StoreLogoff(this: &Object<Self>, lpulFlags: *mut LogoffFlags) -> HRESULT {
        if !lpulFlags.is_null() {
            // SAFETY: not NULL, so the caller's.
            *lock(&this.logoff_flags) = Some(unsafe { *lpulFlags });
        }
        this.attachment.cancel();
        // SAFETY: the caller answers for the arguments.
        let result = unsafe { this.inner.StoreLogoff(lpulFlags) };
        if result != MAPI_E_NO_SUPPORT || lpulFlags.is_null() {
            return result;
        }
        // The team's store has nothing to do then.
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *lpulFlags = LogoffFlags::LOGOFF_COMPLETE };
        S_OK
    }
}

impl<T: OwnStore> Drop for OwnStoreObject<T> {
    fn drop(&mut self) {
        // Before all that could panic: nobody may find what is going.
        self.provider.registry.remove(self);
        self.attachment.release();
        log::info!(spooler = self.spooler, "the store is closed");
        if let Some(support) = self.support.take() {
            // ENTRY-09: here and nowhere else, with what StoreLogoff said.
            let flags = lock(&self.logoff_flags).unwrap_or(LogoffFlags::LOGOFF_ABORT);
            support.store_logoff_transports(flags);
        }
    }
}

fn lock(flags: &Mutex<Option<LogoffFlags>>) -> MutexGuard<'_, Option<LogoffFlags>> {
    flags.lock().unwrap_or_else(PoisonError::into_inner)
}
