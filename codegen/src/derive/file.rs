//! What the derives would write for a whole file, for crates that have no macros.
//!
//! Such a file says what it wants where a derive would be, under a condition that is never true:
//! `#[cfg_attr(false, derive(MapiObject), mapi(implements(IMsgStore)))]`. The compiler ignores it.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, DeriveInput, Item, Meta, Token};

use super::{object, sync};

type Expand = fn(&DeriveInput) -> syn::Result<TokenStream>;

const EXPANSIONS: [(&str, Expand); 2] = [
    ("MapiObject", object::try_expand),
    ("MapiSync", sync::try_expand),
];

/// What the derives in a file's text write; `None` if it has none.
///
/// # Errors
///
/// Everything that is wrong, in sentences without a full stop.
pub fn expand_file(text: &str) -> Result<Option<TokenStream>, Vec<String>> {
    let file = syn::parse_file(text).map_err(|error| vec![format!("it is not Rust: {error}")])?;
    let mut found = Found::default();
    for item in &file.items {
        found.look_at(item, false);
    }
    match found {
        Found { mistakes, .. } if !mistakes.is_empty() => Err(mistakes),
        Found { parts, .. } if parts.is_empty() => Ok(None),
        Found { parts, .. } => Ok(Some(quote!(#(#parts)*))),
    }
}

#[derive(Default)]
struct Found {
    parts: Vec<TokenStream>,
    mistakes: Vec<String>,
}

impl Found {
    fn look_at(&mut self, item: &Item, inside: bool) {
        let input = match item {
            Item::Struct(item) => DeriveInput::from(item.clone()),
            Item::Enum(item) => DeriveInput::from(item.clone()),
            Item::Union(item) => DeriveInput::from(item.clone()),
            Item::Mod(module) => {
                let items = module.content.iter().flat_map(|(_, items)| items);
                items.for_each(|item| self.look_at(item, true));
                return;
            }
            _ => return,
        };
        let attributes = match flatten(&input.attrs) {
            Ok(attributes) => attributes,
            Err(error) => return self.mistake(&input, &error),
        };
        let derives = attributes.iter().flat_map(derived).collect::<Vec<_>>();
        let is_derived = |name: &str| derives.iter().any(|derive| derive == name);
        let input = DeriveInput {
            attrs: attributes.clone(),
            ..input
        };
        for (_, expand) in EXPANSIONS.iter().filter(|(name, _)| is_derived(name)) {
            if inside {
                let text = "it lies in a module within the file, where what is written can't reach it: give that module a \
                            file of its own";
                self.mistake(&input, &syn::Error::new_spanned(&input.ident, text));
                continue;
            }
            match expand(&input) {
                Ok(part) => self.parts.push(part),
                Err(error) => self.mistake(&input, &error),
            }
        }
    }

    fn mistake(&mut self, input: &DeriveInput, error: &syn::Error) {
        let all = error.clone().into_iter();
        let name = &input.ident;
        self.mistakes
            .extend(all.map(|error| format!("`{name}`: {error}")));
    }
}

/// The attributes of a struct, including those under conditions.
fn flatten(attributes: &[Attribute]) -> syn::Result<Vec<Attribute>> {
    let mut flat = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let conditional = conditional.parse2(list.tokens.clone())?;
                let metas = conditional.iter();
                flat.extend(metas.map(|meta| -> Attribute { syn::parse_quote!(#[#meta]) }));
            }
            _ => flat.push(attribute.clone()),
        }
    }
    Ok(flat)
}

/// What comes after the condition of a `cfg_attr`, whatever that is: `false` is a condition and not an
/// attribute.
fn conditional(input: ParseStream<'_>) -> syn::Result<Punctuated<Meta, Token![,]>> {
    while !input.peek(Token![,]) && !input.is_empty() {
        input.parse::<TokenTree>()?;
    }
    input.parse::<Token![,]>()?;
    Punctuated::parse_terminated(input)
}

/// The last names of what an attribute derives.
fn derived(attribute: &Attribute) -> Vec<String> {
    if !attribute.path().is_ident("derive") {
        return Vec::new();
    }
    let paths = attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
    let paths = paths.into_iter().flatten();
    let last = paths.filter_map(|path| Some(path.segments.last()?.ident.to_string()));
    last.collect()
}

#[cfg(test)]
mod tests {
    use super::expand_file;
    use crate::derive::{mapi_object, mapi_sync};

    fn expanded(text: &str) -> String {
        let tokens = expand_file(text).expect("it is right");
        tokens.map(|tokens| tokens.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_file_has_what_the_derives_would_write() {
        let object = "struct A { inner: IMsgStore }";
        let attribute = "mapi(forwards(IMsgStore = inner))";
        let derived = mapi_object(format!("#[{attribute}] {object}").parse().expect("Rust"));
        for before in [
            format!("#[cfg_attr(false, derive(MapiObject), {attribute})]"),
            format!("#[cfg_attr(any(), derive(Debug, MapiObject))] #[{attribute}]"),
            format!("#[derive(mapi_provider::MapiObject)]\n#[{attribute}]"),
        ] {
            let text = format!("use x::y;\n{before}\n{object}\nfn f() {{}}");
            assert_eq!(expanded(&text), derived.to_string());
        }
        let derived = mapi_sync("enum A {}".parse().expect("Rust")).to_string();
        assert_eq!(expanded("#[derive(MapiSync)] enum A {}"), derived);
        assert_eq!(expanded("#[derive(Debug)] struct A;"), "");
    }

    #[test]
    fn all_mistakes_are_said_with_the_name_of_the_struct() {
        let text = "#[cfg_attr(false, derive(MapiObject), mapi(forwards(IMsgStore = outer)))] struct A { other: u8 }\n\
                    #[derive(MapiSync)] union B { a: u8 }\n\
                    mod inside { #[derive(MapiSync)] struct C; }\n\
                    #[cfg_attr(false)] struct D;";
        let mistakes = expand_file(text).expect_err("it is wrong");
        for (mistake, part) in mistakes.iter().zip([
            "`A`: `A` has no field `outer`",
            "`B`: sync logic must be a struct or an enum",
            "`C`: it lies in a module within the file",
            "`D`: ",
        ]) {
            assert!(mistake.starts_with(part), "{mistake}");
        }
        assert_eq!(mistakes.len(), 4, "{mistakes:?}");
        let wrong = expand_file("struct {").expect_err("it is not Rust");
        assert!(wrong[0].starts_with("it is not Rust: "), "{wrong:?}");
    }
}
