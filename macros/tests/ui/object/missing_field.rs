use mapi_provider::MapiObject;
use mapi_provider::abi::IMsgStore;

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = iner), outer = nowhere)]
struct Wrapper {
    inner: IMsgStore,
}

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = 1))]
struct Tuple(IMsgStore);

fn main() {}
