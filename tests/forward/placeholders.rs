//! Slots of unknown signature lead into the inner object's own method, whatever its parameters are (WRAP-01).

use std::ffi::c_void;
use std::ptr;

use mapi_provider::MapiObject;
use mapi_provider::abi::{GUID, HRESULT, IPSTX, IPSTX_Forward, Interface, MAPI_E_BUSY, S_OK};
use mapi_provider::object::ObjectRef;
use windows_core::IUnknown_Vtbl;

/// The slot that is called: one that no page describes.
const SLOT: usize = 7;

/// A method as only Outlook knows it: parameters of several sizes, more than there are registers for.
type Secret = unsafe extern "system" fn(
    this: *mut c_void,
    u32,
    *const u8,
    u64,
    u16,
    *mut u32,
    usize,
) -> HRESULT;

/// An object with a vtable that nobody generated.
#[repr(C)]
struct Inner {
    vtable: *const Vtable,
    references: u32,
}

#[repr(C)]
struct Vtable {
    unknown: IUnknown_Vtbl,
    others: [*const c_void; SLOT - 3],
    secret: Secret,
}

static VTABLE: Vtable = Vtable {
    unknown: IUnknown_Vtbl {
        QueryInterface: query_interface,
        AddRef: add_ref,
        Release: release,
    },
    others: [ptr::null(); SLOT - 3],
    secret,
};

// SAFETY: a table of functions, which nobody writes to.
unsafe impl Sync for Vtable {}

unsafe extern "system" fn query_interface(
    _: *mut c_void,
    _: *const GUID,
    _: *mut *mut c_void,
) -> HRESULT {
    MAPI_E_BUSY
}

unsafe extern "system" fn add_ref(this: *mut c_void) -> u32 {
    // SAFETY: called with an `Inner`, by one thread.
    unsafe {
        (*this.cast::<Inner>()).references += 1;
        (*this.cast::<Inner>()).references
    }
}

unsafe extern "system" fn release(this: *mut c_void) -> u32 {
    // SAFETY: as above.
    unsafe {
        (*this.cast::<Inner>()).references -= 1;
        (*this.cast::<Inner>()).references
    }
}

/// Answers whether all parameters arrived.
unsafe extern "system" fn secret(
    this: *mut c_void,
    number: u32,
    text: *const u8,
    large: u64,
    short: u16,
    out: *mut u32,
    last: usize,
) -> HRESULT {
    // SAFETY: the pointers are the caller's, and it gives a text of one byte and an out parameter.
    unsafe {
        assert!(ptr::eq((*this.cast::<Inner>()).vtable, &raw const VTABLE));
        let arrived = number == 0xAABB_CCDD
            && *text == b'x'
            && large == 0x0102_0304_0506_0708
            && short == 0xFACE
            && last == usize::MAX - 1;
        *out = u32::from(arrived);
        HRESULT(0x0004_0203)
    }
}

#[derive(MapiObject)]
#[mapi(forwards(IPSTX = inner))]
struct Wrapper {
    /// Here so that the inner object does not come first.
    _before: [u8; 24],
    inner: IPSTX,
}

impl IPSTX_Forward for Wrapper {}

/// The same, if the chain is not the first.
#[derive(MapiObject)]
#[mapi(implements(mapi_provider::abi::IMAPIProp), forwards(IPSTX = inner))]
struct Second {
    inner: IPSTX,
}

impl mapi_provider::abi::IMAPIProp_Impl for Second {}
impl IPSTX_Forward for Second {}

/// Calls the secret slot of an IPSTX as Outlook would.
fn call(object: &IPSTX) -> (HRESULT, u32) {
    let this = object.as_raw();
    let mut out = 7;
    // SAFETY: a COM object begins with the pointer to its vtable, whose slot leads to `secret`.
    let status = unsafe {
        let method = (*(*this.cast::<*const Vtable>())).secret;
        method(
            this,
            0xAABB_CCDD,
            b"x".as_ptr(),
            0x0102_0304_0506_0708,
            0xFACE,
            &raw mut out,
            usize::MAX - 1,
        )
    };
    (status, out)
}

#[test]
fn wrap_01_a_slot_of_unknown_signature_leads_into_the_inner_object() {
    let mut inner = Inner {
        vtable: &raw const VTABLE,
        references: 2,
    };
    let raw = (&raw mut inner).cast::<c_void>();
    // SAFETY: an object with a vtable, which counts a reference for each.
    let (first, second) = unsafe { (IPSTX::from_raw(raw), IPSTX::from_raw(raw)) };
    let wrapper = ObjectRef::new(Wrapper {
        _before: [0; 24],
        inner: first,
    });
    let wrapper: IPSTX = wrapper.into_interface();
    // Called often: a stack that is off by a word on x86 would show soon.
    for _ in 0..1000 {
        assert_eq!(call(&wrapper), (HRESULT(0x0004_0203), 1));
    }
    let second: IPSTX = ObjectRef::new(Second { inner: second }).into_interface();
    assert_eq!(call(&second), (HRESULT(0x0004_0203), 1));
    drop((wrapper, second));
    assert_eq!(inner.references, 0);
    assert_ne!(
        S_OK,
        HRESULT(0x0004_0203),
        "a warning comes through as it is"
    );
}
