//! All that the macros make, in a crate of any edition.

extern crate mapi_provider;

use mapi_provider::abi::*;
use mapi_provider::object::{Object, Query};
use mapi_provider::{BackgroundSync, LogonError, MapiObject, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// The logic.
#[derive(MapiSync)]
pub struct Logic;

impl BackgroundSync for Logic {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Logic)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}

/// A store.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, thing::IThing), query_interface = none)]
pub struct Store;

impl IMAPIProp_Impl for Store {}
impl IMsgStore_Impl for Store {}
impl thing::IThing_Impl for Store {}

fn none(_: &Object<Store>, _: &mut Query) {}

/// A wrapper, in a module of its own.
pub mod wrapper {
    use mapi_provider::MapiObject;
    use mapi_provider::abi::*;

    /// The wrapper.
    #[derive(MapiObject)]
    #[mapi(forwards(IMsgStore = inner), tear_offs(IMAPIFolder = inner), outer = outer)]
    pub struct Wrapper<T: ::std::fmt::Debug + Send + Sync + 'static> {
        inner: IMsgStore,
        outer: IMsgStore,
        _more: T,
    }

    impl<T: ::std::fmt::Debug + Send + Sync + 'static> IMsgStore_Forward for Wrapper<T> {}
}
