//! MAPI's interfaces, structures and constants. Names are those of Microsoft's reference.

pub use crate::flag_set::{FlagFamily, FlagSet};
pub use crate::generated::*;
pub use crate::prop_tag::PropTag;
pub use crate::tchar::TCHAR;
pub use windows_core::{GUID, HRESULT, IUnknown, Interface};
