//! Flags, GUIDs and other numbers.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::Place;
use super::docs::{gen_docs, line};
use super::names::{ident, member};
use crate::ir::interface::{Flags, Named, NamedGuid};

/// A family of flags, as a type that only has it: a generic one of ours, or, in a team's own module, which can't add
/// constants to a type of ours, what `bitflags!` makes. Unknown bits are kept: `ulFlags` may carry bits that no page
/// names (SYNC-04).
pub(super) fn gen_flags(flags: &Flags, place: Place) -> TokenStream {
    match place {
        Place::Shipped => gen_shipped_flags(flags),
        Place::Own => gen_own_flags(flags),
    }
}

fn gen_shipped_flags(flags: &Flags) -> TokenStream {
    let name = ident(&flags.name);
    let family = ident(&format!("{}Family", flags.name));
    let docs = gen_docs(&flags.docs, &format!("`{}`.", flags.name));
    let family_doc = line(&format!("What makes [`{}`] a type of its own.", flags.name));
    let bits = flags.values.iter().map(|bit| {
        let (docs, name, value) = gen_bit(flags, bit);
        quote!(#docs pub const #name: Self = Self::from_bits_retain(#value);)
    });
    let named = flags.values.iter().map(|bit| {
        let short = short_name(flags, bit);
        let constant = member(short);
        quote!(Flag::new(#short, #name::#constant),)
    });
    let text = &flags.name;
    quote! {
        #docs
        pub type #name = FlagSet<#family>;

        #[doc = #family_doc]
        #[derive(PartialEq)]
        pub enum #family {}

        impl FlagFamily for #family {
            const NAME: &'static str = #text;
            const FLAGS: &'static [Flag<#name>] = &[#(#named)* Flag::new("", #name::all())];
        }

        impl #name {
            #(#bits)*
        }
    }
}

fn gen_own_flags(flags: &Flags) -> TokenStream {
    let name = ident(&flags.name);
    let docs = gen_docs(&flags.docs, &format!("`{}`.", flags.name));
    let bits = flags.values.iter().map(|bit| {
        let (docs, name, value) = gen_bit(flags, bit);
        quote!(#docs const #name = #value;)
    });
    let text = &flags.name;
    // The struct is outside the macro: inside, it would cost the compiler half as much again.
    quote! {
        #docs
        #[repr(transparent)]
        #[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
        pub struct #name(u32);

        bitflags::bitflags! {
            impl #name: u32 {
                #(#bits)*
                const _ = !0;
            }
        }

        impl ::core::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                debug_flags(#text, self, f)
            }
        }
    }
}

/// The docs, the name and the value of a flag.
fn gen_bit(flags: &Flags, bit: &Named) -> (TokenStream, Ident, Literal) {
    let docs = gen_named_docs(bit);
    let short = short_name(flags, bit);
    // Whoever looks for the name that MAPI's headers have finds it.
    let alias = (short != bit.name).then_some(&bit.name).into_iter();
    let docs = quote!(#docs #(#[doc(alias = #alias)])*);
    (docs, member(short), hex(bit.value))
}

/// A flag's name without what all of the family begin with.
fn short_name<'a>(flags: &Flags, bit: &'a Named) -> &'a str {
    bit.name.strip_prefix(&flags.prefix).unwrap_or(&bit.name)
}

/// Numbers as `u32` constants.
pub(super) fn gen_constants(constants: &[Named]) -> TokenStream {
    let constants = constants.iter().map(|constant| {
        let docs = gen_named_docs(constant);
        let name = member(&constant.name);
        let value = hex(constant.value);
        quote!(#docs pub const #name: u32 = #value;)
    });
    quote!(#(#constants)*)
}

/// GUIDs with names.
pub(super) fn gen_guids(guids: &[NamedGuid]) -> TokenStream {
    let guids = guids.iter().map(|guid| {
        let summary = guid.summary.clone();
        let docs = line(&summary.unwrap_or_else(|| format!("`{}`.", guid.name)));
        let name = member(&guid.name);
        let value = gen_guid(guid.value);
        quote!(#[doc = #docs] pub const #name: GUID = #value;)
    });
    quote!(#(#guids)*)
}

/// A GUID, with its digits grouped as people write them.
pub(super) fn gen_guid(value: u128) -> TokenStream {
    let hex = format!("{value:032x}");
    let groups = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    let digits = format!("0x{}", groups.join("_"));
    let number: Literal = digits
        .parse()
        .unwrap_or_else(|_| Literal::u128_unsuffixed(value));
    quote!(GUID::from_u128(#number))
}

pub(super) fn gen_named_docs(named: &Named) -> TokenStream {
    let summary = named
        .summary
        .clone()
        .unwrap_or_else(|| format!("`{}`.", named.name));
    let summary = line(&summary);
    quote!(#[doc = #summary])
}

/// A number as MAPI's headers write it: eight hexadecimal digits.
pub(super) fn hex(value: u32) -> Literal {
    format!("0x{value:08X}")
        .parse()
        .unwrap_or_else(|_| Literal::u32_unsuffixed(value))
}
