use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(
    implements(IMAPISync),
    query_interface = |_, _| None,
    query_interface(hook),
    query_interface = first,
    query_interface = second,
    outer = this,
    outer = that,
)]
struct Store {
    this: u32,
    that: u32,
}

fn main() {}
