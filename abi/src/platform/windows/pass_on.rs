//! A slot of a forwarding vtable whose signature nobody knows: the call goes to the inner object's slot
//! unchanged.

#[cfg(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64"))]
use std::arch::naked_asm;
use std::ffi::c_void;

use windows_core::HRESULT;

use crate::platform::PassesOn;

/// Replaces `this` by the inner object and jumps to its method number `METHOD`: whatever the other
/// arguments are, they are where the method looks for them, and it returns to the caller by itself (WRAP-01).
///
/// # Safety
///
/// `this` points to a vtable pointer of a live object for which `P` speaks; the rest is as the method needs it.
#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
pub(crate) unsafe extern "system" fn pass_on<P: PassesOn, const METHOD: usize>(
    this: *mut c_void,
) -> HRESULT {
    naked_asm!(
        "mov rcx, [rcx + {inner}]",
        "mov rax, [rcx]",
        "jmp [rax + {method}]",
        inner = const P::INNER,
        method = const METHOD * size_of::<usize>(),
    )
}

/// As on 64 bits; `this` is on the stack, and the method pops what it was called with.
///
/// # Safety
///
/// As on 64 bits.
#[cfg(target_arch = "x86")]
#[unsafe(naked)]
pub(crate) unsafe extern "system" fn pass_on<P: PassesOn, const METHOD: usize>(
    this: *mut c_void,
) -> HRESULT {
    naked_asm!(
        "mov eax, [esp + 4]",
        "mov eax, [eax + {inner}]",
        "mov [esp + 4], eax",
        "mov eax, [eax]",
        "jmp [eax + {method}]",
        inner = const P::INNER,
        method = const METHOD * size_of::<usize>(),
    )
}

/// As on x86-64.
///
/// # Safety
///
/// As on x86-64.
#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
pub(crate) unsafe extern "system" fn pass_on<P: PassesOn, const METHOD: usize>(
    this: *mut c_void,
) -> HRESULT {
    naked_asm!(
        "ldr x0, [x0, #{inner}]",
        "ldr x16, [x0]",
        "ldr x16, [x16, #{method}]",
        "br x16",
        inner = const P::INNER,
        method = const METHOD * size_of::<usize>(),
    )
}

/// Here so that the compiler shows only the error in `platform`.
///
/// # Safety
///
/// As on x86-64.
#[cfg(not(any(target_arch = "x86_64", target_arch = "x86", target_arch = "aarch64")))]
pub(crate) unsafe extern "system" fn pass_on<P: PassesOn, const METHOD: usize>(
    _this: *mut c_void,
) -> HRESULT {
    crate::mapi::MAPI_E_NO_SUPPORT
}
