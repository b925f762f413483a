use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISync, IMsgStore, IMsgStore_Forward};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner))]
struct Wrapper {
    inner: IMAPISync,
}

impl IMsgStore_Forward for Wrapper {}

fn main() {}
