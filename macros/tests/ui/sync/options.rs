use mapi_provider::MapiSync;

#[derive(MapiSync)]
#[mapi(overlap = "merge")]
#[mapi(implements(IMAPISync))]
struct Logic;

fn main() {}
