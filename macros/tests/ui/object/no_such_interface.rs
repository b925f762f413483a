use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implements(IMsgStoer))]
struct Store;

fn main() {}
