//! A crate in which no name means what it usually does, and nothing is forgiven.
#![no_implicit_prelude]
#![forbid(
    missing_docs,
    non_snake_case,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    unused_variables,
    rustdoc::all
)]
// What `bitflags!` itself allows in what it makes can't be forbidden.
#![deny(dead_code, deprecated, non_upper_case_globals, unused_imports)]
#![deny(warnings)]

macro_rules! stand_ins {
    ($($name:ident)*) => {
        $(
            /// It is called as something of Rust's.
            #[allow(non_camel_case_types)]
            pub struct $name;
        )*
    };
}
stand_ins!(bool i32 u8 u16 u32 usize str Clone Debug Option Object Result Send String);

/// Modules of the names of crates.
pub mod core {}
/// Modules of the names of crates.
pub mod std {}
/// Modules of the names of tools.
pub mod diagnostic {}

#[allow(unused_macros)]
macro_rules! compile_error {
    ($($_:tt)*) => {};
}
#[allow(unused_macros)]
macro_rules! include_str {
    ($($_:tt)*) => {};
}
#[allow(unused_macros)]
macro_rules! concat {
    ($($_:tt)*) => {};
}

::mapi_provider::provider!("provider.toml");

/// The logic.
#[derive(::mapi_provider::MapiSync)]
pub struct Logic;

impl ::mapi_provider::BackgroundSync for Logic {
    type Settings = Settings;

    fn open(_: Settings) -> ::core::result::Result<Self, ::mapi_provider::LogonError> {
        ::core::result::Result::Ok(Logic)
    }

    fn synchronize(&self, _: &::mapi_provider::SyncJob) -> ::core::result::Result<(), ::mapi_provider::SyncError> {
        ::core::result::Result::Ok(())
    }
}

/// A store of two interfaces.
#[derive(::mapi_provider::MapiObject)]
#[mapi(implements(::mapi_provider::abi::IMsgStore, thing::IThing), query_interface = query)]
pub struct Store;

impl ::mapi_provider::abi::IMAPIProp_Impl for Store {}
impl ::mapi_provider::abi::IMsgStore_Impl for Store {}
impl thing::IThing_Impl for Store {}

fn query(_: &::mapi_provider::object::Object<Store>, query: &mut ::mapi_provider::object::Query<'_>) {
    query.answer::<thing::IThing>(|| ::core::option::Option::None);
}

/// An object of parameters that would be patterns.
#[derive(::mapi_provider::MapiObject)]
#[mapi(implements(thing::IPatterns))]
pub struct Patterns;

impl thing::IThing_Impl for Patterns {}
impl thing::IPatterns_Impl for Patterns {}

/// A wrapper of it.
#[derive(::mapi_provider::MapiObject)]
#[mapi(forwards(thing::IPatterns = inner))]
pub struct Around {
    inner: thing::IPatterns,
}

impl thing::IPatterns_Forward for Around {}

/// A wrapper.
#[derive(::mapi_provider::MapiObject)]
#[mapi(forwards(thing::IThing = inner), tear_offs(::mapi_provider::abi::IMAPISync = inner))]
pub struct Wrapper {
    inner: thing::IThing,
}

impl thing::IThing_Forward for Wrapper {}
