//! What `provider!` expands to: the settings, the provider's static and the exports of its DLL.
//!
//! It uses only the runtime's hidden module.

mod address_book;
mod entry_points;
mod settings;

use std::time::Duration;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::LitInt;

use super::{abi, inf};
use crate::derive::gen_unwinds;
use crate::ir::provider::{
    FlagSet, Overlap, OwnInterfaces, Project, Provider, Store, Transport, Unload,
};

/// The version of the agreement between generated code and runtime. The runtime has its own copy, and
/// compares.
pub const CONTRACT: u32 = 6;

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
    let init = entry_points::gen_inits(provider, exports);
    let service_entry = entry_points::gen_service_entry(provider, exports);
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
    let sends = provider.transport.is_some().then(|| {
        let name = "kind = \"transport\"";
        quote!(::mapi_provider::__private::needs_transport! { #name })
    });
    let finds = provider.address_book.is_some().then(|| {
        let name = "kind = \"address-book\"";
        quote!(::mapi_provider::__private::needs_address_book! { #name })
    });
    let needs = provider.is_mailbox().then(|| {
        let name = "[store]";
        quote!(::mapi_provider::__private::needs_mailbox! { #name })
    });
    quote! {
        #needs
        #sends
        #finds
        const _: () = ::mapi_provider::__private::assert_contract(#contract);
        #unwinds
    }
}

fn gen_static(provider: &Provider, manifest: &str) -> TokenStream {
    let name = &provider.name;
    let id = &provider.id;
    let uid = provider.uid.iter().map(|byte| hex(u32::from(*byte), 2));
    let service_flags = hex(provider.service_flags.bits(), 1);
    let providers = gen_providers(provider);
    let store = gen_store(provider);
    let inf = inf::sections(provider);
    let inf = inf.iter().map(gen_inf_section);
    let test_timeout = millis(provider.test_timeout);
    let none = quote!(::core::option::Option::None);
    // Nobody tries the settings of what is no store yet.
    let test = provider.store.as_ref().map_or_else(
        || none.clone(),
        |Store { sync, .. }| {
            let logic = &sync.logic;
            quote!(::core::option::Option::Some(::mapi_provider::__private::test_settings::<#logic>))
        },
    );
    let init = |there: bool, init: TokenStream| match there {
        true => quote!(::core::option::Option::Some(#init)),
        false => none.clone(),
    };
    let store_init = init(provider.store.is_some(), quote!(MSProviderInit));
    let transport_init = init(provider.transport.is_some(), quote!(XPProviderInit));
    let transport = gen_transport(provider.transport.as_ref());
    let address_book_init = init(provider.address_book.is_some(), quote!(ABProviderInit));
    let address_book = address_book::gen_spec(provider);
    quote! {
        /// The provider as its DLL exports it, for hosts that link it in.
        pub static PROVIDER: ::mapi_provider::__private::Provider = ::mapi_provider::__private::Provider {
            manifest: &::mapi_provider::__private::Manifest {
                providers: &[#(#providers),*],
                name: #name,
                id: #id,
                uid: [#(#uid),*],
                service_flags: #service_flags,
                #store
                inf: &[#(#inf),*],
                settings: <Settings as ::mapi_provider::__private::ServiceSettings>::SETTINGS,
                transport: #transport,
                address_book: #address_book,
                test: #test,
                test_timeout: ::core::time::Duration::from_millis(#test_timeout),
                module: ::core::module_path!(),
                text: ::core::include_str!(#manifest),
            },
            store_init: #store_init,
            transport_init: #transport_init,
            address_book_init: #address_book_init,
            service_entry: ServiceEntry,
        };
    }
}

/// Each provider of the service: its kind, and its flags.
fn gen_providers(provider: &Provider) -> Vec<TokenStream> {
    let spec = |kind: TokenStream, flags: &FlagSet| {
        let flags = hex(flags.bits(), 1);
        quote! {
            ::mapi_provider::__private::ProviderSpec {
                kind: ::mapi_provider::__private::Kind::#kind,
                resource_flags: #flags,
            }
        }
    };
    let store = provider.store.as_ref().map(|store| match store.is_wrapped {
        true => spec(quote!(WrappedStore), &store.resource_flags),
        false => spec(quote!(Store), &store.resource_flags),
    });
    let transport = provider.transport.as_ref();
    let transport = transport.map(|transport| spec(quote!(Transport), &transport.resource_flags));
    let book = provider.address_book.as_ref();
    let book = book.map(|book| spec(quote!(AddressBook), &book.resource_flags));
    store.into_iter().chain(transport).chain(book).collect()
}

/// What the manifest says of its store, as fields. What a service without a store has not is as if nobody had said it.
fn gen_store(provider: &Provider) -> TokenStream {
    let store = provider.store.as_ref();
    let sync = store.map(|store| &store.sync);
    let transport = provider.transport.as_ref();
    let support_mask = hex(store.map_or(0, |store| store.support_mask.bits()), 1);
    let path = match store.and_then(|store| store.path.as_ref()) {
        Some(path) => quote!(::core::option::Option::Some(#path)),
        None => quote!(::core::option::Option::None),
    };
    let overlap = match sync.map(|sync| sync.overlap) {
        None | Some(Overlap::Merge) => quote!(Merge),
        Some(Overlap::Busy) => quote!(Busy),
    };
    let unload = sync.map(|sync| sync.unload);
    let unload = unload.or(transport.map(|transport| transport.unload));
    let book = provider.address_book.as_ref();
    let unload = gen_unload(unload.or(book.map(|book| book.unload)));
    let logoff_wait = sync.map(|sync| sync.logoff_wait);
    let logoff_wait = logoff_wait.or(transport.map(|transport| transport.logoff_wait));
    let logoff_wait = millis(logoff_wait.unwrap_or_default());
    let cursor_tag = hex(sync.map_or(0, |sync| u32::from(sync.cursor_tag)), 4);
    quote! {
        support_mask: #support_mask,
        store_path: #path,
        overlap: ::mapi_provider::__private::Overlap::#overlap,
        unload: #unload,
        logoff_wait: ::core::time::Duration::from_millis(#logoff_wait),
        cursor_tag: #cursor_tag,
    }
}

fn gen_unload(unload: Option<Unload>) -> TokenStream {
    match unload {
        None | Some(Unload::Never) => quote!(::mapi_provider::__private::Unload::Never),
        Some(Unload::AfterRun) => quote!(::mapi_provider::__private::Unload::AfterRun),
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
    let unload = gen_unload(Some(transport.unload));
    let logoff_wait = millis(transport.logoff_wait);
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
            unload: #unload,
            logoff_wait: ::core::time::Duration::from_millis(#logoff_wait),
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
