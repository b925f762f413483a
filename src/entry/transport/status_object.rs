//! The status object: IMAPIStatus, read-only (XP-30 to XP-32).

use std::sync::{Arc, Weak};

use windows_core::HRESULT;

use super::attached::Attached;
use super::spooler::{Row, Spooler};
use crate::entry::limits;
use crate::transport::MailTransport;
use mapi_provider_abi::mapi::{
    ENTRYID, FlushQueuesFlags, IMAPIProp_Impl, IMAPIStatus, IMAPIStatus_Impl,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT, MAPI_E_NOT_FOUND, MAPI_E_UNKNOWN_FLAGS,
    MAPI_STATUS, MAPI_W_ERRORS_RETURNED, MAPIERROR, PR_OBJECT_TYPE, PT_STRING8, PT_UNICODE,
    PT_UNSPECIFIED, PropTag, S_OK, SPropTagArray, SPropValue, SpoolerNotifyFlags, StatusFlags,
    UnicodeFlags, ValidateStateFlags,
};
use mapi_provider_abi::object::Object;
use mapi_provider_abi::view::{self, PropTags, PropValue, Property};

/// What the status table opens of a logon. It keeps nothing of the logon alive (XP-34); without it, it has no methods.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMAPIStatus)))]
pub(super) struct StatusObject<L: MailTransport> {
    logon: Weak<Attached<L>>,
}
include!("objects/status_object.rs");

impl<L: MailTransport> StatusObject<L> {
    pub(super) fn new(logon: &Arc<Attached<L>>) -> Self {
        Self {
            logon: Arc::downgrade(logon),
        }
    }

    /// The logon; none after TransportLogoff (XP-33).
    fn logon(&self) -> Option<Arc<Attached<L>>> {
        let logon = self.logon.upgrade()?;
        (!logon.session.is_closed()).then_some(logon)
    }

    /// The properties as they are now: those of the row, and what the object is.
    fn properties(&self) -> Option<Vec<Property<'static>>> {
        let logon = self.logon()?;
        let row = Row {
            name: logon.name,
            identity: logon.session.identity(),
            code: logon.session.row.code(),
            text: logon.session.row.text(),
        };
        let mut properties = row.properties();
        properties.push(Property::new(PR_OBJECT_TYPE, MAPI_STATUS as i32));
        Some(properties)
    }
}

/// XP-31: what ValidateState answers; nothing here goes to the network.
pub(super) fn validated(spooler: &Spooler<'_>, flags: ValidateStateFlags) -> HRESULT {
    let remote = ValidateStateFlags::REFRESH_XP_HEADER_CACHE
        | ValidateStateFlags::PROCESS_XP_HEADER_CACHE
        | ValidateStateFlags::FORCE_XP_CONNECT
        | ValidateStateFlags::FORCE_XP_DISCONNECT
        | ValidateStateFlags::ABORT_XP_HEADER_OPERATION;
    let local = ValidateStateFlags::SUPPRESS_UI | ValidateStateFlags::CONFIG_CHANGED;
    if flags.bits() & !(remote | local).bits() != 0 {
        return MAPI_E_UNKNOWN_FLAGS;
    }
    if flags.intersects(remote) {
        return MAPI_E_NO_SUPPORT;
    }
    if flags.contains(ValidateStateFlags::CONFIG_CHANGED) {
        spooler.notify(SpoolerNotifyFlags::NOTIFY_CONFIG_CHANGE);
    }
    S_OK
}

/// The type of texts where nobody names one.
fn text_type(flags: UnicodeFlags) -> u32 {
    match flags.contains(UnicodeFlags::MAPI_UNICODE) {
        true => PT_UNICODE,
        false => PT_STRING8,
    }
}

/// A value in the type that is asked for; none if it has another one.
fn as_asked(
    property: &Property<'static>,
    asked: PropTag,
    texts: u32,
) -> Option<PropValue<'static>> {
    let value = &property.value;
    let is_text = value.prop_type() == PT_UNICODE;
    match asked.prop_type() {
        PT_UNSPECIFIED if is_text => in_width(value, texts),
        PT_UNSPECIFIED => Some(value.clone()),
        asked if is_text => in_width(value, asked),
        asked => (asked == value.prop_type()).then(|| value.clone()),
    }
}

fn in_width(value: &PropValue<'static>, asked: u32) -> Option<PropValue<'static>> {
    match asked {
        PT_UNICODE => Some(value.clone()),
        PT_STRING8 => Some(PropValue::ansi(&value.to_text()?)),
        _ => None,
    }
}

impl<L: MailTransport> IMAPIProp_Impl for StatusObject<L> {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        let (Some(logon), Some(properties)) = (this.logon(), this.properties()) else {
            return MAPI_E_NO_SUPPORT;
        };
        // SAFETY: NULL, or an array as the caller's count says.
        let named = unsafe { view::read_optional::<PropTags>(lpPropTagArray, &limits::tags()) };
        let Ok(named) = named else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let all = || {
            let tags = properties.iter();
            tags.map(|one| one.tag.with_type(PT_UNSPECIFIED)).collect()
        };
        let tags: Vec<PropTag> = named.map_or_else(all, |tags| tags.to_vec());
        let mut result = S_OK;
        let values = tags.iter().map(|asked| {
            let found = properties.iter().find(|one| one.tag.id() == asked.id());
            let value = found.and_then(|one| as_asked(one, *asked, text_type(ulFlags)));
            let value = value.unwrap_or_else(|| {
                result = MAPI_W_ERRORS_RETURNED;
                PropValue::Error(MAPI_E_NOT_FOUND)
            });
            Property::with_id(asked.id(), value)
        });
        let values: Vec<Property<'static>> = values.collect();
        match logon.allocators.properties(&values) {
            Ok(array) => {
                // SAFETY: the thunk has checked that neither is NULL.
                unsafe {
                    *lpcValues = values.len() as u32;
                    *lppPropArray = array.into_raw();
                }
                result
            }
            Err(status) => status.into(),
        }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let (Some(logon), Some(properties)) = (this.logon(), this.properties()) else {
            return MAPI_E_NO_SUPPORT;
        };
        let tags = properties.iter().map(|one| match one.value.prop_type() {
            PT_UNICODE => one.tag.with_type(text_type(ulFlags)),
            _ => one.tag,
        });
        let tags: Vec<PropTag> = tags.collect();
        match logon.allocators.build(&PropTags::from(tags)) {
            Ok(array) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppPropTagArray = array.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}

impl<L: MailTransport> IMAPIStatus_Impl for StatusObject<L> {
    unsafe fn ValidateState(
        this: &Object<Self>,
        _ulUIParam: usize,
        ulFlags: ValidateStateFlags,
    ) -> HRESULT {
        let Some(logon) = this.logon() else {
            return MAPI_E_NO_SUPPORT;
        };
        match logon.spooler() {
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
        let Some(logon) = this.logon() else {
            return MAPI_E_NO_SUPPORT;
        };
        let set = logon.session.flushed(ulFlags);
        logon.change_status(StatusFlags::empty(), set);
        logon.flush(set);
        S_OK
    }
}
