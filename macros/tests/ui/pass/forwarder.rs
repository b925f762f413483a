//! A wrapper that overrides nothing, and one whose inner objects are a tuple's.

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISync, IMAPISync_Forward, IMsgStore, IMsgStore_Forward};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner))]
struct Wrapper {
    inner: IMsgStore,
}

impl IMsgStore_Forward for Wrapper {}

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = 0, IMAPISync = 1))]
struct Pair(IMsgStore, IMAPISync);

impl IMsgStore_Forward for Pair {}
impl IMAPISync_Forward for Pair {}

fn main() {}
