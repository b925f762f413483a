use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPIStatus, IMsgStore, IMsgStore_Forward};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner), tear_offs(IMAPIStatus = inner))]
struct Wrapper {
    inner: IMsgStore,
}

impl IMsgStore_Forward for Wrapper {}

fn main() {}
