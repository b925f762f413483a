//! The manual's example (`docs/interfaces.md`): a store that wraps another one, and a caller that unwraps it.

use core::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::{HRESULT, IMsgStore, IMsgStore_Forward, Interface, S_OK};
use mapi_provider::object::Object;

use crate::proxy::{IProxyStoreObject, IProxyStoreObject_Impl};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner), implements(IProxyStoreObject))]
pub(crate) struct Wrapped {
    pub(crate) inner: IMsgStore,
}

impl IMsgStore_Forward for Wrapped {}

impl IProxyStoreObject_Impl for Wrapped {
    unsafe fn UnwrapNoRef(this: &Object<Self>, store: *mut *mut c_void) -> HRESULT {
        // SAFETY: `required`, so it is not NULL and the caller's to be written to.
        unsafe { *store = this.inner.as_raw() }; // not counted: the page says so
        S_OK
    }
}

/// The store inside, or the store itself where nothing wraps it.
pub(crate) fn unwrap(store: &IMsgStore) -> IMsgStore {
    let Ok(proxy) = store.cast::<IProxyStoreObject>() else {
        return store.clone();
    };
    let mut inner = core::ptr::null_mut();
    // SAFETY: `inner` is there to be written to.
    let status = unsafe { proxy.UnwrapNoRef(&raw mut inner) };
    // SAFETY: NULL or a store that lives while `store` does.
    match unsafe { IMsgStore::from_raw_borrowed(&inner) } {
        Some(inner) if status.is_ok() => inner.clone(), // counts it
        _ => store.clone(),
    }
}
