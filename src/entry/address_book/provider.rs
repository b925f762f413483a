//! The provider object: IABProvider.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

use windows_core::{HRESULT, Interface};

use super::attached::Attached;
use super::logon::AddressBookLogon;
use super::uids::uids;
use crate::address_book::{AddressBook, Book, Directory};
use crate::entry::failure::Failure;
use crate::entry::logons::Logons;
use crate::entry::open::{own_section, read_settings};
use crate::entry::sections::LogonSections;
use crate::entry::support::Support;
use crate::error::LogonError;
use crate::log;
use crate::manifest::{AddressBookSpec, Manifest};
use crate::status::Status;
use mapi_provider_abi::internal::{panic_text, panicked};
use mapi_provider_abi::mapi::{
    AddressBookLogonFlags, E_UNEXPECTED, IABLogon, IABProvider, IABProvider_Impl,
    IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, MAPI_E_FAILONEPROVIDER,
    MAPI_E_INVALID_PARAMETER, MAPI_E_LOGON_FAILED, MAPIERROR, S_OK, TCHAR, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef, select_unicode};
use mapi_provider_abi::view::Allocators;

/// What a provider object and its logons share.
pub(super) struct ProviderShared<L: AddressBook> {
    manifest: &'static Manifest,
    spec: &'static AddressBookSpec,
    allocators: Allocators,
    is_service: bool,
    logons: Logons<Attached<L>>,
}

impl<L: AddressBook> ProviderShared<L> {
    pub(super) fn new(
        manifest: &'static Manifest,
        spec: &'static AddressBookSpec,
        allocators: Allocators,
        is_service: bool,
    ) -> Arc<Self> {
        Arc::new(Self {
            manifest,
            spec,
            allocators,
            is_service,
            logons: Logons::default(),
        })
    }

    /// ENTRY-10: cancels what is being looked up, without waiting.
    fn stop_all(&self) {
        for logon in self.logons.all() {
            logon.directory.close();
        }
    }
}

/// An address book provider, one for each call of ABProviderInit (AB-01).
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IABProvider, IMAPIProviderShutdown), query_interface = select_unicode)
)]
pub(super) struct AddressBookProvider<L: AddressBook> {
    pub(super) shared: Arc<ProviderShared<L>>,
}
include!("objects/provider.rs");

impl<L: AddressBook> IABProvider_Impl for AddressBookProvider<L> {
    unsafe fn Shutdown(this: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        this.shared.stop_all();
        S_OK
    }

    unsafe fn Logon(
        this: &Object<Self>,
        lpMAPISup: *mut c_void,
        // AB-03: no dialog, whatever the flags.
        _ulUIParam: usize,
        _lpszProfileName: *mut TCHAR,
        ulFlags: AddressBookLogonFlags,
        lpulpcbSecurity: *mut u32,
        lppbSecurity: *mut *mut u8,
        lppMAPIError: *mut *mut MAPIERROR,
        lppABLogon: *mut *mut c_void,
    ) -> HRESULT {
        // AB-03: NULL is accepted.
        if !lpulpcbSecurity.is_null() {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *lpulpcbSecurity = 0 };
        }
        if !lppbSecurity.is_null() {
            // SAFETY: as above.
            unsafe { *lppbSecurity = ptr::null_mut() };
        }
        // SAFETY: the caller's word.
        let Some(support) = (unsafe { Support::borrow(&lpMAPISup) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        match log_on(&this.shared, support) {
            Ok(logon) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppABLogon = logon.into_raw() };
                S_OK
            }
            Err(error) => {
                let described = describe(&this.shared, &error, ulFlags);
                if lppMAPIError.is_null() {
                    // SAFETY: it is ours, and nobody has it.
                    drop(unsafe {
                        described.and_then(|described| this.shared.allocators.adopt(described, 1))
                    });
                } else if let Some(described) = described {
                    // SAFETY: not NULL, so the caller's to be written to.
                    unsafe { *lppMAPIError = described };
                }
                answer(&error)
            }
        }
    }
}

/// AB-03: the codes that fail this provider alone.
fn answer(error: &LogonError) -> HRESULT {
    match error.answer() {
        MAPI_E_LOGON_FAILED => MAPI_E_FAILONEPROVIDER,
        answer => answer,
    }
}

fn describe<L: AddressBook>(
    shared: &ProviderShared<L>,
    error: &LogonError,
    flags: AddressBookLogonFlags,
) -> Option<*mut MAPIERROR> {
    log::warn!(status = %Status(error.code()), text = error.text(), "the logon failed");
    let failure = Failure {
        result: error.code(),
        component: shared.manifest.name,
        text: error.text().to_owned(),
    };
    let width = UnicodeFlags::from_bits_retain(flags.bits()) & UnicodeFlags::MAPI_UNICODE;
    failure.to_mapi(shared.allocators, width).ok()
}

fn log_on<L: AddressBook>(
    shared: &Arc<ProviderShared<L>>,
    support: &Support,
) -> Result<IABLogon, LogonError> {
    let own = own_section(support, shared.allocators);
    let uids = uids(shared.spec, own.as_ref())?;
    let sections = own.map(|own| {
        LogonSections::open(own, shared.manifest, support.interface(), shared.allocators)
    });
    let sections = sections.transpose()?;
    let settings = sections.as_ref().map(LogonSections::settings);
    let settings = read_settings::<L::Settings>(settings)?;
    let logic = open_logic::<L>(settings)?;
    let book = Book {
        name: shared.manifest.name,
        spec: shared.spec,
        uids,
    };
    let directory = Directory::new(book, logic, shared.is_service);
    let attached = Attached::new(directory, shared.allocators, support.clone());
    // AB-04: before the logon is there for anybody.
    support.set_provider_uid(&uids.entries);
    if uids.containers != uids.entries {
        support.set_provider_uid(&uids.containers);
    }
    attached.first_row().map_err(|status| {
        LogonError::new(status, "MAPI does not take the address book's status row")
    })?;
    shared.logons.add(&attached);
    Ok(ObjectRef::new(AddressBookLogon { attached }).into_interface())
}

/// Calls the team's `open`; a panic is an error like any other (COM-04).
fn open_logic<L: AddressBook>(settings: L::Settings) -> Result<L, LogonError> {
    let open = || L::open(settings).map_err(LogonError::without_source);
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|payload| {
        let text = panic_text(&*payload);
        let text = format!("opening the address book panicked: {text}");
        panicked(payload);
        Err(LogonError::new(E_UNEXPECTED, text))
    })
}

impl<L: AddressBook> IMAPIProviderShutdown_Impl for AddressBookProvider<L> {
    unsafe fn QueryFastShutdown(_this: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn NotifyProcessShutdown(_this: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn DoFastShutdown(this: &Object<Self>) -> HRESULT {
        this.shared.stop_all();
        S_OK
    }
}
