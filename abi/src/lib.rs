//! MAPI in Rust, without any provider.
//!
//! - [`mapi`]: interfaces, structures and constants, by the names of Microsoft's reference. They are generated.
//! - [`object`]: COM objects, the foundation of generated code and derives.
//! - [`view`]: safe views of MAPI's structures.
//!
//! A provider uses this crate through `mapi-provider`, which re-exports it: `mapi_provider::abi` is [`mapi`]. It has
//! the same version as `mapi-provider`.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod asserts;
mod flag_set;
#[rustfmt::skip] // The generator's formatter is another.
mod generated;
pub mod mapi;
pub mod object;
mod platform;
#[doc(hidden)]
pub mod prelude;
mod prop_tag;
mod tchar;
pub mod view;

/// What the code of COM objects uses, and nobody else: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::object::{Chain, Class, Forwards, Has, Object, Query, tear_off};
    pub use windows_core::{GUID, IUnknown, Interface};
}

/// Only for `mapi-provider`: it changes without notice.
#[doc(hidden)]
pub mod internal {
    /// The crate to which its events belong.
    pub const MODULE: &str = module_path!();

    pub use crate::object::barrier::{panic_text, panicked, quietly, unlogged};
    pub use crate::platform::{
        OwnThread, ansi_to_string, ansi_to_utf16, file_identity, is_remote_drive, string_to_ansi,
    };
    pub use crate::view::property::Tagged;
    pub use crate::view::wipe::{Confidential, Wiped, wipe};
}
