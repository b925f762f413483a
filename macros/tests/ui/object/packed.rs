use mapi_provider::MapiObject;
use mapi_provider::abi::{IMsgStore, IMsgStore_Forward};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner))]
#[repr(C, packed(2))]
struct Wrapper {
    _kind: u8,
    inner: IMsgStore,
}

impl IMsgStore_Forward for Wrapper {}

fn main() {}
