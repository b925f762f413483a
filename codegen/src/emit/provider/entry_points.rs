//! The exports of a provider's DLL.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ir::provider::{AddressBook, Provider, Store, Transport};

/// What makes a function an export: its plain name, also in a program that the crate is linked into. A program can
/// have only one function with a name, so a crate that is linked beside another provider says when it has exports.
pub(super) fn gen_export(when: Option<&TokenStream>) -> TokenStream {
    match when {
        Some(when) => quote!(#[cfg_attr(#when, unsafe(no_mangle))]),
        None => quote!(#[unsafe(no_mangle)]),
    }
}

/// `MSProviderInit`, a transport's `XPProviderInit` and an address book's `ABProviderInit`, where there are these: cdecl on
/// every target (ENTRY-01).
pub(super) fn gen_inits(provider: &Provider, exports: &TokenStream) -> TokenStream {
    let store = provider.store.as_ref().map(|store| {
        let init = gen_store_init(store);
        gen_init(&format_ident!("MSProviderInit"), &init, exports)
    });
    let transport = provider.transport.as_ref().map(|Transport { logic, .. }| {
        let init = quote!(xp_provider_init::<#logic>);
        gen_init(&format_ident!("XPProviderInit"), &init, exports)
    });
    let book = provider.address_book.as_ref();
    let book = book.map(|AddressBook { logic, .. }| {
        let init = quote!(ab_provider_init::<#logic>);
        gen_init(&format_ident!("ABProviderInit"), &init, exports)
    });
    quote!(#store #transport #book)
}

/// The runtime's function that makes a store's provider object.
fn gen_store_init(store: &Store) -> TokenStream {
    let logic = &store.sync.logic;
    match &store.object {
        _ if store.is_wrapped => quote!(wrapped_provider_init::<#logic>),
        _ if store.is_mailbox() => quote!(mailbox_provider_init::<#logic>),
        None => quote!(ms_provider_init::<#logic>),
        Some(object) => quote!(own_provider_init::<#logic, #object>),
    }
}

fn gen_init(export: &Ident, init: &TokenStream, exports: &TokenStream) -> TokenStream {
    quote! {
        /// Where MAPI begins: makes a provider object.
        ///
        /// # Safety
        ///
        /// Only for MAPI to call: every pointer is NULL or valid for what MAPI documents.
        #exports
        pub unsafe extern "C" fn #export(
            instance: *mut ::core::ffi::c_void,
            malloc: *mut ::core::ffi::c_void,
            allocate_buffer: ::core::option::Option<::mapi_provider::__private::ALLOCATEBUFFER>,
            allocate_more: ::core::option::Option<::mapi_provider::__private::ALLOCATEMORE>,
            free_buffer: ::core::option::Option<::mapi_provider::__private::FREEBUFFER>,
            flags: ::core::primitive::u32,
            mapi_version: ::core::primitive::u32,
            provider_version: *mut ::core::primitive::u32,
            provider: *mut *mut ::core::ffi::c_void,
        ) -> ::mapi_provider::__private::HRESULT {
            // SAFETY: the caller's word is passed on as it is. (Tokens carry no comments: this one is for
            // the reader of the emitter.)
            unsafe {
                ::mapi_provider::__private::#init(
                    PROVIDER.manifest,
                    instance,
                    malloc,
                    allocate_buffer,
                    allocate_more,
                    free_buffer,
                    flags,
                    mapi_version,
                    provider_version,
                    provider,
                )
            }
        }
    }
}

/// `ServiceEntry`: stdcall if there is such a thing (ENTRY-01).
pub(super) fn gen_service_entry(provider: &Provider, exports: &TokenStream) -> TokenStream {
    let service_entry = match provider.wraps_store() {
        true => quote!(wrapped_service_entry),
        false => quote!(service_entry),
    };
    quote! {
        /// Where MAPI configures the service.
        ///
        /// # Safety
        ///
        /// Only for MAPI to call: every pointer is NULL or valid for what MAPI documents.
        #exports
        pub unsafe extern "system" fn ServiceEntry(
            instance: *mut ::core::ffi::c_void,
            malloc: *mut ::core::ffi::c_void,
            support: *mut ::core::ffi::c_void,
            ui_param: ::core::primitive::usize,
            flags: ::core::primitive::u32,
            context: ::core::primitive::u32,
            value_count: ::core::primitive::u32,
            values: *mut ::mapi_provider::__private::SPropValue,
            provider_admin: *mut ::core::ffi::c_void,
            error: *mut *mut ::mapi_provider::__private::MAPIERROR,
        ) -> ::mapi_provider::__private::HRESULT {
            // SAFETY: the caller's word is passed on as it is. (Tokens carry no comments: this one is for
            // the reader of the emitter.)
            unsafe {
                ::mapi_provider::__private::#service_entry(
                    PROVIDER.manifest,
                    instance,
                    malloc,
                    support,
                    ui_param,
                    flags,
                    context,
                    value_count,
                    values,
                    provider_admin,
                    error,
                )
            }
        }
    }
}

/// `MergeWithMAPISVC` and `RemoveFromMAPISVC`, which setup programs call, and the versions that `rundll32` finds.
pub(super) fn gen_installation(exports: &TokenStream) -> TokenStream {
    let merge = gen_installer(
        "Writes the provider into `mapisvc.inf`.",
        ["MergeWithMAPISVC", "MergeWithMAPISVCW"],
        ["merge_with_mapisvc", "merge_with_mapisvc_w"],
        exports,
    );
    let remove = gen_installer(
        "Takes the provider out of `mapisvc.inf`.",
        ["RemoveFromMAPISVC", "RemoveFromMAPISVCW"],
        ["remove_from_mapisvc", "remove_from_mapisvc_w"],
        exports,
    );
    quote!(#merge #remove)
}

fn gen_installer(
    what: &str,
    names: [&str; 2],
    functions: [&str; 2],
    exports: &TokenStream,
) -> TokenStream {
    let [plain, wide] = names.map(|name| format_ident!("{name}"));
    let [call, call_wide] = functions.map(|name| format_ident!("{name}"));
    let doc = format!(" {what}");
    let doc_wide = format!(" As [`{plain}`], for `rundll32`. The command line may name the file.");
    let wide = gen_rundll(&doc_wide, [&wide, &call_wide], &wide_character(), exports);
    quote! {
        #[doc = #doc]
        #exports
        pub extern "system" fn #plain() -> ::mapi_provider::__private::HRESULT {
            ::mapi_provider::__private::#call(PROVIDER.manifest)
        }

        #wide
    }
}

fn wide_character() -> TokenStream {
    quote!(::core::primitive::u16)
}

/// A function as `rundll32` calls it: its name, and the runtime's that it calls.
fn gen_rundll(
    doc: &str,
    [name, call]: [&Ident; 2],
    character: &TokenStream,
    exports: &TokenStream,
) -> TokenStream {
    quote! {
        #[doc = #doc]
        ///
        /// # Safety
        ///
        /// Only for `rundll32` to call: the command line is NULL or ends with a NUL.
        #exports
        pub unsafe extern "system" fn #name(
            _window: *mut ::core::ffi::c_void,
            _instance: *mut ::core::ffi::c_void,
            command_line: *const #character,
            _show: ::core::primitive::i32,
        ) {
            // SAFETY: the caller's word is passed on as it is. (Tokens carry no comments: this one is for
            // the reader of the emitter.)
            unsafe { ::mapi_provider::__private::#call(PROVIDER.manifest, command_line) }
        }
    }
}

/// `AddToProfile` and `RemoveFromProfile`, which installers and scripts call by `rundll32`: in both widths, for that looks
/// for the wide one first and other callers have the plain one.
pub(super) fn gen_profiles(exports: &TokenStream) -> TokenStream {
    let add = gen_profile_work(
        "Puts the service into a profile, or configures it there.",
        ["AddToProfile", "AddToProfileW"],
        ["add_to_profile", "add_to_profile_w"],
        exports,
    );
    let remove = gen_profile_work(
        "Takes the service out of a profile.",
        ["RemoveFromProfile", "RemoveFromProfileW"],
        ["remove_from_profile", "remove_from_profile_w"],
        exports,
    );
    quote!(#add #remove)
}

fn gen_profile_work(
    what: &str,
    names: [&str; 2],
    functions: [&str; 2],
    exports: &TokenStream,
) -> TokenStream {
    let doc = format!(" {what} For `rundll32`: the command line names the profile.");
    let characters = [quote!(::core::ffi::c_char), wide_character()];
    let works = names.iter().zip(functions).zip(characters);
    let works = works.map(|((name, function), character)| {
        let (name, call) = (format_ident!("{name}"), format_ident!("{function}"));
        gen_rundll(&doc, [&name, &call], &character, exports)
    });
    quote!(#(#works)*)
}

/// `MapiProviderManifest`: tells tools the settings of a DLL.
pub(super) fn gen_manifest(manifest: &str, exports: &TokenStream) -> TokenStream {
    quote! {
        /// The manifest that the provider was generated from: UTF-8, with a NUL at its end.
        #exports
        pub extern "system" fn MapiProviderManifest() -> *const ::core::primitive::u8 {
            ::core::concat!(::core::include_str!(#manifest), "\0").as_ptr()
        }
    }
}
