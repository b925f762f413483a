//! What unit tests of objects need: an open store without a logon, and MAPI's support object.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider_abi::mapi::{
    GUID, HRESULT, IMAPIProgress, IMAPISupport, IMAPISupport_Impl, IUnknown, Interface,
    MAPI_E_NO_SUPPORT, NOTIFKEY, NotificationEvents, ProgressFlags, S_OK, StorageFlags,
    SubscribeFlags,
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
        let support: IMAPISupport = ObjectRef::new(TestSupport {
            storages: Arc::clone(&storages),
            progress: Arc::clone(&progress),
            meanwhile: Arc::clone(&meanwhile),
            ended: Arc::clone(&ended),
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

/// MAPI's support object, as far as unit tests need it.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPISupport)))]
struct TestSupport {
    storages: Arc<Mutex<Vec<StorageFlags>>>,
    progress: Arc<Mutex<Option<IMAPIProgress>>>,
    meanwhile: Arc<Mutex<Option<Meanwhile>>>,
    ended: Arc<Mutex<Vec<usize>>>,
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
        _: *mut NOTIFKEY,
        _: NotificationEvents,
        _: SubscribeFlags,
        _: *mut c_void,
        connection: *mut usize,
    ) -> HRESULT {
        let meanwhile = lock(&this.meanwhile).take();
        meanwhile.into_iter().for_each(|then| then());
        // SAFETY: what the thunk has checked.
        unsafe { *connection = CONNECTION };
        S_OK
    }

    unsafe fn Unsubscribe(this: &Object<Self>, connection: usize) -> HRESULT {
        lock(&this.ended).push(connection);
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
