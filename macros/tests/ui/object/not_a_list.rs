use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implements = IMsgStore)]
struct Equals;

#[derive(MapiObject)]
#[mapi(implements(IMsgStore IMAPISync))]
struct NoComma;

#[derive(MapiObject)]
#[mapi(implements("IMsgStore"))]
struct Quoted;

#[derive(MapiObject)]
#[mapi = "IMsgStore"]
struct Value;

fn main() {}
