//! The logon object: IXPLogon.

use std::ffi::c_void;
use std::sync::Arc;

use windows_core::{GUID, HRESULT, Interface};

use super::address_types::AddressTypes;
use super::attached::Attached;
use super::spooler::Submitting;
use super::status_object::{StatusObject, validated};
use crate::manifest::TransportSpec;
use crate::store::Message;
use crate::transport::{MailTransport, start, submit};
use mapi_provider_abi::mapi::{
    ENTRYID, EndMessageFlags, FlushQueuesFlags, IMAPIProp, IMAPIStatus, IMessage, IXPLogon,
    IXPLogon_Impl, MAPI_E_INTERFACE_NOT_SUPPORTED, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT,
    MAPI_STATUS, MAPIUID, OPTIONDATA, OpenStatusEntryFlags, S_OK, StatusFlags, TCHAR,
    TransportNotifyFlags, TransportSubmitFlags, UnicodeFlags, ValidateStateFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};

/// The logon of a transport. After TransportLogoff its methods answer `MAPI_E_NO_SUPPORT` (XP-33).
#[cfg_attr(false, derive(MapiObject), mapi(implements(IXPLogon)))]
pub(super) struct TransportLogonObject<L: MailTransport> {
    attached: Arc<Attached<L>>,
    types: AddressTypes,
}
include!("objects/logon.rs");

impl<L: MailTransport> TransportLogonObject<L> {
    pub(super) fn new(attached: Arc<Attached<L>>, spec: &TransportSpec) -> Self {
        Self {
            attached,
            types: AddressTypes::new(spec.address_types),
        }
    }

    /// S_OK, or what every method answers after TransportLogoff.
    fn open(&self) -> HRESULT {
        match self.attached.session.is_closed() {
            true => MAPI_E_NO_SUPPORT,
            false => S_OK,
        }
    }
}

impl<L: MailTransport> IXPLogon_Impl for TransportLogonObject<L> {
    unsafe fn AddressTypes(
        this: &Object<Self>,
        lpulFlags: *mut UnicodeFlags,
        lpcAdrType: *mut u32,
        lpppAdrTypeArray: *mut *mut *mut TCHAR,
        _lpcMAPIUID: *mut u32,
        _lpppUIDArray: *mut *mut *mut MAPIUID,
    ) -> HRESULT {
        if this.open().is_err() {
            return MAPI_E_NO_SUPPORT;
        }
        // XP-09: there are no UIDs, and the thunk has said so.
        // SAFETY: the thunk has checked that none is NULL.
        unsafe {
            *lpulFlags = UnicodeFlags::MAPI_UNICODE;
            *lpcAdrType = this.types.count();
            *lpppAdrTypeArray = this.types.array();
        }
        S_OK
    }

    unsafe fn RegisterOptions(
        this: &Object<Self>,
        _lpulFlags: *mut UnicodeFlags,
        _lpcOptions: *mut u32,
        _lppOptions: *mut *mut OPTIONDATA,
    ) -> HRESULT {
        this.open() // XP-10: the thunk has set all to 0.
    }

    unsafe fn TransportNotify(
        this: &Object<Self>,
        lpulFlags: *mut TransportNotifyFlags,
        lppvData: *mut *mut c_void,
    ) -> HRESULT {
        if this.open().is_err() {
            return MAPI_E_NO_SUPPORT;
        }
        // XP-11: both are read, and neither is changed.
        // SAFETY: the flags are not NULL; the datum's place is NULL or the caller's.
        let (flags, datum) = unsafe {
            let datum = (!lppvData.is_null()).then(|| lppvData.read());
            (lpulFlags.read(), datum.map(|datum| datum.addr()))
        };
        let (clear, set) = this.attached.session.notified(flags, datum);
        this.attached.change_status(clear, set);
        this.attached.flush(set);
        S_OK
    }

    unsafe fn Idle(this: &Object<Self>, _ulFlags: u32) -> HRESULT {
        this.open() // XP-35
    }

    unsafe fn TransportLogoff(this: &Object<Self>, _ulFlags: u32) -> HRESULT {
        this.attached.log_off();
        S_OK
    }

    unsafe fn SubmitMessage(
        this: &Object<Self>,
        _ulFlags: TransportSubmitFlags, // XP-22: BEGIN_DEFERRED is an ordinary submission.
        lpMessage: *mut c_void,
        lpulMsgRef: *mut usize,
        lpulReturnParm: *mut usize,
    ) -> HRESULT {
        // SAFETY: the caller's word, and not NULL.
        let Some(message) = (unsafe { IMessage::from_raw_borrowed(&lpMessage) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let Some(spooler) = this.attached.spooler() else {
            return MAPI_E_NO_SUPPORT;
        };
        let submitting = Submitting { spooler, message };
        // XP-24: it lives for this call alone, with all that it opens.
        let opened = Message::handed_in(message.clone(), this.attached.allocators);
        let answer = submit(&this.attached.session, &opened, &submitting, |reference| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulMsgRef = reference as usize };
        });
        // SAFETY: as above.
        unsafe { *lpulReturnParm = answer.seconds };
        answer.status
    }

    unsafe fn EndMessage(
        this: &Object<Self>,
        _ulMsgRef: usize,
        _lpulFlags: *mut EndMessageFlags,
    ) -> HRESULT {
        this.open() // XP-23: the thunk has set the flags to 0, whatever the reference.
    }

    unsafe fn Poll(this: &Object<Self>, lpulIncoming: *mut u32) -> HRESULT {
        if this.open().is_err() {
            return MAPI_E_NO_SUPPORT;
        }
        // XP-25: what is ready, and nobody waits.
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *lpulIncoming = this.attached.session.ready() };
        S_OK
    }

    unsafe fn StartMessage(
        this: &Object<Self>,
        _ulFlags: u32,
        lpMessage: *mut c_void,
        lpulMsgRef: *mut usize,
    ) -> HRESULT {
        // SAFETY: the caller's word, and not NULL.
        let Some(message) = (unsafe { IMessage::from_raw_borrowed(&lpMessage) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let Some(spooler) = this.attached.spooler() else {
            return MAPI_E_NO_SUPPORT;
        };
        // XP-24: it lives for this call alone, with all that it opens.
        let opened = Message::handed_in(message.clone(), this.attached.allocators);
        start(&this.attached.session, &opened, &spooler, |reference| {
            // SAFETY: the thunk has checked that it is not NULL.
            unsafe { *lpulMsgRef = reference as usize };
        })
    }

    unsafe fn OpenStatusEntry(
        this: &Object<Self>,
        lpInterface: *const GUID,
        _ulFlags: OpenStatusEntryFlags, // XP-32: MAPI_MODIFY gives the same object.
        lpulObjType: *mut u32,
        lppEntry: *mut *mut c_void,
    ) -> HRESULT {
        if this.open().is_err() {
            return MAPI_E_NO_SUPPORT;
        }
        // SAFETY: NULL or the caller's.
        let asked = unsafe { lpInterface.as_ref() };
        let known = [IMAPIStatus::IID, IMAPIProp::IID];
        if asked.is_some_and(|iid| !known.contains(iid)) {
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        }
        let status = ObjectRef::new(StatusObject::new(&this.attached));
        let status: IMAPIStatus = status.into_interface();
        // SAFETY: the thunk has checked that neither is NULL. IMAPIStatus begins as IMAPIProp does.
        unsafe {
            *lpulObjType = MAPI_STATUS;
            *lppEntry = status.into_raw();
        }
        S_OK
    }

    unsafe fn ValidateState(
        this: &Object<Self>,
        _ulUIParam: usize,
        ulFlags: ValidateStateFlags,
    ) -> HRESULT {
        match this.attached.spooler() {
            Some(spooler) => validated(&spooler, ulFlags),
            None => MAPI_E_NO_SUPPORT,
        }
    }

    unsafe fn FlushQueues(
        this: &Object<Self>,
        _ulUIParam: usize,
        _cbTargetTransport: u32,
        _lpTargetTransport: *mut ENTRYID,
        ulFlags: FlushQueuesFlags,
    ) -> HRESULT {
        if this.open().is_err() {
            return MAPI_E_NO_SUPPORT;
        }
        let set = this.attached.session.flushed(ulFlags);
        this.attached.change_status(StatusFlags::empty(), set);
        this.attached.flush(set);
        S_OK
    }
}

/// A Release without TransportLogoff is the same as one (XP-33), even while another thread is in a method.
impl<L: MailTransport> Drop for TransportLogonObject<L> {
    fn drop(&mut self) {
        self.attached.log_off();
    }
}
