//! The Rust of the catalogue: `src/abi/*.rs` of the runtime.
//!
//! One function an emitted item. For each interface: the vtable ([`vtable`]), the client side
//! ([`client`]), the server trait ([`server`]), the thunks ([`thunk`]), the forwarder ([`forward`])
//! and the checks of the layout ([`asserts`]).

mod asserts;
mod client;
mod comments;
mod docs;
mod flags_layout;
mod forward;
mod hygiene;
mod marks;
mod names;
mod own;
mod prose;
mod scope;
mod server;
mod status;
mod structure;
mod tags;
mod thunk;
mod types;
mod values;
mod vtable;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::interface::{Catalogue, Interface, Module};
use names::member;

pub(super) use docs::lines;
pub use own::{own_module, own_modules};

/// Gives formatted code of ours what the formatter can't: comments, and flags on lines of their own.
pub fn finish(formatted: &str) -> String {
    flags_layout::lay_out_flags(&comments::restore_comments(formatted))
}

/// All interfaces of a catalogue and the one that is being emitted.
struct Context<'a> {
    catalogue: &'a Catalogue,
    interface: &'a Interface,
}

/// The Rust of one of the shipped modules.
pub fn module(catalogue: &Catalogue, module: &Module) -> TokenStream {
    let doc = docs::lines(&module.doc);
    let items = gen_items(catalogue, module);
    hygiene::plain(quote! {
        #(#![doc = #doc])*

        #[allow(unused_imports, reason = "a module need not use every name")]
        use ::mapi_provider::__private::prelude::*;

        #items
    })
}

/// What is in any module, names as they travel.
fn gen_items(catalogue: &Catalogue, module: &Module) -> TokenStream {
    let interfaces = module.interfaces.iter().map(|interface| {
        gen_interface(&Context {
            catalogue,
            interface,
        })
    });
    let structures = module.structures.iter().map(structure::gen_structure);
    let opaques = module
        .opaques
        .iter()
        .filter(|o| !o.interface)
        .map(structure::gen_opaque);
    let callbacks = module.callbacks.iter().map(structure::gen_callback);
    let flags = module.flags.iter().map(values::gen_flags);
    let statuses = status::gen_statuses(&module.statuses);
    let constants = values::gen_constants(&module.constants);
    let tags = tags::gen_tags(catalogue, module);
    let guids = values::gen_guids(&module.guids);
    quote! {
        #(#callbacks)*
        #(#structures)*
        #(#opaques)*
        #(#flags)*
        #statuses
        #constants
        #tags
        #guids
        #(#interfaces)*
    }
}

/// The Rust of the module that holds all others.
pub fn root(catalogue: &Catalogue) -> TokenStream {
    let modules = catalogue.modules.iter().map(|module| {
        let name = member(&module.name);
        let feature = gen_feature(module);
        quote!(#feature pub mod #name;)
    });
    let named = catalogue
        .modules
        .iter()
        .filter(|module| !is_external(module));
    let named = named.map(|module| {
        let name = member(&module.name);
        let feature = gen_feature(module);
        quote!(#feature pub use self::#name::*;)
    });
    hygiene::plain(quote! {
        //! MAPI as Rust: interfaces, structures, constants. Names are those of Microsoft's reference.

        #(#modules)*
        #[doc(hidden)]
        pub mod prelude;
        mod prop_tag;

        #(#named)*
        pub use self::prelude::TCHAR;
        pub use self::prop_tag::PropTag;
        pub use windows_core::{GUID, HRESULT, IUnknown, Interface};
    })
}

/// The feature that a module needs.
fn gen_feature(module: &Module) -> TokenStream {
    match &module.feature {
        Some(feature) => quote!(#[cfg(feature = #feature)]),
        None => quote!(),
    }
}

/// Whether a module only checks what another crate defines.
fn is_external(module: &Module) -> bool {
    !module.interfaces.is_empty()
        && module
            .interfaces
            .iter()
            .all(|interface| interface.external.is_some())
}

/// Everything that is generated for one interface.
fn gen_interface(cx: &Context) -> TokenStream {
    if cx.interface.external.is_some() {
        return asserts::gen_vtable_asserts(cx);
    }
    let vtable = vtable::gen_vtable(cx);
    let client = client::gen_client(cx);
    let server = server::gen_server(cx);
    let thunks = thunk::gen_thunks(cx);
    let forwarder = forward::gen_forwarder(cx);
    let asserts = asserts::gen_vtable_asserts(cx);
    quote! {
        #vtable
        #client
        #server
        #thunks
        #forwarder
        #asserts
    }
}
