use mapi_provider::MapiObject;
use mapi_provider::abi::IUnknown;

#[derive(MapiObject)]
#[mapi(implements(IUnknown))]
struct Object;

fn main() {}
