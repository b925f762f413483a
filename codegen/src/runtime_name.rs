//! What a team's crate calls the runtime: `mail` if its Cargo.toml says `mail = { package = "mapi-provider" }`.
//!
//! Generated code is written with the usual name; a macro replaces it with the other one.

use std::{env, fs, path::Path};

use proc_macro2::{Group, Ident, Literal, TokenStream, TokenTree};
use syn::ext::IdentExt;
use toml::de::{DeTable, DeValue};

/// The runtime's package.
const PACKAGE: &str = "mapi-provider";

/// The name that generated code is written with.
const USUAL: &str = "mapi_provider";

/// The tables of dependencies that a crate's code can name. Those of a build script are not among them.
const TABLES: [&str; 4] = [
    "dependencies",
    "dev-dependencies",
    "dev_dependencies",
    "target",
];

/// Generated code as needed by the crate that is being compiled.
pub(crate) fn localize(tokens: TokenStream) -> TokenStream {
    match env::var_os("CARGO_MANIFEST_DIR") {
        Some(root) => localize_in(tokens, Path::new(&root)),
        None => tokens,
    }
}

/// Generated code as needed by the crate in a folder.
pub fn localize_in(tokens: TokenStream, root: &Path) -> TokenStream {
    match name_in(root) {
        Some(name) => rename(tokens, &name),
        None => tokens,
    }
}

/// The runtime's name in the crate in a folder; `None` if it is the usual one, or unknown: complaining about a
/// Cargo.toml is cargo's job.
fn name_in(root: &Path) -> Option<String> {
    let text = fs::read_to_string(root.join("Cargo.toml")).ok()?;
    let workspace = || workspace_of(root);
    name_of(&text, workspace)
}

fn name_of(cargo_toml: &str, workspace: impl Fn() -> Option<String>) -> Option<String> {
    let manifest = DeTable::parse(cargo_toml).ok()?;
    let mut names = Vec::new();
    gather(manifest.get_ref(), &workspace, &mut names);
    match names.iter().any(|name| name == USUAL) {
        true => None,
        false => names.into_iter().next(),
    }
}

/// The names of all dependencies on the runtime, including those for some targets only.
fn gather(table: &DeTable<'_>, workspace: &impl Fn() -> Option<String>, names: &mut Vec<String>) {
    for (kind, dependencies) in TABLES
        .iter()
        .filter_map(|kind| Some((kind, table.get(*kind)?)))
    {
        let Some(dependencies) = dependencies.get_ref().as_table() else {
            continue;
        };
        for (key, value) in dependencies {
            let (key, value) = (key.get_ref().as_ref(), value.get_ref());
            if *kind == "target" {
                if let Some(target) = value.as_table() {
                    gather(target, workspace, names);
                }
            } else if is_runtime(key, value, workspace) {
                names.push(key.replace('-', "_"));
            }
        }
    }
}

/// Whether a dependency is the runtime; the workspace's root may be the place that says so.
fn is_runtime(key: &str, value: &DeValue<'_>, workspace: &impl Fn() -> Option<String>) -> bool {
    let text =
        |value: &DeValue<'_>, key: &str| Some(value.get(key)?.get_ref().as_str()?.to_owned());
    if let Some(package) = text(value, "package") {
        return package == PACKAGE;
    }
    let inherits = value.get("workspace").is_some();
    let inherited = || {
        let root = workspace()?;
        let root = DeTable::parse(&root).ok()?;
        let dependencies = root
            .get_ref()
            .get("workspace")?
            .get_ref()
            .get("dependencies")?;
        text(dependencies.get_ref().get(key)?.get_ref(), "package")
    };
    match inherits.then(inherited).flatten() {
        Some(package) => package == PACKAGE,
        None => key == PACKAGE || key == USUAL,
    }
}

/// The Cargo.toml of the workspace that a crate is in.
fn workspace_of(root: &Path) -> Option<String> {
    let root = std::path::absolute(root).ok()?;
    let above = root.ancestors().map(|folder| folder.join("Cargo.toml"));
    let mut texts = above.filter_map(|file| fs::read_to_string(file).ok());
    texts.find(|text| {
        let manifest = DeTable::parse(text);
        manifest.is_ok_and(|manifest| manifest.get_ref().contains_key("workspace"))
    })
}

/// Replaces the name in every `::mapi_provider::__private`, which only we write, and in links of doc comments.
pub fn rename(tokens: TokenStream, name: &str) -> TokenStream {
    // What cargo accepts as the name of a crate is a name in Rust, with or without `r#`.
    let named = syn::parse_str(name).or_else(|_| syn::parse_str(&format!("r#{name}")));
    match named {
        Ok(named) => rename_to(tokens, &named),
        Err(_) => tokens,
    }
}

fn rename_to(tokens: TokenStream, named: &Ident) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_ours = |at: usize| {
        let next = tokens.get(at + 1..at + 4);
        matches!(next, Some([a, b, TokenTree::Ident(name)]) if is_colon(a) && is_colon(b) && name == "__private")
    };
    let renamed = tokens.iter().enumerate().map(|(at, token)| match token {
        TokenTree::Ident(usual) if usual == USUAL && is_ours(at) => {
            let mut named = named.clone();
            named.set_span(usual.span());
            named.into()
        }
        TokenTree::Group(group) => {
            let mut inside = Group::new(group.delimiter(), rename_to(group.stream(), named));
            inside.set_span(group.span());
            inside.into()
        }
        TokenTree::Literal(text) => match links_to(text, named) {
            Some(renamed) => renamed.into(),
            None => token.clone(),
        },
        other => other.clone(),
    });
    renamed.collect()
}

/// A text whose links to our items use another name; `None` if it has no such links.
fn links_to(text: &Literal, named: &Ident) -> Option<Literal> {
    let link = |name: &str| format!("](::{name}::__private::");
    let renamed = text
        .to_string()
        .replace(&link(USUAL), &link(&named.unraw().to_string()));
    let mut renamed: Literal = (renamed != text.to_string()).then(|| renamed.parse().ok())??;
    renamed.set_span(text.span());
    Some(renamed)
}

fn is_colon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':')
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::{name_of, rename};

    fn name(cargo_toml: &str) -> Option<String> {
        let root =
            "[workspace.dependencies]\npost = { package = 'mapi-provider' }\nmapi-provider = '1'";
        name_of(cargo_toml, || Some(root.to_owned()))
    }

    #[test]
    fn another_name_is_found_wherever_it_is_given() {
        for (text, expected) in [
            (
                "[dependencies]\nmail = { package = 'mapi-provider' }",
                "mail",
            ),
            (
                "[dependencies.my-mail]\npackage = 'mapi-provider'",
                "my_mail",
            ),
            (
                "[dev-dependencies]\nmail = { package = 'mapi-provider' }",
                "mail",
            ),
            (
                "[target.'cfg(windows)'.dependencies]\nmail = { package = 'mapi-provider' }",
                "mail",
            ),
            ("[dependencies]\npost.workspace = true", "post"),
        ] {
            assert_eq!(name(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn the_usual_name_goes_before_others() {
        for text in [
            "",
            "[",
            "dependencies = 1",
            "[dependencies]\nmapi-provider = '1'",
            "[dependencies]\nmapi-provider.workspace = true",
            "[dependencies]\nmapi_provider = { path = '.' }\nmail = { package = 'mapi-provider' }",
            "[dependencies]\nmapi-provider = { package = 'another' }",
            "[build-dependencies]\nmail = { package = 'mapi-provider' }",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_we_say_is_renamed() {
        let code = quote!(::mapi_provider::__private::a(
            mapi_provider,
            x::mapi_provider,
            [::mapi_provider::__private],
            "[`A`](::mapi_provider::__private::prelude::A)",
            "::mapi_provider::__private"
        ));
        let expected = quote!(::mail::__private::a(
            mapi_provider,
            x::mapi_provider,
            [::mail::__private],
            "[`A`](::mail::__private::prelude::A)",
            "::mapi_provider::__private"
        ));
        assert_eq!(rename(code, "mail").to_string(), expected.to_string());
    }
}
