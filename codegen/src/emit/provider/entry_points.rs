//! The exports of a provider's DLL.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::ir::provider::Kind;

/// `MSProviderInit`: cdecl on every target (ENTRY-01).
pub(super) fn gen_init(kind: Kind, logic: &TokenStream) -> TokenStream {
    let init = match kind {
        Kind::Store => quote!(ms_provider_init),
        Kind::WrappedStore => quote!(wrapped_provider_init),
    };
    quote! {
        /// Where MAPI begins: makes a provider object.
        ///
        /// # Safety
        ///
        /// Only for MAPI to call: every pointer is NULL or valid for what MAPI documents.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case, clippy::too_many_arguments)]
        pub unsafe extern "C" fn MSProviderInit(
            hInstance: *mut ::core::ffi::c_void,
            lpMalloc: *mut ::core::ffi::c_void,
            lpAllocateBuffer: ::core::option::Option<::mapi_provider::__private::ALLOCATEBUFFER>,
            lpAllocateMore: ::core::option::Option<::mapi_provider::__private::ALLOCATEMORE>,
            lpFreeBuffer: ::core::option::Option<::mapi_provider::__private::FREEBUFFER>,
            ulFlags: u32,
            ulMAPIVer: u32,
            lpulProviderVer: *mut u32,
            lppMSProvider: *mut *mut ::core::ffi::c_void,
        ) -> ::mapi_provider::__private::HRESULT {
            // SAFETY: the caller's word is passed on as it is. (Tokens carry no comments: this one is for
            // the reader of the emitter.)
            unsafe {
                ::mapi_provider::__private::#init::<#logic>(
                    PROVIDER.manifest,
                    hInstance,
                    lpMalloc,
                    lpAllocateBuffer,
                    lpAllocateMore,
                    lpFreeBuffer,
                    ulFlags,
                    ulMAPIVer,
                    lpulProviderVer,
                    lppMSProvider,
                )
            }
        }
    }
}

/// `ServiceEntry`: stdcall where there is such a thing (ENTRY-01).
pub(super) fn gen_service_entry(kind: Kind) -> TokenStream {
    let service_entry = match kind {
        Kind::Store => quote!(service_entry),
        Kind::WrappedStore => quote!(wrapped_service_entry),
    };
    quote! {
        /// Where MAPI configures the service.
        ///
        /// # Safety
        ///
        /// Only for MAPI to call: every pointer is NULL or valid for what MAPI documents.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case, clippy::too_many_arguments)]
        pub unsafe extern "system" fn ServiceEntry(
            hInstance: *mut ::core::ffi::c_void,
            lpMalloc: *mut ::core::ffi::c_void,
            lpMAPISup: *mut ::core::ffi::c_void,
            ulUIParam: usize,
            ulFlags: u32,
            ulContext: u32,
            cValues: u32,
            lpProps: *mut ::mapi_provider::__private::SPropValue,
            lpProviderAdmin: *mut ::core::ffi::c_void,
            lppMapiError: *mut *mut ::mapi_provider::__private::MAPIERROR,
        ) -> ::mapi_provider::__private::HRESULT {
            // SAFETY: the caller's word is passed on as it is. (Tokens carry no comments: this one is for
            // the reader of the emitter.)
            unsafe {
                ::mapi_provider::__private::#service_entry(
                    PROVIDER.manifest,
                    hInstance,
                    lpMalloc,
                    lpMAPISup,
                    ulUIParam,
                    ulFlags,
                    ulContext,
                    cValues,
                    lpProps,
                    lpProviderAdmin,
                    lppMapiError,
                )
            }
        }
    }
}

/// `MergeWithMAPISVC` and `RemoveFromMAPISVC`, which setup programs call, and what `rundll32` finds in their place.
pub(super) fn gen_installation() -> TokenStream {
    let merge = gen_installer(
        "Writes the provider into `mapisvc.inf`.",
        ["MergeWithMAPISVC", "MergeWithMAPISVCW"],
        ["merge_with_mapisvc", "merge_with_mapisvc_w"],
    );
    let remove = gen_installer(
        "Takes the provider out of `mapisvc.inf`.",
        ["RemoveFromMAPISVC", "RemoveFromMAPISVCW"],
        ["remove_from_mapisvc", "remove_from_mapisvc_w"],
    );
    quote!(#merge #remove)
}

fn gen_installer(what: &str, exports: [&str; 2], functions: [&str; 2]) -> TokenStream {
    let [plain, wide] = exports.map(|name| format_ident!("{name}"));
    let [call, call_wide] = functions.map(|name| format_ident!("{name}"));
    let doc = format!(" {what}");
    let doc_wide = format!(" As [`{plain}`], for `rundll32`. The command line may name the file.");
    quote! {
        #[doc = #doc]
        #[unsafe(no_mangle)]
        #[allow(non_snake_case)]
        pub extern "system" fn #plain() -> ::mapi_provider::__private::HRESULT {
            ::mapi_provider::__private::#call(PROVIDER.manifest)
        }

        #[doc = #doc_wide]
        ///
        /// # Safety
        ///
        /// Only for `rundll32` to call: the command line is NULL or ends with a NUL.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case)]
        pub unsafe extern "system" fn #wide(
            _window: *mut ::core::ffi::c_void,
            _hInstance: *mut ::core::ffi::c_void,
            command_line: *const u16,
            _show: i32,
        ) {
            // SAFETY: the caller's word is passed on as it is. (Tokens carry no comments: this one is for
            // the reader of the emitter.)
            unsafe { ::mapi_provider::__private::#call_wide(PROVIDER.manifest, command_line) }
        }
    }
}

/// `MapiProviderManifest`: so that tools know the settings of a DLL.
pub(super) fn gen_manifest(manifest: &str) -> TokenStream {
    quote! {
        /// The manifest that the provider was generated from: UTF-8, with a NUL at its end.
        #[unsafe(no_mangle)]
        #[allow(non_snake_case)]
        pub extern "system" fn MapiProviderManifest() -> *const u8 {
            ::core::concat!(::core::include_str!(#manifest), "\0").as_ptr()
        }
    }
}
