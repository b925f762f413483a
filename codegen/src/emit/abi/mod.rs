//! The Rust of the catalogue: `src/abi/*.rs` of the runtime.
//!
//! One function an emitted item. For each interface: the vtable ([`vtable`]), the client side
//! ([`client`]), the server trait ([`server`]), the thunks ([`thunk`]), the forwarder ([`forward`])
//! and the checks of the layout ([`asserts`]).

mod asserts;
mod client;
mod docs;
mod forward;
mod names;
mod server;
mod structure;
mod thunk;
mod types;
mod values;
mod vtable;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::interface::{Catalogue, Interface, Module};
use names::ident;

/// All interfaces of a catalogue and the one that is being emitted.
struct Context<'a> {
    catalogue: &'a Catalogue,
    interface: &'a Interface,
}

/// The Rust of one module.
pub fn module(catalogue: &Catalogue, module: &Module) -> TokenStream {
    let doc = docs::line(&module.doc);
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
    let statuses = values::gen_statuses(&module.statuses);
    let constants = values::gen_constants(&module.constants);
    quote! {
        #![doc = #doc]

        #[allow(unused_imports, reason = "a module need not use every name")]
        use crate::abi::prelude::*;

        #(#callbacks)*
        #(#structures)*
        #(#opaques)*
        #(#flags)*
        #statuses
        #constants
        #(#interfaces)*
    }
}

/// The Rust of the module that holds all others.
pub fn root(catalogue: &Catalogue) -> TokenStream {
    let modules = catalogue.modules.iter().map(|module| ident(&module.name));
    let named = catalogue
        .modules
        .iter()
        .filter(|module| !is_external(module));
    let named = named.map(|module| ident(&module.name));
    quote! {
        //! MAPI as Rust: interfaces, structures, constants. Names are those of Microsoft's reference.

        #(pub mod #modules;)*
        mod prelude;

        #(pub use self::#named::*;)*
        pub use self::prelude::TCHAR;
        pub use windows_core::{GUID, HRESULT, IUnknown, Interface};
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
