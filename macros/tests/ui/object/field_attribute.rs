use mapi_provider::MapiObject;
use mapi_provider::abi::IMsgStore;

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner))]
struct Wrapper {
    #[mapi(inner)]
    inner: IMsgStore,
}

fn main() {}
