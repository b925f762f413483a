use mapi_provider::MapiObject;
use mapi_provider::abi::{IProxyStoreObject, IProxyStoreObject_Impl, Interface};
use mapi_provider::object::Object;

#[derive(MapiObject)]
#[mapi(implements(IProxyStoreObject))]
struct Store;

impl IProxyStoreObject_Impl for Store {
    unsafe fn Placeholder1(_: &Object<Self>) {}
}

fn call(store: &IProxyStoreObject) {
    unsafe { store.Placeholder2() };
}

fn call_slot(store: &IProxyStoreObject) {
    unsafe { (store.vtable().Placeholder2)(store.as_raw()) };
}

fn call_what_the_slot_holds(store: &IProxyStoreObject) {
    unsafe { store.vtable().Placeholder2.0(store.as_raw()) };
}

fn main() {}
