//! What a derive says of a type is not linted as the user's own code, and is not taken for anything of the user's.
#![deny(warnings, trivial_casts, trivial_numeric_casts, unused_qualifications)]
#![forbid(unsafe_code)]
#![allow(dead_code)]

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPIProp, IMAPIProp_Impl, IMsgStore, IMsgStore_Forward, IMsgStore_Impl};
use mapi_provider::object::{Object, Query};

#[deprecated(note = "use another one")]
#[derive(MapiObject)]
#[mapi(implements(IMsgStore), query_interface = <Helper as Asks<Old>>::query)]
struct Old;

#[allow(deprecated)]
impl IMAPIProp_Impl for Old {}
#[allow(deprecated)]
impl IMsgStore_Impl for Old {}

trait Asks<T: mapi_provider::object::Class> {
    fn query(this: &Object<T>, query: &mut Query<'_>);
}

struct Helper;

#[allow(deprecated)]
impl Asks<Old> for Helper {
    fn query(_: &Object<Old>, _: &mut Query<'_>) {}
}

#[derive(MapiObject)]
#[mapi(forwards(IMsgStore = r#inner), outer = r#type)]
struct Raw {
    inner: IMsgStore,
    r#type: IMsgStore,
}

impl IMsgStore_Forward for Raw {}

/// Functions of the names that the derive's own could have.
mod functions {
    use super::*;

    #[derive(MapiObject)]
    #[mapi(implements(IMAPIProp), query_interface = query)]
    struct Asked;

    impl IMAPIProp_Impl for Asked {}

    fn query(object: &Object<Asked>, _: &mut Query<'_>) {
        iid(object);
    }

    fn iid(_: &Object<Asked>) {}

    #[allow(non_upper_case_globals)]
    static this: u8 = 0;
    #[allow(non_upper_case_globals)]
    static inner: u8 = 0;

    #[derive(MapiObject)]
    #[mapi(forwards(IMsgStore = value))]
    struct Value {
        value: IMsgStore,
    }

    impl IMsgStore_Forward for Value {}

    fn _use() -> u8 {
        this + inner
    }
}

fn main() {
    #[derive(MapiObject)]
    #[mapi(implements(IMAPIProp))]
    struct Local;
    impl IMAPIProp_Impl for Local {}
}
