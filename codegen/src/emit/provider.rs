//! What `provider!` expands to: the settings, the provider's static and the exports of its DLL.
//!
//! It uses only the runtime's hidden module.

mod entry_points;
mod settings;

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitInt;

use super::{abi, inf};
use crate::derive::gen_unwinds;
use crate::ir::provider::{Kind, Overlap, OwnInterfaces, Project, Provider, Transport, Unload};

/// The version of the agreement between generated code and runtime. The runtime has its own copy, and
/// compares.
pub const CONTRACT: u32 = 4;

/// The expansion. `manifest` is the path of the manifest for `include_str!`: absolute.
pub fn emit(provider: &Provider, manifest: &str) -> TokenStream {
    gen_provider(provider, manifest, None)
}

fn gen_provider(provider: &Provider, manifest: &str, exports: Option<&TokenStream>) -> TokenStream {
    let exports = &entry_points::gen_export(exports);
    let checks = gen_checks(provider);
    let settings = settings::gen_settings(&provider.settings);
    let implementation = settings::gen_service_settings(&provider.settings);
    let provider_static = gen_static(provider, manifest);
    let init = entry_points::gen_init(provider, exports);
    let service_entry = entry_points::gen_service_entry(provider.kind, exports);
    let installation = entry_points::gen_installation(exports);
    let profiles = entry_points::gen_profiles(exports);
    let manifest_export = entry_points::gen_manifest(manifest, exports);
    quote! {
        #checks
        #settings
        #implementation
        #provider_static
        #init
        #service_entry
        #installation
        #profiles
        #manifest_export
    }
}

/// The expansion of a manifest: the provider, and a module for each file of interfaces that it names.
pub fn emit_project(project: &Project, manifest: &str) -> TokenStream {
    emit_exported(project, manifest, None)
}

/// The same, exported under a condition as in `#[cfg(…)]`.
pub fn emit_exported(
    project: &Project,
    manifest: &str,
    exports: Option<&TokenStream>,
) -> TokenStream {
    let provider = gen_provider(&project.provider, manifest, exports);
    let OwnInterfaces { catalogue, files } = &project.interfaces;
    let modules = abi::own_modules(catalogue, files.len());
    let files = files.iter().map(|file| file.to_string_lossy().into_owned());
    quote! {
        #provider
        #modules
        // Named, so cargo rebuilds when one changes.
        #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
    }
}

/// What must be true for the rest to work.
fn gen_checks(provider: &Provider) -> TokenStream {
    let contract = CONTRACT;
    let unwinds = gen_unwinds();
    // Before what is not there without the feature: the first error says what to do.
    let sends = provider.kind == Kind::Transport;
    let sends = sends.then(|| {
        let name = "kind = \"transport\"";
        quote!(::mapi_provider::__private::needs_transport! { #name })
    });
    let needs = provider.is_mailbox().then(|| {
        let name = "[store]";
        quote!(::mapi_provider::__private::needs_mailbox! { #name })
    });
    quote! {
        #needs
        #sends
        const _: () = ::mapi_provider::__private::assert_contract(#contract);
        #unwinds
    }
}

fn gen_static(provider: &Provider, manifest: &str) -> TokenStream {
    let kind = match provider.kind {
        Kind::Store => quote!(Store),
        Kind::WrappedStore => quote!(WrappedStore),
        Kind::Transport => quote!(Transport),
    };
    let overlap = match provider.sync.overlap {
        Overlap::Merge => quote!(Merge),
        Overlap::Busy => quote!(Busy),
    };
    let unload = match provider.sync.unload {
        Unload::Never => quote!(Never),
        Unload::AfterRun => quote!(AfterRun),
    };
    let name = &provider.name;
    let id = &provider.id;
    let uid = provider.uid.iter().map(|byte| hex(u32::from(*byte), 2));
    let resource_flags = hex(provider.resource_flags.bits(), 1);
    let service_flags = hex(provider.service_flags.bits(), 1);
    let support_mask = hex(provider.support_mask.bits(), 1);
    let store_path = match &provider.store_path {
        Some(path) => quote!(::core::option::Option::Some(#path)),
        None => quote!(::core::option::Option::None),
    };
    let inf = inf::sections(provider);
    let inf = inf.iter().map(gen_inf_section);
    let logoff_wait = millis(provider.sync.logoff_wait);
    let cursor_tag = hex(u32::from(provider.sync.cursor_tag), 4);
    let logic = &provider.sync.logic;
    let test_timeout = millis(provider.test_timeout);
    let (init, test) = match provider.kind {
        // Nobody tries a transport's settings yet.
        Kind::Transport => (quote!(XPProviderInit), quote!(::core::option::Option::None)),
        _ => {
            let test = quote!(::mapi_provider::__private::test_settings::<#logic>);
            (
                quote!(MSProviderInit),
                quote!(::core::option::Option::Some(#test)),
            )
        }
    };
    let transport = gen_transport(provider.transport.as_ref());
    quote! {
        /// The provider as its DLL exports it, for hosts that link it in.
        pub static PROVIDER: ::mapi_provider::__private::Provider = ::mapi_provider::__private::Provider {
            manifest: &::mapi_provider::__private::Manifest {
                kind: ::mapi_provider::__private::Kind::#kind,
                name: #name,
                id: #id,
                uid: [#(#uid),*],
                resource_flags: #resource_flags,
                service_flags: #service_flags,
                support_mask: #support_mask,
                store_path: #store_path,
                overlap: ::mapi_provider::__private::Overlap::#overlap,
                unload: ::mapi_provider::__private::Unload::#unload,
                logoff_wait: ::core::time::Duration::from_millis(#logoff_wait),
                cursor_tag: #cursor_tag,
                inf: &[#(#inf),*],
                settings: <Settings as ::mapi_provider::__private::ServiceSettings>::SETTINGS,
                transport: #transport,
                test: #test,
                test_timeout: ::core::time::Duration::from_millis(#test_timeout),
                module: ::core::module_path!(),
                text: ::core::include_str!(#manifest),
            },
            init: #init,
            service_entry: ServiceEntry,
        };
    }
}

fn gen_transport(transport: Option<&Transport>) -> TokenStream {
    let Some(transport) = transport else {
        return quote!(::core::option::Option::None);
    };
    let Transport {
        address_types,
        classes,
        resolve,
        idle,
        ..
    } = transport;
    let send_timeout = millis(transport.send_timeout);
    let retry_after = millis(transport.retry_after);
    let receive_every = match transport.receive_every {
        Some(every) => {
            let every = millis(every);
            quote!(::core::option::Option::Some(::core::time::Duration::from_millis(#every)))
        }
        None => quote!(::core::option::Option::None),
    };
    let retries = transport.retries;
    let queue = match &transport.queue {
        Some((folder, give_up_after)) => {
            let give_up_after = millis(*give_up_after);
            quote!(::core::option::Option::Some(::mapi_provider::__private::QueueSpec {
                folder: #folder,
                give_up_after: ::core::time::Duration::from_millis(#give_up_after),
            }))
        }
        None => quote!(::core::option::Option::None),
    };
    quote! {
        ::core::option::Option::Some(::mapi_provider::__private::TransportSpec {
            address_types: &[#(#address_types),*],
            classes: &[#(#classes),*],
            send_timeout: ::core::time::Duration::from_millis(#send_timeout),
            retry_after: ::core::time::Duration::from_millis(#retry_after),
            queue: #queue,
            receive_every: #receive_every,
            retries: #retries,
            resolve: #resolve,
            idle: #idle,
        })
    }
}

fn gen_inf_section(section: &inf::Section) -> TokenStream {
    let inf::Section { name, entries } = section;
    let entries = entries.iter().map(|(key, value)| quote!((#key, #value)));
    quote! {
        ::mapi_provider::__private::InfSection {
            name: #name,
            entries: &[#(#entries),*],
        }
    }
}

fn hex(value: u32, digits: usize) -> LitInt {
    LitInt::new(&format!("0x{value:0digits$X}"), Span::call_site())
}

fn millis(duration: Duration) -> LitInt {
    LitInt::new(&duration.as_millis().to_string(), Span::call_site())
}
