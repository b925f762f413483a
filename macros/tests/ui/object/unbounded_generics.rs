use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISync, IMAPISync_Impl};

#[derive(MapiObject)]
#[mapi(implements(IMAPISync))]
struct Sync<L> {
    logic: L,
}

impl<L: Send + core::marker::Sync + 'static> IMAPISync_Impl for Sync<L> {}

fn main() {}
