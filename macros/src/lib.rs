//! The procedural macros of mapi-provider. Use them through the `mapi_provider` crate, which documents
//! and re-exports them; each is a few lines over `mapi-provider-codegen`.

use mapi_provider_codegen::{derive, provider_macro};
use proc_macro::TokenStream;

/// Makes a struct a COM object.
///
/// ```text
/// #[derive(MapiObject)]
/// #[mapi(implements(IMsgStore))]
/// struct Store { … }
/// ```
///
/// - `implements(I, …)`: the interfaces; for each, write `impl I_Impl for …` and one for each of its bases.
/// - `forwards(I = field, …)`: interfaces whose methods go to the inner object in `field`, except those that `impl
///   I_Forward for …` overrides.
/// - `tear_offs(I = field, …)`: interfaces that are handed out, as part of this object's identity, if the inner
///   object in `field` has them. All of their methods go to it. Interfaces that are not named are not handed out,
///   even if the inner object has them, because they would bypass what this object overrides.
/// - `query_interface = function`: called for IIDs that no interface answers, `fn(&Object<Self>, &mut Query<'_>)`.
///   It answers with the interface that is asked for, or not at all: `query.answer::<IMAPISync>(|| …)`.
/// - `outer = field`: the object has no identity of its own; its QueryInterface is that of the object in `field`.
#[proc_macro_derive(MapiObject, attributes(mapi))]
pub fn mapi_object(input: TokenStream) -> TokenStream {
    derive::mapi_object(input.into()).into()
}

/// Gives sync logic its `IMAPISync`: put it on the type that has `impl BackgroundSync`.
#[proc_macro_derive(MapiSync, attributes(mapi))]
pub fn mapi_sync(input: TokenStream) -> TokenStream {
    derive::mapi_sync(input.into()).into()
}

/// Generates a provider from its manifest: entry points, message service, and the struct `Settings`.
///
/// ```ignore
/// mapi_provider::provider!("provider.toml");
/// ```
///
/// With `exports = cfg(feature = "exports")` after the path, the DLL's exports exist only under that condition: a
/// program that two providers are linked into can't have the exports of both.
///
/// The path is relative to the folder of the crate's `Cargo.toml`. Mistakes in the manifest are shown with
/// file, line and caret; `cargo mapi check` shows the same, and `cargo mapi expand` shows what is generated.
#[proc_macro]
pub fn provider(input: TokenStream) -> TokenStream {
    provider_macro::expand(input.into()).into()
}
