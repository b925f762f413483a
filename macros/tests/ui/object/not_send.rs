use std::rc::Rc;

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISync, IMAPISync_Impl};

#[derive(MapiObject)]
#[mapi(implements(IMAPISync))]
struct Sync {
    text: Rc<str>,
}

impl IMAPISync_Impl for Sync {}

fn main() {}
