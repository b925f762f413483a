//! The inner provider's objects.

use std::ffi::c_void;
use std::ptr;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ENTRYID, GUID, HRESULT, IMAPIProp_Impl, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl,
    IMAPISupport, IMSLogon, IMSLogon_Impl, IMSProvider, IMSProvider_Impl, IMsgStore,
    IMsgStore_Impl, IPSTX, IPSTX_Impl, Interface, LogoffFlags, MAPI_E_NOT_FOUND, MAPIERROR,
    ModifyStatusRowFlags, PropTag, S_OK, SPropProblemArray, SPropTagArray, SPropValue,
    StoreLogonFlags, TCHAR, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{Allocators, PropValue, Property};

use crate::exports::{global_section, leave_text};
use crate::{note, order, state, status};

/// PR_OST_OLFI.
const OLFI: PropTag = PropTag(0x7C07_0102);

/// The provider.
#[derive(MapiObject)]
#[mapi(implements(IMSProvider, IMAPIProviderShutdown))]
pub(crate) struct Provider {
    pub(crate) allocators: Allocators,
}

impl Drop for Provider {
    fn drop(&mut self) {
        note("the provider is gone");
    }
}

/// What a logon is called with.
struct LogonCall {
    name: &'static str,
    support: *mut c_void,
    entry_id: (u32, *mut ENTRYID),
    flags: StoreLogonFlags,
    interface: *const GUID,
    security: String,
    error: *mut *mut MAPIERROR,
    logon: *mut *mut c_void,
    store: *mut *mut c_void,
}

impl Provider {
    /// # Safety
    ///
    /// Pointers are as MAPI's page says.
    unsafe fn logon(&self, call: LogonCall) -> HRESULT {
        // SAFETY: the caller's word.
        unsafe {
            let bytes = (0..call.entry_id.0 as usize)
                .map(|index| format!("{:02x}", *call.entry_id.1.cast::<u8>().add(index)));
            note(format!(
                "{} flags={:x} entry-id={} interface={:?} security={}",
                call.name,
                call.flags.bits(),
                bytes.collect::<String>(),
                call.interface,
                call.security
            ));
            let Some(support) = IMAPISupport::from_raw_borrowed(&call.support) else {
                return HRESULT(0x8007_0057_u32 as i32);
            };
            note(format!("global section {}", global_section(support)));
            modify_status_row(support);
            if let Some(status) = status("logon") {
                leave_text(support, "logon-text", call.flags.bits(), call.error);
                if status.is_err() {
                    return status;
                }
            }
            *call.logon = ptr::null_mut();
            *call.store = ptr::null_mut();
            if order("logon-null").is_some() {
                return S_OK;
            }
            let store = ObjectRef::new(Store {
                support: support.clone(),
                allocators: self.allocators,
            });
            *call.store = store.into_interface::<IMsgStore>().into_raw();
            if order("no-logon").is_none() {
                *call.logon = ObjectRef::new(Logon)
                    .into_interface::<IMSLogon>()
                    .into_raw();
            }
        }
        status("logon").unwrap_or(S_OK)
    }
}

fn bytes_of(hexadecimal: &str) -> Vec<u8> {
    let digits = hexadecimal.as_bytes().chunks(2);
    let pairs = digits.filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs
        .filter_map(|pair| u8::from_str_radix(pair, 16).ok())
        .collect()
}

/// A status row as the PST provider makes one, with an identity; the copy shows that the columns are not changed.
fn modify_status_row(support: &IMAPISupport) {
    let tags = [
        0x3001_001F_u32,
        0x3E00_001F,
        0x3E00_001E,
        0x3E01_0102,
        0x3E05_0102,
        0x3E04_0003,
    ];
    let mut columns: Vec<SPropValue> = tags
        .iter()
        .map(|tag| {
            // SAFETY: all zeros is a value of every field.
            let mut column: SPropValue = unsafe { std::mem::zeroed() };
            column.ulPropTag = PropTag(*tag);
            column
        })
        .collect();
    let mut text: Vec<u16> = "inner\0".encode_utf16().collect();
    let mut bytes = *b"inner\0";
    for column in &mut columns {
        match column.ulPropTag.prop_type() {
            0x1F => column.Value.lpszW = text.as_mut_ptr(),
            0x1E => column.Value.lpszA = bytes.as_mut_ptr().cast(),
            0x102 => {
                column.Value.bin = mapi_provider::abi::SBinary {
                    cb: 5,
                    lpb: bytes.as_mut_ptr(),
                }
            }
            _ => column.Value.l = 7,
        }
    }
    // SAFETY: as many columns as there are, with their values.
    let result = unsafe {
        let flags = ModifyStatusRowFlags::empty();
        support.ModifyStatusRow(columns.len() as u32, columns.as_mut_ptr(), flags)
    };
    let after: Vec<u32> = columns.iter().map(|column| column.ulPropTag.0).collect();
    note(format!(
        "ModifyStatusRow={:08x} unchanged={}",
        result.0,
        after == tags
    ));
}

impl IMSProvider_Impl for Provider {
    unsafe fn Shutdown(_: &Object<Self>, _flags: *mut u32) -> HRESULT {
        note("Shutdown");
        status("shutdown").unwrap_or(S_OK)
    }

    unsafe fn Logon(
        this: &Object<Self>,
        support: *mut c_void,
        _window: usize,
        _profile: *mut TCHAR,
        count: u32,
        entry_id: *mut ENTRYID,
        flags: StoreLogonFlags,
        interface: *const GUID,
        security_count: *mut u32,
        security: *mut *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        let call = LogonCall {
            name: "Logon",
            support,
            entry_id: (count, entry_id),
            flags,
            interface,
            security: format!("{security_count:?},{security:?}"),
            error,
            logon,
            store,
        };
        // SAFETY: the caller's word.
        unsafe { this.logon(call) }
    }

    unsafe fn SpoolerLogon(
        this: &Object<Self>,
        support: *mut c_void,
        _window: usize,
        _profile: *mut TCHAR,
        count: u32,
        entry_id: *mut ENTRYID,
        flags: StoreLogonFlags,
        interface: *const GUID,
        security_count: u32,
        security: *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        let call = LogonCall {
            name: "SpoolerLogon",
            support,
            entry_id: (count, entry_id),
            flags,
            interface,
            security: format!("{security_count},{security:?}"),
            error,
            logon,
            store,
        };
        // SAFETY: the caller's word.
        unsafe { this.logon(call) }
    }

    unsafe fn CompareStoreIDs(
        _: &Object<Self>,
        count1: u32,
        entry1: *mut ENTRYID,
        count2: u32,
        entry2: *mut ENTRYID,
        flags: u32,
        result: *mut u32,
    ) -> HRESULT {
        note(format!(
            "CompareStoreIDs {count1} {entry1:?} {count2} {entry2:?} {flags} {result:?}"
        ));
        status("compare").unwrap_or(S_OK)
    }
}

impl IMAPIProviderShutdown_Impl for Provider {
    unsafe fn QueryFastShutdown(_: &Object<Self>) -> HRESULT {
        note("QueryFastShutdown");
        status("query-fast").unwrap_or(S_OK)
    }

    unsafe fn NotifyProcessShutdown(_: &Object<Self>) -> HRESULT {
        note("NotifyProcessShutdown");
        S_OK
    }

    unsafe fn DoFastShutdown(_: &Object<Self>) -> HRESULT {
        note("DoFastShutdown");
        S_OK
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMSLogon))]
struct Logon;

impl Drop for Logon {
    fn drop(&mut self) {
        note("the logon is gone");
    }
}

impl IMSLogon_Impl for Logon {
    unsafe fn Logoff(_: &Object<Self>, _flags: *mut u32) -> HRESULT {
        note("Logoff");
        status("logoff").unwrap_or(S_OK)
    }
}

/// A store that has its ranges of IDs, the order `ids`, and nothing else.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IPSTX))]
struct Store {
    support: IMAPISupport,
    allocators: Allocators,
}

impl Drop for Store {
    fn drop(&mut self) {
        note("the store is gone");
        let mut flags = LogoffFlags::LOGOFF_PURGE;
        // SAFETY: a live variable. A wrapped store has told the transports by itself.
        let _ = unsafe { self.support.StoreLogoffTransports(&raw mut flags) };
    }
}

impl IMAPIProp_Impl for Store {
    unsafe fn GetProps(
        this: &Object<Self>,
        _tags: *mut SPropTagArray,
        _flags: UnicodeFlags,
        count: *mut u32,
        out: *mut *mut SPropValue,
    ) -> HRESULT {
        if let Some(status) = status("read-ids") {
            return status;
        }
        let ids = order("ids").map(|text| bytes_of(&text));
        let value = ids.map_or(PropValue::Error(MAPI_E_NOT_FOUND), PropValue::from);
        let result = match &value {
            PropValue::Error(_) => HRESULT(0x0004_0380),
            _ => S_OK,
        };
        let built = this
            .allocators
            .properties(&[Property::with_id(OLFI.id(), value)]);
        // SAFETY: required, so the caller's to be written to.
        unsafe {
            *count = 1;
            *out = built.map_or(ptr::null_mut(), mapi_provider::view::MapiBuffer::into_raw);
        }
        result
    }

    unsafe fn SetProps(
        _: &Object<Self>,
        count: u32,
        values: *mut SPropValue,
        _problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: one binary value, as the wrapper writes it.
        let (tag, bytes) = unsafe {
            let bin = (*values).Value.bin;
            let bytes = std::slice::from_raw_parts(bin.lpb, bin.cb as usize);
            ((*values).ulPropTag, bytes.to_vec())
        };
        note(format!("SetProps {count} {:08X} {}", tag.0, bytes.len()));
        if let Some(status) = status("write-ids") {
            return status;
        }
        let text = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        state().orders.insert("ids".to_owned(), text);
        S_OK
    }
}

impl IMsgStore_Impl for Store {
    unsafe fn StoreLogoff(_: &Object<Self>, flags: *mut LogoffFlags) -> HRESULT {
        // SAFETY: required, so the caller's.
        let given = unsafe { *flags };
        note(format!("StoreLogoff {:x}", given.bits()));
        // SAFETY: as above.
        unsafe { *flags = LogoffFlags::LOGOFF_COMPLETE };
        status("store-logoff").unwrap_or(S_OK)
    }
}

impl IPSTX_Impl for Store {
    unsafe fn GetSyncObject(_: &Object<Self>, _: *mut *mut c_void) -> HRESULT {
        note("GetSyncObject");
        HRESULT(0x8004_0102_u32 as i32)
    }
}
