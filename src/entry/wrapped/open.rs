//! Logon and SpoolerLogon of a store around another one (WRAP-03).

use std::path::Path;
use std::ptr;
use std::sync::{Arc, Mutex};

use windows_core::{HRESULT, IUnknown, Interface};

use super::super::attachment::Attachment;
use super::super::failure::{Failure, take_text};
use super::super::identity::StoreIdentity;
use super::super::logon_call::{Arguments, Opened, Outs, Security};
use super::super::open::{engine, hand_out, own_section, section_uid};
use super::super::profile::ProfileSection;
use super::super::registry::Key;
use super::super::sections::LogonSections;
use super::super::support::Support;
use super::super::synchronize::MapiSync;
use super::describe::inner_failure;
use super::logon::WrappedLogon;
use super::path;
use super::provider::WrappedProvider;
use super::shared::WrappedShared;
use super::store::WrappedStore;
use super::support::WrappedSupport;
use crate::error::LogonError;
use crate::sync::{EngineKey, EngineOptions, StoreKey};
use mapi_provider_abi::mapi::{
    ENTRYID, IMAPISupport, IMSLogon, IMSProvider, IMsgStore, MAPI_E_CALL_FAILED,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPIERROR, S_OK, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef};
use mapi_provider_abi::view::MapiBuffer;

impl Arguments {
    fn key<'a>(&self, identity: &'a StoreIdentity, inner: usize) -> Key<'a> {
        Key {
            identity,
            spooler: self.is_spooler(),
            inner,
        }
    }
}

/// What the inner provider has answered to a logon that went well: S_OK or a warning, and what it said of it (WRAP-03).
struct Answer {
    result: HRESULT,
    text: Option<String>,
}

impl Answer {
    /// Of a logon that the inner provider was not asked for.
    const OK: Self = Self {
        result: S_OK,
        text: None,
    };

    /// Passes it on to MAPI.
    ///
    /// # Safety
    ///
    /// The place for the error is NULL or the caller's to be written to.
    unsafe fn give<L: MapiSync>(
        self,
        shared: &WrappedShared<L>,
        flags: u32,
        outs: &Outs,
    ) -> HRESULT {
        let Some(text) = self.text.filter(|_| !outs.error.is_null()) else {
            return self.result;
        };
        let described = Failure {
            result: self.result,
            component: shared.manifest.name,
            text,
        };
        let width = UnicodeFlags::from_bits_retain(flags);
        if let Ok(described) = described.to_mapi(shared.allocators, width) {
            // SAFETY: not NULL, so the caller's to be written to.
            unsafe { *outs.error = described };
        }
        self.result
    }
}

/// What an inner logon has given.
struct Inner {
    store: IMsgStore,
    /// None where the inner store was open before (ENTRY-04).
    logon: Option<IMSLogon>,
    support: ObjectRef<WrappedSupport>,
    credentials: Credentials,
    answer: Answer,
}

/// What the inner provider wants the spooler to log on with: bytes in one piece, like an entry ID.
struct Credentials {
    size: u32,
    blob: Option<MapiBuffer<ENTRYID>>,
}

impl Credentials {
    /// Gives them to MAPI, where it wants them.
    ///
    /// # Safety
    ///
    /// The places are NULL or the caller's to be written to.
    unsafe fn give(self, security: Security) {
        let Security::Wanted(size, place) = security else {
            return;
        };
        if size.is_null() || place.is_null() {
            return;
        }
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe {
            *size = self.size;
            *place = self
                .blob
                .map_or(ptr::null_mut(), |blob| blob.into_raw().cast());
        }
    }
}

impl Inner {
    /// Closes it again, in the order in which it would go: store, support object, logon.
    fn give_up(self) {
        drop((self.store, self.support));
        log_off(self.logon);
    }
}

/// Opens a store.
///
/// # Safety
///
/// All pointers are as MAPI's page says; the places for store and logon are not NULL.
pub(super) unsafe fn logon<L: MapiSync>(
    this: &Object<WrappedProvider<L>>,
    arguments: &Arguments,
    outs: &Outs,
) -> HRESULT {
    // SAFETY: the caller's word.
    match unsafe { open(this, arguments) } {
        Ok((opened, answer)) => {
            // SAFETY: the caller's word.
            unsafe {
                outs.give(opened);
                answer.give(&this.shared, arguments.flags.bits(), outs)
            }
        }
        // SAFETY: the caller's word.
        Err(error) => unsafe {
            let shared = &this.shared;
            let name = shared.manifest.name;
            outs.fail(&error, name, shared.allocators, arguments.flags)
        },
    }
}

/// # Safety
///
/// All pointers are as MAPI's page says.
unsafe fn open<L: MapiSync>(
    this: &Object<WrappedProvider<L>>,
    arguments: &Arguments,
) -> Result<(Opened, Answer), LogonError> {
    let shared = &this.shared;
    // SAFETY: the caller's word.
    let again = |store: &ObjectRef<WrappedStore<L>>| unsafe {
        hand_out(store, arguments.interface, None).map(|opened| (opened, Answer::OK))
    };
    let inner = this
        .inner
        .as_ref()
        .map_err(|missing| LogonError::new(missing.code, missing.text.clone()))?;
    let (count, entry_id) = arguments.entry_id;
    let has_our_entry_ids = shared.inside.has_our_entry_ids();
    // SAFETY: the caller's word.
    let given = unsafe {
        match has_our_entry_ids {
            true => StoreIdentity::read_own(count, entry_id, &shared.manifest.uid),
            false => StoreIdentity::read(count, entry_id),
        }
    }
    .map_err(|status| LogonError::new(status, "this is no entry ID of this provider's stores"))?;
    // ENTRY-04: where the entry ID tells, the new support object is not even looked at.
    let look = |identity: &StoreIdentity| shared.registry.look(arguments.key(identity, 0));
    let mut turn = given.as_ref().map(|identity| shared.turns.take(identity));
    if let Some(store) = given.as_ref().and_then(look) {
        return again(&store);
    }
    // SAFETY: the caller's word.
    let support = unsafe { IMAPISupport::from_raw_borrowed(&arguments.support) }
        .ok_or_else(|| LogonError::new(MAPI_E_INVALID_PARAMETER, "no support object"))?;
    // SAFETY: as above.
    let section = unsafe { Support::borrow(&arguments.support) }
        .and_then(|support| own_section(support, shared.allocators));
    let uid = section_uid(section.as_ref());
    let identity = match given {
        Some(given) if !has_our_entry_ids || uid.is_none() => given,
        // ENTRY-12: the section says which store it is, whatever the entry ID looks like.
        other => {
            let of_section = uid.unwrap_or_default();
            let identity = StoreIdentity::of_section(&shared.manifest.uid, &of_section);
            if other.is_none_or(|given| !given.is_same(&identity)) {
                turn = Some(shared.turns.take(&identity));
            }
            if let Some(store) = look(&identity) {
                return again(&store);
            }
            identity
        }
    };
    let (global, path) = section_and_path(this, support, section.as_ref())?;
    let path = Path::new(&path);
    // The logic first: a store that can't be synchronised is not opened.
    let options = EngineOptions::new(shared.manifest, shared.is_service);
    let key = EngineKey::new::<L>(shared.manifest, identity.section_key(uid, shared.number));
    let place = StoreKey::of_file(path);
    let spooler = arguments.is_spooler();
    let sections =
        section.map(|own| LogonSections::open(own, shared.manifest, support, shared.allocators));
    let engine = engine::<L>(key, &place, options, sections.transpose()?, spooler)?;
    let attachment = Attachment::new(engine);
    let support = ObjectRef::new(WrappedSupport::new(support.clone(), global.interface()));
    // SAFETY: the caller's word.
    let inner = unsafe { inner_logon(this, inner, arguments, support)? };
    // SAFETY: the caller's word.
    let opened = unsafe { wrap(this, arguments, (&identity, path), attachment, inner) };
    drop(turn);
    opened
}

/// The section that has the store's path, and that path.
fn section_and_path<L: MapiSync>(
    this: &Object<WrappedProvider<L>>,
    support: &IMAPISupport,
    own: Option<&ProfileSection>,
) -> Result<(ProfileSection, String), LogonError> {
    let shared = &this.shared;
    let unconfigured = || LogonError::unconfigured("the profile has no section of this store");
    let own = own.ok_or_else(unconfigured)?;
    let section = shared.inside.section(support, own, shared.allocators);
    let global = section.map_err(|status| {
        LogonError::new(status, "the service's profile section can't be opened")
    })?;
    match path::ensure(
        &global,
        section_uid(Some(own)),
        shared.manifest,
        shared.is_service,
    )? {
        Some(path) => Ok((global, path)),
        None => Err(LogonError::unconfigured(
            "the path of the store is not configured: PR_PROFILE_OFFLINE_STORE_PATH",
        )),
    }
}

/// Logs on to the inner provider.
///
/// # Safety
///
/// All pointers are as MAPI's page says.
unsafe fn inner_logon<L: MapiSync>(
    this: &Object<WrappedProvider<L>>,
    inner: &IMSProvider,
    arguments: &Arguments,
    support: ObjectRef<WrappedSupport>,
) -> Result<Inner, LogonError> {
    let allocators = this.shared.allocators;
    let inside = this.shared.inside;
    let flags = inside.flags(arguments.flags);
    let given: IMAPISupport = support.to_interface();
    let (count, entry_id) = arguments.entry_id;
    let mut error: *mut MAPIERROR = ptr::null_mut();
    let (mut logon, mut store) = (ptr::null_mut(), ptr::null_mut());
    // Of our own, for what a logon that fails later has left there would be lost.
    let (mut size, mut blob): (u32, *mut u8) = (0, ptr::null_mut());
    // SAFETY: the caller's arguments, and live variables. IMsgStore is what NULL asks for: who asked for another
    // interface gets it of the wrapper.
    let result = unsafe {
        match arguments.security {
            Security::Wanted(..) => inner.Logon(
                given.as_raw(),
                arguments.window,
                arguments.profile,
                count,
                entry_id,
                flags,
                ptr::null(),
                &raw mut size,
                &raw mut blob,
                &raw mut error,
                &raw mut logon,
                &raw mut store,
            ),
            Security::Given(size, credentials) => inner.SpoolerLogon(
                given.as_raw(),
                arguments.window,
                arguments.profile,
                count,
                entry_id,
                flags,
                ptr::null(),
                size,
                credentials,
                &raw mut error,
                &raw mut logon,
                &raw mut store,
            ),
        }
    };
    // SAFETY: what the inner provider has left there is ours.
    let said = unsafe {
        let width = UnicodeFlags::from_bits_retain(flags.bits());
        take_text(allocators, error, width)
    };
    if result.is_err() {
        // What a call that failed has left in the other places is nobody's (WRAP-03).
        let text = format!("{} can't be opened", inside.store_name());
        return Err(inner_failure(&text, result, said));
    }
    // SAFETY: NULL or a logon, and the reference is ours.
    let logon = (!logon.is_null()).then(|| unsafe { IMSLogon::from_raw(logon) });
    if store.is_null() {
        let text = format!("{} has opened no store", inside.name());
        return Err(inner_failure(&text, MAPI_E_CALL_FAILED, said));
    }
    Ok(Inner {
        answer: Answer { result, text: said },
        // SAFETY: a store, and the reference is ours.
        store: unsafe { IMsgStore::from_raw(store) },
        logon,
        support,
        credentials: Credentials {
            size,
            // SAFETY: NULL or a flat root of that size that is ours to free.
            blob: unsafe { allocators.adopt(blob.cast::<ENTRYID>(), size) },
        },
    })
}

/// Puts our store around the inner one, unless it has one.
///
/// # Safety
///
/// The interface is NULL or valid; the places for credentials are NULL or the caller's to be written to.
unsafe fn wrap<L: MapiSync>(
    this: &Object<WrappedProvider<L>>,
    arguments: &Arguments,
    (identity, path): (&StoreIdentity, &Path),
    attachment: Attachment<L>,
    inner: Inner,
) -> Result<(Opened, Answer), LogonError> {
    let shared = &this.shared;
    let name = shared.inside.store_name();
    let open =
        match shared
            .inside
            .for_runs(&inner.store, path, (shared.manifest, shared.allocators))
        {
            Ok(open) => open,
            Err(error) => {
                inner.give_up();
                return Err(error);
            }
        };
    match open.prepare() {
        // A store that is opened for reading: runs try again.
        Ok(()) | Err(MAPI_E_NO_ACCESS) => {}
        Err(status) => {
            drop(open);
            inner.give_up();
            let text = format!("{name} does not take its ranges of IDs");
            return Err(LogonError::new(status, text));
        }
    }
    let Ok(inner_identity) = inner.store.cast::<IUnknown>() else {
        drop(open);
        inner.give_up();
        return Err(LogonError::other(format!("{name} has no identity")));
    };
    // The address alone: a reference of this call's would keep the store.
    let address = inner_identity.as_raw() as usize;
    drop(inner_identity);
    let key = arguments.key(identity, address);
    let Inner {
        store,
        logon,
        support,
        credentials,
        answer,
    } = inner;
    let kept = Arc::clone(shared);
    let build = |attachment: Attachment<L>| {
        attachment.engine().lend(open);
        ObjectRef::new(WrappedStore {
            inner: store,
            attachment: Arc::new(attachment),
            support,
            spooler: arguments.is_spooler(),
            logoff_flags: Mutex::new(None),
            provider: kept,
        })
    };
    let store = match shared.registry.claim(key, attachment, build) {
        Ok(store) => store,
        // ENTRY-04: another thread was faster, or the store is open under another entry ID.
        Err(other) => other,
    };
    // SAFETY: the caller's word.
    match unsafe { hand_out(&store, arguments.interface, None) } {
        Ok(opened) => {
            // SAFETY: the caller's word.
            unsafe { credentials.give(arguments.security) };
            // An inner logon belongs to the support object of this call, whoever made the store.
            let logon = logon.map(|inner| {
                let attachment = Arc::clone(&store.attachment);
                let logon = WrappedLogon { inner, attachment };
                ObjectRef::new(logon).into_interface()
            });
            Ok((Opened { logon, ..opened }, answer))
        }
        Err(error) => {
            drop(store);
            log_off(logon);
            Err(error)
        }
    }
}

/// Logs an inner logon off that MAPI never gets, and so can't.
fn log_off(logon: Option<IMSLogon>) {
    if let Some(logon) = logon {
        let mut flags = 0;
        // SAFETY: a live variable. Nothing depends on what it answers.
        let _ = unsafe { logon.Logoff(&raw mut flags) };
    }
}
