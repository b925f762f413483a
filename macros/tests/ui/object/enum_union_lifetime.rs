use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implements(IMAPISync))]
enum Either<'a> {
    Left(&'a str),
    Right,
}

#[derive(MapiObject)]
#[mapi(implements(IMAPISync))]
union Both {
    left: u32,
    right: f32,
}

#[derive(MapiObject)]
#[mapi(implements(IMAPISync))]
struct Borrows<'a, 'b> {
    left: &'a str,
    right: &'b str,
}

fn main() {}
