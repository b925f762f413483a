//! ServiceEntry of a wrapped store (WRAP-05, ENTRY-07).

use std::ffi::c_void;
use std::ptr;

use windows_core::{HRESULT, Interface};

use super::super::changes::Changes;
use super::super::dialog::{self, Windows};
use super::super::failure::{Failure, take_text};
use super::super::open::section_uid;
use super::super::profile::ProfileSection;
use super::super::sections::{ServiceSections, service_section};
use super::super::service::{answer, checked, missing_settings};
use super::super::support::Support;
use super::describe::inner_failure;
use super::inner::Export;
use super::path;
use super::profile::{Before, finish, given_properties};
use super::support::WrappedSupport;
use crate::error::LogonError;
use crate::manifest::Manifest;
use mapi_provider_abi::mapi::{
    IMAPISupport, IProviderAdmin, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT, MAPI_E_UNCONFIGURED,
    MAPIERROR, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, MSG_SERVICE_DELETE, MSG_SERVICE_INSTALL,
    MSG_SERVICE_UNINSTALL, PropTag, SPropValue, ServiceFlags, UnicodeFlags,
};
use mapi_provider_abi::object::{ObjectRef, barrier};
use mapi_provider_abi::view::Allocators;

/// What the generated `ServiceEntry` of a wrapped store calls.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn wrapped_service_entry(
    manifest: &'static Manifest,
    // The inner provider gets the handle of its own module (WRAP-05).
    _hInstance: *mut c_void,
    lpMalloc: *mut c_void,
    lpMAPISup: *mut c_void,
    ulUIParam: usize,
    ulFlags: u32,
    ulContext: u32,
    cValues: u32,
    lpProps: *mut SPropValue,
    lpProviderAdmin: *mut c_void,
    lppMapiError: *mut *mut MAPIERROR,
) -> HRESULT {
    // SAFETY: NULL or the caller's to be written to.
    unsafe { mapi_provider_abi::object::clear(lppMapiError) };
    barrier(|| {
        let call = Call {
            manifest,
            malloc: lpMalloc,
            support: lpMAPISup,
            window: ulUIParam,
            flags: ulFlags,
            context: ulContext,
            properties: (cValues, lpProps),
            admin: lpProviderAdmin,
        };
        let done = match ulContext {
            // ENTRY-07: also with a NULL support object. There is nothing to be created then.
            MSG_SERVICE_INSTALL | MSG_SERVICE_DELETE | MSG_SERVICE_UNINSTALL => Ok(()),
            MSG_SERVICE_CREATE if lpMAPISup.is_null() => Ok(()),
            // SAFETY: the caller's word.
            MSG_SERVICE_CREATE | MSG_SERVICE_CONFIGURE => unsafe { call.configure() },
            _ => return MAPI_E_NO_SUPPORT,
        };
        let done = done.map_err(|error| Failure {
            result: error.code(),
            component: manifest.name,
            text: error.text().to_owned(),
        });
        // SAFETY: NULL or the caller's to be written to.
        unsafe { answer(done, Support::borrow(&lpMAPISup), ulFlags, lppMapiError) }
    })
}

/// A call of ServiceEntry, as MAPI made it.
struct Call {
    manifest: &'static Manifest,
    malloc: *mut c_void,
    support: *mut c_void,
    window: usize,
    flags: u32,
    context: u32,
    /// Count and array.
    properties: (u32, *mut SPropValue),
    admin: *mut c_void,
}

/// The sections of the profile that are written to.
#[derive(Clone, Copy)]
struct Sections<'a> {
    /// The store's own.
    own: &'a ProfileSection,
    /// The service's, which the PST provider takes for the NST's global one.
    global: &'a ProfileSection,
    /// The one of the two that has the settings.
    settings: &'a ProfileSection,
}

/// The path of the store may be set along with the settings.
const PATH: (&str, PropTag) = ("PR_PROFILE_OFFLINE_STORE_PATH", path::PATH);

impl Call {
    /// Writes what is configured, lets the PST provider do its part, and says what is still missing.
    ///
    /// # Safety
    ///
    /// Pointers are NULL or as MAPI's page says.
    unsafe fn configure(&self) -> Result<(), LogonError> {
        let is_configure = self.context == MSG_SERVICE_CONFIGURE;
        let wanted = if is_configure {
            let (count, properties) = self.properties;
            // SAFETY: the caller's word.
            unsafe { checked(self.manifest, &[PATH], count, properties) }.map_err(coded)?
        } else {
            Vec::new()
        };
        // SAFETY: the caller's word.
        let support = unsafe { Support::borrow(&self.support) };
        let allocators = support.and_then(Support::allocators);
        let (Some(support), Some(allocators)) = (support, allocators) else {
            return nowhere();
        };
        // SAFETY: the caller's word.
        let ours = unsafe { ServiceSections::open(self.manifest, Some(support), self.admin) };
        // SAFETY: as above.
        let admin = unsafe { IProviderAdmin::from_raw_borrowed(&self.admin) };
        let global = service_section(support, admin, allocators);
        let (Some(ours), Some(global)) = (ours, global) else {
            return nowhere();
        };
        let settings = &ours.settings;
        let own = match self.manifest.shares_settings() {
            true => ours.of_store().ok_or_else(no_access)?,
            false => settings,
        };
        let windows = Windows {
            over: self.window,
            flags: self.flags,
        };
        // ENTRY-14
        let asked =
            dialog::ask(self.manifest, &windows, support, settings, &wanted).map_err(coded)?;
        // Who has answered one sheet is not shown another one of the PST provider's.
        let flags = match asked {
            Some(_) => self.flags & !ServiceFlags::SERVICE_UI_ALWAYS.bits(),
            None => self.flags,
        };
        let changes = asked.unwrap_or_else(|| wanted.into());
        let sections = Sections {
            own,
            global: &global,
            settings,
        };
        let before = Before::of([own, &global], &changes).map_err(unwritten)?;
        // SAFETY: the caller's word.
        let done = unsafe { self.configure_in(support, allocators, sections, changes, flags) };
        done.inspect_err(|error| {
            // What is missing can be configured later; all else is all or none (ENTRY-07).
            if error.code() != MAPI_E_UNCONFIGURED {
                before.put_back();
            }
        })
    }

    /// # Safety
    ///
    /// That of [`configure`](Self::configure).
    unsafe fn configure_in(
        &self,
        support: &Support,
        allocators: Allocators,
        sections: Sections<'_>,
        changes: Changes,
        flags: u32,
    ) -> Result<(), LogonError> {
        let is_configure = self.context == MSG_SERVICE_CONFIGURE;
        let Sections { own, global, .. } = sections;
        let (paths, settings) = changes.split(|tag| tag == path::PATH);
        global.change(&paths).map_err(unwritten)?;
        sections.settings.change(&settings).map_err(unwritten)?;
        let path = match path::ensure(global, section_uid(Some(own)), self.manifest, false) {
            // ENTRY-07: where the file is can be said later.
            Err(error) if !is_configure && error.code() == MAPI_E_UNCONFIGURED => None,
            path => path?,
        };
        // SAFETY: the caller's word.
        let done = unsafe { self.inner(global, path.as_deref(), allocators, flags) };
        match done {
            // ENTRY-07: what is missing can be configured later.
            Err(error) if !is_configure && error.code() == MAPI_E_UNCONFIGURED => return Ok(()),
            done => done?,
        }
        // The PST provider may have asked for it.
        let path = path::in_section(global).ok().flatten().or(path);
        if let Some(path) = &path {
            finish(self.manifest, support, allocators, path, [own, global])?;
        }
        if !is_configure {
            return Ok(());
        }
        match missing_settings(self.manifest, Some(sections.settings)).map_err(coded)? {
            Some(text) => Err(LogonError::unconfigured(text)),
            None if path.is_none() => Err(LogonError::unconfigured(
                "the path of the store is not configured: PR_PROFILE_OFFLINE_STORE_PATH",
            )),
            None => Ok(()),
        }
    }

    /// Calls NSTServiceEntry with the inner module's handle, our support object and no provider administration
    /// (WRAP-05).
    ///
    /// # Safety
    ///
    /// Pointers are NULL or as MAPI's page says; there is a support object.
    unsafe fn inner(
        &self,
        global: &ProfileSection,
        path: Option<&str>,
        allocators: Allocators,
        flags: u32,
    ) -> Result<(), LogonError> {
        let entry = Export::service_entry()
            .map_err(|missing| LogonError::new(missing.code, missing.text))?;
        // SAFETY: a support object, by the caller's word.
        let support = unsafe { IMAPISupport::from_raw_borrowed(&self.support) };
        let support = support.cloned().ok_or_else(no_access)?;
        let support = ObjectRef::new(WrappedSupport::new(support, global.interface()));
        let support: IMAPISupport = support.into_interface();
        let properties = allocators.properties(&given_properties(path))?;
        let mut error: *mut MAPIERROR = ptr::null_mut();
        // SAFETY: the export is NSTServiceEntry; as MAPI calls it, with live variables.
        let (result, said) = unsafe {
            let result = entry.as_service_entry()(
                entry.module(),
                self.malloc,
                support.as_raw(),
                self.window,
                flags,
                self.context,
                properties.count(),
                properties.as_ptr(),
                ptr::null_mut(),
                &raw mut error,
            );
            let width = UnicodeFlags::from_bits_retain(self.flags);
            (result, take_text(allocators, error, width))
        };
        if result.is_ok() {
            return Ok(());
        }
        Err(inner_failure(
            "the PST provider is not configured",
            result,
            said,
        ))
    }
}

fn unwritten(status: HRESULT) -> LogonError {
    LogonError::new(status, "the settings can't be written to the profile")
}

fn coded((status, text): (HRESULT, String)) -> LogonError {
    LogonError::new(status, text)
}

fn no_access() -> LogonError {
    let text = "there is no profile section to write the settings to";
    LogonError::new(MAPI_E_NO_ACCESS, text)
}

fn nowhere() -> Result<(), LogonError> {
    Err(no_access())
}
