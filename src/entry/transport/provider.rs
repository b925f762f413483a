//! The provider object: IXPProvider.

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{MAIN_SEPARATOR_STR, PathBuf};
use std::sync::Arc;

use windows_core::{HRESULT, Interface};

use super::attached::Attached;
use super::logon::TransportLogonObject;
use crate::entry::failure::Failure;
use crate::entry::logons::Logons;
use crate::entry::open::{own_section, read_settings, section_uid};
use crate::entry::profile::ProfileSection;
use crate::entry::sections::LogonSections;
use crate::entry::support::Support;
use crate::entry::wrapped::expand;
use crate::error::LogonError;
use crate::log;
use crate::manifest::{Manifest, TransportSpec};
use crate::status::Status;
use crate::transport::{
    Identity, Link, MailTransport, Patience, Queue, QueueError, Session, SessionLink,
};
use mapi_provider_abi::internal::{panic_text, panicked};
use mapi_provider_abi::mapi::{
    E_UNEXPECTED, IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IXPLogon, IXPProvider,
    IXPProvider_Impl, MAPI_E_FAILONEPROVIDER, MAPI_E_INVALID_PARAMETER, MAPI_E_LOGON_FAILED,
    MAPIERROR, S_OK, TCHAR, TransportLogonFlags, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::Allocators;

/// What a provider object and its logons share.
pub(super) struct ProviderShared<L: MailTransport> {
    manifest: &'static Manifest,
    spec: &'static TransportSpec,
    allocators: Allocators,
    is_service: bool,
    logons: Logons<Attached<L>>,
}

impl<L: MailTransport> ProviderShared<L> {
    pub(super) fn new(
        manifest: &'static Manifest,
        spec: &'static TransportSpec,
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

    /// ENTRY-10: cancels what is being sent, without waiting.
    fn stop_all(&self) {
        for logon in self.logons.all() {
            logon.session.stop();
        }
    }
}

/// A transport provider, one for each call of XPProviderInit (XP-01).
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IXPProvider, IMAPIProviderShutdown))
)]
pub(super) struct TransportProvider<L: MailTransport> {
    pub(super) shared: Arc<ProviderShared<L>>,
}
include!("objects/provider.rs");

impl<L: MailTransport> IXPProvider_Impl for TransportProvider<L> {
    unsafe fn Shutdown(this: &Object<Self>, _lpulFlags: *mut u32) -> HRESULT {
        this.shared.stop_all();
        S_OK
    }

    unsafe fn TransportLogon(
        this: &Object<Self>,
        lpMAPISup: *mut c_void,
        _ulUIParam: usize,
        _lpszProfileName: *mut TCHAR,
        lpulFlags: *mut TransportLogonFlags,
        lppMAPIError: *mut *mut MAPIERROR,
        lppXPLogon: *mut *mut c_void,
    ) -> HRESULT {
        // XP-02: the thunk has checked the pointers.
        // SAFETY: the caller's word.
        let Some(support) = (unsafe { Support::borrow(&lpMAPISup) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        // SAFETY: not NULL.
        let flags = unsafe { lpulFlags.read() };
        match log_on(&this.shared, support, flags) {
            Ok(logon) => {
                // SAFETY: neither is NULL.
                unsafe {
                    *lpulFlags = asked_of_spooler(this.shared.spec, flags);
                    *lppXPLogon = logon.into_raw();
                }
                S_OK
            }
            Err(error) => {
                let described = describe(&this.shared, &error, flags);
                // No input bit is left in the flags (XP-03), but the width of the error's strings.
                let width = flags & TransportLogonFlags::MAPI_UNICODE;
                // SAFETY: the flags are not NULL; the place for the error may be.
                unsafe {
                    *lpulFlags = width;
                    if let Some(described) = described.filter(|_| !lppMAPIError.is_null()) {
                        *lppMAPIError = described;
                    } else if let Some(described) = described {
                        drop(this.shared.allocators.adopt(described, 1));
                    }
                }
                answer(&error)
            }
        }
    }
}

/// XP-03: what the spooler is to do for this session.
fn asked_of_spooler(spec: &TransportSpec, flags: TransportLogonFlags) -> TransportLogonFlags {
    let mut asked = TransportLogonFlags::empty();
    let offline = flags.contains(TransportLogonFlags::LOGON_NO_CONNECT);
    if spec.idle && !offline {
        asked |= TransportLogonFlags::LOGON_SP_IDLE;
    }
    if spec.receives() && !offline {
        asked |= TransportLogonFlags::LOGON_SP_POLL;
    }
    if spec.resolve {
        asked |= TransportLogonFlags::LOGON_SP_RESOLVE;
    }
    asked
}

/// XP-04: the codes that fail this provider alone.
fn answer(error: &LogonError) -> HRESULT {
    match error.answer() {
        MAPI_E_LOGON_FAILED => MAPI_E_FAILONEPROVIDER,
        answer => answer,
    }
}

fn describe<L: MailTransport>(
    shared: &ProviderShared<L>,
    error: &LogonError,
    flags: TransportLogonFlags,
) -> Option<*mut MAPIERROR> {
    log::warn!(status = %Status(error.code()), text = error.text(), "the logon failed");
    let failure = Failure {
        result: error.code(),
        component: shared.manifest.name,
        text: error.text().to_owned(),
    };
    let width = UnicodeFlags::from_bits_retain(flags.bits());
    failure.to_mapi(shared.allocators, width).ok()
}

fn log_on<L: MailTransport>(
    shared: &Arc<ProviderShared<L>>,
    support: &Support,
    flags: TransportLogonFlags,
) -> Result<IXPLogon, LogonError> {
    let offline = flags.contains(TransportLogonFlags::LOGON_NO_CONNECT);
    let own = own_section(support, shared.allocators);
    let queue = queue(shared.spec, own.as_ref(), shared.is_service)?;
    let sections = own.map(|own| {
        LogonSections::open(own, shared.manifest, support.interface(), shared.allocators)
    });
    let sections = sections.transpose()?;
    let settings = sections.as_ref().map(LogonSections::settings);
    let settings = read_settings::<L::Settings>(settings)?;
    let (logic, identity) = open_logic::<L>(settings, Link { offline })?;
    if let Some(queue) = queue.as_ref().filter(|_| !offline) {
        open_queue(queue)?;
    }
    let link = SessionLink {
        offline,
        outbound: !flags.contains(TransportLogonFlags::LOGON_NO_OUTBOUND),
        inbound: !flags.contains(TransportLogonFlags::LOGON_NO_INBOUND),
        is_service: shared.is_service,
    };
    let session = Session::new(
        shared.spec,
        shared.manifest.name,
        logic,
        identity,
        queue,
        link,
    );
    let name = shared.manifest.name;
    let attached = Attached::new(session, name, shared.allocators, support.clone());
    // XP-07: before the logon is there for anybody.
    attached.first_row().map_err(|status| {
        LogonError::new(status, "MAPI does not take the transport's status row")
    })?;
    shared.logons.add(&attached);
    attached.session.work(Arc::new(Arc::downgrade(&attached)));
    Ok(ObjectRef::new(TransportLogonObject::new(attached, shared.spec)).into_interface())
}

/// The queue of this section of the profile, which no other has (XP-19).
fn queue(
    spec: &TransportSpec,
    section: Option<&ProfileSection>,
    is_service: bool,
) -> Result<Option<Queue>, LogonError> {
    let Some(queue) = &spec.queue else {
        return Ok(None);
    };
    let uid = section_uid(section).ok_or_else(|| {
        let text =
            "the profile section has no PR_PROVIDER_UID: nothing tells its queue from others'";
        LogonError::new(MAPI_E_FAILONEPROVIDER, text)
    })?;
    let folder = queue.folder.replace('\\', MAIN_SEPARATOR_STR);
    let folder = expand(&folder, is_service).map_err(|name| {
        LogonError::unconfigured(format!(
            "the path of the queue names the environment variable {name}, which is not set, or this is an elevated or a \
             service's process, where the environment is not believed"
        ))
    })?;
    let name = format!("{:032x}.queue", u128::from_be_bytes(uid));
    let patience = Patience {
        retry_after: spec.retry_after,
        give_up_after: queue.give_up_after,
    };
    Ok(Some(Queue::new(PathBuf::from(folder).join(name), patience)))
}

/// XP-19: whoever uses a queue that can't be used would never hear why his messages stay. One that another logon has is
/// free again when that one is over.
fn open_queue(queue: &Queue) -> Result<(), LogonError> {
    match queue.open() {
        Ok(()) | Err(QueueError::Busy) => Ok(()),
        Err(error) => Err(LogonError::new(MAPI_E_FAILONEPROVIDER, error.to_string())),
    }
}

/// Calls the team's `open` and `identity`; a panic is an error like any other (COM-04).
fn open_logic<L: MailTransport>(
    settings: L::Settings,
    link: Link,
) -> Result<(L, Identity), LogonError> {
    let open = || {
        let logic = L::open(settings, &link).map_err(LogonError::without_source)?;
        let identity = logic.identity();
        Ok((logic, identity))
    };
    catch_unwind(AssertUnwindSafe(open)).unwrap_or_else(|payload| {
        let text = format!("opening the transport panicked: {}", panic_text(&*payload));
        panicked(payload);
        Err(LogonError::new(E_UNEXPECTED, text))
    })
}

impl<L: MailTransport> IMAPIProviderShutdown_Impl for TransportProvider<L> {
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
