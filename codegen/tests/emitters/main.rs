//! What the emitters of bindings and derives write, as text to read in a review. That it compiles too is shown
//! elsewhere: `abi/src/generated` of the runtime is what [`abi::module`] writes of the shipped catalogue, compiled with it
//! and compared by `cargo xtask codegen --check`; the derives' expansions are compiled by `macros/tests/ui/pass`.

use mapi_provider_codegen::{
    catalogue, derive,
    diag::Source,
    emit::abi,
    ir::interface::{Catalogue, Module},
};
use proc_macro2::TokenStream;
use quote::quote;

/// A catalogue of IUnknown and the case.
fn catalogue() -> Catalogue {
    let files = [
        ("unknown", include_str!("../../interfaces/unknown.toml")),
        ("case", include_str!("case.toml")),
    ];
    let sources =
        files.map(|(name, text)| (name.to_owned(), Source::new(format!("{name}.toml"), text)));
    catalogue::load(sources).unwrap_or_else(|report| panic!("{report}"))
}

/// Tokens as text; that they parse is part of the test.
fn pretty(tokens: TokenStream) -> String {
    let text = tokens.to_string();
    let file = syn::parse2(tokens).unwrap_or_else(|error| panic!("{error}: {text}"));
    abi::render(file, prettyplease::unparse)
}

/// The module with only what `keep` keeps.
fn part(keep: impl FnOnce(Module, &mut Module)) -> String {
    let catalogue = catalogue();
    let whole = catalogue
        .modules
        .iter()
        .find(|module| module.name == "case")
        .expect("it is loaded");
    let mut part = Module {
        name: whole.name.clone(),
        doc: whole.doc.clone(),
        ..Module::default()
    };
    keep(whole.clone(), &mut part);
    pretty(abi::module(&catalogue, &part))
}

#[test]
fn an_interface_is_vtable_client_server_thunks_forwarder_and_asserts() {
    let text = part(|mut whole, part| part.interfaces.push(whole.interfaces.swap_remove(0)));
    insta::assert_snapshot!("interface", text);
}

#[test]
fn an_interface_takes_its_bases_with_it() {
    let text = part(|mut whole, part| part.interfaces.push(whole.interfaces.swap_remove(1)));
    insta::assert_snapshot!("derived-interface", text);
}

#[test]
fn an_interface_without_an_iid_answers_nobody() {
    let text = part(|mut whole, part| part.interfaces.push(whole.interfaces.swap_remove(2)));
    insta::assert_snapshot!("interface-without-iid", text);
}

#[test]
fn everything_else_is_types_and_numbers() {
    let text = part(|whole, part| {
        *part = Module {
            interfaces: Vec::new(),
            ..whole
        }
    });
    insta::assert_snapshot!("types-and-numbers", text);
}

#[test]
fn a_file_of_a_teams_own_says_what_module_it_is() {
    let mut catalogue = catalogue();
    let mut whole = catalogue.modules.pop().expect("it is loaded");
    whole.interfaces.clear();
    whole.structures.clear();
    let text = pretty(abi::own_module(&catalogue, &whole));
    insta::assert_snapshot!("own-module", text);
}

#[test]
fn the_root_names_all_modules() {
    insta::assert_snapshot!("root", pretty(abi::root(&catalogue())));
}

#[test]
fn an_object_has_a_vtable_for_each_chain() {
    let expansion = derive::mapi_object(quote! {
        #[mapi(implements(IMsgStore, abi::IMAPISync), query_interface = Self::query)]
        struct Store<L: Logic, const N: usize>
        where
            L: Clone,
        {
            logic: [L; N],
        }
    });
    insta::assert_snapshot!("derive-object", pretty(expansion));
}

#[test]
fn a_wrapper_forwards_to_its_fields() {
    let expansion = derive::mapi_object(quote! {
        #[mapi(forwards(IMsgStore = 0), tear_offs(IPSTX = 0, IPSTX2 = 0), query_interface = hook, outer = 1)]
        struct Wrapper(IMsgStore, IMsgStore);
    });
    insta::assert_snapshot!("derive-wrapper", pretty(expansion));
}

#[test]
fn logic_has_its_interface() {
    let expansion = derive::mapi_sync(quote! {
        enum Logic<C> where C: Client { Server(C) }
    });
    insta::assert_snapshot!("derive-sync", pretty(expansion));
}

#[test]
fn mistakes_are_shown_beside_a_stand_in_for_the_object() {
    let expansion = derive::mapi_object(quote! {
        #[mapi(implements(IMAPISync, IMAPISync), forwards(IMsgStore = inner))]
        struct Store;
    });
    insta::assert_snapshot!("derive-mistakes", pretty(expansion));
}
