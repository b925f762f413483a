use mapi_provider::MapiObject;
use mapi_provider::abi::{IMsgStore, IMsgStore_Impl};

#[derive(MapiObject)]
#[mapi(implements(IMsgStore))]
struct Store;

impl IMsgStore_Impl for Store {}

fn main() {}
