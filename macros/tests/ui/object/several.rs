use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IUnknown, IMsgStore), forwards(IMAPIProp = nowhere), colour = 3)]
struct Store<'a> {
    logic: &'a str,
}

fn main() {}
