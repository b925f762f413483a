use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPIProp_Impl, IMsgStore, IMsgStore_Impl};

#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMsgStore), forwards(IMsgStore = inner))]
struct Store {
    inner: IMsgStore,
}

impl IMAPIProp_Impl for Store {}
impl IMsgStore_Impl for Store {}

fn main() {}
