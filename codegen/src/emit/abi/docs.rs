//! Doc comments of generated items.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::interface::{Docs, Interface, Method};

/// Where Microsoft's reference lies.
const REFERENCE: &str = "https://learn.microsoft.com/office/client-developer/outlook/mapi/";

/// The doc attributes of an item: its summary, or `otherwise`, and a link to Microsoft's page.
pub(super) fn gen_docs(docs: &Docs, otherwise: &str) -> TokenStream {
    let summary = line(docs.summary.as_deref().unwrap_or(otherwise));
    match &docs.page {
        Some(page) => {
            let link = line(&format!("[Microsoft’s page]({REFERENCE}{page})"));
            quote!(#[doc = #summary] #[doc = ""] #[doc = #link])
        }
        None => quote!(#[doc = #summary]),
    }
}

/// The text of a doc comment's line: with the space that stands after `///`.
pub(super) fn line(text: &str) -> String {
    format!(" {text}")
}

/// The doc attributes of a method, with its slot.
pub(super) fn gen_method_docs(interface: &Interface, method: &Method) -> TokenStream {
    let Method { name, slot, .. } = method;
    let otherwise = format!("`{}::{name}`.", interface.name);
    let docs = gen_docs(&method.docs, &otherwise);
    let place = line(&format!("Slot {slot} of `{}`.", interface.name));
    quote!(#docs #[doc = ""] #[doc = #place])
}

/// A comment line. Tokens can't carry comments, so it travels as `comment!("…")`, which the writer of
/// the file turns into `// …`; SAFETY lines would be lost otherwise.
pub(super) fn gen_comment(text: &str) -> TokenStream {
    quote!(comment!(#text);)
}
