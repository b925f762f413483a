//! Folders.

use std::ffi::c_void;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use super::{Mistake, message, props, store, table};

#[derive(MapiObject)]
#[mapi(forwards(IMAPIFolder = inner))]
struct Folder {
    inner: IMAPIFolder,
    mistake: Mistake,
}

/// Wraps the folder that is in this place.
pub(crate) unsafe fn wrap(out: *mut *mut c_void, mistake: Mistake) {
    unsafe {
        let inner = IMAPIFolder::from_raw(*out);
        let wrapper = ObjectRef::new(Folder { inner, mistake });
        *out = wrapper.into_interface::<IMAPIFolder>().into_raw();
    }
}

impl IMAPIFolder_Forward for Folder {
    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        flags: UnicodeFlags,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        unsafe {
            let status = this.inner.GetProps(tags, flags, count, out);
            if status.is_ok() {
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
        if this.mistake == Mistake::ForgetsMarks {
            return S_OK;
        }
        unsafe { this.inner.SetProps(count, first, problems) }
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        tag: PropTag,
        iid: *const GUID,
        options: u32,
        flags: OpenPropertyFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if this.mistake == Mistake::HasNoDoors {
            return MAPI_E_NO_SUPPORT;
        }
        if this.mistake == Mistake::PromisesHalf && tag == PR_ACL_TABLE {
            return S_OK;
        }
        unsafe { this.inner.OpenProperty(tag, iid, options, flags, out) }
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
            let status = this.inner.OpenEntry(count, id, interface, flags, kind, out);
            if status.is_ok() {
                store::wrap_opened(*kind, out, this.mistake);
            }
            status
        }
    }

    unsafe fn GetContentsTable(
        this: &Object<Self>,
        flags: GetContentsTableFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let status = this.inner.GetContentsTable(flags, out);
            if status.is_ok() {
                table::wrap(out, this.mistake);
            }
            status
        }
    }

    unsafe fn CreateMessage(
        this: &Object<Self>,
        interface: *const GUID,
        flags: CreateMessageFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let status = this.inner.CreateMessage(interface, flags, out);
            if status.is_ok() {
                message::wrap(out, this.mistake);
            }
            status
        }
    }

    unsafe fn CreateFolder(
        this: &Object<Self>,
        kind: u32,
        name: *mut TCHAR,
        comment: *mut TCHAR,
        interface: *const GUID,
        flags: CreateFolderFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            let status = this
                .inner
                .CreateFolder(kind, name, comment, interface, flags, out);
            if status.is_ok() {
                wrap(out, this.mistake);
            }
            status
        }
    }

    unsafe fn DeleteFolder(
        this: &Object<Self>,
        count: u32,
        id: *mut ENTRYID,
        window: usize,
        progress: *mut c_void,
        mut flags: DeleteFolderFlags,
    ) -> HRESULT {
        if this.mistake == Mistake::DeletesTrees {
            flags |= DeleteFolderFlags::DEL_MESSAGES | DeleteFolderFlags::DEL_FOLDERS;
        }
        unsafe { this.inner.DeleteFolder(count, id, window, progress, flags) }
    }

    unsafe fn SetMessageStatus(
        this: &Object<Self>,
        count: u32,
        id: *mut ENTRYID,
        status: MessageStatus,
        mut mask: MessageStatus,
        old: *mut MessageStatus,
    ) -> HRESULT {
        if this.mistake == Mistake::IgnoresTheMask {
            mask = MessageStatus::from_bits_retain(u32::MAX);
        }
        unsafe { this.inner.SetMessageStatus(count, id, status, mask, old) }
    }

    unsafe fn SetReadFlags(
        this: &Object<Self>,
        messages: *mut SBinaryArray,
        window: usize,
        progress: *mut c_void,
        flags: ReadFlags,
    ) -> HRESULT {
        if this.mistake == Mistake::MarksNothing {
            return S_OK;
        }
        unsafe { this.inner.SetReadFlags(messages, window, progress, flags) }
    }

    unsafe fn SetSearchCriteria(
        this: &Object<Self>,
        restriction: *mut SRestriction,
        folders: *mut SBinaryArray,
        mut flags: SetSearchCriteriaFlags,
    ) -> HRESULT {
        if this.mistake == Mistake::SearchesAnew {
            flags |= SetSearchCriteriaFlags::RESTART_SEARCH;
        }
        if this.mistake == Mistake::SearchesNothing {
            return S_OK;
        }
        unsafe { this.inner.SetSearchCriteria(restriction, folders, flags) }
    }
}
