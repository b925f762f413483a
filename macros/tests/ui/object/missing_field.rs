use mapi_provider::MapiObject;
use mapi_provider::abi::{IMsgStore, IMsgStore_Forward};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = iner), outer = nowhere)]
struct Wrapper {
    inner: IMsgStore,
}

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = 1))]
struct Tuple(IMsgStore);

// No word on these: the mistakes above are the only ones.
impl IMsgStore_Forward for Wrapper {}
impl IMsgStore_Forward for Tuple {}

fn main() {}
