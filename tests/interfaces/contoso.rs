//! A Contoso store: every kind of method that `proxy.toml` defines.

use core::ffi::c_void;
use std::sync::atomic::{AtomicU32, Ordering};

use mapi_provider::MapiObject;
use mapi_provider::abi::{HRESULT, IMAPIProp_Impl, IMsgStore_Impl, S_OK};
use mapi_provider::object::Object;

use crate::proxy::{
    CONTOSO_CHANGED, CONTOSO_E_QUOTA, CONTOSO_USAGE, IContosoStore, IContosoStore_Forward,
    IContosoStore_Impl, UsageFlags,
};

/// Implements what is Contoso's own.
#[derive(MapiObject)]
#[mapi(implements(IContosoStore))]
pub(crate) struct Store {
    pub(crate) messages: u32,
    pub(crate) calls: AtomicU32,
}

impl Store {
    pub(crate) fn new(messages: u32) -> Self {
        Self {
            messages,
            calls: AtomicU32::new(0),
        }
    }

    fn usage(&self, kind: u32) -> CONTOSO_USAGE {
        CONTOSO_USAGE {
            cMessages: self.messages,
            r#type: kind,
            cbUsed: i64::from(self.messages) << 32,
        }
    }
}

impl IMAPIProp_Impl for Store {}
impl IMsgStore_Impl for Store {}

impl IContosoStore_Impl for Store {
    unsafe fn GetUsage(
        this: &Object<Self>,
        kind: u32,
        flags: UsageFlags,
        usage: *mut CONTOSO_USAGE,
        total: *mut u32,
    ) -> HRESULT {
        this.calls.fetch_add(1, Ordering::Relaxed);
        // SAFETY: required, so the caller's to be written to.
        unsafe { *usage = this.usage(kind) };
        if !total.is_null() {
            // SAFETY: not NULL, so the caller's too.
            unsafe { *total = 1000 };
        }
        if flags.contains(UsageFlags::FRESH) {
            return CONTOSO_E_QUOTA;
        }
        S_OK
    }

    unsafe fn Watch(
        this: &Object<Self>,
        changed: Option<CONTOSO_CHANGED>,
        context: *mut c_void,
    ) -> HRESULT {
        if let Some(changed) = changed {
            let usage = this.usage(0);
            // SAFETY: the caller's function, with the caller's context.
            unsafe { changed(context, &raw const usage) };
        }
        S_OK
    }

    unsafe fn r#match(this: &Object<Self>, subject: *const u16) -> u32 {
        if subject.is_null() { 0 } else { this.messages }
    }
}

/// Forwards all but one method.
#[derive(MapiObject)]
#[mapi(forwards(IContosoStore = inner))]
pub(crate) struct Wrapper {
    pub(crate) inner: IContosoStore,
}

impl IContosoStore_Forward for Wrapper {
    unsafe fn r#match(_: &Object<Self>, _: *const u16) -> u32 {
        7
    }
}
