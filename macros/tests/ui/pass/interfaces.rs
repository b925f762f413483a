//! Interfaces of files that the manifest names: a module each.

use mapi_provider::abi::{HRESULT, Interface, S_OK, SPropValue};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::{BackgroundSync, LogonError, MapiObject, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("manifests/interfaces.toml");

/// The module of that name needs a feature that this crate lacks, so there is only this one.
mod absent {}

#[derive(MapiSync)]
struct Contoso;

impl BackgroundSync for Contoso {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}

#[derive(MapiObject)]
#[mapi(implements(contoso::IContosoTable))]
struct Table;

impl proxy::IProxyStoreObject_Impl for Table {}
impl proxy::IContosoSecret_Impl for Table {}

impl contoso::IContosoTable_Impl for Table {
    unsafe fn r#type(
        _: &Object<Self>,
        flags: proxy::UsageFlags,
        _: *mut proxy::CONTOSO_USAGE,
        _: Option<proxy::CONTOSO_CHANGED>,
        binary: *mut contoso::SBinary,
        _: *mut SPropValue,
    ) -> HRESULT {
        assert_eq!(flags, proxy::UsageFlags::ALL);
        unsafe { (*binary).r#dyn += 1 };
        S_OK
    }
}

#[derive(MapiObject)]
#[mapi(forwards(contoso::IContosoTable = 0))]
struct Wrapper(contoso::IContosoTable);

impl contoso::IContosoTable_Forward for Wrapper {}

fn main() {
    let table = ObjectRef::new(Table).into_interface::<contoso::IContosoTable>();
    let table = ObjectRef::new(Wrapper(table)).into_interface::<contoso::IContosoTable>();
    let mut usage = proxy::CONTOSO_USAGE {
        cMessages: 0,
        r#type: 0,
        cbUsed: 0,
    };
    let mut binary = contoso::SBinary { r#dyn: 1 };
    let status = unsafe {
        table.r#type(proxy::UsageFlags::ALL, &mut usage, None, &mut binary, std::ptr::null_mut())
    };
    assert_eq!((status, binary.r#dyn), (S_OK, 2));
    let base: proxy::IProxyStoreObject = table.into();
    assert!(base.cast::<contoso::IContosoTable>().is_ok());
}
