//! An initialised transport provider.

use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    IMAPISupport, IXPLogon, IXPProvider, MAPIERROR, TCHAR, TransportLogonFlags,
};
use windows_core::{HRESULT, Interface};

use super::logon::Spooler;
use crate::base::Core;
use crate::error_text::take_error;
use crate::locks::lock;
use crate::objects::{Support, SupportState};
use crate::profile::SectionUid;
use crate::property::Property;
use crate::status::{Failure, Status};

/// What a transport has told `StatusRecips` of a recipient.
pub type StatusReport = Vec<Property>;

/// How to log on to a transport.
#[derive(Clone, Debug)]
pub struct TransportOptions {
    /// What goes into `*lpulFlags`.
    pub flags: TransportLogonFlags,
    /// The provider's own section of the profile; of a transport beside a store, [`SectionUid::PROVIDER`] stands for
    /// [`SectionUid::TRANSPORT`].
    pub section: SectionUid,
    /// What `ModifyStatusRow` answers during the logon, where it is not `S_OK`.
    pub row_fails: Option<HRESULT>,
}

impl Default for TransportOptions {
    fn default() -> Self {
        Self {
            flags: TransportLogonFlags::MAPI_UNICODE | TransportLogonFlags::LOGON_NO_DIALOG,
            section: SectionUid::PROVIDER,
            row_fails: None,
        }
    }
}

/// An initialised transport: its `IXPProvider`. Released on drop.
pub struct Transport {
    core: Arc<Core>,
    provider: ManuallyDrop<IXPProvider>,
}

impl Transport {
    pub(crate) fn new(core: Arc<Core>, provider: IXPProvider) -> Self {
        Self {
            core,
            provider: ManuallyDrop::new(provider),
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IXPProvider {
        &self.provider
    }

    /// Logs on as the spooler does.
    ///
    /// # Errors
    ///
    /// What `TransportLogon` answers, with the text of its `MAPIERROR`.
    pub fn logon(&self) -> Result<Spooler, Failure> {
        self.logon_with(&TransportOptions::default())
    }

    /// Logs on as the spooler does.
    ///
    /// # Errors
    ///
    /// What `TransportLogon` answers, with the text of its `MAPIERROR`.
    pub fn logon_with(&self, options: &TransportOptions) -> Result<Spooler, Failure> {
        const CALL: &str = "IXPProvider::TransportLogon";
        let shared = &self.core.shared;
        let state = SupportState::new();
        *lock(&state.spooler.row_fails) = options.row_fails;
        let section = match options.section {
            SectionUid::PROVIDER => self.core.library.transport_section(),
            section => section,
        };
        let support: IMAPISupport =
            Support::open(shared, section, Arc::clone(&state)).into_interface();
        let mut name: Vec<u16> = "Host\0".encode_utf16().collect();
        let mut flags = options.flags;
        let mut error: *mut MAPIERROR = ptr::null_mut();
        let mut logon = ptr::without_provenance_mut(usize::MAX);
        // SAFETY: all places are locals, and the support object is alive.
        let status = unsafe {
            self.provider.TransportLogon(
                support.as_raw(),
                0,
                name.as_mut_ptr().cast::<TCHAR>(),
                &mut flags,
                &mut error,
                &mut logon,
            )
        };
        let unicode = flags.contains(TransportLogonFlags::MAPI_UNICODE);
        // SAFETY: the provider's buffer, or NULL.
        let (low_level, text) = unsafe {
            let low_level = error.as_ref().map(|error| error.ulLowLevelError);
            (low_level, take_error(shared, error, unicode))
        };
        if status.is_err() {
            if !logon.is_null() {
                shared.violated("XP-02", format!("{CALL} failed and left an object"));
            }
            let low_level = low_level.filter(|code| *code != 0);
            return Err(Failure {
                low_level: low_level.map(|code| Status(HRESULT(code as i32))),
                ..Failure::new(CALL, status).with_text(text)
            });
        }
        if logon.is_null() {
            shared.violated("XP-02", format!("{CALL} succeeded without a logon"));
            return Err(Failure::new(CALL, status).with_text(Some("it gave no logon".to_owned())));
        }
        // SAFETY: the provider's object, whose reference is ours now.
        let logon = unsafe { IXPLogon::from_raw(logon) };
        Ok(Spooler::new(Arc::clone(&self.core), logon, state, flags))
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
            false => Err(Failure::new("IXPProvider::Shutdown", status)),
        }
    }
}

impl Drop for Transport {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let provider = unsafe { ManuallyDrop::take(&mut self.provider) };
        self.core.release("IXPProvider", provider);
    }
}
