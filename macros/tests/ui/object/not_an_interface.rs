use mapi_provider::MapiObject;

struct Client;

#[derive(MapiObject)]
#[mapi(implements(Client))]
struct Store;

fn main() {}
