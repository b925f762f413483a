//! An initialised provider.

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::ptr;
use std::sync::Arc;

use mapi_provider::abi::{
    ENTRYID, IMAPIProviderShutdown, IMAPISupport, IMSLogon, IMSProvider, IMsgStore, MAPIERROR,
    StoreLogonFlags,
};
use windows_core::{GUID, HRESULT, Interface};

use crate::base::Core;
use crate::error_text::take_error;
use crate::objects::{Support, SupportState};
use crate::profile::SectionUid;
use crate::status::{Failure, Status};
use crate::store::Store;

/// How to log on to a provider.
#[derive(Clone, Debug)]
pub struct LogonOptions {
    /// `ulFlags`; with `MAPI_UNICODE`, the profile's name and the error text are UTF-16.
    pub flags: StoreLogonFlags,
    /// The profile's name.
    pub profile_name: String,
    /// The entry ID of the store.
    pub entry_id: Vec<u8>,
    /// The provider's own section of the profile: each account has one.
    pub section: SectionUid,
    /// The requested interface; NULL for none.
    pub interface: Option<GUID>,
    /// What the spooler was given at `Logon`, for `SpoolerLogon`.
    pub spool_security: Vec<u8>,
}

impl Default for LogonOptions {
    fn default() -> Self {
        Self {
            flags: StoreLogonFlags::MAPI_UNICODE
                | StoreLogonFlags::MDB_NO_DIALOG
                | StoreLogonFlags::MDB_WRITE,
            profile_name: "Host".to_owned(),
            entry_id: Vec::new(),
            section: SectionUid::PROVIDER,
            interface: None,
            spool_security: Vec::new(),
        }
    }
}

/// What an out parameter holds before a call.
const RUBBISH: *mut c_void = ptr::without_provenance_mut(usize::MAX);

/// What a logon leaves in its out parameters. Before the call they hold garbage, to show what the
/// provider forgot to clear.
struct LogonOuts {
    error: *mut MAPIERROR,
    logon: *mut c_void,
    store: *mut c_void,
    security_count: u32,
    security: *mut u8,
}

impl LogonOuts {
    fn rubbish() -> Self {
        Self {
            error: ptr::null_mut(),
            logon: RUBBISH,
            store: RUBBISH,
            security_count: 0,
            security: ptr::null_mut(),
        }
    }
}

/// An initialised provider: its `IMSProvider`. Released on drop.
pub struct Provider {
    core: Arc<Core>,
    provider: ManuallyDrop<IMSProvider>,
}

impl Provider {
    pub(crate) fn new(core: Arc<Core>, provider: IMSProvider) -> Self {
        Self {
            core,
            provider: ManuallyDrop::new(provider),
        }
    }

    /// The interface, for calls by hand.
    pub fn interface(&self) -> &IMSProvider {
        &self.provider
    }

    /// Logs on as a client does.
    ///
    /// # Errors
    ///
    /// What `Logon` answers, with the text of its `MAPIERROR`.
    pub fn logon(&self) -> Result<Store, Failure> {
        self.logon_with(&LogonOptions::default())
    }

    /// Logs on as the spooler does.
    ///
    /// # Errors
    ///
    /// What `SpoolerLogon` answers, with the text of its `MAPIERROR`.
    pub fn spooler_logon(&self) -> Result<Store, Failure> {
        self.spooler_logon_with(&LogonOptions::default())
    }

    /// Logs on as a client does.
    ///
    /// # Errors
    ///
    /// What `Logon` answers, with the text of its `MAPIERROR`.
    pub fn logon_with(&self, options: &LogonOptions) -> Result<Store, Failure> {
        self.log_on("IMSProvider::Logon", options, |arguments, outs| {
            // SAFETY: the arguments and places are alive for the call.
            unsafe {
                self.provider.Logon(
                    arguments.support,
                    0,
                    arguments.profile_name,
                    arguments.entry_count,
                    arguments.entry_id,
                    options.flags,
                    arguments.interface,
                    &mut outs.security_count,
                    &mut outs.security,
                    &mut outs.error,
                    &mut outs.logon,
                    &mut outs.store,
                )
            }
        })
    }

    /// Logs on as the spooler does.
    ///
    /// # Errors
    ///
    /// What `SpoolerLogon` answers, with the text of its `MAPIERROR`.
    pub fn spooler_logon_with(&self, options: &LogonOptions) -> Result<Store, Failure> {
        let mut security = options.spool_security.clone();
        self.log_on("IMSProvider::SpoolerLogon", options, |arguments, outs| {
            // SAFETY: the arguments and places are alive for the call.
            unsafe {
                self.provider.SpoolerLogon(
                    arguments.support,
                    0,
                    arguments.profile_name,
                    arguments.entry_count,
                    arguments.entry_id,
                    options.flags,
                    arguments.interface,
                    security.len() as u32,
                    if security.is_empty() {
                        ptr::null_mut()
                    } else {
                        security.as_mut_ptr()
                    },
                    &mut outs.error,
                    &mut outs.logon,
                    &mut outs.store,
                )
            }
        })
    }

    fn log_on(
        &self,
        call: &'static str,
        options: &LogonOptions,
        log_on: impl FnOnce(&Arguments, &mut LogonOuts) -> HRESULT,
    ) -> Result<Store, Failure> {
        let shared = &self.core.shared;
        let state = SupportState::new();
        let support: IMAPISupport =
            Support::open(shared, options.section, Arc::clone(&state)).into_interface();
        let unicode = options.flags.contains(StoreLogonFlags::MAPI_UNICODE);
        let mut profile_name = name_bytes(&options.profile_name, unicode);
        let mut entry_id = options.entry_id.clone();
        let arguments = Arguments {
            support: support.as_raw(),
            profile_name: profile_name.as_mut_ptr().cast(),
            entry_count: entry_id.len() as u32,
            entry_id: if entry_id.is_empty() {
                ptr::null_mut()
            } else {
                entry_id.as_mut_ptr().cast()
            },
            interface: options
                .interface
                .as_ref()
                .map_or(ptr::null(), ptr::from_ref),
        };
        let mut outs = LogonOuts::rubbish();
        let status = log_on(&arguments, &mut outs);
        // SAFETY: the provider's buffers, or NULL.
        let (low_level, text) = unsafe {
            shared.allocators.free(outs.security.cast());
            let low_level = outs.error.as_ref().map(|error| error.ulLowLevelError);
            (low_level, take_error(shared, outs.error, unicode))
        };
        if status.is_err() {
            if !outs.logon.is_null() || !outs.store.is_null() {
                shared.violated("COM-05", format!("{call} failed and left objects"));
            }
            let low_level = low_level.filter(|code| *code != 0);
            return Err(Failure {
                low_level: low_level.map(|code| Status(HRESULT(code as i32))),
                ..Failure::new(call, status).with_text(text)
            });
        }
        for (name, out) in [("lppMSLogon", &mut outs.logon), ("lppMDB", &mut outs.store)] {
            if *out == RUBBISH {
                shared.violated(
                    "COM-05",
                    format!("{call} succeeded and left *{name} unchanged"),
                );
                *out = ptr::null_mut();
            }
        }
        if outs.store.is_null() {
            shared.violated("COM-05", format!("{call} succeeded without a store"));
            return Err(Failure::new(call, status).with_text(Some("it gave no store".to_owned())));
        }
        if !outs.logon.is_null() {
            // SAFETY: the provider's object, whose reference is ours now.
            state.set_logon(Some(unsafe { IMSLogon::from_raw(outs.logon) }));
        }
        // SAFETY: as above; an interface other than the store's derives from it.
        let store = unsafe { IMsgStore::from_raw(outs.store) };
        // The store keeps the support object as long as it needs it; its last Release logs off.
        drop(support);
        Ok(Store::new(Arc::clone(&self.core), store, state))
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
        if status.is_ok() {
            Ok(())
        } else {
            Err(Failure::new("IMSProvider::Shutdown", status))
        }
    }

    /// Goes through Outlook's fast shutdown: asks, tells, and does it (ENTRY-10).
    ///
    /// # Errors
    ///
    /// The object doesn't have the interface, or what one of the calls answers.
    pub fn fast_shutdown(&self) -> Result<(), Failure> {
        let shutdown: IMAPIProviderShutdown = self.provider.cast().map_err(|error| {
            Failure::new("QueryInterface for IMAPIProviderShutdown", error.code())
        })?;
        let check = |call, status: HRESULT| {
            if status.is_ok() {
                Ok(())
            } else {
                Err(Failure::new(call, status))
            }
        };
        // SAFETY: calls without pointers.
        unsafe {
            check(
                "IMAPIProviderShutdown::QueryFastShutdown",
                shutdown.QueryFastShutdown(),
            )?;
            check(
                "IMAPIProviderShutdown::NotifyProcessShutdown",
                shutdown.NotifyProcessShutdown(),
            )?;
            check(
                "IMAPIProviderShutdown::DoFastShutdown",
                shutdown.DoFastShutdown(),
            )
        }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // SAFETY: taken once, here.
        let provider = unsafe { ManuallyDrop::take(&mut self.provider) };
        self.core.release("IMSProvider", provider);
    }
}

/// What both kinds of logon are given.
struct Arguments {
    support: *mut c_void,
    profile_name: *mut u8,
    entry_count: u32,
    entry_id: *mut ENTRYID,
    interface: *const GUID,
}

/// A string with its NUL, in units of 16 bits, so either width is aligned.
fn name_bytes(name: &str, unicode: bool) -> Vec<u16> {
    if unicode {
        return name.encode_utf16().chain([0]).collect();
    }
    let bytes: Vec<u8> = name.bytes().chain([0, 0]).collect();
    bytes
        .chunks(2)
        .map(|pair| u16::from_ne_bytes([pair[0], *pair.get(1).unwrap_or(&0)]))
        .collect()
}
