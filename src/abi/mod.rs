//! MAPI as Rust: interfaces, structures, constants. Names are those of Microsoft's reference.

mod asserts;
#[rustfmt::skip] // The generator's formatter is another.
mod generated;
#[doc(hidden)]
pub mod prelude;
mod prop_tag;

pub use self::generated::*;
pub use self::prelude::TCHAR;
pub use self::prop_tag::PropTag;
pub use windows_core::{GUID, HRESULT, IUnknown, Interface};
