//! The store object: IMsgStore, with IMAPISync through its QueryInterface.

use std::sync::{Arc, Mutex, PoisonError};

use windows_core::HRESULT;

use super::attachment::Attachment;
use super::failure::Failure;
use super::identity::StoreIdentity;
use super::limits;
use super::open::{NewStore, Parts, Served};
use super::properties::{Value, get_props};
use super::shared::ProviderShared;
use super::support::Support;
use super::synchronize::MapiSync;
use crate::error::LogonError;
use crate::log;
use crate::settings::Secret;
use crate::sync::SyncEngine;
use mapi_provider_abi::mapi::{
    IMAPIProp_Impl, IMAPISync, IMsgStore, IMsgStore_Impl, LogoffFlags, MAPI_E_INVALID_PARAMETER,
    MAPI_STORE, MAPIERROR, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_MDB_PROVIDER, PR_OBJECT_TYPE,
    PR_RECORD_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK, PT_STRING8,
    PT_UNICODE, PT_UNSPECIFIED, PropTag, S_OK, SPropTagArray, SPropValue, UnicodeFlags,
};
use mapi_provider_abi::object::{Object, ObjectRef, Query};
use mapi_provider_abi::view::{self, PropTags};

/// The properties that every message store answers.
const PROPERTIES: [PropTag; 8] = [
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_OBJECT_TYPE,
    PR_RECORD_KEY,
    PR_STORE_ENTRYID,
    PR_STORE_RECORD_KEY,
    PR_MDB_PROVIDER,
    PR_STORE_SUPPORT_MASK,
];

/// A message store of a provider of kind `store`. What is not here answers `MAPI_E_NO_SUPPORT`.
#[cfg_attr(false, derive(MapiObject), mapi(implements(IMsgStore), query_interface = query_sync))]
pub(super) struct StoreObject<L: MapiSync> {
    pub(super) provider: Arc<ProviderShared<Self>>,
    pub(super) attachment: Arc<Attachment<L>>,
    /// The chain is store → support → logon (ENTRY-05).
    pub(super) support: Option<Support>,
    pub(super) identity: StoreIdentity,
    /// The entry ID that clients see.
    pub(super) entry_id: Vec<u8>,
    /// The mark of SpoolerLogon: the store is the spooler's.
    pub(super) spooler: bool,
    pub(super) logoff_flags: Mutex<Option<LogoffFlags>>,
}
include!("objects/store.rs");

impl<L: MapiSync> Served for StoreObject<L> {
    type Logic = L;
    type Inner = ();

    fn prepare(_: &NewStore<'_, L>) -> Result<(), LogonError> {
        Ok(())
    }

    fn build(parts: Parts<Self>, (): ()) -> ObjectRef<Self> {
        let Parts {
            provider,
            attachment,
            support,
            identity,
            entry_id,
            spooler,
        } = parts;
        ObjectRef::new(Self {
            provider,
            attachment,
            support,
            identity,
            entry_id,
            spooler,
            logoff_flags: Mutex::new(None),
        })
    }

    fn attachment(&self) -> &Arc<Attachment<L>> {
        &self.attachment
    }
}

/// The store's IMAPISync.
fn query_sync<L: MapiSync>(this: &Object<StoreObject<L>>, query: &mut Query<'_>) {
    query.answer::<IMAPISync>(|| Some(L::sync_interface(this.engine(), this)));
}

impl<L: MapiSync> StoreObject<L> {
    pub(super) fn engine(&self) -> &SyncEngine<L> {
        self.attachment.engine()
    }

    /// The value of a property.
    fn value(&self, id: u16) -> Option<Value> {
        let manifest = self.provider.manifest;
        let tag = PROPERTIES.into_iter().find(|tag| tag.id() == id)?;
        Some(match tag {
            PR_DISPLAY_NAME_W => Value::Text(Secret::new(manifest.name.to_owned())),
            PR_ENTRYID | PR_STORE_ENTRYID => Value::Binary(self.entry_id.clone()),
            PR_RECORD_KEY | PR_STORE_RECORD_KEY => {
                Value::Binary(self.identity.record_key().to_vec())
            }
            PR_OBJECT_TYPE => Value::Long(MAPI_STORE as i32),
            PR_MDB_PROVIDER => Value::Binary(manifest.uid.to_vec()),
            PR_STORE_SUPPORT_MASK => Value::Long(manifest.support_mask as i32),
            _ => return None,
        })
    }
}

/// The tags that a call means: all if it names none, and text in the width of its flags if it names no
/// type.
fn asked_tags(named: Option<&[PropTag]>, flags: UnicodeFlags) -> Vec<PropTag> {
    let text_type = if flags.contains(UnicodeFlags::MAPI_UNICODE) {
        PT_UNICODE
    } else {
        PT_STRING8
    };
    let is_text = |asked: PropTag| asked.id() == PR_DISPLAY_NAME_W.id();
    let typed = |asked: &PropTag| match (is_text(*asked), asked.prop_type()) {
        (true, PT_UNSPECIFIED) => PropTag::new(asked.id(), text_type),
        _ => *asked,
    };
    match named {
        Some(tags) => tags.iter().map(typed).collect(),
        None => PROPERTIES
            .iter()
            .map(|tag| {
                if is_text(*tag) {
                    typed(&tag.with_type(PT_UNSPECIFIED))
                } else {
                    *tag
                }
            })
            .collect(),
    }
}

impl<L: MapiSync> IMAPIProp_Impl for StoreObject<L> {
    /// What the last run said, if it failed with this result (COM-08); the other methods fail with
    /// nothing more to say.
    unsafe fn GetLastError(
        this: &Object<Self>,
        hResult: HRESULT,
        ulFlags: UnicodeFlags,
        lppMAPIError: *mut *mut MAPIERROR,
    ) -> HRESULT {
        let Some(text) = this.engine().last_failure(hResult) else {
            return S_OK;
        };
        let failure = Failure {
            result: hResult,
            component: this.provider.manifest.name,
            text,
        };
        match failure.to_mapi(this.provider.allocators, ulFlags) {
            Ok(error) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppMAPIError = error };
                S_OK
            }
            Err(result) => result,
        }
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        lpPropTagArray: *mut SPropTagArray,
        ulFlags: UnicodeFlags,
        lpcValues: *mut u32,
        lppPropArray: *mut *mut SPropValue,
    ) -> HRESULT {
        // SAFETY: NULL, or an array as the caller's count says.
        let named = unsafe { view::read_optional::<PropTags>(lpPropTagArray, &limits::tags()) };
        let Ok(named) = named else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let tags = asked_tags(named.as_deref(), ulFlags);
        match get_props(this.provider.allocators, &tags, |asked| {
            this.value(asked.id())
        }) {
            Ok((result, values)) => {
                // SAFETY: the thunk has checked that neither is NULL.
                unsafe {
                    *lpcValues = tags.len() as u32;
                    *lppPropArray = values;
                }
                result
            }
            Err(result) => result,
        }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        ulFlags: UnicodeFlags,
        lppPropTagArray: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let tags = asked_tags(None, ulFlags);
        match this.provider.allocators.build(&PropTags::from(tags)) {
            Ok(array) => {
                // SAFETY: the thunk has checked that it is not NULL.
                unsafe { *lppPropTagArray = array.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}

impl<L: MapiSync> IMsgStore_Impl for StoreObject<L> {
    unsafe fn StoreLogoff(this: &Object<Self>, lpulFlags: *mut LogoffFlags) -> HRESULT {
        // SAFETY: the thunk has checked that it is not NULL.
        let flags = unsafe { *lpulFlags };
        *this
            .logoff_flags
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(flags);
        this.attachment.cancel(); // SYNC-16
        // SAFETY: as above.
        unsafe { *lpulFlags = LogoffFlags::LOGOFF_COMPLETE };
        S_OK
    }
}

impl<L: MapiSync> Drop for StoreObject<L> {
    fn drop(&mut self) {
        // Before anything that could panic: nobody may find a store that is being dropped.
        self.provider.registry.remove(self);
        self.attachment.release();
        log::info!(spooler = self.spooler, "the store is closed");
        if let Some(support) = self.support.take() {
            // ENTRY-09: here and nowhere else, with what StoreLogoff said; then the support object goes,
            // and with it the logon.
            let flags = self
                .logoff_flags
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner);
            support.store_logoff_transports(flags.unwrap_or(LogoffFlags::LOGOFF_ABORT));
        }
    }
}
