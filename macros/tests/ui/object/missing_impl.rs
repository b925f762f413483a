use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPIProp_Impl, IMsgStore};

#[derive(MapiObject)]
#[mapi(implements(IMsgStore))]
struct Store;

impl IMAPIProp_Impl for Store {}

fn main() {}
