//! Derives in macros of the user's: what comes of fragments, and from where.
#![deny(warnings)]

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPIFolder, IMAPIProp, IMAPIProp_Impl, IMsgStore, IMsgStore_Forward};
use mapi_provider::object::{Object, ObjectRef, Query};

macro_rules! by_name {
    ($name:ident, $field:ident) => {
        #[derive(MapiObject)]
        #[mapi(forwards(IMsgStore = $field), tear_offs(IMAPIFolder = $field))]
        struct $name {
            $field: IMsgStore,
        }
        impl IMsgStore_Forward for $name {}
    };
}

macro_rules! by_expression {
    ($name:ident, $field:expr, $interface:path) => {
        #[derive(MapiObject)]
        #[mapi(forwards($interface = $field), outer = $field)]
        struct $name {
            inner: IMsgStore,
        }
        impl IMsgStore_Forward for $name {}
    };
}

macro_rules! by_number {
    ($name:ident, $field:literal, $interface:ty) => {
        #[derive(MapiObject)]
        #[mapi(forwards($interface = $field))]
        struct $name($interface);
        impl IMsgStore_Forward for $name {}
    };
}

macro_rules! by_path {
    ($name:ident, $hook:path, $implements:meta) => {
        #[derive(MapiObject)]
        #[mapi($implements, query_interface = $hook)]
        struct $name;
        impl IMAPIProp_Impl for $name {}
    };
}

by_name!(ByName, inner);
by_name!(ByOurName, this);
by_expression!(ByExpression, inner, IMsgStore);
by_number!(ByNumber, 0, mapi_provider::abi::IMsgStore);
by_path!(ByPath, crate::hook, implements(IMAPIProp));

fn hook(_: &Object<ByPath>, _: &mut Query<'_>) {}

#[derive(MapiObject)]
#[mapi(implements(IMAPIProp))]
struct Prop;
impl IMAPIProp_Impl for Prop {}

fn main() {
    let _: IMAPIProp = ObjectRef::new(ByPath).into_interface();
    let _: IMAPIProp = ObjectRef::new(Prop).into_interface();
    let _ = (ByName::new, ByOurName::new, ByExpression::new, ByNumber);
}

impl ByName {
    fn new(inner: IMsgStore) -> Self {
        Self { inner }
    }
}
impl ByOurName {
    fn new(this: IMsgStore) -> Self {
        Self { this }
    }
}
impl ByExpression {
    fn new(inner: IMsgStore) -> Self {
        Self { inner }
    }
}
