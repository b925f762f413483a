//! The exports of a provider's DLL.

use proc_macro2::TokenStream;
use quote::quote;

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
