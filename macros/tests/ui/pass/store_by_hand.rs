//! A store that a team writes itself, with its synchronisation hooked into its QueryInterface.

use mapi_provider::abi::{IMAPIProp, IMAPIProp_Impl, IMAPISync, IMsgStore, IMsgStore_Impl};
use mapi_provider::object::{Object, ObjectRef, Query};
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

fn query(this: &Object<Store>, query: &mut Query<'_>) {
    query.answer::<IMAPISync>(|| {
        let engine = this.engine.as_ref()?;
        Some(Logic::sync_interface(engine, this))
    });
}

fn main() {
    let store = ObjectRef::new(Store { engine: None }).into_interface::<IMsgStore>();
    let _: IMAPIProp = store.into();
}
