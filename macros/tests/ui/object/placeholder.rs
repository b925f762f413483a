use mapi_provider::abi::{IProxyStoreObject, IProxyStoreObject_Impl};
use mapi_provider::object::Object;
use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implements(IProxyStoreObject))]
struct Store;

impl IProxyStoreObject_Impl for Store {
    unsafe fn Placeholder1(_: &Object<Self>) {}
}

fn call(store: &IProxyStoreObject) {
    unsafe { store.Placeholder2() };
}

fn main() {}
