//! Messages.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};

use super::{Mistake, props};

#[derive(MapiObject)]
#[mapi(forwards(IMessage = inner))]
struct Message {
    inner: IMessage,
    mistake: Mistake,
}

/// Wraps the message that is in this place.
pub(crate) unsafe fn wrap(out: *mut *mut c_void, mistake: Mistake) {
    unsafe {
        let inner = IMessage::from_raw(*out);
        let wrapper = ObjectRef::new(Message { inner, mistake });
        *out = wrapper.into_interface::<IMessage>().into_raw();
    }
}

impl IMessage_Forward for Message {
    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        mut flags: UnicodeFlags,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        if this.mistake == Mistake::IsAlwaysWide {
            flags = UnicodeFlags::MAPI_UNICODE;
        }
        unsafe {
            let status = this.inner.GetProps(tags, flags, count, out);
            // Rows have other values, objects don't.
            if status.is_ok() && this.mistake != Mistake::ShowsOtherValues {
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
        unsafe {
            let status = this.inner.SetProps(count, first, problems);
            match this.mistake {
                Mistake::TakesObjects => S_OK,
                Mistake::SavesAtOnce => {
                    let keep = SaveChangesFlags::KEEP_OPEN_READWRITE;
                    this.inner.SaveChanges(keep)
                }
                _ => status,
            }
        }
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        tag: PropTag,
        iid: *const GUID,
        options: u32,
        flags: OpenPropertyFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        unsafe {
            if this.mistake == Mistake::NeverEmpties {
                let without = flags.difference(OpenPropertyFlags::MAPI_CREATE);
                let status = this.inner.OpenProperty(tag, iid, options, without, out);
                if status != MAPI_E_NOT_FOUND {
                    return status;
                }
            }
            this.inner.OpenProperty(tag, iid, options, flags, out)
        }
    }

    unsafe fn SaveChanges(this: &Object<Self>, mut flags: SaveChangesFlags) -> HRESULT {
        if this.mistake == Mistake::NeverConflicts {
            flags |= SaveChangesFlags::FORCE_SAVE;
        }
        unsafe { this.inner.SaveChanges(flags) }
    }

    unsafe fn CopyTo(
        this: &Object<Self>,
        excluded_count: u32,
        excluded: *const GUID,
        mut tags: *mut SPropTagArray,
        window: usize,
        progress: *mut c_void,
        interface: *const GUID,
        to: *mut c_void,
        flags: CopyFlags,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        if this.mistake == Mistake::LeavesNothingOut {
            tags = ptr::null_mut();
        }
        unsafe {
            this.inner.CopyTo(
                excluded_count,
                excluded,
                tags,
                window,
                progress,
                interface,
                to,
                flags,
                problems,
            )
        }
    }

    unsafe fn GetIDsFromNames(
        this: &Object<Self>,
        count: u32,
        names: *mut *mut MAPINAMEID,
        mut flags: GetIDsFromNamesFlags,
        out: *mut *mut SPropTagArray,
    ) -> HRESULT {
        if this.mistake == Mistake::MakesNames {
            flags |= GetIDsFromNamesFlags::MAPI_CREATE;
        }
        unsafe { this.inner.GetIDsFromNames(count, names, flags, out) }
    }

    unsafe fn DeleteAttach(
        this: &Object<Self>,
        number: u32,
        window: usize,
        progress: *mut c_void,
        flags: DeleteAttachFlags,
    ) -> HRESULT {
        if this.mistake == Mistake::KeepsAttachments {
            return S_OK;
        }
        unsafe { this.inner.DeleteAttach(number, window, progress, flags) }
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        mut flags: ModifyRecipientsFlags,
        recipients: *mut ADRLIST,
    ) -> HRESULT {
        if this.mistake == Mistake::OnlyAdds {
            flags = ModifyRecipientsFlags::MODRECIP_ADD;
        }
        unsafe { this.inner.ModifyRecipients(flags, recipients) }
    }

    unsafe fn SubmitMessage(this: &Object<Self>, flags: SubmitMessageFlags) -> HRESULT {
        if this.mistake == Mistake::SendsToNobody {
            return S_OK;
        }
        unsafe { this.inner.SubmitMessage(flags) }
    }
}
