//! An initialised address book provider.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    AddressBookLogonFlags, IABLogon, IABProvider, IMAPISupport, MAPIERROR, TCHAR,
};
use windows_core::{HRESULT, Interface};

use super::logon::AddressBook;
use crate::base::Core;
use crate::error_text::take_error;
use crate::locks::lock;
use crate::objects::{Support, SupportState};
use crate::profile::SectionUid;
use crate::status::{Failure, Status};

/// How to log on to an address book.
#[derive(Clone, Debug)]
pub struct AddressBookOptions {
    /// `ulFlags`
    pub flags: AddressBookLogonFlags,
    /// The provider's own section of the profile; of an address book beside other providers, [`SectionUid::PROVIDER`] stands
    /// for [`SectionUid::ADDRESS_BOOK`].
    pub section: SectionUid,
    /// Whether there are places for the security credentials and the error.
    pub places: bool,
    /// What `ModifyStatusRow` answers during the logon, where it is not `S_OK`.
    pub row_fails: Option<HRESULT>,
}

impl Default for AddressBookOptions {
    fn default() -> Self {
        Self {
            flags: AddressBookLogonFlags::MAPI_UNICODE | AddressBookLogonFlags::AB_NO_DIALOG,
            section: SectionUid::PROVIDER,
            places: true,
            row_fails: None,
        }
    }
}

/// An initialised address book: its `IABProvider`. Released on drop.
pub struct AddressBookProvider {
    core: Arc<Core>,
    provider: ManuallyDrop<IABProvider>,
}

impl AddressBookProvider {
    pub(crate) fn new(core: Arc<Core>, provider: IABProvider) -> Self {
        Self {
            core,
            provider: ManuallyDrop::new(provider),
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IABProvider {
        &self.provider
    }

    /// Logs on as MAPI does.
    ///
    /// # Errors
    ///
    /// What `Logon` answers, with the text of its `MAPIERROR`.
    pub fn logon(&self) -> Result<AddressBook, Failure> {
        self.logon_with(&AddressBookOptions::default())
    }

    /// Logs on, with garbage in all places for what comes out.
    ///
    /// # Errors
    ///
    /// What `Logon` answers, with the text of its `MAPIERROR`.
    pub fn logon_with(&self, options: &AddressBookOptions) -> Result<AddressBook, Failure> {
        const CALL: &str = "IABProvider::Logon";
        let shared = &self.core.shared;
        let state = SupportState::new();
        *lock(&state.spooler.row_fails) = options.row_fails;
        let section = match options.section {
            SectionUid::PROVIDER => self.core.library.address_book_section(),
            section => section,
        };
        let support: IMAPISupport =
            Support::open(shared, section, Arc::clone(&state)).into_interface();
        let mut name: Vec<u16> = "Host\0".encode_utf16().collect();
        let mut size = u32::MAX;
        let mut bytes: *mut u8 = ptr::without_provenance_mut(usize::MAX);
        let mut error: *mut MAPIERROR = ptr::without_provenance_mut(usize::MAX);
        let mut logon = ptr::without_provenance_mut(usize::MAX);
        let place = |at: *mut u32| match options.places {
            true => at,
            false => ptr::null_mut(),
        };
        // SAFETY: all places are locals or NULL, and the support object is alive.
        let status = unsafe {
            self.provider.Logon(
                support.as_raw(),
                0,
                name.as_mut_ptr().cast::<TCHAR>(),
                options.flags,
                place(&raw mut size),
                place((&raw mut bytes).cast()).cast(),
                place((&raw mut error).cast()).cast(),
                &raw mut logon,
            )
        };
        if !options.places {
            error = ptr::null_mut();
        } else if size != 0 || !bytes.is_null() {
            let what = format!("{CALL} left {size} and {bytes:p} in the places for credentials");
            shared.violated("AB-03", what);
        }
        let unicode = options.flags.contains(AddressBookLogonFlags::MAPI_UNICODE);
        // SAFETY: the provider's buffer, or NULL.
        let (low_level, text) = unsafe {
            let low_level = error.as_ref().map(|error| error.ulLowLevelError);
            (low_level, take_error(shared, error, unicode))
        };
        if status.is_err() {
            if !logon.is_null() {
                shared.violated("AB-03", format!("{CALL} failed and left an object"));
            }
            let low_level = low_level.filter(|code| *code != 0);
            return Err(Failure {
                low_level: low_level.map(|code| Status(HRESULT(code as i32))),
                ..Failure::new(CALL, status).with_text(text)
            });
        }
        if logon.is_null() {
            shared.violated("AB-03", format!("{CALL} succeeded without a logon"));
            return Err(Failure::new(CALL, status).with_text(Some("it gave no logon".to_owned())));
        }
        // SAFETY: the provider's object, whose reference is ours now.
        let logon = unsafe { IABLogon::from_raw(logon) };
        Ok(AddressBook::new(Arc::clone(&self.core), logon, state))
    }

    /// Calls `Shutdown` as MAPI does before it releases the provider.
    ///
    /// # Errors
    ///
    /// What it answers.
    pub fn shutdown(&self) -> Result<(), Failure> {
        let mut flags = 0;
        // SAFETY: the place for the flags is a local.
        let status = unsafe { self.provider.Shutdown(&mut flags) };
        match status.is_ok() {
            true => Ok(()),
            false => Err(Failure::new("IABProvider::Shutdown", status)),
        }
    }
}

impl Drop for AddressBookProvider {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let provider = unsafe { ManuallyDrop::take(&mut self.provider) };
        self.core.release("IABProvider", provider);
    }
}
