//! The Rust of the catalogue: `abi/src/generated`.
//!
//! One function for each emitted item. For each interface: the vtable ([`vtable`]), the client side
//! ([`client`]), the server trait ([`server`]), the thunks ([`thunk`]), the forwarder ([`forward`])
//! and the checks of the layout ([`asserts`]).

mod asserts;
mod client;
mod docs;
mod flags_layout;
mod forward;
mod hygiene;
mod marks;
mod names;
mod own;
mod prose;
mod render;
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
pub use render::render;

/// Why the unsafe code of interfaces is sound, as a comment for the top of a file: the same few sentences apply to all
/// of it.
pub const SAFETY: &str = "\
// SAFETY, of all unsafe code here:
// - A client is a transparent pointer to an object whose vtable is the one named. A vtable begins with those of its
//   bases, so one pointer serves all their IIDs. Whoever calls a method answers for the arguments.
// - A client is Send and Sync where MAPI's rules make objects of the interface free-threaded.
// - The vtable of a thunk is chain SLOT of an Object<T>: `new` and `forward` are called for that place alone. The caller
//   answers for the arguments.
// - An out parameter is NULL or the caller's to be written to.
";

/// All interfaces of a catalogue and the one that is being emitted.
struct Context<'a> {
    catalogue: &'a Catalogue,
    interface: &'a Interface,
    /// Whether it has a forwarder.
    forwards: bool,
}

/// The Rust of one of the shipped modules.
pub fn module(catalogue: &Catalogue, module: &Module) -> TokenStream {
    let doc = docs::lines(&module.doc);
    let items = gen_items(catalogue, module, Place::Shipped);
    hygiene::plain(quote! {
        #(#![doc = #doc])*

        #[allow(unused_imports, reason = "a module need not use every name")]
        use crate::prelude::*;

        #items
    })
}

/// Whose module it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// One of ours, in `abi/`.
    Shipped,
    /// A team's, in their crate. Its interfaces have forwarders by default.
    Own,
}

/// The contents of any module, with marked names.
fn gen_items(catalogue: &Catalogue, module: &Module, place: Place) -> TokenStream {
    let interfaces = module.interfaces.iter().map(|interface| {
        gen_interface(&Context {
            catalogue,
            interface,
            forwards: interface.forward.unwrap_or(place == Place::Own),
        })
    });
    let structures = module.structures.iter().map(structure::gen_structure);
    let opaques = module
        .opaques
        .iter()
        .filter(|o| !o.interface)
        .map(structure::gen_opaque);
    let callbacks = module.callbacks.iter().map(structure::gen_callback);
    let flags = module.flags.iter();
    let flags = flags.map(|flags| values::gen_flags(flags, place));
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
        quote!(#feature mod #name;)
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
    let allowed = allowed();
    hygiene::plain(quote! {
        //! What is generated.
        #allowed

        #(#modules)*

        #(#named)*
    })
}

/// The lints that generated code breaks: names and signatures are MAPI's, and what applies to unsafe code is said
/// once.
fn allowed() -> TokenStream {
    quote! {
        #![allow(
            non_camel_case_types,
            non_snake_case,
            non_upper_case_globals,
            unused_variables,
            reason = "names are MAPI's"
        )]
        #![allow(
            clippy::missing_safety_doc,
            clippy::too_many_arguments,
            clippy::undocumented_unsafe_blocks,
            reason = "signatures are MAPI's, and what holds of all unsafe code is said once"
        )]
    }
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
    let forwarder = cx.forwards.then(|| forward::gen_forwarder(cx));
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
