//! Facts on interfaces and callbacks: IID, base, size of the vtable, slots, and how a function is called.

use mapi_provider_codegen::ir::interface::{Callback, Catalogue, Interface, Method};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::structures::ident;
use crate::theirs::{self, Field, Theirs};

/// Facts on all interfaces that the catalogue defines.
pub(crate) fn interfaces(catalogue: &Catalogue, theirs: &Theirs) -> TokenStream {
    let ours = catalogue
        .interfaces()
        .filter(|interface| interface.external.is_none());
    ours.map(|interface| {
        let name = &interface.name;
        match theirs.fields(&format!("{name}_Vtbl")) {
            Some(fields) => on_interface(interface, fields),
            None => missing(name, "interface"),
        }
    })
    .collect()
}

/// Facts on all function types.
pub(crate) fn callbacks(catalogue: &Catalogue, theirs: &Theirs) -> TokenStream {
    let ours = catalogue
        .modules
        .iter()
        .flat_map(|module| &module.callbacks);
    ours.map(|callback| match theirs.callback(&callback.name) {
        Some((name, found)) => on_callback(callback, name, found),
        None => missing(&callback.name, "callback"),
    })
    .collect()
}

/// The fact that they don't have a thing.
pub(crate) fn missing(item: &str, what: &str) -> TokenStream {
    quote!(Fact { item: #item, what: #what, ours: Value::Present, theirs: Value::Absent },)
}

fn on_interface(interface: &Interface, fields: &[Field]) -> TokenStream {
    let item = &interface.name;
    let (name, table) = (ident(item), format_ident!("{item}_Vtbl"));
    let our_base = interface.base.as_deref().unwrap_or_default();
    let their_base =
        theirs::field(fields, "base__").map_or("", |field| field.ty.trim_end_matches("_Vtbl"));
    let methods =
        interface
            .methods
            .iter()
            .map(|method| match theirs::field(fields, &method.name) {
                Some(field) => on_method(interface, method, field),
                None => missing(&format!("{item}::{}", method.name), "method"),
            });
    quote! {
        Fact {
            item: #item,
            what: "IID",
            ours: Value::Guid(<ours::#name as Interface>::IID),
            theirs: Value::Guid(<theirs::#name as Interface>::IID),
        },
        Fact { item: #item, what: "base", ours: Value::Text(#our_base), theirs: Value::Text(#their_base) },
        Fact {
            item: #item,
            what: "size",
            ours: number(size_of::<ours::#table>()),
            theirs: number(size_of::<theirs::#table>()),
        },
        #(#methods)*
    }
}

fn on_method(interface: &Interface, method: &Method, field: &Field) -> TokenStream {
    let item = format!("{}::{}", interface.name, method.name);
    let table = format_ident!("{}_Vtbl", interface.name);
    let (ours, theirs) = (ident(&method.name), ident(&field.name));
    let their_slot = quote!(number(
        offset_of!(theirs::#table, #theirs) / size_of::<usize>()
    ));
    // Our placeholders are private, so the compiler's word is out of reach; and nobody knows their parameters.
    if method.placeholder {
        let slot = method.slot;
        return quote!(Fact { item: #item, what: "slot", ours: number(#slot), theirs: #their_slot },);
    }
    quote! {
        Fact {
            item: #item,
            what: "slot",
            ours: number(offset_of!(ours::#table, #ours) / size_of::<usize>()),
            theirs: #their_slot,
        },
        Fact {
            item: #item,
            what: "signature",
            ours: Value::Shape(of_slot(|table: &ours::#table| &table.#ours)),
            theirs: Value::Shape(of_slot(|table: &theirs::#table| &table.#theirs)),
        },
    }
}

fn on_callback(ours: &Callback, their_name: &str, theirs: &theirs::Callback) -> TokenStream {
    let item = &ours.name;
    let (name, their_name) = (ident(item), ident(their_name));
    let convention = &theirs.convention;
    let params = (0..theirs.params).map(|_| quote!(_));
    let returns = theirs.returns.then(|| quote!(-> _));
    // Their parameters may have lifetimes, which make the type one of a family; the coercion chooses one of it.
    quote! {
        Fact {
            item: #item,
            what: "signature",
            ours: Value::Shape(of_function(None::<ours::#name>)),
            theirs: Value::Shape(of_function({
                let function: theirs::#their_name = None;
                function as Option<unsafe extern #convention fn(#(#params),*) #returns>
            })),
        },
    }
}
