use mapi_provider::MapiObject;
use mapi_provider::abi::{GUID, IMAPISync, IMAPISync_Impl};

#[derive(MapiObject)]
#[mapi(implements(IMAPISync), query_interface = hook)]
struct Sync;

impl IMAPISync_Impl for Sync {}

fn hook(_: &Sync, _: &GUID) -> bool {
    false
}

fn main() {}
