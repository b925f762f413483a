use mapi_provider::MapiSync;

#[derive(MapiSync)]
struct Logic;

fn main() {}
