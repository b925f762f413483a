//! An object alone, without `provider!`.

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISync, IMAPISync_Impl};

#[derive(MapiObject)]
#[mapi(implements(IMAPISync))]
pub struct Store;

impl IMAPISync_Impl for Store {}
