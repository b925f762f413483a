use mapi_provider::MapiObject;

#[derive(MapiObject)]
struct Store;

fn main() {}
