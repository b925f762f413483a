use mapi_provider::MapiObject;

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore, IMAPISync = "inner", IProfSect = self.inner))]
struct Wrapper {
    inner: u32,
}

fn main() {}
