//! `#[mapi(implements(…), forwards(IMsgStore = inner), tear_offs(IPSTX = inner), query_interface = path, outer = field)]`.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Member, Meta, Token};

use super::Mistakes;
use crate::diag::did_you_mean;

/// The keys of `#[mapi(…)]`.
const KEYS: [&str; 5] = [
    "implements",
    "forwards",
    "tear_offs",
    "query_interface",
    "outer",
];

/// What the attributes of a struct say.
#[derive(Default)]
pub(super) struct Attributes {
    /// The chains, in order of their numbers.
    pub(super) chains: Vec<ChainAttribute>,
    /// The interfaces that are handed out if the inner object has them.
    pub(super) tear_offs: Vec<Inner>,
    /// The QueryInterface hook.
    pub(super) query: Option<syn::ExprPath>,
    /// The field with the object whose identity this one is part of.
    pub(super) outer: Option<Member>,
}

/// An interface that the object has.
pub(super) struct ChainAttribute {
    pub(super) interface: syn::Path,
    /// The field with the inner object, if the interface is forwarded.
    pub(super) inner: Option<Member>,
}

/// An interface and the field with the inner object that has it.
pub(super) struct Inner {
    pub(super) interface: syn::Path,
    pub(super) field: Member,
}

/// Reads the attributes; mistakes are collected.
pub(super) fn read(input: &DeriveInput, mistakes: &mut Mistakes) -> Attributes {
    let mut attributes = Attributes::default();
    let mut found = false;
    for attribute in super::mapi_attributes(&input.attrs) {
        found = true;
        match attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated) {
            Ok(entries) => entries
                .iter()
                .for_each(|entry| read_entry(entry, &mut attributes, mistakes)),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if !found {
        mistakes.at(
            &input.ident,
            "which interfaces does the object have? Write `#[mapi(implements(IMsgStore))]` with their names",
        );
    } else if attributes.chains.is_empty() && mistakes.is_empty() {
        // If there are mistakes, one of them is the reason.
        mistakes.at(
            &input.ident,
            "the object has no interface: `implements(…)` or `forwards(… = field)` names one",
        );
    }
    attributes
}

fn read_entry(entry: &Meta, attributes: &mut Attributes, mistakes: &mut Mistakes) {
    let name = entry
        .path()
        .get_ident()
        .map(ToString::to_string)
        .unwrap_or_default();
    let result = match name.as_str() {
        "implements" => read_implements(entry, attributes, mistakes),
        "forwards" => read_forwards(entry, attributes, mistakes),
        "tear_offs" => read_tear_offs(entry, attributes, mistakes),
        "query_interface" => read_query(entry, attributes),
        "outer" => read_outer(entry, attributes),
        _ => Err(unknown_key(entry, &name)),
    };
    if let Err(mistake) = result {
        mistakes.push(mistake);
    }
}

fn unknown_key(entry: &Meta, name: &str) -> syn::Error {
    let hint = did_you_mean(name, &KEYS).unwrap_or_default();
    let choice = "expected `implements(…)`, `forwards(… = field)`, `tear_offs(… = field)`, `query_interface = function` or `outer = field`";
    let text = if hint.starts_with("did you mean") {
        hint
    } else {
        choice.to_owned()
    };
    syn::Error::new_spanned(
        entry.path(),
        format!("`mapi` has no option `{name}`: {text}"),
    )
}

fn read_implements(
    entry: &Meta,
    attributes: &mut Attributes,
    mistakes: &mut Mistakes,
) -> syn::Result<()> {
    let list = entry.require_list()?;
    let interfaces = list.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)?;
    for interface in interfaces {
        add(
            attributes,
            ChainAttribute {
                interface,
                inner: None,
            },
            mistakes,
        );
    }
    Ok(())
}

fn read_forwards(
    entry: &Meta,
    attributes: &mut Attributes,
    mistakes: &mut Mistakes,
) -> syn::Result<()> {
    for Inner { interface, field } in read_pairs(entry, "forwards(IMsgStore = inner)", mistakes)? {
        let inner = Some(field);
        add(attributes, ChainAttribute { interface, inner }, mistakes);
    }
    Ok(())
}

fn read_tear_offs(
    entry: &Meta,
    attributes: &mut Attributes,
    mistakes: &mut Mistakes,
) -> syn::Result<()> {
    for pair in read_pairs(entry, "tear_offs(IPSTX = inner)", mistakes)? {
        let mut known = attributes.tear_offs.iter();
        if known.any(|known| is_same(&known.interface, &pair.interface)) {
            mistakes.at(&pair.interface, "this interface is named twice");
        } else {
            attributes.tear_offs.push(pair);
        }
    }
    Ok(())
}

/// The pairs of `option(IMsgStore = field, …)`.
fn read_pairs(entry: &Meta, example: &str, mistakes: &mut Mistakes) -> syn::Result<Vec<Inner>> {
    let list = entry.require_list()?;
    let pairs = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
    let mut read = Vec::new();
    for pair in pairs {
        let Meta::NameValue(pair) = pair else {
            let question = format!("which field holds the inner object? Write `{example}`");
            mistakes.at(&pair, question);
            continue;
        };
        match field(&pair.value) {
            Ok(field) => read.push(Inner {
                interface: pair.path,
                field,
            }),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    Ok(read)
}

/// Adds a chain; if an interface occurred twice, an object would have two pointers to it.
fn add(attributes: &mut Attributes, chain: ChainAttribute, mistakes: &mut Mistakes) {
    if attributes
        .chains
        .iter()
        .any(|known| is_same(&known.interface, &chain.interface))
    {
        mistakes.at(&chain.interface, "this interface is named twice");
    } else if chain.interface.is_ident("IUnknown") {
        mistakes.at(&chain.interface, "every object has IUnknown; leave it out");
    } else {
        attributes.chains.push(chain);
    }
}

/// Whether two paths are written alike.
fn is_same(one: &syn::Path, other: &syn::Path) -> bool {
    one.to_token_stream().to_string() == other.to_token_stream().to_string()
}

fn read_query(entry: &Meta, attributes: &mut Attributes) -> syn::Result<()> {
    let value = bare(&entry.require_name_value()?.value);
    match value {
        syn::Expr::Path(path) if attributes.query.is_none() => {
            attributes.query = Some(path.clone());
            Ok(())
        }
        syn::Expr::Path(_) => Err(syn::Error::new_spanned(
            value,
            "`query_interface` is named twice",
        )),
        _ => Err(syn::Error::new_spanned(
            value,
            "expected the path of a function `fn(&Object<Self>, &mut Query<'_>)`",
        )),
    }
}

fn read_outer(entry: &Meta, attributes: &mut Attributes) -> syn::Result<()> {
    let value = &entry.require_name_value()?.value;
    if attributes.outer.is_some() {
        return Err(syn::Error::new_spanned(value, "`outer` is named twice"));
    }
    attributes.outer = Some(field(value)?);
    Ok(())
}

/// The contents of the invisible brackets that `macro_rules!` may have added, for example around a `$field:expr`.
fn bare(mut value: &syn::Expr) -> &syn::Expr {
    while let syn::Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

/// A field: its name, or its number in a tuple struct.
fn field(value: &syn::Expr) -> syn::Result<Member> {
    match bare(value) {
        syn::Expr::Path(path) if path.qself.is_none() => {
            path.path.require_ident().cloned().map(Member::Named)
        }
        syn::Expr::Lit(syn::ExprLit {
            lit: syn::Lit::Int(number),
            ..
        }) => Ok(Member::Unnamed(syn::Index {
            index: number.base10_parse()?,
            span: number.span(),
        })),
        _ => Err(syn::Error::new_spanned(
            value,
            "expected the name of a field",
        )),
    }
}
