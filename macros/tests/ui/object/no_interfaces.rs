use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implements())]
struct Empty;

#[derive(MapiObject)]
#[mapi]
struct Bare;

fn main() {}
