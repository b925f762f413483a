use mapi_provider::MapiSync;

#[derive(MapiSync)]
#[mapi(unload = "never")]
union Both<'a> {
    left: &'a str,
    right: u32,
}

fn main() {}
