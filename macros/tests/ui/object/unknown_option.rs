use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implement(IMsgStore))]
struct Misspelt;

#[derive(MapiObject)]
#[mapi(colour = 3)]
struct Strange;

fn main() {}
