//! The message store object: what `IMsgStore` answers.
//!
//! It has the properties of a store, among them `PR_CONTENT_COUNT`. The methods that aren't here answer
//! `MAPI_E_NO_SUPPORT`; folders would begin with `OpenEntry`.

use mapi_provider::abi::{
    HRESULT, IMAPIProp_Impl, IMsgStore, IMsgStore_Impl, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND,
    MAPI_STORE, MAPI_W_ERRORS_RETURNED, PR_CONTENT_COUNT, PR_DISPLAY_NAME_W, PR_ENTRYID,
    PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_RECORD_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,
    PR_STORE_SUPPORT_MASK, PT_STRING8, PT_UNICODE, PT_UNSPECIFIED, PropTag, S_OK, SPropTagArray,
    SPropValue, UnicodeFlags,
};
use mapi_provider::object::Object;
use mapi_provider::view::{self, Allocators, Limits, PropTags, PropValue, Property};
use mapi_provider::{LogonError, MapiObject, OwnStore, StoreLogon, SyncEngine};

use crate::Notices;

/// All properties that the store has, text in its wide form.
const PROPERTIES: [PropTag; 9] = [
    PR_DISPLAY_NAME_W,
    PR_ENTRYID,
    PR_STORE_ENTRYID,
    PR_RECORD_KEY,
    PR_STORE_RECORD_KEY,
    PR_MDB_PROVIDER,
    PR_OBJECT_TYPE,
    PR_STORE_SUPPORT_MASK,
    PR_CONTENT_COUNT,
];

/// The store of one board.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore))]
pub struct Board {
    engine: SyncEngine<Notices>,
    allocators: Allocators,
    name: &'static str,
    entry_id: Vec<u8>,
    record_key: Vec<u8>,
    provider_uid: [u8; 16],
    support_mask: u32,
}

impl OwnStore for Board {
    type Logic = Notices;

    fn open(logon: StoreLogon<'_, Notices>) -> Result<Self, LogonError> {
        Ok(Self {
            engine: logon.engine().clone(),
            allocators: logon.allocators(),
            name: logon.display_name(),
            entry_id: logon.entry_id().to_vec(),
            record_key: logon.record_key().to_vec(),
            provider_uid: logon.provider_uid(),
            support_mask: logon.support_mask(),
        })
    }
}

impl Board {
    /// The value of a property in the type that is asked for.
    fn value(&self, asked: PropTag) -> Option<PropValue<'_>> {
        let tag = PROPERTIES.into_iter().find(|tag| tag.id() == asked.id())?;
        let value = match tag {
            PR_DISPLAY_NAME_W if asked.prop_type() == PT_STRING8 => PropValue::ansi(self.name),
            PR_DISPLAY_NAME_W => self.name.into(),
            PR_ENTRYID | PR_STORE_ENTRYID => self.entry_id.as_slice().into(),
            PR_RECORD_KEY | PR_STORE_RECORD_KEY => self.record_key.as_slice().into(),
            PR_MDB_PROVIDER => self.provider_uid.as_slice().into(),
            PR_OBJECT_TYPE => PropValue::Long(MAPI_STORE as i32),
            PR_STORE_SUPPORT_MASK => PropValue::Long(self.support_mask as i32),
            PR_CONTENT_COUNT => {
                PropValue::Long(i32::try_from(self.engine.logic().count()).unwrap_or(i32::MAX))
            }
            _ => return None,
        };
        let any = asked.prop_type() == PT_UNSPECIFIED;
        (any || asked.prop_type() == value.prop_type()).then_some(value)
    }
}

/// The tag as a caller means it who names no type: text is as wide as its flags say.
fn typed(tag: PropTag, flags: UnicodeFlags) -> PropTag {
    let wide = flags.contains(UnicodeFlags::MAPI_UNICODE);
    if tag.id() == PR_DISPLAY_NAME_W.id() {
        tag.with_type(if wide { PT_UNICODE } else { PT_STRING8 })
    } else {
        tag
    }
}

/// All tags that the store has.
fn all(flags: UnicodeFlags) -> Vec<PropTag> {
    PROPERTIES.iter().map(|tag| typed(*tag, flags)).collect()
}

impl IMAPIProp_Impl for Board {
    unsafe fn GetProps(
        this: &Object<Self>,
        asked_for: *mut SPropTagArray,
        flags: UnicodeFlags,
        count: *mut u32,
        properties: *mut *mut SPropValue,
    ) -> HRESULT {
        // SAFETY: NULL, or an array as the caller's count says.
        let named = unsafe { view::read_optional::<PropTags>(asked_for, &Limits::default()) };
        let asked: Vec<PropTag> = match named {
            Ok(Some(named)) => named.iter().copied().collect(),
            Ok(None) => all(flags),
            Err(_) => return MAPI_E_INVALID_PARAMETER,
        };
        let mut result = S_OK;
        let value = |asked: &PropTag| {
            let unspecified = asked.prop_type() == PT_UNSPECIFIED;
            let tag = if unspecified {
                typed(*asked, flags)
            } else {
                *asked
            };
            let value = this.value(tag).unwrap_or_else(|| {
                result = MAPI_W_ERRORS_RETURNED;
                PropValue::Error(MAPI_E_NOT_FOUND)
            });
            Property::with_id(asked.id(), value)
        };
        let values: Vec<Property<'_>> = asked.iter().map(value).collect();
        match this.allocators.properties(&values) {
            Ok(array) => {
                // SAFETY: neither is NULL, or MAPI_E_INVALID_PARAMETER would have been the answer.
                unsafe {
                    *count = values.len() as u32;
                    *properties = array.into_raw();
                }
                result
            }
            Err(error) => error.status(),
        }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        flags: UnicodeFlags,
        tags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        match this.allocators.build(&PropTags::from(all(flags))) {
            Ok(array) => {
                // SAFETY: as in GetProps.
                unsafe { *tags = array.into_raw() };
                S_OK
            }
            Err(error) => error.status(),
        }
    }
}

impl IMsgStore_Impl for Board {}
