//! Flags, status codes and other numbers.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::docs::{gen_docs, line};
use super::names::ident;
use crate::ir::interface::{Flags, Named};

/// A family of flags as a `bitflags` type. Unknown bits are kept: `ulFlags` may carry bits that no
/// page names (SYNC-04).
pub(super) fn gen_flags(flags: &Flags) -> TokenStream {
    let name = ident(&flags.name);
    let docs = gen_docs(&flags.docs, &format!("`{name}`."));
    let bits = flags.values.iter().map(|bit| {
        let docs = gen_named_docs(bit);
        let name = ident(bit.name.strip_prefix(&flags.prefix).unwrap_or(&bit.name));
        let value = hex(bit.value);
        quote!(#docs const #name = #value;)
    });
    quote! {
        ::bitflags::bitflags! {
            #docs
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct #name: u32 {
                #(#bits)*
                const _ = !0;
            }
        }
    }
}

/// Status codes as HRESULTs, and the function that names one.
pub(super) fn gen_statuses(statuses: &[Named]) -> TokenStream {
    if statuses.is_empty() {
        return quote!();
    }
    let constants = statuses.iter().map(|status| {
        let docs = gen_named_docs(status);
        let name = ident(&status.name);
        let value = suffixed_hex(status.value);
        quote!(#docs pub const #name: HRESULT = HRESULT(#value as i32);)
    });
    let arms = first_of_each_value(statuses).into_iter().map(|status| {
        let name = &status.name;
        let value = hex(status.value);
        quote!(#value => #name,)
    });
    quote! {
        #(#constants)*

        /// The name of a status code in the reference; the first one where several share a value.
        pub const fn status_name(status: HRESULT) -> Option<&'static str> {
            Some(match status.0 as u32 {
                #(#arms)*
                _ => return None,
            })
        }
    }
}

/// Numbers as `u32` constants.
pub(super) fn gen_constants(constants: &[Named]) -> TokenStream {
    let constants = constants.iter().map(|constant| {
        let docs = gen_named_docs(constant);
        let name = ident(&constant.name);
        let value = hex(constant.value);
        quote!(#docs pub const #name: u32 = #value;)
    });
    quote!(#(#constants)*)
}

fn gen_named_docs(named: &Named) -> TokenStream {
    let summary = named
        .summary
        .clone()
        .unwrap_or_else(|| format!("`{}`.", named.name));
    let summary = line(&summary);
    quote!(#[doc = #summary])
}

fn first_of_each_value(named: &[Named]) -> Vec<&Named> {
    let mut first: Vec<&Named> = Vec::new();
    for candidate in named {
        if first.iter().all(|known| known.value != candidate.value) {
            first.push(candidate);
        }
    }
    first
}

/// The same with its type, for numbers that are about to become signed.
fn suffixed_hex(value: u32) -> Literal {
    format!("0x{value:08X}_u32")
        .parse()
        .unwrap_or_else(|_| Literal::u32_suffixed(value))
}

/// A number as MAPI's headers write it: eight hexadecimal digits.
fn hex(value: u32) -> Literal {
    format!("0x{value:08X}")
        .parse()
        .unwrap_or_else(|_| Literal::u32_unsuffixed(value))
}
