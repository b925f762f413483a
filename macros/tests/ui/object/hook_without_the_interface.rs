use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISync, IMAPISync_Impl, IMsgStore};
use mapi_provider::object::{Object, Query};

#[derive(MapiObject)]
#[mapi(implements(IMAPISync), query_interface = hook)]
struct Sync;

impl IMAPISync_Impl for Sync {}

fn hook(this: &Object<Sync>, query: &mut Query<'_>) {
    query.answer::<IMsgStore>(|| Some(this.to_unknown()));
}

fn main() {}
