//! MAPI's interfaces, structures and constants. Names are those of Microsoft's reference.

pub use crate::generated::*;
pub use crate::prelude::TCHAR;
pub use crate::prop_tag::PropTag;
pub use windows_core::{GUID, HRESULT, IUnknown, Interface};
