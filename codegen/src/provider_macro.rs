//! `provider!("provider.toml")`.

use std::{
    env,
    path::{self, Path, PathBuf},
};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Token};

use crate::{
    diag::Report,
    emit,
    manifest::{self, LoadError},
    runtime_name,
};

/// The macro's expansion: the provider, or one `compile_error!` that shows everything that is wrong.
pub fn expand(input: TokenStream) -> TokenStream {
    let call: Call = match syn::parse2(input) {
        Ok(call) => call,
        Err(error) => return gen_failure(error.span(), &Problem::new(error.to_string())),
    };
    let generated = root().and_then(|root| {
        let library = library(&root);
        generate(
            &root,
            &call.path.value(),
            library.as_deref(),
            call.exports.as_ref(),
        )
    });
    match generated {
        Ok(tokens) => runtime_name::localize(tokens),
        Err(problem) => gen_failure(call.path.span(), &problem),
    }
}

/// What is between the macro's brackets.
struct Call {
    path: LitStr,
    /// When the provider is exported, as in `#[cfg(…)]`; by default, always.
    exports: Option<TokenStream>,
}

impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let usage = |error: syn::Error| {
            let text = "write the manifest's path: `provider!(\"provider.toml\")`";
            syn::Error::new(error.span(), text)
        };
        let path = input.parse().map_err(usage)?;
        let comma: Option<Token![,]> = input.parse().map_err(usage)?;
        if comma.is_none() || input.is_empty() {
            // A comma at the end means nothing.
            return input
                .is_empty()
                .then_some(Self {
                    path,
                    exports: None,
                })
                .ok_or_else(|| usage(input.error("")));
        }
        let exports = exports(input).map_err(|error| {
            let text = "after the path there may be `exports = cfg(feature = \"exports\")`, and nothing else";
            syn::Error::new(error.span(), text)
        })?;
        Ok(Self {
            path,
            exports: Some(exports),
        })
    }
}

/// `exports = cfg(…)`.
fn exports(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let pair: syn::MetaNameValue = input.parse()?;
    let _: Option<Token![,]> = input.parse()?;
    if !pair.path.is_ident("exports") || !input.is_empty() {
        return Err(syn::Error::new_spanned(&pair.path, ""));
    }
    match &pair.value {
        syn::Expr::Call(call) if is_cfg(&call.func) && call.args.len() == 1 => {
            Ok(call.args.to_token_stream())
        }
        other => Err(syn::Error::new_spanned(other, "")),
    }
}

fn is_cfg(function: &syn::Expr) -> bool {
    matches!(function, syn::Expr::Path(path) if path.path.is_ident("cfg"))
}

/// The folder of the crate. Absolute, because build systems other than cargo name it as they like, and rustc looks for
/// the files that the expansion names beside the file that contains it.
fn root() -> Result<PathBuf, Problem> {
    let Some(root) = env::var_os("CARGO_MANIFEST_DIR") else {
        let text = "the manifest's folder is not known, for the environment variable CARGO_MANIFEST_DIR is not set: \
            cargo sets it for rustc, and another build system must set it to the folder of the crate";
        return Err(Problem::new(text.to_owned()));
    };
    path::absolute(&root).map_err(|error| {
        let root = root.display();
        Problem::new(format!(
            "can't find the folder {root} that CARGO_MANIFEST_DIR names: {error}"
        ))
    })
}

/// What cargo calls the DLL that is being compiled. `None` if it makes none: programs, such as tests and examples, and
/// libraries that are linked into them may have any name.
fn library(root: &Path) -> Option<String> {
    let library = manifest::library_beside(&root.join("Cargo.toml"));
    let compiled = env::var("CARGO_CRATE_NAME").ok();
    library.filter(|library| compiled.as_ref() == Some(library))
}

/// Why there is no expansion.
#[derive(Debug)]
struct Problem {
    text: String,
    /// The files to watch for the mistake to go away.
    files: Vec<String>,
}

impl Problem {
    /// One that no change of a file fixes.
    fn new(text: String) -> Self {
        let files = Vec::new();
        Self { text, files }
    }
}

fn generate(
    root: &Path,
    path: &str,
    library: Option<&str>,
    exports: Option<&TokenStream>,
) -> Result<TokenStream, Problem> {
    let file = root.join(path);
    let project = manifest::load_file_of(&file, path, library).map_err(|error| match error {
        LoadError::Unreadable { error, .. } => {
            Problem::new(format!("can't read {}: {error}", file.display()))
        }
        // The first snippet starts on a new line, so all of them are aligned.
        LoadError::Wrong(report) => Problem {
            text: format!("{path} is not right\n\n{report}\n"),
            files: watched(root, path, &report),
        },
    })?;
    let Some(file) = file.to_str() else {
        let text = format!(
            "the path {} is not UTF-8: no Rust code can name the file",
            file.display()
        );
        return Err(Problem::new(text));
    };
    Ok(emit::provider::emit_exported(&project, file, exports))
}

/// The manifest and what else the report is about.
fn watched(root: &Path, manifest: &str, report: &Report) -> Vec<String> {
    let mut files = vec![manifest];
    files.extend(report.files().into_iter().filter(|file| *file != manifest));
    let paths = files.into_iter().map(|file| root.join(file));
    paths
        .map(|path| path.to_string_lossy().into_owned())
        .collect()
}

/// The mistake at the path's literal, and the names of the files, so cargo rebuilds when one is fixed.
fn gen_failure(span: Span, problem: &Problem) -> TokenStream {
    let text = &problem.text;
    // `::std`, because it is read in the team's edition, and before 2018 there is no `::core`.
    let error = quote_spanned!(span=> ::std::compile_error!(#text););
    let files = &problem.files;
    quote! {
        #error
        #(const _: &[::core::primitive::u8] = ::core::include_bytes!(#files);)*
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use quote::quote;

    use super::{expand, generate};

    fn manifests() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"))
    }

    #[test]
    fn a_manifest_that_is_right_becomes_a_provider() {
        let tokens = generate(
            manifests(),
            "manifests/minimal.toml",
            Some("contoso32"),
            None,
        )
        .expect("it is right")
        .to_string();
        assert!(
            tokens.contains("MSProviderInit") && tokens.contains("crate :: Contoso"),
            "{tokens}"
        );
    }

    #[test]
    fn all_mistakes_are_in_the_error_text() {
        let problem =
            generate(manifests(), "ui/several.toml", None, None).expect_err("it is wrong");
        assert_eq!(problem.files.len(), 1);
        for part in [
            "ui/several.toml:2:8",
            "error[unknown-kind]",
            "error[bad-logic-path]",
            "^^^^",
        ] {
            assert!(problem.text.contains(part), "{}", problem.text);
        }
    }

    #[test]
    fn a_library_that_mapi_would_not_find_is_a_mistake() {
        let problem = generate(manifests(), "manifests/minimal.toml", Some("contoso"), None);
        let text = problem.expect_err("the name lacks its 32").text;
        assert!(text.contains("error[library-name]"), "{text}");
        assert!(text.contains("name = \"contoso32\""), "{text}");
    }

    #[test]
    fn a_file_that_is_not_there_is_named_in_full() {
        let problem = generate(manifests(), "gone.toml", None, None).expect_err("it is gone");
        assert!(problem.files.is_empty());
        assert!(problem.text.contains("tests/gone.toml"), "{}", problem.text);
    }

    #[test]
    fn anything_but_a_path_is_refused_with_an_example() {
        for input in [quote!(), quote!(provider.toml), quote!("a" "b"), quote!(5)] {
            let tokens = expand(input).to_string();
            assert!(
                tokens.contains("compile_error") && tokens.contains("provider.toml"),
                "{tokens}"
            );
        }
    }

    #[test]
    fn anything_but_a_condition_after_it_is_refused_with_an_example() {
        for rest in [
            quote!("b"),
            quote!(exports),
            quote!(exports = false),
            quote!(exports = cfg()),
            quote!(exports = cfg(a, b)),
            quote!(exports = cfg(a), exports = cfg(b)),
            quote!(imports = cfg(a)),
        ] {
            let tokens = expand(quote!("provider.toml", #rest)).to_string();
            assert!(
                tokens.contains("compile_error") && tokens.contains("exports = cfg(feature"),
                "{tokens}"
            );
        }
    }

    #[test]
    fn exports_can_have_a_condition() {
        let when = quote!(feature = "exports");
        let tokens = generate(manifests(), "manifests/minimal.toml", None, Some(&when));
        let tokens = tokens.expect("it is right").to_string();
        let conditional = quote!(#[cfg_attr(feature = "exports", unsafe(no_mangle))]).to_string();
        assert_eq!(tokens.matches(&conditional).count(), 11, "{tokens}");
        assert!(
            !tokens.contains(&quote!(#[unsafe(no_mangle)]).to_string()),
            "{tokens}"
        );
    }
}
