use mapi_provider::MapiObject;
use mapi_provider::abi::{IMsgStore, IMsgStore_Forward};

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = inner), tear_offs(IPSTX, IPSTX2 = iner, IPSTX2 = inner))]
struct Mistaken {
    inner: IMsgStore,
}

impl IMsgStore_Forward for Mistaken {}

#[derive(MapiObject)]
#[mapi(tear_offs(IPSTX = inner))]
struct Nothing {
    inner: IMsgStore,
}

fn main() {}
