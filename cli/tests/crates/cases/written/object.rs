//! An object that forwards what it does not do itself.

use mapi_provider::abi::{
    IMAPIProviderShutdown, IMAPIProviderShutdown_Impl, IMSLogon, IMSLogon_Forward,
};
use mapi_provider::object::ObjectRef;

/// What is outside.
#[cfg_attr(
    false,
    derive(MapiObject),
    mapi(implements(IMAPIProviderShutdown), forwards(IMSLogon = inner))
)]
pub(crate) struct Outside {
    inner: IMSLogon,
}
include!("object.mapi.rs");

impl IMAPIProviderShutdown_Impl for Outside {}
impl IMSLogon_Forward for Outside {}

/// Something that makes one.
pub(crate) fn new() -> fn(IMSLogon) -> ObjectRef<Outside> {
    |inner| ObjectRef::new(Outside { inner })
}
