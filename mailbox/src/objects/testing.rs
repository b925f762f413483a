//! What unit tests of objects need: an open store without a logon, and MAPI's support object.

use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use mapi_provider_abi::mapi::{
    GUID, HRESULT, IMAPIProgress, IMAPISupport, IMAPISupport_Impl, IUnknown, Interface,
    MAPI_E_NO_SUPPORT, NOTIFICATION, NOTIFKEY, NotificationEvents, NotifyFlags, ProgressFlags,
    S_OK, StorageFlags, SubscribeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::Allocators;
use mapi_provider_host as host;

use super::face::Place;
use super::identity::Identity;
use super::opened::Opened;
use super::shared::{StoreShared, lock};
use super::support::Support;
use crate::database::{Options, Store};

/// An open store.
pub(super) struct Stage {
    memory: host::Allocators,
    pub(super) store: Store,
    pub(super) shared: Arc<StoreShared>,
    /// How storages were asked for.
    pub(super) storages: Arc<Mutex<Vec<StorageFlags>>>,
    /// MAPI's display of progress.
    pub(super) progress: Arc<Mutex<Option<IMAPIProgress>>>,
    /// What others do while MAPI subscribes somebody, once.
    pub(super) meanwhile: Arc<Mutex<Option<Meanwhile>>>,
    /// Which connections were ended.
    pub(super) ended: Arc<Mutex<Vec<usize>>>,
    /// Who hears what.
    pub(super) listeners: Arc<Listeners>,
}

/// Who has subscribed at MAPI.
#[derive(Default)]
pub(super) struct Listeners {
    key: Mutex<Option<Vec<u8>>>,
    /// What others do when something is about to be told, once.
    pub(super) meanwhile: Mutex<Option<Meanwhile>>,
    /// How often somebody was told something.
    pub(super) told: AtomicUsize,
}

/// Something that is done.
pub(super) type Meanwhile = Box<dyn FnOnce() + Send>;

/// The number of each connection.
pub(super) const CONNECTION: usize = 7;

impl Stage {
    pub(super) fn new() -> Self {
        let memory = host::Allocators::take().expect("allocators");
        let store = Store::in_memory(Options::new()).expect("memory");
        let opened = Opened::of(Place::Open(store.clone())).expect("it is open");
        let identity = Identity {
            uid: store.uid(),
            store_entry_id: b"store".to_vec(),
            provider_uid: [1; 16],
            provider_name: "Test".to_owned(),
            name: "Mail".to_owned(),
        };
        let (storages, progress) = (Arc::default(), Arc::default());
        let meanwhile = Arc::<Mutex<Option<Meanwhile>>>::default();
        let ended = Arc::<Mutex<Vec<usize>>>::default();
        let listeners = Arc::<Listeners>::default();
        let support: IMAPISupport = ObjectRef::new(TestSupport {
            storages: Arc::clone(&storages),
            progress: Arc::clone(&progress),
            meanwhile: Arc::clone(&meanwhile),
            ended: Arc::clone(&ended),
            listeners: Arc::clone(&listeners),
        })
        .into_interface();
        // SAFETY: a support object.
        let support = unsafe { Support::from_raw(support.as_raw()) }.expect("not NULL");
        let allocators = memory.for_views();
        let shared = StoreShared::new(opened, identity, allocators, support, false);
        Self {
            memory,
            store,
            shared: shared.expect("a store"),
            storages,
            progress,
            meanwhile,
            ended,
            listeners,
        }
    }

    pub(super) fn allocators(&self) -> Allocators {
        self.memory.for_views()
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        drop(self.shared.take_support());
        if !std::thread::panicking() {
            assert!(self.memory.leaks().is_empty(), "memory is left over");
            assert!(self.memory.faults().is_empty(), "memory is damaged");
        }
    }
}

/// # Safety
///
/// A key, of the length that it says.
unsafe fn bytes_of(key: *mut NOTIFKEY) -> Vec<u8> {
    // SAFETY: the caller's word.
    unsafe {
        let first = (&raw const (*key).ab).cast::<u8>();
        std::slice::from_raw_parts(first, (*key).cb as usize).to_vec()
    }
}

/// MAPI's support object, as far as unit tests need it.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPISupport)))]
struct TestSupport {
    storages: Arc<Mutex<Vec<StorageFlags>>>,
    progress: Arc<Mutex<Option<IMAPIProgress>>>,
    meanwhile: Arc<Mutex<Option<Meanwhile>>>,
    ended: Arc<Mutex<Vec<usize>>>,
    listeners: Arc<Listeners>,
}
include!("objects/testing.rs");

impl IMAPISupport_Impl for TestSupport {
    /// The stream itself stands for the storage.
    unsafe fn IStorageFromStream(
        this: &Object<Self>,
        stream: *mut c_void,
        _: *const GUID,
        flags: StorageFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        lock(&this.storages).push(flags);
        // SAFETY: a stream, and what the thunk has checked.
        unsafe {
            let stream = IUnknown::from_raw_borrowed(&stream).cloned();
            *out = stream.map_or(std::ptr::null_mut(), Interface::into_raw);
        }
        S_OK
    }

    unsafe fn Subscribe(
        this: &Object<Self>,
        key: *mut NOTIFKEY,
        _: NotificationEvents,
        _: SubscribeFlags,
        _: *mut c_void,
        connection: *mut usize,
    ) -> HRESULT {
        let meanwhile = lock(&this.meanwhile).take();
        meanwhile.into_iter().for_each(|then| then());
        // SAFETY: a key of the length that it says.
        *lock(&this.listeners.key) = Some(unsafe { bytes_of(key) });
        // SAFETY: what the thunk has checked.
        unsafe { *connection = CONNECTION };
        S_OK
    }

    /// As MAPI: it looks who has subscribed when it is asked.
    unsafe fn Notify(
        this: &Object<Self>,
        key: *mut NOTIFKEY,
        _: u32,
        _: *mut NOTIFICATION,
        _: *mut NotifyFlags,
    ) -> HRESULT {
        let meanwhile = lock(&this.listeners.meanwhile).take();
        meanwhile.into_iter().for_each(|then| then());
        // SAFETY: a key of the length that it says.
        let key = unsafe { bytes_of(key) };
        if lock(&this.listeners.key).as_ref() == Some(&key) {
            this.listeners.told.fetch_add(1, Ordering::Relaxed);
        }
        S_OK
    }

    unsafe fn Unsubscribe(this: &Object<Self>, connection: usize) -> HRESULT {
        lock(&this.ended).push(connection);
        *lock(&this.listeners.key) = None;
        S_OK
    }

    unsafe fn DoProgressDialog(
        this: &Object<Self>,
        _: usize,
        _: ProgressFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        let Some(progress) = lock(&this.progress).clone() else {
            return MAPI_E_NO_SUPPORT;
        };
        // SAFETY: what the thunk has checked.
        unsafe { *out = progress.into_raw() };
        S_OK
    }
}
