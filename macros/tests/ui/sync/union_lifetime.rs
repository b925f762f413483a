use mapi_provider::MapiSync;

#[derive(MapiSync)]
struct Borrows<'a> {
    server: &'a str,
}

#[derive(MapiSync)]
union Both {
    left: u32,
    right: f32,
}

fn main() {}
