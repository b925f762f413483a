//! What a host, its providers and its stores have in common.

use std::ffi::c_void;
use std::ptr;
use std::sync::Arc;

use windows_core::{IUnknown, IUnknown_Vtbl, Interface};

use crate::loader::ProviderLibrary;
use crate::objects::Shared;
use crate::releases::Releases;

/// What providers and stores need from their host.
pub(crate) struct Core {
    /// First, so it is unloaded while the allocators are still there.
    pub(crate) library: ProviderLibrary,
    pub(crate) shared: Arc<Shared>,
    pub(crate) releases: Releases,
}

impl Core {
    /// Gives up a reference to one of the provider's objects, and notes how many others there are.
    pub(crate) fn release<I: Interface>(&self, what: &'static str, object: I) {
        let raw = object.into_raw();
        // SAFETY: every interface begins with IUnknown's vtable, and the reference is given up here.
        let release = || unsafe { ((**raw.cast::<*const IUnknown_Vtbl>()).Release)(raw) };
        self.releases.note(raw as usize, what, release);
    }
}

/// The pointer of an object that still belongs to the caller; NULL for none.
pub(crate) fn raw(object: Option<&IUnknown>) -> *mut c_void {
    object.map_or(ptr::null_mut(), Interface::as_raw)
}
