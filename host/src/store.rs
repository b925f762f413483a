//! A store that is logged on.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    IMAPISession, IMAPISync, IMSLogon, IMsgStore, LogoffFlags, MAPIERROR, MAPISIB, PropTag, S_OK,
    SyncFlags, UnicodeFlags,
};
use mapi_provider::object::ObjectRef;
use windows_core::{HRESULT, IUnknown, Interface};

use crate::base::{Core, raw};
use crate::error_text::take_error;
use crate::objects::{ProgressCallback, SupportRecord, SupportState};
use crate::property::Property;
use crate::run::SyncRun;
use crate::status::{Failure, Status};

/// The arguments of `SynchronizeInBackground`.
#[derive(Clone, Default)]
pub struct SyncRequest {
    /// `ulFlags`: the bits of `SyncFlags`, and any others.
    pub flags: SyncFlags,
    /// The session, if the run is given one.
    pub session: Option<IMAPISession>,
    /// The callback, if the run is given one.
    pub callback: Option<ObjectRef<ProgressCallback>>,
    /// An object to pass instead of the callback, to see what the provider does with it.
    pub other_callback: Option<IUnknown>,
}

impl SyncRequest {
    /// A request with flags and nothing else.
    pub fn new(flags: SyncFlags) -> Self {
        Self {
            flags,
            ..Self::default()
        }
    }

    /// With a callback.
    #[must_use]
    pub fn callback(self, callback: &ObjectRef<ProgressCallback>) -> Self {
        Self {
            callback: Some(callback.clone()),
            ..self
        }
    }
}

/// How a logoff went.
#[derive(Clone, Debug)]
pub struct Logoff {
    /// What `StoreLogoff` answered.
    pub status: Status,
    /// The flags that it left.
    pub flags: LogoffFlags,
    /// What the provider did with its support object, from logon to the store's last `Release`.
    pub support: SupportRecord,
}

/// A store that is logged on. Released on drop, with or without [`logoff`](Self::logoff).
pub struct Store {
    core: Arc<Core>,
    store: ManuallyDrop<IMsgStore>,
    support: Arc<SupportState>,
}

impl Store {
    pub(crate) fn new(core: Arc<Core>, store: IMsgStore, support: Arc<SupportState>) -> Self {
        Self {
            core,
            store: ManuallyDrop::new(store),
            support,
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IMsgStore {
        &self.store
    }

    /// The store as a client works with it: folders, messages, tables. Drop what you got from it
    /// before the store: anything left when the host finishes is reported as the provider's leak.
    pub fn client(&self) -> mapi_provider::store::Store<'_> {
        let allocators = self.core.shared.allocators.for_views();
        mapi_provider::store::Store::from_interface(self.interface().clone(), allocators)
    }

    /// The logon object that MAPI keeps; `None` if the store was open before (ENTRY-04).
    pub fn logon(&self) -> Option<IMSLogon> {
        self.support.logon()
    }

    /// What the provider has done with its support object so far.
    pub fn support(&self) -> SupportRecord {
        self.support.record()
    }

    /// The store's `IMAPISync`.
    ///
    /// # Errors
    ///
    /// It has none.
    pub fn sync(&self) -> Result<IMAPISync, Failure> {
        self.store
            .cast()
            .map_err(|error| Failure::new("QueryInterface for IMAPISync", error.code()))
    }

    /// Properties of the store: without tags, all that it lists.
    ///
    /// # Errors
    ///
    /// What `GetProps` answers.
    pub fn properties(&self, tags: &[PropTag]) -> Result<Vec<Property>, Failure> {
        const CALL: &str = "IMsgStore::GetProps";
        let count = [tags.len() as u32];
        let mut array: Vec<u32> = count
            .into_iter()
            .chain(tags.iter().map(|tag| tag.0))
            .collect();
        let array = if tags.is_empty() {
            ptr::null_mut()
        } else {
            array.as_mut_ptr().cast()
        };
        let (mut count, mut properties) = (0, ptr::null_mut());
        // SAFETY: the array is one of tags; the places are locals.
        let status = unsafe {
            self.store.GetProps(
                array,
                UnicodeFlags::MAPI_UNICODE,
                &mut count,
                &mut properties,
            )
        };
        if status.is_err() {
            return Err(Failure::new(CALL, status).with_text(self.last_error(status)));
        }
        // SAFETY: the provider's properties, which are freed once they are read.
        let read = unsafe {
            let read = Property::read_all(count, properties);
            self.core.shared.allocators.free(properties.cast());
            read
        };
        read.into_iter()
            .collect::<Result<_, _>>()
            .map_err(|status| Failure::new(CALL, status))
    }

    /// What the store says about its last error.
    pub fn last_error(&self, status: HRESULT) -> Option<String> {
        let mut error: *mut MAPIERROR = ptr::null_mut();
        // SAFETY: the place is a local; what is there then is the provider's, or NULL.
        unsafe {
            // If it fails, there is nothing to take.
            let _ = self
                .store
                .GetLastError(status, UnicodeFlags::MAPI_UNICODE, &mut error);
            take_error(&self.core.shared, error, true)
        }
    }

    /// Calls `SynchronizeInBackground`. The structure is gone when this returns (SYNC-07).
    pub fn synchronize(&self, request: &SyncRequest) -> SyncRun {
        let session = request.session.clone().map(IUnknown::from);
        let callback = request.other_callback.clone();
        let callback = callback.or_else(|| {
            request
                .callback
                .as_ref()
                .map(|callback| callback.to_unknown())
        });
        // Garbage, to show whether the provider clears it (SYNC-03).
        let rubbish = ptr::without_provenance_mut(usize::MAX);
        let mut event = rubbish;
        let mut arguments = Box::new(MAPISIB {
            ulSize: size_of::<MAPISIB>() as u32,
            ulFlags: request.flags,
            psesSync: raw(session.as_ref()),
            punkCallBack: raw(callback.as_ref()),
            phSyncDoneEvent: &mut event,
        });
        let status = match self.sync() {
            // SAFETY: the structure and all it points to are alive for the call.
            Ok(sync) => unsafe { sync.SynchronizeInBackground(&mut *arguments) },
            Err(failure) => {
                event = ptr::null_mut();
                failure.status.0
            }
        };
        // SYNC-07: whoever still looks at the structure sees garbage. SAFETY: any bytes will do
        // for a structure of numbers and raw pointers.
        unsafe { ptr::write_bytes(&mut *arguments, 0xDD, 1) };
        if event == rubbish {
            self.core.shared.violated(
                "SYNC-03",
                "SynchronizeInBackground left *phSyncDoneEvent unchanged",
            );
            event = ptr::null_mut();
        }
        let callback = request
            .callback
            .as_ref()
            .filter(|_| request.other_callback.is_none());
        let shared = Arc::clone(&self.core.shared);
        SyncRun::new(
            shared,
            Status(status),
            event,
            callback.map(|callback| callback.state()),
        )
    }

    /// Logs off in order: `StoreLogoff`, then the store's last `Release`.
    pub fn logoff(self) -> Logoff {
        self.logoff_with(LogoffFlags::LOGOFF_ORDERLY)
    }

    /// Logs off: `StoreLogoff` with flags, then the store's last `Release`.
    pub fn logoff_with(self, mut flags: LogoffFlags) -> Logoff {
        // SAFETY: the place for the flags is a local.
        let status = unsafe { self.store.StoreLogoff(&mut flags) };
        Logoff {
            status: Status(status),
            flags,
            support: self.release(),
        }
    }

    /// Gives the store up with only a `Release`; returns what the provider has done with its
    /// support object until then.
    pub fn release(self) -> SupportRecord {
        let support = Arc::clone(&self.support);
        drop(self);
        support.record()
    }

    /// Calls `StoreLogoff` and keeps the store: cancels a run (SYNC-16).
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn cancel(&self) -> Result<(), Failure> {
        let mut flags = LogoffFlags::LOGOFF_ORDERLY;
        // SAFETY: the place for the flags is a local.
        match unsafe { self.store.StoreLogoff(&mut flags) } {
            S_OK => Ok(()),
            status if status.is_ok() => Ok(()),
            status => Err(Failure::new("IMsgStore::StoreLogoff", status)),
        }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let store = unsafe { ManuallyDrop::take(&mut self.store) };
        self.core.release("IMsgStore", store);
    }
}
