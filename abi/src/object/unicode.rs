//! `ISelectUnicode`: an interface without methods of its own, by which an object of an address book says that it knows
//! Unicode (AB-02). It is in no header.

use windows_core::{GUID, IUnknown, Interface};

use super::class::{Class, Object};
use super::query::Query;

/// The interface: IUnknown's three slots, by another name.
#[derive(Clone)]
#[repr(transparent)]
struct ISelectUnicode(IUnknown);

// SAFETY: it is an interface pointer, and the vtable of every interface begins with IUnknown's.
unsafe impl Interface for ISelectUnicode {
    type Vtable = <IUnknown as Interface>::Vtable;
    const IID: GUID = GUID::from_u128(0x05EB_1EB9_E334_4EB7_AC4D_0BCE_C7C6_E0C1);
}

/// Answers with `ISelectUnicode`, if that is what is asked for: for the hook in `#[mapi(query_interface = …)]`.
pub fn select_unicode<T: Class>(this: &Object<T>, query: &mut Query<'_>) {
    query.answer(|| Some(ISelectUnicode(this.to_unknown())));
}
