//! Doc comments of generated items.
//!
//! A method's documentation is written once, on the client side, which people call. Vtables, server traits and
//! forwarders get one line for each method, with a link.

use proc_macro2::TokenStream;
use quote::quote;

use crate::ir::interface::{Docs, Interface, Method};

/// Where Microsoft's reference is.
const REFERENCE: &str = "https://learn.microsoft.com/office/client-developer/outlook/mapi/";

/// Where its pages on Outlook's additions to MAPI are; the catalogue names them `../auxiliary/…`.
const OUTLOOK: &str = "https://learn.microsoft.com/office/client-developer/outlook/";

/// The doc attributes of an item: its summary, or `otherwise`, then the longer text, and a link to Microsoft's
/// page.
pub(super) fn gen_docs(docs: &Docs, otherwise: &str) -> TokenStream {
    gen_paragraphs(&[
        Some(docs.summary.clone().unwrap_or_else(|| otherwise.to_owned())),
        docs.more.clone(),
        docs.page.as_deref().map(link),
    ])
}

/// The doc attributes of a method: everything that the catalogue says, and its slot.
pub(super) fn gen_method_docs(interface: &Interface, method: &Method) -> TokenStream {
    let docs = &method.docs;
    let page = docs.page.as_deref().map(link).unwrap_or_default();
    let place = format!("Slot {} of `{}`. {page}", method.slot, interface.name);
    gen_paragraphs(&[
        Some(summary(interface, method)),
        docs.more.clone(),
        parameters(method),
        results(method),
        Some(place.trim_end().to_owned()),
    ])
}

/// The doc attribute of a vtable's field, or of a method of a trait: where to read on.
pub(super) fn gen_method_line(interface: &Interface, method: &Method) -> TokenStream {
    let place = format!(
        "Slot {}: [`{}::{}`].",
        method.slot, interface.name, method.name
    );
    gen_paragraphs(&[Some(place)])
}

/// The text of a doc comment's line, with the space after `///`.
pub(super) fn line(text: &str) -> String {
    format!(" {text}")
}

/// The lines of a longer text, as [`line`] has them.
pub(in crate::emit) fn lines(text: &str) -> Vec<String> {
    let lines = text.lines().map(|text| match text {
        "" => String::new(),
        text => line(text),
    });
    lines.collect()
}

/// The paragraphs that exist, with an empty line between them.
fn gen_paragraphs(paragraphs: &[Option<String>]) -> TokenStream {
    let text: Vec<&str> = paragraphs.iter().flatten().map(String::as_str).collect();
    let lines = lines(&text.join("\n\n"));
    quote!(#(#[doc = #lines])*)
}

fn summary(interface: &Interface, method: &Method) -> String {
    let named = || format!("`{}::{}`.", interface.name, method.name);
    method.docs.summary.clone().unwrap_or_else(named)
}

/// A list of the parameters that are documented.
fn parameters(method: &Method) -> Option<String> {
    let lines = method.params.iter().filter_map(|param| {
        let doc = param.doc.as_deref()?;
        let required = if param.required { " Required." } else { "" };
        Some(format!("- `{}`: {doc}{required}", param.name))
    });
    list("Parameters", lines)
}

fn results(method: &Method) -> Option<String> {
    let lines = method
        .results
        .iter()
        .filter(|outcome| !outcome.when.is_empty());
    list(
        "Results",
        lines.map(|outcome| format!("- [`{}`] — {}", outcome.status, outcome.when)),
    )
}

/// A list with a title; `None` if it is empty.
fn list(title: &str, lines: impl Iterator<Item = String>) -> Option<String> {
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| format!("**{title}**\n\n{}", lines.join("\n")))
}

fn link(page: &str) -> String {
    let address = match page.strip_prefix("../") {
        Some(rest) => format!("{OUTLOOK}{rest}"),
        None => format!("{REFERENCE}{page}"),
    };
    format!("[Microsoft’s page]({address})")
}
