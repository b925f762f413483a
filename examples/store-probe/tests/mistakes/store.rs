//! The store object.

use std::ffi::c_void;
use std::slice;
use std::sync::{Mutex, PoisonError};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use super::{Mistake, folder, message, props};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner), tear_offs(IMAPISync = inner))]
struct Store {
    inner: IMsgStore,
    mistake: Mistake,
    /// Whose entry IDs are ours, once one was opened.
    uid: Mutex<Option<[u8; 16]>>,
}

/// Wraps the store that is in this place.
pub(crate) unsafe fn wrap(out: *mut *mut c_void, mistake: Mistake) {
    unsafe {
        let inner = IMsgStore::from_raw(*out);
        let uid = Mutex::new(None);
        let wrapper = ObjectRef::new(Store {
            inner,
            mistake,
            uid,
        });
        *out = wrapper.into_interface::<IMsgStore>().into_raw();
    }
}

/// Wraps what was opened, if it is a folder or a message.
pub(crate) unsafe fn wrap_opened(kind: u32, out: *mut *mut c_void, mistake: Mistake) {
    unsafe {
        match kind {
            MAPI_FOLDER => folder::wrap(out, mistake),
            MAPI_MESSAGE => message::wrap(out, mistake),
            _ => {}
        }
    }
}

impl Store {
    /// The entry ID that is opened instead of this one.
    unsafe fn opened(&self, count: u32, id: *mut ENTRYID) -> Vec<u8> {
        if id.is_null() || count < 20 {
            return Vec::new();
        }
        let mut id = unsafe { slice::from_raw_parts(id.cast::<u8>(), count as usize) }.to_vec();
        let mut uid = self.uid.lock().unwrap_or_else(PoisonError::into_inner);
        let known = *uid.get_or_insert_with(|| id[4..20].try_into().expect("16 bytes"));
        id[4..20].copy_from_slice(&known);
        id
    }
}

impl IMsgStore_Forward for Store {
    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        flags: UnicodeFlags,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        unsafe {
            let status = this.inner.GetProps(tags, flags, count, out);
            // A folder's mask is wrong, not the store's.
            if status.is_ok() && this.mistake != Mistake::HasAnotherMask {
                props::spoil(this.mistake, *out, *count);
            }
            status
        }
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        count: u32,
        first: *mut SPropValue,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        if this.mistake == Mistake::SetsWhatIsComputed {
            return S_OK;
        }
        unsafe { this.inner.SetProps(count, first, problems) }
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        count: u32,
        id: *mut ENTRYID,
        interface: *const GUID,
        flags: OpenEntryFlags,
        kind: *mut u32,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let mut other = match this.mistake {
                Mistake::OpensForeignIds => this.opened(count, id),
                _ => Vec::new(),
            };
            let id = if other.is_empty() {
                id
            } else {
                other.as_mut_ptr().cast()
            };
            let status = this.inner.OpenEntry(count, id, interface, flags, kind, out);
            if status.is_ok() {
                wrap_opened(*kind, out, this.mistake);
            }
            status
        }
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        count: u32,
        id: *mut ENTRYID,
        other_count: u32,
        other_id: *mut ENTRYID,
        flags: u32,
        same: *mut u32,
    ) -> HRESULT {
        unsafe {
            let status = this
                .inner
                .CompareEntryIDs(count, id, other_count, other_id, flags, same);
            if this.mistake == Mistake::SaysAllIsTheSame {
                *same = 1;
            }
            status
        }
    }

    unsafe fn Advise(
        this: &Object<Self>,
        count: u32,
        id: *mut ENTRYID,
        events: NotificationEvents,
        sink: *mut c_void,
        connection: *mut usize,
    ) -> HRESULT {
        let events = match this.mistake {
            Mistake::TellsNothing | Mistake::TellsNothingOfRuns => {
                NotificationEvents::fnevCriticalError
            }
            _ => events,
        };
        unsafe { this.inner.Advise(count, id, events, sink, connection) }
    }

    unsafe fn NotifyNewMail(this: &Object<Self>, notification: *mut NOTIFICATION) -> HRESULT {
        if this.mistake == Mistake::TellsNoNewMail {
            return S_OK;
        }
        unsafe { this.inner.NotifyNewMail(notification) }
    }

    unsafe fn SetReceiveFolder(
        this: &Object<Self>,
        class: *mut TCHAR,
        flags: UnicodeFlags,
        count: u32,
        id: *mut ENTRYID,
    ) -> HRESULT {
        if this.mistake == Mistake::ForgetsReceiveFolders {
            return S_OK;
        }
        unsafe { this.inner.SetReceiveFolder(class, flags, count, id) }
    }

    unsafe fn AbortSubmit(
        this: &Object<Self>,
        count: u32,
        id: *mut ENTRYID,
        flags: u32,
    ) -> HRESULT {
        match this.mistake {
            Mistake::CallsAnythingBack => S_OK,
            Mistake::CallsNothingBack => MAPI_E_NOT_IN_QUEUE,
            _ => unsafe { this.inner.AbortSubmit(count, id, flags) },
        }
    }

    unsafe fn SetLockState(this: &Object<Self>, message: *mut c_void, state: u32) -> HRESULT {
        if this.mistake == Mistake::LocksNothing {
            return S_OK;
        }
        unsafe { this.inner.SetLockState(message, state) }
    }
}
