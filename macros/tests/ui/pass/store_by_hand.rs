//! A store that a team writes itself, with its synchronisation hooked into its QueryInterface.

use mapi_provider::abi::{GUID, IMAPIProp, IMAPIProp_Impl, IMAPISync, IMsgStore, IMsgStore_Impl, IUnknown, Interface};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::{BackgroundSync, LogonError, MapiObject, MapiSync, SyncEngine, SyncError, SyncJob};

#[derive(MapiSync)]
struct Logic;

impl BackgroundSync for Logic {
    type Settings = ();

    fn open(_: ()) -> Result<Self, LogonError> {
        unreachable!()
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        unreachable!()
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMsgStore), query_interface = query)]
struct Store {
    engine: Option<SyncEngine<Logic>>,
}

impl IMAPIProp_Impl for Store {}
impl IMsgStore_Impl for Store {}

fn query(this: &Object<Store>, iid: &GUID) -> Option<IUnknown> {
    let engine = this.engine.as_ref()?;
    (*iid == IMAPISync::IID).then(|| Logic::sync_interface(engine, this.to_unknown()).into())
}

fn main() {
    let store = ObjectRef::new(Store { engine: None }).into_interface::<IMsgStore>();
    let _: IMAPIProp = store.into();
}
